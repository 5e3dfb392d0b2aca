package reliefweb_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/reliefweb"
)

func TestAd(t *testing.T) {
	job := reliefweb.Job{
		ID: 9000003, Title: "HR Assistant", Body: "**About** the role", URL: "https://reliefweb.int/node/9000003",
		Date:       reliefweb.Dates{Created: time.Date(2026, 6, 2, 23, 0, 0, 0, time.FixedZone("", -2*3600))},
		Languages:  []reliefweb.Language{{Code: "en"}, {Code: "fr"}},
		Sources:    []reliefweb.Source{{Name: "Example Relief Org"}},
		Categories: []reliefweb.Term{{ID: 6863}, {ID: 6867}, {ID: 6868}},
	}
	want := dataset.Ad{
		ID: "9000003", Title: "HR Assistant", Body: "**About** the role", URL: "https://reliefweb.int/node/9000003", Source: "reliefweb",
		Date: "2026-06-03", Language: "en", Employer: "Example Relief Org", Label: 6863, Second: 6867,
	}
	if got := job.Ad(); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := (reliefweb.Job{ID: 7}).Ad(); got != (dataset.Ad{ID: "7", Source: "reliefweb"}) {
		t.Errorf("a job with nothing but an id: %+v", got)
	}
}

func ExampleCategories_Labels() {
	categories := reliefweb.Categories{List: []reliefweb.Category{
		{ID: 6863, Name: "Human Resources", Description: "*Management* of people &amp; contracts."}, {ID: 52579, Name: "Other"},
	}}
	for _, label := range categories.Labels() {
		fmt.Println(label.ID, label.Name+":", label.Description)
	}
	// Output:
	// 6863 Human Resources: Management of people & contracts.
	// 52579 Other: Other
}
