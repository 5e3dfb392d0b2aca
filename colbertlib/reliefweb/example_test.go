package reliefweb_test

import (
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib/reliefweb"
)

func ExampleDecodeJob() {
	job, err := reliefweb.DecodeJob([]byte(`{"id": "9000003", "score": 1, "fields": {
		"id": 9000003, "title": "HR Assistant", "body": "**About** the role …",
		"source": [{"name": "Example Relief Org"}], "career_categories": [{"id": 6863, "name": "Human Resources"}]}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d: %s, posted by %s, tagged %s", job.ID, job.Title, job.Sources[0].Name, job.Categories[0].Name)
	// Output: 9000003: HR Assistant, posted by Example Relief Org, tagged Human Resources
}

func ExampleDecodeCategory() {
	category, err := reliefweb.DecodeCategory([]byte(`{"id": "6863", "fields": {"id": 6863, "name": "Human Resources", "description": "Hiring and training …"}}`))
	fmt.Println(category.ID, category.Name, err)
	// Output: 6863 Human Resources <nil>
}
