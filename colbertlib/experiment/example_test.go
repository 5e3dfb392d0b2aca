package experiment_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/figure"
	"github.com/jobtagger/jobtagger/colbertlib/modelcheck"
)

const recipeFile = `name: wells
about: Two labels.
data: {source: data, labels: "", train: train, evaluate: validate, obtain: ""}
model:
  base: ../internal/golden/testdata/models/bert-tiny # random weights, 2 layers of 32 dimensions
  head: 8
  similarity: clip-zero
  query: {prefix: "[Q] ", length: 32}
  document: {prefix: "[D] ", length: 16}
  obtain: ""
train: {epochs: 1, batch_size: 2, accumulation: 1, learning_rate: 1e-3, seed: 1}
evaluation: {metrics: [hits@1], candidates: exhaustive}
published: {source: "", scores: []}
expected: [{epoch: 0, metric: hits@1, value: 0.5, tolerance: 0.5}]
`

func ExampleReadRecipe() {
	recipe, err := experiment.ReadRecipe([]byte("name: wells\ntrain: {epochs: 1, leaning_rate: 3e-5}"), "recipe.yaml")
	fmt.Printf("%q %v\n", recipe.Name, err)
	// Output: "" experiment: recipe.yaml:2: unknown key train.leaning_rate; the nearest is train.learning_rate
}

func ExampleRecipe_Set() {
	recipe, err := experiment.ReadRecipe([]byte(recipeFile), "recipe.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(recipe.Set("data.source=wells"), recipe.Set("train.epochs=3"), recipe.Train.Epochs)
	fmt.Println(recipe.Set("train.epoch=3"))
	// Output:
	// <nil> <nil> 3
	// experiment: train.epoch=3: unknown key train.epoch; the nearest is train.epochs
}

func ExampleExecute() {
	dir, err := os.MkdirTemp("", "wells")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	triples := []dataset.Triple{
		{Query: "Digger\nDigs wells.", Positive: "Wells.", Negative: "Trucks.", ID: "a", Label: 1},
		{Query: "Driver\nDrives trucks.", Positive: "Trucks.", Negative: "Wells.", ID: "b", Label: 2},
	}
	set := dataset.Set{
		Labels: []dataset.Label{{ID: 1, Name: "Water", Description: "Wells."}, {ID: 2, Name: "Logistics", Description: "Trucks."}},
		Train:  triples, Test: triples,
		Validate: []dataset.Triple{{Query: "Plumber\nMends wells.", Positive: "Wells.", Negative: "Trucks.", ID: "c", Label: 1}},
	}
	if err := set.Write(filepath.Join(dir, "data"), dataset.Manifest{Version: "example", Source: "by hand"}); err != nil {
		fmt.Println(err)
		return
	}
	run, err := reproduce(filepath.Join(dir, "data"), filepath.Join(dir, "results"))
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := experiment.Open(run.Dir)
	fmt.Println(len(run.Scores.Points), len(run.Steps), run.Verdict(), again.ID() == run.ID(), err)
	// Output: 2 1 OK true <nil>
}

func reproduce(data, results string) (*experiment.Run, error) {
	recipe, err := experiment.ReadRecipe([]byte(recipeFile), "recipe.yaml")
	if err == nil {
		err = recipe.Set("data.source=" + data)
	}
	if err != nil {
		return nil, err
	}
	return experiment.Execute(context.Background(), recipe, experiment.Options{Results: results, Backend: "go"})
}

func ExampleOpenModel() {
	model, err := experiment.OpenModel(context.Background(), experiment.Starter, nil, nil) // or a folder, or organisation/name on the Hub
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Dim(), model.Close())
	// Output: 128 <nil>
}

func ExampleInspectFS() {
	fsys, err := experiment.InspectFS(context.Background(), experiment.StarterBase)
	if err != nil {
		fmt.Println(err)
		return
	}
	report := modelcheck.Check(experiment.StarterBase, fsys) // of a model on the Hub, a few kilobytes would be read
	fmt.Println(report.Family, report.Verdict)
	// Output: bert supported
}

// The latest finished run of an experiment, as its folder has it: nothing is computed.
func ExampleLatest() {
	run, err := experiment.Latest("../../results", "starter")
	if err != nil {
		fmt.Println(err)
		return
	}
	last := run.Scores.Points[len(run.Scores.Points)-1]
	fmt.Println(last.Name, last.Updates, len(run.Verdicts()))
	for _, draw := range []func() (*figure.Figure, error){run.MetricsFigure, run.LossFigure, run.ConfusionFigure} {
		if _, err := draw(); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(strings.Contains(run.Table(), last.Name), strings.HasPrefix(run.Report(), "# starter"))
	// Output:
	// epoch 3 360 3
	// true true
}

// Somebody's own README.md is not written over.
func ExampleCheckReadme() {
	dir, err := os.MkdirTemp("", "results")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	fmt.Println(experiment.CheckReadme(dir))
	if err := os.WriteFile(filepath.Join(dir, "README.md"), []byte("# My notes\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Println(experiment.CheckReadme(dir) != nil)
	// Output:
	// <nil>
	// true
}
