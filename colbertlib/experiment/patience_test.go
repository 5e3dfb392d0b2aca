package experiment

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

func TestPatience(t *testing.T) {
	for _, test := range []struct {
		values   []float64 // untrained, then of each epoch
		patience int
		kept     int // epoch
		enough   bool
	}{
		{[]float64{0.9}, 1, -1, false},
		{[]float64{0.9, 0.1}, 1, 0, false},
		{[]float64{0.9, 0.1, 0.1}, 1, 0, true},
		{[]float64{0.9, 0.1, 0.3, 0.2}, 2, 1, false},
		{[]float64{0.9, 0.1, 0.3, 0.2, 0.3}, 2, 1, true},
		{[]float64{0.9, 0.1, 0.3, 0.2, 0.4}, 2, 3, false},
		{[]float64{0.9, 0.3, 0.2, 0.1}, 0, 2, false},
	} {
		run := &Run{Recipe: Recipe{Evaluation: Evaluation{Metrics: []eval.Metric{eval.NDCG(10), eval.Hits(1)}, Patience: test.patience}}}
		for i, value := range test.values {
			run.Scores.Points = append(run.Scores.Points, Point{Epoch: i - 1, Scores: []eval.Summary{{Metric: eval.Hits(1), Value: 1}, {Metric: eval.NDCG(10), Value: value}}})
		}
		if kept, enough := run.kept().Epoch, run.impatient(); kept != test.kept || enough != test.enough {
			t.Errorf("%v with patience %d: keeps epoch %d, stops %v; want %d, %v", test.values, test.patience, kept, enough, test.kept, test.enough)
		}
	}
}

// A run that stops early, and was interrupted in between, keeps the model that a run of as many epochs as the best one makes.
func TestImpatientRunKeepsTheBestEpoch(t *testing.T) {
	recipe := tinyRecipe(t, "train.epochs=12", "evaluation.patience=1", "published.scores=[]", "expected=[]")
	whole := execute(t, recipe, t.TempDir())
	kept, last := whole.kept().Epoch, whole.lastPoint().Epoch
	if kept != last-1 || last == 11 {
		t.Fatalf("epoch %d is kept after %d: want an earlier end, one epoch after the best", kept, last)
	}
	if table := string(readRunFile(t, whole, "table.md")); !strings.Contains(table, fmt.Sprintf("The model is that after epoch %d, the best by NDCG@10", kept)) {
		t.Errorf("which model is kept is not said:\n%s", table)
	}
	recipe.Train.Epochs, recipe.Evaluation.Patience = kept+1, 0
	short := execute(t, recipe, t.TempDir())
	want := readRunFile(t, short, "model/model.safetensors")
	if !bytes.Equal(readRunFile(t, whole, "model/model.safetensors"), want) {
		t.Error("the model is not that of the best epoch")
	}
	recipe.Train.Epochs, recipe.Evaluation.Patience = 12, 1
	dir := interrupt(t, recipe, Options{Results: t.TempDir()}, inEpoch(last))
	again, err := Execute(t.Context(), recipe, Options{Resume: dir, Backend: "go"})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(readRunFile(t, again, "model/model.safetensors"), want) {
		t.Error("resumed, the model is another")
	}
	if _, err := os.Stat(again.path(bestFile)); err == nil {
		t.Error("the best epoch's checkpoint is left behind")
	}
}
