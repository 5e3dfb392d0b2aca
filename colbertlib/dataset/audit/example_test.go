package audit_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/audit"
)

func ExampleFolder() {
	dir, err := os.MkdirTemp("", "audit")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	labels := []dataset.Label{{ID: 1, Name: "Trucks", Description: "Trucks and stores."}, {ID: 2, Name: "Money", Description: "Budgets."}}
	triple := func(query string) []dataset.Triple {
		return []dataset.Triple{{Query: query, Positive: "Budgets.", Negative: "Trucks and stores.", Label: 2}}
	}
	set := dataset.Set{
		Labels: labels, Train: triple("Accountant\nKeeps the books of two projects."), Validate: triple("Auditor\nReads the books of others."),
		Test: triple("ACCOUNTANT\nKeeps the books of two projects!"),
	}
	if err := set.Write(dir, dataset.Manifest{Version: "two-labels"}); err != nil {
		log.Fatal(err)
	}
	count := func(text string) int { return len(strings.Fields(text)) } // see package tokencount for that of a model
	report, err := audit.Folder(context.Background(), dir, audit.Options{Count: count})
	if err != nil {
		log.Fatal(err)
	}
	for _, finding := range report.Findings {
		if finding.Drawn > 0 {
			fmt.Println(finding.Kind, finding.IDs)
		}
	}
	err = report.Write(filepath.Join(dir, "audit")) // README.md, pictures and audit.json
	fmt.Println(err)
	// Output:
	// same-text [train-1]
	// same-text-across-splits [train-1]
	// <nil>
}

func ExampleSuspects() {
	queries := []dataset.Query{
		{ID: "a", Text: "Drives trucks.", Label: 1}, {ID: "b", Text: "Loads trucks.", Label: 1},
		{ID: "c", Text: "Repairs trucks.", Label: 2}, {ID: "d", Text: "Keeps accounts.", Label: 2},
	}
	beliefs := map[string]audit.Probabilities{ // of audit.CrossValidate, or of a model that was not trained on the queries
		"a": {1: 0.9, 2: 0.1}, "b": {1: 0.8, 2: 0.2}, "c": {1: 0.9, 2: 0.1}, "d": {1: 0.1, 2: 0.9},
	}
	worst := audit.Suspects(queries, beliefs)[0]
	fmt.Printf("%s: %d, rather %d (%.1f)\n", worst.ID, worst.Given, worst.Likely, worst.Margin)
	// Output: c: 2, rather 1 (-0.8)
}

func ExampleCrossValidate() {
	var queries []dataset.Query
	for i := range 40 {
		text, label := "Drives trucks on route %d.", 1
		if i%2 == 0 {
			text, label = "Keeps account %d.", 2
		}
		queries = append(queries, dataset.Query{ID: fmt.Sprint(i), Text: fmt.Sprintf(text, i), Label: label})
	}
	queries[7].Label = 2 // wrong
	beliefs, err := audit.CrossValidate(context.Background(), queries)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(audit.Suspects(queries, beliefs)[0].ID)
	// Output: 7
}
