package compare_test

import (
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/experiment/compare"
)

// What the committed comparison says, without training anything again. Execute returns such a Comparison, too.
func ExampleLatest() {
	comparison, err := compare.Latest("../../../results", "starter")
	if err != nil {
		fmt.Println(err)
		return
	}
	judged, err := comparison.Judge(compare.Test, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range judged[len(judged)-4:] {
		fmt.Printf("%s: %s %.3f\n", row.Row, row.Scores[0].Metric, row.Scores[0].Value)
	}
	table, err := comparison.LanguageTable(compare.Natural)
	fmt.Println(len(table), err)
	// Output:
	// ColBERT starter: hits@1 0.559
	// ColBERT starter + BM25: hits@1 0.630
	// ColBERT listwise: hits@1 0.685
	// ColBERT listwise + BM25: hits@1 0.741
	// 13 <nil>
}

func ExampleSpec_Grid() {
	spec := compare.Spec{Rows: []compare.Trained{{Key: "starter", Recipe: recipe()}}}
	err := spec.Grid("train.lr=1e-5,3e-5")
	for _, row := range spec.Rows {
		fmt.Println(row.Key, row.Recipe.Train.LearningRate)
	}
	fmt.Println(err)
	// Output:
	// starter,learning_rate=1e-5 1e-05
	// starter,learning_rate=3e-5 3e-05
	// <nil>
}

func ExampleVariant() {
	fmt.Println(compare.Variant{Seed: 2, Size: 90}, compare.Variant{Seed: 1, Without: 6867})
	// Output: seed-2-size-90 seed-1-without-6867
}

func recipe() experiment.Recipe {
	recipe, err := experiment.ReadRecipe([]byte(`name: starter
about: Numbers that suit no data.
data: {source: synthetic, labels: "", train: train, evaluate: validate, obtain: ""}
model:
  base: starter-base
  head: 8
  similarity: clip-zero
  query: {prefix: "", length: 32}
  document: {prefix: "", length: 16}
  obtain: ""
train: {epochs: 1, batch_size: 4, accumulation: 1, learning_rate: 0.005, seed: 1}
evaluation: {metrics: [hits@1], candidates: exhaustive}
published: {source: "", scores: []}
expected: []
`), "recipe.yaml")
	if err != nil {
		fmt.Println(err)
	}
	return recipe
}
