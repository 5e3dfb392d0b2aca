package nb_test

import (
	"fmt"
	"strconv"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/notebooks/nb"
)

// Outside of a notebook, as here, Show prints.
func ExampleShow() {
	nb.Show("Advertisements by label:", [][]string{
		{"label", "ads"},
		{"Finance", "20"},
		{"Logistics", "7"},
	})
	// Output:
	// Advertisements by label:
	// label      ads
	// Finance    20
	// Logistics  7
}

func ExampleMust() {
	fmt.Println(nb.Must(strconv.Atoi("42")))
	// Output: 42
}

func ExampleOK() {
	_, err := strconv.Atoi("42")
	nb.OK(err) // does nothing, as there is no error
	// Output:
}

func ExampleNewBar() {
	bar := nb.NewBar("counting", 3)
	for done := range 3 {
		bar.Step(done + 1)
	}
	// Output:
}

func ExampleProgress() {
	options := experiment.Options{Results: "results", Progress: nb.Progress("starter")}
	fmt.Println(options.Results)
	// Output: results
}

func ExampleShow_tagging() {
	tagging := colbertlib.Tagging{Tags: []colbertlib.Tag{{Name: "Finance", Score: 41.5, Probability: 0.8}, {Name: "Logistics", Score: 38.25, Probability: 0.2}}}
	nb.Show(tagging)
	tagging.Calibrated = true
	nb.Show(tagging)
	// Output:
	// label      score
	// Finance    41.50
	// Logistics  38.25
	// label      score  probability
	// Finance    41.50  0.80
	// Logistics  38.25  0.20
}
