package colbertlib_test

import (
	"context"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/data"
)

// starter loads the tagger that this repository carries.
func starter() *colbertlib.Model {
	tagger, err := fs.Sub(data.Starter, "tagger")
	if err != nil {
		log.Fatal(err)
	}
	model, err := colbertlib.LoadFS(tagger, nil)
	if err != nil {
		log.Fatal(err)
	}
	return model
}

var labels = []dataset.Label{
	{ID: 1, Name: "Finance", Description: "Budgets, accounting, audits and financial reports."},
	{ID: 2, Name: "Logistics", Description: "Procurement, warehouses, transport, vehicles and supply chains."},
	{ID: 3, Name: "Communications", Description: "Press, social media, campaigns and publications."},
}

// The README shows this example without its handling of errors.
func Example() {
	ctx := context.Background()
	model, err := experiment.OpenModel(ctx, experiment.Starter, nil, nil) // or colbertlib.Load("path/to/model", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	tagger, err := colbertlib.NewTagger(ctx, model, nil) // nil: the model's own labels; or any others, which are just texts
	if err != nil {
		log.Fatal(err)
	}
	ad := "Warehouse Officer\nManages stocks, the fleet and the procurement of relief goods."
	tagging, err := tagger.Tag(ctx, ad)
	if err != nil {
		log.Fatal(err)
	}
	best, second := tagging.Tags[0], tagging.Tags[1]
	why, err := tagger.Explain(ctx, ad, best.LabelID, second.LabelID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(best.Name, why.Margin > 0)
	// Output: Logistics/Procurement true
}

func ExampleLoad() {
	_, err := colbertlib.Load("no/such/folder", nil)
	fmt.Println(err != nil)
	// Output: true
}

func ExampleLoadFS() {
	tagger, err := fs.Sub(data.Starter, "tagger")
	if err != nil {
		log.Fatal(err)
	}
	model, err := colbertlib.LoadFS(tagger, &colbertlib.Options{Backend: "go", QueryLength: 128})
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	fmt.Println(model.Dim(), model.Similarity())
	// Output: 128 clip-zero
}

func ExampleModel_EncodeQueries() {
	model := starter()
	defer model.Close()
	text := "Finance Officer"
	queries, err := model.EncodeQueries(context.Background(), []string{text}, nil)
	if err != nil {
		log.Fatal(err)
	}
	for token, span := range queries[0].Spans {
		if span[1] > 0 {
			fmt.Printf("%q has %d values\n", text[span[0]:span[1]], len(queries[0].Row(token)))
		}
	}
	// Output:
	// "Finance" has 128 values
	// "Officer" has 128 values
}

func ExampleModel_Score() {
	ctx := context.Background()
	model := starter()
	defer model.Close()
	queries, err := model.EncodeQueries(ctx, []string{"Accountant: prepares budgets and financial reports"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	documents, err := model.EncodeDocuments(ctx, []string{labels[0].Description, labels[1].Description}, nil)
	if err != nil {
		log.Fatal(err)
	}
	finance, err := model.Score(queries[0], documents[0])
	if err != nil {
		log.Fatal(err)
	}
	logistics, err := model.Score(queries[0], documents[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(finance > logistics)
	// Output: true
}

func ExampleModel_Scores() {
	ctx := context.Background()
	model := starter()
	defer model.Close()
	queries, err := model.EncodeQueries(ctx, []string{"Accountant: prepares budgets and financial reports"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	documents, err := model.EncodeDocuments(ctx, []string{labels[0].Description, labels[1].Description}, nil)
	if err != nil {
		log.Fatal(err)
	}
	scores, err := model.Scores(queries[0], documents)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scores[0] > scores[1])
	// Output: true
}

func ExampleModel_Rank() {
	ctx := context.Background()
	model := starter()
	defer model.Close()
	queries, err := model.EncodeQueries(ctx, []string{"Press Officer: campaigns and social media"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	var descriptions []string
	for _, label := range labels {
		descriptions = append(descriptions, label.Description)
	}
	documents, err := model.EncodeDocuments(ctx, descriptions, nil)
	if err != nil {
		log.Fatal(err)
	}
	ranking, err := model.Rank(queries[0], documents)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels[ranking[0].Index].Name)
	// Output: Communications
}

func ExampleModel_Save() {
	model := starter()
	defer model.Close()
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if _, err := model.Save(filepath.Join(dir, "copy")); err != nil {
		log.Fatal(err)
	}
	again, err := colbertlib.Load(filepath.Join(dir, "copy"), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer again.Close()
	fmt.Println(again.Dim() == model.Dim())
	// Output: true
}

// A new label needs a description and nothing else.
func ExampleNewTagger() {
	ctx := context.Background()
	model := starter()
	defer model.Close()
	legal := dataset.Label{ID: 4, Name: "Legal", Description: "Legal advice, contracts, court cases and compliance with the law."}
	tagger, err := colbertlib.NewTagger(ctx, model, append(labels[:3:3], legal))
	if err != nil {
		log.Fatal(err)
	}
	tagging, err := tagger.Tag(ctx, "Lawyer\nGives legal advice and represents clients in court.")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tagging.Tags[0].Name)
	// Output: Legal
}

// A description longer than the model takes is cut, and its end says nothing.
func ExampleTagger_Truncated() {
	model := starter()
	defer model.Close()
	long := dataset.Label{ID: 4, Name: "Water", Description: strings.Repeat("Wells, pumps, latrines and hygiene. ", 50)}
	tagger, err := colbertlib.NewTagger(context.Background(), model, append(labels[:3:3], long))
	if err != nil {
		log.Fatal(err)
	}
	for _, label := range tagger.Truncated() {
		fmt.Println(label.Name, "has more words than are read")
	}
	// Output: Water has more words than are read
}

func ExampleTagger_TagAll() {
	ctx := context.Background()
	model := starter()
	defer model.Close()
	tagger, err := colbertlib.NewTagger(ctx, model, labels)
	if err != nil {
		log.Fatal(err)
	}
	taggings, err := tagger.TagAll(ctx, []string{"Accountant\nPrepares budgets, accounts and financial reports for the audit.", "Driver\nLooks after vehicles and transport."}, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, tagging := range taggings {
		fmt.Println(tagging.Tags[0].Name)
	}
	// Output:
	// Finance
	// Logistics
}
