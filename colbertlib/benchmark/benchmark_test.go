package benchmark_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/benchmark"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/data"
)

// open makes a random model of one layer.
func open(t *testing.T) func() (*colbertlib.Model, error) {
	t.Helper()
	tokenizer, err := fs.ReadFile(golden.FS(t), "models/bert-tiny/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := benchmark.RandomFolder(dir, 1, 64, tokenizer); err != nil {
		t.Fatal(err)
	}
	return func() (*colbertlib.Model, error) { return benchmark.OpenRandom(dir, "go") }
}

func work() benchmark.Work {
	w := benchmark.Work{Rounds: 2, Labels: []dataset.Label{{ID: 1, Name: "a", Description: "wells"}, {ID: 2, Name: "b", Description: "staff"}}}
	for i := range 6 {
		w.Triples = append(w.Triples, dataset.Triple{Query: fmt.Sprintf("officer %d for wells and staff", i), Positive: w.Labels[i%2].Description, Negative: w.Labels[1-i%2].Description})
	}
	return w
}

func TestRunMeasuresEveryStage(t *testing.T) {
	var names []string
	report, err := benchmark.Run(t.Context(), open(t), work(), func(name string) { names = append(names, name) })
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"load", "plain matrix product", "tokenise", "encode", "MaxSim", "tag whole ads", "train step"}; !slices.Equal(names, want) || len(report.Stages) != len(want) || len(want) != benchmark.Stages {
		t.Errorf("stages %q, want %q", names, want)
	}
	for _, stage := range report.Stages {
		if !(stage.Median > 0) || !(stage.First > 0) || stage.Items == 0 || !(stage.Rate() > 0) {
			t.Errorf("%+v", stage)
		}
	}
	if report.Dim != 128 || report.Tokens < 5 {
		t.Errorf("%+v", report)
	}
}

// The operations of one layer of width H: 12·H² weights in a token's products and 2·L·H in its attention, and the head; two operations each.
func TestOperationsAreCounted(t *testing.T) {
	report, err := benchmark.Run(t.Context(), open(t), work(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	index := slices.IndexFunc(report.Stages, func(s benchmark.Stage) bool { return s.Name == "encode" })
	const h, d, ads = 64, 128, 6
	length := report.Tokens // each ad has the same number
	want := ads * 2 * length * (12*h*h + h*d + 2*length*h)
	if got := report.Stages[index].FLOP; got != want {
		t.Errorf("%g operations, want %g", got, want)
	}
}

func TestRunRefusesTooLittleWorkAndStops(t *testing.T) {
	if _, err := benchmark.Run(t.Context(), open(t), benchmark.Work{}, func(string) {}); err == nil {
		t.Error("no work, no error")
	}
	ctx, stop := context.WithCancel(t.Context())
	_, err := benchmark.Run(ctx, open(t), work(), func(name string) {
		if name == "encode" {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

func ExampleRun() {
	ctx := context.Background()
	set, err := dataset.ReadSet(data.Synthetic)
	if err != nil {
		fmt.Println(err)
		return
	}
	open := func() (*colbertlib.Model, error) {
		return experiment.OpenModel(ctx, experiment.Starter, &colbertlib.Options{Backend: "go"}, nil)
	}
	work := benchmark.Work{Triples: set.Test[:benchmark.BatchSize], Labels: set.Labels, Rounds: 1}
	report, err := benchmark.Run(ctx, open, work, func(stage string) { fmt.Println(stage) })
	fmt.Println(len(report.Stages), report.Stages[0].Median > 0, err)
	// Output:
	// load
	// plain matrix product
	// tokenise
	// encode
	// MaxSim
	// tag whole ads
	// train step
	// 7 true <nil>
}
