package synth

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

func TestLabelsAreReliefWebsNineInOurWords(t *testing.T) {
	names := map[int]string{ // references/reliefweb-api: career categories until 2025
		6863: "Human Resources", 6864: "Administration/Finance", 6865: "Advocacy/Communications",
		6866: "Information and Communications Technology", 6867: "Program/Project Management", 6868: "Monitoring and Evaluation",
		20966: "Donor Relations/Grants Management", 20971: "Information Management", 36601: "Logistics/Procurement",
	}
	labels := newGenerator(t).Labels()
	if len(labels) != len(names) {
		t.Errorf("%d labels, want %d", len(labels), len(names))
	}
	for _, l := range labels {
		if names[l.ID] != l.Name {
			t.Errorf("label %d is called %q, want %q", l.ID, l.Name, names[l.ID])
		}
		if n := len(strings.Fields(l.Description)); n < 25 || n > 60 {
			t.Errorf("the description of %s has %d words, want 25 to 60", l.Name, n)
		}
	}
}

// described is the label that a text of a training triple describes, 0 if none.
func described(g *Generator, text string) int {
	for category, wordings := range g.wordings {
		if slices.Contains(wordings, text) {
			return g.labels[category].ID
		}
	}
	return 0
}

func TestRewordedLabelsAreUnknownToTraining(t *testing.T) {
	g := newGenerator(t)
	for i, l := range g.Reworded() {
		if l.ID != g.labels[i].ID || l.Name != g.labels[i].Name || len(strings.Fields(l.Description)) < 25 || described(g, l.Description) != 0 {
			t.Errorf("label %d: %+v", i+1, l)
		}
		if len(g.wordings[i]) < 2 {
			t.Errorf("label %s has no other wording for training", l.Name)
		}
	}
}

func TestSetHasTheReportedSizes(t *testing.T) {
	g := newGenerator(t)
	set := g.Set(Seed)
	seen := map[string]bool{}
	for _, split := range []struct {
		triples     []dataset.Triple
		perCategory int
	}{{set.Train, 100}, {set.Validate, 20}, {set.Test, 10}} {
		count := map[int]int{}
		for _, triple := range split.triples {
			count[triple.Label]++
			if seen[triple.Query] {
				t.Errorf("%s: the same advertisement stands in another place", triple.ID)
			}
			seen[triple.Query] = true
			right, _ := dataset.LabelByID(set.Labels, triple.Label)
			positive, negative := described(g, triple.Positive), described(g, triple.Negative)
			if positive != triple.Label || negative == triple.Label || negative == 0 {
				t.Errorf("%s: positive describes %d, negative %d, want %d and another", triple.ID, positive, negative, triple.Label)
			}
			if split.perCategory != trainAds && triple.Positive != right.Description {
				t.Errorf("%s: positive is not the label's description", triple.ID)
			}
		}
		for _, l := range set.Labels {
			if count[l.ID] != split.perCategory {
				t.Errorf("%d advertisements of %s, want %d", count[l.ID], l.Name, split.perCategory)
			}
		}
	}
}

func TestTheSeedDecidesEveryByte(t *testing.T) {
	g := newGenerator(t)
	first := g.Set(7)
	g.Natural(8) // what was generated before makes no difference
	if diff := cmp.Diff(first, newGenerator(t).Set(7)); diff != "" {
		t.Errorf("the same seed gave another set:\n%.500s", diff)
	}
	if first.Train[0].Query == g.Set(8).Train[0].Query {
		t.Error("another seed gave the same advertisement")
	}
}

func TestAdIsOfTheLabelAskedFor(t *testing.T) {
	g := newGenerator(t)
	ad, err := g.Ad(rand.New(rand.NewPCG(1, 2)), 6866)
	if err != nil || ad.Label != 6866 || ad.Source != "synthetic" || ad.Title == "" || ad.Body == "" {
		t.Errorf("got %+v, %v", ad, err)
	}
	if _, err := g.Ad(rand.New(rand.NewPCG(1, 2)), 1); err == nil {
		t.Error("an unknown label is no error")
	}
}

func TestManyMayUseOneGenerator(t *testing.T) { // the race detector's test
	g := newGenerator(t)
	some := func() (ads []dataset.Ad) {
		rng := rand.New(rand.NewPCG(1, 1))
		for _, l := range g.Labels() {
			ad, err := g.Ad(rng, l.ID)
			if err != nil {
				t.Error(err)
			}
			ads = append(ads, ad)
		}
		return ads
	}
	want := some()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if diff := cmp.Diff(want, some()); diff != "" {
				t.Errorf("another result in another goroutine:\n%.300s", diff)
			}
		})
	}
	wait.Wait()
}

func TestTextsHoldNothingThatOthersAreJudgedBy(t *testing.T) {
	g := newGenerator(t)
	set := g.Set(Seed)
	judged := queries(set.Validate, set.Test)
	for _, ad := range g.Natural(Seed) {
		judged[ad.Text()] = true
	}
	n := 0
	for text := range g.Texts(Seed, Seed) { // the same seed, where a mix-up would show
		if judged[text] {
			t.Errorf("the stream holds the advertisement %.60q", text)
		}
		if n++; n == 1500 {
			break
		}
	}
}

// TestHeldOutPatternsAreForJudging looks for held-out duties without slots, whose texts can be recognised.
func TestHeldOutPatternsAreForJudging(t *testing.T) {
	g := newGenerator(t)
	var out []string
	for _, l := range g.languages {
		for _, s := range l.scopes {
			for _, p := range s.own["duties"] {
				if len(p.parts) == 1 && p.parts[0].literal != "" && heldOut(p, g.mixture.HeldOut) {
					out = append(out, strings.ToLower(strings.TrimRight(p.source, ".")))
				}
			}
		}
	}
	holding := func(texts map[string]bool) int {
		n := 0
		for text := range texts {
			text = strings.ToLower(text)
			if slices.ContainsFunc(out, func(duty string) bool { return strings.Contains(text, duty) }) {
				n++
			}
		}
		return n
	}
	set := g.Set(Seed)
	training := queries(set.Train)
	for text := range g.Texts(1, Seed) {
		if training[text] = true; len(training) == 2000 {
			break
		}
	}
	if n := holding(training); n > 0 {
		t.Errorf("%d training texts hold one of the %d held-out duties", n, len(out))
	}
	if n := holding(queries(set.Validate, set.Test)); n == 0 {
		t.Errorf("no judging advertisement holds one of the %d held-out duties", len(out))
	}
}
