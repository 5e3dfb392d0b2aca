package tokencount_test

import (
	"context"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/tokencount"
	"github.com/jobtagger/jobtagger/data"
)

// starter is the tokenizer and the lengths of the tagger that this repository carries.
func starter() *tokencount.Model {
	tagger, err := fs.Sub(data.Starter, "tagger")
	if err != nil {
		log.Fatal(err)
	}
	model, err := tokencount.Open(tagger)
	if err != nil {
		log.Fatal(err)
	}
	return model
}

func Example() {
	content := []byte(`{"title": "Water engineer", "body": "Digs wells.", "language": "en"}
{"title": "Nurse", "body": "Works in a clinic, with two doctors.", "language": "en"}`)
	ads, _, err := tokencount.Read(content, "ads.jsonl", nil)
	if err != nil {
		log.Fatal(err)
	}
	model := starter()
	model.Query.Length = 16
	analysis, err := model.Queries(context.Background(), "ads.jsonl", ads, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(analysis.Summary())
	// Output: 2 queries of ads.jsonl: 12 to 17 tokens, median 14.5, mean 14.5; 1 (50.0 %) have more than the 16 that the model reads
}

func ExampleModel_Count() {
	model := starter()
	fmt.Println(model.Count(model.Document, "Wells and pumps."), "tokens with [CLS], [D] and [SEP]")
	// Output: 10 tokens with [CLS], [D] and [SEP]
}

func ExampleModel_CountQuery() {
	count := starter().CountQuery
	fmt.Println(count("Nurse") < count("Nurse in a clinic"))
	// Output: true
}

func ExampleModel_Documents() {
	documents := tokencount.FromLabels([]dataset.Label{
		{ID: 1, Name: "Water", Description: "Wells and pumps."},
		{ID: 2, Name: "Health", Description: "Nurses, doctors and clinics, medicine and vaccination."},
	})
	analysis, err := starter().Documents(context.Background(), "labels.json", documents, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range analysis.GroupTable() {
		fmt.Println(row[0], row[1], row[5])
	}
	// Output:
	// texts of number longest
	// all 2 16
	// Health 1 16
	// Water 1 10
}

func ExampleDescribe() {
	d := tokencount.Describe([]int{40, 70, 90, 300}, 256)
	fmt.Println(d.Percentiles.P50, d.Truncated, d.Ranges[1], d.Ranges[1].Count)
	// Output: 80 1 64-95 2
}

func ExampleFromQueries() {
	labels := []dataset.Label{{ID: 1, Name: "Water", Description: "Wells and pumps."}}
	texts := tokencount.FromQueries([]dataset.Query{{Text: "Digs wells", Label: 1, Language: "en"}, {Text: "Nurse"}}, labels)
	fmt.Println(texts)
	// Output: [{Digs wells Water en} {Nurse unknown unknown}]
}

func ExampleFromTriples() {
	queries, documents, err := tokencount.FromTriples([]dataset.Triple{
		{Query: "Digs wells", Positive: "Wells and pumps.", Negative: "Nurses."},
		{Query: "Digs wells", Positive: "Wells and pumps.", Negative: "Trucks."},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(queries), len(documents))
	// Output: 1 3
}

func ExampleFigure() {
	ads := []tokencount.Text{{Text: "Digs wells"}, {Text: "Works in a clinic, with two doctors."}}
	analysis, err := starter().Queries(context.Background(), "ads.jsonl", ads, nil)
	if err != nil {
		log.Fatal(err)
	}
	figure, err := tokencount.Figure("Length of texts", []tokencount.Analysis{analysis})
	if err != nil {
		log.Fatal(err)
	}
	picture, err := figure.PNG() // or figure.WritePNG("tokens.png")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", picture[1:4])
	// Output: "PNG"
}

func ExampleWriteCSV() {
	dir, err := os.MkdirTemp("", "tokens")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	analysis, err := starter().Queries(context.Background(), "ads.jsonl", []tokencount.Text{{Text: "Digs wells"}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	path := filepath.Join(dir, "tokens.csv")
	if err := tokencount.WriteCSV(path, []tokencount.Analysis{analysis}); err != nil {
		log.Fatal(err)
	}
	content, err := os.ReadFile(path)
	fmt.Printf("%.34s %v\n", content, err)
	// Output: file,role,by,name,count,mean,p0,p5 <nil>
}
