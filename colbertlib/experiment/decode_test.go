package experiment

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

// small is a recipe whose numbers are made up.
const small = `name: small
about: A recipe for tests.
data: {source: DATA, labels: "", train: train, evaluate: validate, obtain: make some}
model:
  base: MODEL
  head: 16
  similarity: clip-zero
  query: {prefix: "[Q] ", length: 48}
  document: {prefix: "[D] ", length: 24}
  obtain: ""
train: {epochs: 2, batch_size: 3, accumulation: 2, learning_rate: 1e-3, seed: 7}
evaluation: {metrics: [ndcg@10, hits@1], candidates: exhaustive}
published:
  source: nobody
  scores:
    - {epoch: 0, metric: hits@1, value: 0.25}
expected:
  - {epoch: 1, metric: hits@1, value: 0.5, tolerance: 0.5}
`

func smallRecipe(t *testing.T, assignments ...string) Recipe {
	t.Helper()
	r, err := ReadRecipe([]byte(small), "small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Set(assignments...); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadRecipe(t *testing.T) {
	r := smallRecipe(t)
	if r.Name != "small" || r.Model.Query != (Role{"[Q] ", 48}) || r.Train.LearningRate != 1e-3 || r.Train.Seed != 7 ||
		r.Evaluation.Metrics[0] != eval.NDCG(10) || r.Expected[0].Metric != eval.Hits(1) || r.Expected[0].Tolerance != 0.5 {
		t.Errorf("read %+v", r)
	}
	content, err := r.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadRecipe(content, "config.yaml")
	if diff := cmp.Diff(r, again, equalMetrics); err != nil || diff != "" {
		t.Errorf("written and read: %v\n%s\n%s", err, content, diff)
	}
}

func TestReadRecipeRefuses(t *testing.T) {
	for _, test := range []struct{ old, replacement, want string }{
		{"epochs: 2", "epoch: 2", "small.yaml:11: unknown key train.epoch; the nearest is train.epochs"},
		{"about:", "abuot:", "small.yaml:2: unknown key abuot; the nearest is about"},
		{"{epoch: 0, metric", "{epohc: 0, metric", "published.scores[0].epohc"},
		{"epochs: 2", "epochs: 2.5", "small.yaml:11: train.epochs is 2.5, want a whole number"},
		{"epochs: 2", "epochs: two", "train.epochs is two, want a whole number"},
		{"epochs: 2", "epochs: 0", "epochs is 0"},
		{"head: 16", "head: ", "model.head is empty, want a whole number"},
		{"seed: 7", "seed: -7", "overflow"},
		{"learning_rate: 1e-3", "learning_rate: [1]", "train.learning_rate is [1], want a number"},
		{"learning_rate: 1e-3", "learning_rate: -1", "learning_rate is -1"},
		{"name: small", "name: 7", "name is 7, want text"},
		{"name: small", "name: ../small", "names a folder"},
		{"name: small\n", "name: small\nname: again\n", "already defined"},
		{"metrics: [ndcg@10, hits@1]", "metrics: hits@1", "want a list"},
		{"metrics: [ndcg@10, hits@1]", "metrics: [ndgc@10]", "unknown metric"},
		{"metrics: [ndcg@10, hits@1]", "metrics: []", "evaluation.metrics is empty"},
		{"metrics: [ndcg@10, hits@1]", "metrics: [ndcg@10]", "hits@1 is not among evaluation.metrics"},
		{"candidates: exhaustive", "candidates: some", "want exhaustive or bm25"},
		{"evaluate: validate", "evaluate: valid", "the nearest is validate"},
		{"evaluate: validate", "evaluate: train", "say nothing"},
		{"    - {epoch: 0, metric: hits@1, value: 0.25}\n", "    - {epoch: 0, metric: hits@1, value: 0.25}\n    - {epoch: 0, metric: hits@1, value: 0.5}\n", "stands there twice"},
		{"candidates: exhaustive", "candidates: exhaustive, patience: -1", "evaluation.patience is -1"},
		{"similarity: clip-zero", "similarity: cosine", "unknown variant"},
		{"tolerance: 0.5", "tolerance: -0.5", "tolerance -0.5"},
		{"head: 16", "head: -1", "model.head is -1"},
		{"length: 24", "length: 2", "model.document.length is 2"},
		{small, "[1, 2", "small.yaml"},
		{small, "", "want one YAML document"},
		{small, "just text", "want keys and values"},
		{small, "name: x\n---\nname: y\n", "want one YAML document"},
	} {
		content := strings.Replace(small, test.old, test.replacement, 1)
		if content == small {
			t.Fatalf("%q is not in the recipe", test.old)
		}
		if _, err := ReadRecipe([]byte(content), "small.yaml"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.replacement, err, test.want)
		}
	}
}

func TestSet(t *testing.T) {
	r := smallRecipe(t, "train.epochs=5", "train.learning_rate=2e-5", "model.query.prefix=query: ", "data.source=/some where/else", "data.labels=",
		"evaluation.metrics=[hits@1, mrr]")
	if r.Train.Epochs != 5 || r.Train.LearningRate != 2e-5 || r.Data.Source != "/some where/else" || len(r.Evaluation.Metrics) != 2 {
		t.Errorf("after Set: %+v", r)
	}
	if r.Train.BatchSize != 3 || r.Model.Query.Length != 48 {
		t.Errorf("Set changed more than it should: %+v", r)
	}
}

func TestSetRefuses(t *testing.T) {
	for assignment, want := range map[string]string{
		"train.epoch=2":           "unknown key train.epoch; the nearest is train.epochs",
		"epochs=2":                "unknown key epochs",
		"train.epochs.more=2":     "unknown key train.epochs.more",
		"train.epochs":            "want key=value",
		"train.epochs=":           "one YAML document",
		"train.epochs=1.5":        "train.epochs=1.5: train.epochs is 1.5, want a whole number",
		"train.epochs=0":          "epochs is 0",
		"train=2":                 "want keys and values",
		"train={epoch: 2}":        "unknown key train.epoch",
		"model.base=":             "model.base is missing",
		"evaluation.metrics=hits": "want a list",
		"evaluation={metrics: [ndcg@10, hits@1], candidates: exhaustive, patience: 2.5}": "want a whole number",
	} {
		r := smallRecipe(t)
		before := smallRecipe(t)
		if err := r.Set(assignment); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Set(%q) = %v, want an error with %q", assignment, err, want)
		}
		if diff := cmp.Diff(before, r, equalMetrics); diff != "" {
			t.Errorf("Set(%q) failed, but changed the recipe: %s", assignment, diff)
		}
	}
}

func FuzzReadRecipe(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("train: {epochs: 2}"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := ReadRecipe(content, "fuzz.yaml")
		if err != nil {
			return
		}
		written, err := r.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecipe(written, "config.yaml"); err != nil {
			t.Errorf("%v in what was written:\n%s", err, written)
		}
	})
}
