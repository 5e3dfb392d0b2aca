package dataset_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

func ExampleReadLabels() {
	labels, err := dataset.ReadLabels(strings.NewReader(`[
		{"id": 1, "name": "Water", "description": "Wells, pumps and latrines."},
		{"id": 2, "name": "Logistics", "description": "Trucks, stores and customs."}
	]`), "labels.json")
	fmt.Println(len(labels), labels[1].Name, err)
	// Output: 2 Logistics <nil>
}

func ExampleReadAds() {
	labels := []dataset.Label{{ID: 1, Name: "Water", Description: "Wells, pumps and latrines."}}
	file := strings.NewReader(`{"id": "a1", "title": "Well digger", "body": "Digs wells.", "category": "Water"}
{"id": "a2", "title": "Driver", "body": "Drives.", "category": "Watr"}`)
	_, err := dataset.ReadAds(file, "ads.jsonl", labels)
	fmt.Println(err)
	// Output: dataset: ads.jsonl:2: ad 2: "category": no label is called `Watr`; did you mean "Water"?; it starts `{"id": "a2", "title": "Driver", "body": "Drives.", "category`…
}

func ExampleReadTriples() {
	labels := []dataset.Label{{ID: 1, Name: "Water", Description: "Wells and pumps."}, {ID: 2, Name: "Logistics", Description: "Trucks."}}
	file := strings.NewReader(`[{"query": "Driver\nDrives.", "positive": "Trucks.", "negative": "Wells and pumps."}]`)
	triples, err := dataset.ReadTriples(file, "train.json", labels)
	fmt.Println(triples[0].Label, err)
	// Output: 2 <nil>
}

func ExampleQueries() {
	queries, err := dataset.Queries([]dataset.Triple{
		{Query: "Driver", Positive: "Trucks.", Negative: "Wells.", Label: 2},
		{Query: "Driver", Positive: "Trucks.", Negative: "Press.", Label: 2},
		{Query: "Plumber", Positive: "Wells.", Negative: "Trucks.", Label: 1},
	})
	for _, q := range queries {
		fmt.Println(q.ID, q.Text, q.Label)
	}
	fmt.Println(err)
	// Output:
	// 1 Driver 2
	// 2 Plumber 1
	// <nil>
}

func ExampleOrder() {
	fmt.Println(dataset.Order(5, 42, 0))
	fmt.Println(dataset.Order(5, 42, 1))
	// Output:
	// [2 1 3 0 4]
	// [2 4 1 3 0]
}

func ExampleSet_Write() {
	dir, err := os.MkdirTemp("", "set")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	triples := []dataset.Triple{{Query: "Driver", Positive: "Trucks.", Negative: "Wells.", Label: 2}}
	set := dataset.Set{
		Labels: []dataset.Label{{ID: 1, Name: "Water", Description: "Wells."}, {ID: 2, Name: "Logistics", Description: "Trucks."}},
		Train:  triples, Validate: triples, Test: triples,
	}
	if err := set.Write(dir, dataset.Manifest{Version: "example", Source: "by hand"}); err != nil {
		fmt.Println(err)
		return
	}
	back, err := dataset.ReadSet(os.DirFS(dir))
	fmt.Println(back.Train[0], err)
	// Output: {Driver Trucks. Wells.  2   } <nil>
}

func ExampleTexts() {
	fmt.Println(dataset.Texts([]dataset.Query{{Text: "Driver"}, {Text: "Cook"}}))
	// Output: [Driver Cook]
}

// What is written is what is read again, whatever the language.
func ExampleWriteAds() {
	dir, err := os.MkdirTemp("", "ads")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	labels := []dataset.Label{{ID: 1, Name: "Water", Description: "Wells and pumps."}}
	ads := []dataset.Ad{{ID: "a", Title: "Puisatier", Body: "Creuse des puits.", Label: 1, Language: "fr"}}
	err = errors.Join(dataset.WriteLabels(filepath.Join(dir, dataset.LabelsFile), labels), dataset.WriteAds(filepath.Join(dir, dataset.AdsFile), ads))
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := os.Open(filepath.Join(dir, dataset.AdsFile))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	for ad, err := range dataset.ScanAds(file, dataset.AdsFile, labels) {
		label, found := dataset.LabelByID(labels, ad.Label)
		fmt.Printf("%q is %s %v %v\n", ad.Text(), label.Name, found, err)
	}
	// Output: "Puisatier\nCreuse des puits." is Water true <nil>
}

// A manifest lists the folder's files and their hashes, so that a change is noticed.
func ExampleManifest_Verify() {
	dir, err := os.MkdirTemp("", "set")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	labels := []dataset.Label{{ID: 1, Name: "Water", Description: "Wells."}, {ID: 2, Name: "Logistics", Description: "Trucks."}}
	triples := []dataset.Triple{{Query: "Driver", Positive: "Trucks.", Negative: "Wells.", Label: 2}}
	set := dataset.Set{Labels: labels, Train: triples, Validate: triples, Test: triples}
	if err := set.Write(dir, dataset.Manifest{Version: dataset.LabelsVersion(labels), Source: "by hand"}); err != nil {
		fmt.Println(err)
		return
	}
	manifest, err := dataset.ReadManifestFile(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(manifest.Source, manifest.Verify(os.DirFS(dir)))
	if err := dataset.WriteTriples(filepath.Join(dir, dataset.TestFile), append(triples, triples...)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(errors.Is(manifest.Verify(os.DirFS(dir)), dataset.ErrChanged))
	// Output:
	// by hand <nil>
	// true
}
