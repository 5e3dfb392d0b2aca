package results_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/train"
	"github.com/jobtagger/jobtagger/results"
)

func TestReadmeIsUpToDate(t *testing.T) {
	want, err := experiment.Readme(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("README.md")
	if err != nil || string(got) != want {
		t.Errorf("README.md is not what the run folders say (%v): go run ./cmd/jobtagger report", err)
	}
}

func TestEveryRecipeIsValidAndInItsFolder(t *testing.T) {
	if len(results.Names()) < 2 {
		t.Fatalf("recipes: %q", results.Names())
	}
	for _, name := range results.Names() {
		if recipe, err := results.Recipe(name); err != nil || recipe.Name != name {
			t.Errorf("recipe %s in folder %s: %v", recipe.Name, name, err)
		}
	}
}

// The numbers of the reported experiment, from its README and its code.
func TestReportedIsWhatWasReported(t *testing.T) {
	recipe, err := results.Recipe("reported")
	if err != nil {
		t.Fatal(err)
	}
	want := train.NeuralCherche
	want.Epochs, want.BatchSize, want.Accumulation, want.LearningRate, want.Seed = 4, 5, 50, 3e-5, 1
	if recipe.Train != want {
		t.Errorf("training %+v, want %+v", recipe.Train, want)
	}
	if updates := recipe.Train.Updates(900); updates != 14 {
		t.Errorf("%d updates, want 14", updates)
	}
	if m := recipe.Model; m.Head != 128 || m.Query != (experiment.Role{Prefix: "[Q] ", Length: 2048}) || m.Document != (experiment.Role{Prefix: "[D] ", Length: 64}) {
		t.Errorf("model %+v", m)
	}
	starter, err := results.Recipe("starter")
	if err != nil {
		t.Fatal(err)
	}
	for epoch, values := range [][3]float64{{0.7145, 0.4778, 0.8556}, {0.7586, 0.5389, 0.9000}, {0.7754, 0.5667, 0.9222}, {0.7787, 0.5667, 0.9111}} {
		for i, metric := range []eval.Metric{eval.NDCG(10), eval.Hits(1), eval.Hits(5)} {
			want := experiment.Score{Epoch: epoch, Metric: metric, Value: values[i]}
			for _, r := range []experiment.Recipe{recipe, starter} {
				if !slices.Contains(r.Published.Scores, want) {
					t.Errorf("%s lacks the published %+v", r.Name, want)
				}
			}
		}
	}
	if starter.Train.Epochs != 4 || starter.Train.BatchSize != 5 {
		t.Errorf("starter trains by %+v", starter.Train)
	}
}

func TestUnknownExperiment(t *testing.T) {
	if _, err := results.Recipe("stater"); err == nil || !strings.Contains(err.Error(), "there are listwise, minilm, minilm-pairwise, reported, starter") {
		t.Errorf("error %v", err)
	}
}
