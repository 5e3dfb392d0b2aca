package reliefweb_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/reliefweb"
	"github.com/jobtagger/jobtagger/colbertlib/reliefweb/fakeapi"
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

// serve starts a fake API with three jobs and returns a client of it.
func serve() (client *reliefweb.Client, stop func()) {
	api, err := fakeapi.New(fakeapi.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for i, title := range []string{"HR Assistant", "Well Driller", "Driver"} {
		err := api.Put(map[string]any{
			"id": 9000001 + i, "title": title, "body": "…", "status": "published", "career_categories": []any{map[string]any{"id": 6863 + i, "name": "A category"}},
			"date": map[string]any{"created": fmt.Sprintf("2026-06-0%dT07:15:00+00:00", i+1), "changed": fmt.Sprintf("2026-06-0%dT07:15:00+00:00", i+1)},
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	server := httptest.NewServer(api)
	if client, err = reliefweb.NewClient(server.URL+"/v2", fakeapi.Appname); err != nil {
		log.Fatal(err)
	}
	return client, server.Close
}

func ExampleNewClient() {
	_, err := reliefweb.NewClient(reliefweb.Endpoint, os.Getenv("AN_APPNAME_THAT_NOBODY_HAS"))
	fmt.Printf("%.80s…", err)
	// Output: reliefweb: no appname; an appname is the name of your program, which ReliefWeb m…
}

func ExampleClient_Jobs() {
	client, stop := serve()
	defer stop()
	page, err := client.Jobs(context.Background(), reliefweb.Query{
		Filter: reliefweb.And(
			reliefweb.In("career_categories.id", 6863, 6864),
			reliefweb.Between("date.created", time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC), time.Time{}),
		),
		Fields: reliefweb.Fields{Include: []string{"title", "body"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(page.Total, page.Jobs[0].Title)
	// Output: 1 Well Driller
}

func ExampleClient_Jobs_facets() {
	client, stop := serve()
	defer stop()
	page, err := client.Jobs(context.Background(), reliefweb.Query{Limit: reliefweb.NoJobs, Facets: []reliefweb.Facet{{Field: "career_categories.id", Name: "career"}}})
	fmt.Println(page.Facets["career"].Data, err)
	// Output: [{6863 1} {6864 1} {6865 1}] <nil>
}

func ExampleClient_Job() {
	client, stop := serve()
	defer stop()
	job, err := client.Job(context.Background(), 9000003)
	fmt.Println(job.Title, err)
	_, err = client.Job(context.Background(), 9000009)
	var refused *reliefweb.StatusError
	fmt.Println(errors.As(err, &refused) && refused.Status == 404)
	// Output:
	// Driver <nil>
	// true
}

func ExampleClient_References() {
	client, stop := serve()
	defer stop()
	categories, err := client.References(context.Background(), "career-categories")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(categories), categories[0].ID, categories[0].Name)
	// Output: 10 6863 Human Resources
}

func ExampleClient_ChangedJobs() {
	client, stop := serve()
	defer stop()
	from, to := time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	for page, err := range client.ChangedJobs(context.Background(), reliefweb.Query{Preset: reliefweb.PresetAnalysis}, from, to) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, job := range page.Jobs {
			fmt.Println(job.Title, job.Date.Changed.Format(time.DateOnly))
		}
	}
	// Output:
	// Well Driller 2026-06-02
	// Driver 2026-06-03
}

func ExampleClient_CallsLeft() {
	client, stop := serve()
	defer stop()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	client.Budget = &reliefweb.Budget{Path: filepath.Join(dir, "calls.json"), Limit: reliefweb.DailyCalls}
	_, err = client.Jobs(context.Background(), reliefweb.Query{})
	left, errLeft := client.CallsLeft(context.Background())
	fmt.Println(left, err, errLeft)
	// Output: 999 <nil> <nil>
}

// fetch makes a folder of raw pages with the three jobs.
func fetch() (dir string, remove func()) {
	client, stop := serve()
	defer stop()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := reliefweb.Update(context.Background(), client, dir, reliefweb.UpdateOptions{}); err != nil {
		log.Fatal(err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }
}

func ExampleUpdate() {
	client, stop := serve()
	defer stop()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for range 2 { // the second time there is nothing new
		summary, err := reliefweb.Update(context.Background(), client, dir, reliefweb.UpdateOptions{})
		fmt.Println(summary.Jobs, "jobs,", len(summary.Categories.List), "categories,", err)
	}
	// Output:
	// 3 jobs, 10 categories, <nil>
	// 0 jobs, 10 categories, <nil>
}

func ExampleReadJobs() {
	dir, remove := fetch()
	defer remove()
	for job, err := range reliefweb.ReadJobs(dir) {
		if err != nil {
			fmt.Println(err) // the file and the item; the others follow
			continue
		}
		fmt.Println(job.ID, job.Title)
	}
	// Output:
	// 9000003 Driver
	// 9000002 Well Driller
	// 9000001 HR Assistant
}

func ExampleReadCategories() {
	dir, remove := fetch()
	defer remove()
	categories, err := reliefweb.ReadCategories(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(categories.Version, categories.List[0].Name)
	// Output: reliefweb-10-f794b27d Human Resources
}

func ExampleReadManifest() {
	dir, remove := fetch()
	defer remove()
	manifest, err := reliefweb.ReadManifest(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, page := range manifest.Pages {
		fmt.Println(page.File, page.Items, page.Request)
	}
	// Output:
	// 000001-career-categories.json.gz 10 GET references/career-categories?limit=1000&profile=full
	// 000002-jobs.json.gz 3 POST jobs
}

// An advertisement whose owner wants it gone.
func ExampleForget() {
	dir, remove := fetch()
	defer remove()
	found, err := reliefweb.Forget(dir, 9000002, 1234567)
	fmt.Println(found, err)
	for job, err := range reliefweb.ReadJobs(dir) {
		fmt.Println(job.ID, job.Title, err)
	}
	// Output:
	// [9000002] <nil>
	// 9000003 Driver <nil>
	// 9000001 HR Assistant <nil>
}

func ExampleUserBudget() {
	budget, err := reliefweb.UserBudget()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(budget.Limit, "calls a day, counted in", filepath.Base(budget.Path))
	// Output: 1000 calls a day, counted in reliefweb-calls.json
}

// show prints a filter as the API gets it.
func show(filter reliefweb.Filter) {
	text, err := filter.MarshalJSON()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}

func ExampleIn() {
	show(reliefweb.In("status", "published"))
	show(reliefweb.In("career_categories.id", 6863, 6867))
	// Output:
	// {"field":"status","value":"published"}
	// {"field":"career_categories.id","value":[6863,6867],"operator":"OR"}
}

func ExampleAllOf() {
	show(reliefweb.AllOf("theme.id", 4590, 4593))
	// Output: {"field":"theme.id","value":[4590,4593],"operator":"AND"}
}

func ExampleBetween() {
	show(reliefweb.Between("date.created", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}))
	// Output: {"field":"date.created","value":{"from":"2026-01-01T00:00:00+00:00"}}
}

func ExampleHas() {
	show(reliefweb.Has("city"))
	// Output: {"field":"city"}
}

func ExampleAnd() {
	show(reliefweb.And(reliefweb.In("country.iso3", "som"), reliefweb.Or(reliefweb.Has("theme"), reliefweb.Has("city"))))
	// Output: {"operator":"AND","conditions":[{"field":"country.iso3","value":"som"},{"operator":"OR","conditions":[{"field":"theme"},{"field":"city"}]}]}
}

func ExampleOr() {
	show(reliefweb.Or(reliefweb.Has("theme"), reliefweb.Has("city")))
	// Output: {"operator":"OR","conditions":[{"field":"theme"},{"field":"city"}]}
}

func ExampleNot() {
	show(reliefweb.Not(reliefweb.In("theme.id", 4590)))
	// Output: {"field":"theme.id","value":4590,"negate":true}
}
