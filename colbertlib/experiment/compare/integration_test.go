//go:build integration

package compare

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// On 54 real advertisements, with the real all-MiniLM-L6-v2, the rows must agree with what Python reached there: the table of the golden
// values' README (5-fold cross-validation, five seeds; mean ± standard error over advertisements). Words are other features than Python's
// character n-grams, and fitted otherwise.
func TestMiniLMRowsAgreeWithPython(t *testing.T) {
	model, shared := os.Getenv("JOBTAGGER_MINILM"), os.Getenv("JOBTAGGER_SHARED")
	if model == "" || shared == "" {
		t.Skip("JOBTAGGER_MINILM and JOBTAGGER_SHARED are not set")
	}
	recipe := tinyRecipe(t)
	if err := recipe.Set("model.base="+model, "model.query.length=512", "model.document.length=512"); err != nil {
		t.Fatal(err)
	}
	spec := Spec{
		Name: "minilm", Rows: []Trained{{"untrained", recipe}}, Seeds: 5, Folds: 5,
		Ads: filepath.Join(shared, "data/real_jobs_dev.jsonl"), Labels: filepath.Join(shared, "data/categories.json"),
	}
	c, err := Execute(t.Context(), spec, Options{Results: t.TempDir(), Train: copyOf(MaxSim)})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		row, set           string
		hits, within, ndcg float64
	}{
		{"most frequent label", Test, .259, .060, .618}, {"zero-shot MaxSim", Test, .722, .001, .879}, {"zero-shot MaxSim", Body, .630, .001, .826},
		{"zero-shot MaxSim + biases", Test, .837, .049, .934}, {"mean-pooled cosine", Test, .704, .001, .869}, {"mean-pooled cosine", Body, .667, .001, .844},
		{"mean-pooled + logistic regression", Test, .759, .053, .871}, {"TF-IDF + logistic regression", Test, .678, .118, .828}, {"BM25", Test, .574, .06, .800},
	} {
		judged, err := c.Judge(test.set, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range judged {
			if line.Row != test.row {
				continue
			}
			t.Logf("%s, %s: %v %v", line.Row, test.set, line.Scores, line.Against)
			if got := line.Scores[0].Value; math.Abs(got-test.hits) > test.within {
				t.Errorf("%s, %s: Hits@1 %.3f, Python has %.3f ± %.3f", line.Row, test.set, got, test.hits, test.within)
			}
			if got := line.Scores[2].Value; math.Abs(got-test.ndcg) > test.within {
				t.Errorf("%s, %s: NDCG@10 %.3f, Python has %.3f", line.Row, test.set, got, test.ndcg)
			}
		}
	}
}

// copyOf takes the scores of another row for those of a training.
func copyOf(key string) func(ctx context.Context, dir, trial string) error {
	return func(_ context.Context, dir, trial string) error {
		from := filepath.Join(dir, trialsFolder, key, filepath.Base(trial))
		return os.CopyFS(filepath.Join(dir, trialsFolder, trial), os.DirFS(from))
	}
}
