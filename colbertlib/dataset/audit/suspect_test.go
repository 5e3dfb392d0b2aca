package audit_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/audit"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
)

// Of the labels that were exchanged for wrong ones, at least 70 % are among the tenth that is believed least.
func TestInjectedLabelErrorsAreSuspected(t *testing.T) {
	g, err := synth.New()
	if err != nil {
		t.Fatal(err)
	}
	set := g.Set(synth.Seed)
	queries, err := dataset.Queries(set.Train)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 5))
	wrong := map[string]bool{}
	for _, i := range rng.Perm(len(queries))[:len(queries)/20] {
		at := slices.IndexFunc(set.Labels, func(l dataset.Label) bool { return l.ID == queries[i].Label })
		queries[i].Label = set.Labels[(at+1+rng.IntN(8))%9].ID
		wrong[queries[i].ID] = true
	}
	judge, err := audit.CrossValidate(t.Context(), queries)
	if err != nil {
		t.Fatal(err)
	}
	suspects := audit.Suspects(queries, judge)
	found, errors := 0, 0
	for _, s := range suspects[:len(queries)/10] {
		if wrong[s.ID] {
			found++
		}
		if s.Error {
			errors++
		}
	}
	t.Logf("%d of %d wrong labels are among the %d most suspicious; %d of these count as errors", found, len(wrong), len(queries)/10, errors)
	if 10*found < 7*len(wrong) {
		t.Errorf("%d of %d wrong labels are among the %d most suspicious, want 70 %%", found, len(wrong), len(queries)/10)
	}
	if len(suspects) != len(queries) || suspects[0].Margin > suspects[1].Margin {
		t.Errorf("%d suspects in this order: %+v", len(suspects), suspects[:2])
	}
}

func TestSuspects(t *testing.T) {
	queries := []dataset.Query{{ID: "a", Label: 1}, {ID: "b", Label: 1}, {ID: "c", Label: 2}, {ID: "d", Label: 2}, {ID: "unjudged", Label: 2}}
	judge := map[string]audit.Probabilities{
		"a": {1: .9, 2: .1}, "b": {1: .2, 2: .8}, "c": {1: .4, 2: .6}, "d": {1: .3, 2: .7},
	}
	got := audit.Suspects(queries, judge)
	if len(got) != 4 || got[0].ID != "b" || got[0].Likely != 2 || !got[0].Error || got[1].ID != "c" || got[1].Error || got[1].Likely != 2 || got[3].ID != "a" {
		t.Errorf("%+v", got)
	}
}

func TestCrossValidateFewQueries(t *testing.T) {
	judge, err := audit.CrossValidate(t.Context(), []dataset.Query{{ID: "a", Text: "x", Label: 1}})
	if err != nil || len(judge) != 0 {
		t.Errorf("one query: %v, %v", judge, err)
	}
}
