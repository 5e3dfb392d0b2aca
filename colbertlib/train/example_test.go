package train_test

import (
	"fmt"
	"log"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// Most programs leave this to package experiment, which also evaluates and can be resumed.
func Example() {
	model, err := colbertlib.Load("../internal/golden/testdata/nc/bert/initial", nil) // random weights
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	data := train.Data{Triples: []dataset.Triple{
		{Query: "Keeps the accounts.", Positive: "Budgets and audits.", Negative: "Trucks and stocks."},
		{Query: "Drives a truck.", Positive: "Trucks and stocks.", Negative: "Budgets and audits."},
	}}
	options := train.NeuralCherche
	options.Epochs, options.BatchSize, options.Accumulation, options.LearningRate, options.Seed = 20, 1, 2, 1e-3, 1
	trainer, err := train.New(model.Core(), data, options)
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	var first, last train.Step
	for !trainer.Done() {
		if last, err = trainer.Step(); err != nil {
			log.Fatal(err)
		}
		if last.Step == 0 {
			first = last
		}
	}
	fmt.Println(trainer.Epochs(), "epochs,", last.Updates, "updates; the loss fell:", last.Loss < first.Loss)
	// Output: 20 epochs, 20 updates; the loss fell: true
}

// The reported experiment: 180 micro-batches an epoch, an update after every 50.
func ExampleOptions() {
	options := train.NeuralCherche
	options.Epochs, options.BatchSize, options.Accumulation, options.LearningRate = 4, 5, 50, 3e-5
	fmt.Println(options.MicroSteps(900), options.Updates(900), options.Validate())
	// Output: 720 14 <nil>
}
