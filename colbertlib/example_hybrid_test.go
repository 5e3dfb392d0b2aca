package colbertlib_test

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/bm25"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// A little of what words alone say helps, most of all with labels that training never saw: `jobtagger compare` has such rows, and chooses the
// weight on validation advertisements and prints it. It belongs to the model: listwise's is about ten times the starter's.
func ExampleTagger_bm25() {
	const weight = 0.00015 // what BM25's score counts beside the starter's mean similarity
	ctx := context.Background()
	model := starter()
	defer model.Close()
	tagger, err := colbertlib.NewTagger(ctx, model, labels)
	if err != nil {
		log.Fatal(err)
	}
	var descriptions []string
	for _, label := range labels {
		descriptions = append(descriptions, label.Description)
	}
	index := bm25.New(descriptions)

	ad := "Fleet manager\nPlans transport and looks after vehicles."
	tagging, err := tagger.Tag(ctx, ad)
	if err != nil {
		log.Fatal(err)
	}
	mixed := map[string]float64{}
	for _, tag := range tagging.Tags {
		mixed[tag.Name] = tag.Similarity
	}
	for _, found := range index.Search(ad, len(labels)) {
		mixed[labels[found.Document].Name] += weight * found.Score
	}
	best := slices.MaxFunc(labels, func(a, b dataset.Label) int { return cmp.Compare(mixed[a.Name], mixed[b.Name]) })
	fmt.Println(best.Name)
	// Output: Logistics
}
