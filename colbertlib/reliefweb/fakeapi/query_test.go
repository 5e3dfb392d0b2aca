package fakeapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Section B4, row by row: what can be asked for, by POST and by GET.
func TestB4(t *testing.T) {
	api := letters(t)
	for _, test := range []struct{ body, want string }{
		{`{"sort":["id:asc"],"query":{"value":"water wells"}}`, "ABF"},
		{`{"sort":["id:asc"],"query":{"value":"Water WELLS","operator":"AND"}}`, "A"},
		{`{"sort":["id:asc"],"query":{"value":"b","fields":["title^5","body"]}}`, "B"},
		{`query[value]=water&query[operator]=OR&sort[]=id:desc`, "FBA"},
		{`{"sort":["id:asc"],"filter":{"field":"id","value":3}}`, "C"},
		{`{"sort":["id:asc"],"filter":{"field":"id","value":"3"}}`, "C"},
		{`{"sort":["id:asc"],"filter":{"field":"id","value":[3,1,4]}}`, "AC"},
		{`{"sort":["id:asc"],"filter":{"field":"career_categories.id","value":[6863,6864],"operator":"AND"}}`, "C"},
		{`{"sort":["id:asc"],"filter":{"field":"career_categories.id","value":[6863,6864],"operator":"OR"}}`, "ABC"},
		{`{"sort":["id:asc"],"filter":{"field":"career_categories.id","value":6863,"negate":true}}`, "BEF"},
		{`{"sort":["id:asc"],"filter":{"field":"date.created","value":{"from":"2026-02-01T00:00:00+00:00","to":"2026-04-01T00:00:00+00:00"}}}`, "BCE"},
		{`{"sort":["id:asc"],"filter":{"field":"date","value":{"from":"2026-04-01T00:00:00+00:00"}}}`, "EF"},
		{`{"sort":["id:asc"],"filter":{"field":"date.closing"}}`, "F"},
		{`{"sort":["id:asc"],"filter":{"field":"career_categories","negate":true}}`, "E"},
		{`{"sort":["id:asc"],"filter":{"field":"career_categories","value":"resources"}}`, "ACF"},
		{`{"sort":["id:asc"],"filter":{"field":"career_categories.exact","value":"Resources"}}`, "F"},
		{`{"sort":["id:asc"],"filter":{"operator":"OR","conditions":[{"field":"theme"},{"field":"country.iso3","value":"som"}]}}`, "AC"},
		{`{"sort":["id:asc"],"filter":{"operator":"AND","conditions":[{"field":"body","value":"water"},{"operator":"OR","conditions":[{"field":"source.id","value":9},{"field":"date.closing"}],"negate":true}]}}`, "A"},
		{`filter[field]=career_categories.id&filter[value]=6864&sort[]=id:asc`, "BC"},
		{`filter[operator]=OR&filter[conditions][0][field]=theme&filter[conditions][1][field]=id&filter[conditions][1][value][]=5&sort[]=id:asc`, "CE"},
		{`filter[field]=theme&filter[negate]=true&sort[]=id:asc`, "ABEF"},
		{`filter[field]=date.created&filter[value][from]=2026-04-01T00:00:00%2B00:00&sort[]=id:asc`, "EF"},
		{`{"sort":["date.created:desc"],"limit":2,"offset":1}`, "EC"},
		{`sort[0]=date.created:desc&limit=2&offset=1`, "EC"},
		{`{"preset":"minimal","sort":["id:asc"]}`, "ABCEF"},
		{`{"preset":"latest"}`, "FECBA"},
		{`{"preset":"analysis","sort":["id:asc"]}`, "ABCDEF"},
		{`{"sort":["date.closing:desc","id:desc"]}`, "FECBA"}, // what is missing comes last
	} {
		if r := ask(t, api, "/v2/jobs", test.body); r.titles() != test.want || r.status != http.StatusOK {
			t.Errorf("%s: %q, want %q (%v)", test.body, r.titles(), test.want, r.Error)
		}
	}
}

func TestFieldsAndProfiles(t *testing.T) {
	api := letters(t)
	only := `"filter":{"field":"id","value":[2]}`
	for body, want := range map[string]map[string]any{
		`{` + only + `}`:                     {"title": "B"},
		`{` + only + `,"profile":"minimal"}`: {"title": "B"},
		`{` + only + `,"profile":"list"}`: {
			"id": 2.0, "title": "B", "status": "published", "date": map[string]any{"created": "2026-02-01T00:00:00+00:00"},
			"career_categories": []any{map[string]any{"id": 6864.0, "name": "Administration/Finance"}}, "source": []any{map[string]any{"id": 9.0, "name": "Example Org"}},
		},
		`{` + only + `,"fields":{"include":["source"]}}`:                                                    {"title": "B", "source": []any{map[string]any{"id": 9.0, "name": "Example Org", "homepage": "https://example.org"}}},
		`{` + only + `,"fields":{"include":["source"],"exclude":["title","source.id","source.homepage"]}}`:  {"source": []any{map[string]any{"name": "Example Org"}}},
		`{` + only + `,"profile":"full","fields":{"exclude":["source","career_categories","date","body"]}}`: {"id": 2.0, "title": "B", "status": "published"},
	} {
		if r := ask(t, api, "/v2/jobs", body); len(r.Data) != 1 {
			t.Errorf("%s: %v", body, r.raw)
		} else if diff := cmp.Diff(want, r.Data[0].Fields); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	if r := ask(t, api, "/v2/jobs", "fields[include][]=body&fields[exclude][]=title&filter[field]=id&filter[value]=2"); len(r.Data) != 1 || len(r.Data[0].Fields) != 1 || r.Data[0].Fields["body"] != "Water" {
		t.Errorf("by GET: %v", r.raw)
	}
}

func TestFacets(t *testing.T) {
	api := letters(t)
	r := ask(t, api, "/v2/jobs", `{"limit":0,"filter":{"field":"body"},"facets":[
		{"field":"career_categories","name":"career","limit":1},
		{"field":"career_categories.id","name":"global","scope":"global"},
		{"field":"date.created","interval":"year","scope":"global"},
		{"field":"date.created","name":"months","interval":"month"},
		{"field":"status","filter":{"field":"source"}}]}`)
	want := map[string]facetResult{
		"career":       {"term", []facetCount{{"Administration/Finance", 1}}, 1, true},
		"global":       {"term", []facetCount{{"6863", 3}, {"6864", 2}, {"99", 1}}, 1, false},
		"date.created": {"date", []facetCount{{"2025-01-01T00:00:00+00:00", 1}, {"2026-01-01T00:00:00+00:00", 5}}, 0, false},
		"months": {"date", []facetCount{
			{"2026-01-01T00:00:00+00:00", 1}, {"2026-02-01T00:00:00+00:00", 1}, {"2026-04-01T00:00:00+00:00", 1}, {"2026-05-01T00:00:00+00:00", 1},
		}, 0, false},
		"status": {"term", []facetCount{{"published", 1}}, 0, false},
	}
	if diff := cmp.Diff(want, r.Embedded.Facets); diff != "" || r.Count != 0 || r.Total != 4 {
		t.Errorf("%d of %d\n%s", r.Count, r.Total, diff)
	}
}

// A client's mistakes show.
func TestTheFakeIsStrict(t *testing.T) {
	api := letters(t)
	for body, message := range map[string]string{
		`{"limit":`:                                  "Invalid request: unexpected EOF",
		`{"filters":{}}`:                             `unknown field "filters"`,
		`{"filter":{}}`:                              "needs a field or conditions",
		`{"filter":{"field":"nonsense"}}`:            `Invalid filter field "nonsense"`,
		`{"filter":{"field":"body-html"}}`:           `Invalid filter field "body-html"`,
		`{"filter":{"field":"how_to_apply-html"}}`:   `Invalid filter field "how_to_apply-html"`,
		`{"filter":{"field":"source.homepage"}}`:     `Invalid filter field "source.homepage"`,
		`{"filter":{"conditions":[{"field":"no"}]}}`: `Invalid filter field "no"`,
		`{"filter":{"field":"id","operator":"XOR"}}`: `Invalid operator "XOR"`,
		`{"sort":["nonsense:asc"]}`:                  `Invalid sort "nonsense:asc"`,
		`{"sort":["id:up"]}`:                         `Invalid sort "id:up"`,
		`{"offset":-1}`:                              `Invalid "offset"`,
		`{"profile":"big"}`:                          `Invalid profile "big"`,
		`{"fields":{"include":["nonsense"]}}`:        `Invalid field "nonsense"`,
		`{"facets":[{"field":"nonsense"}]}`:          `Invalid facet field "nonsense"`,
		`{"facets":[{"field":"id","filter":{}}]}`:    "needs a field or conditions",
		`limit=ten`:                                  "Invalid request",
	} {
		if r := ask(t, api, "/v2/jobs", body); r.status != http.StatusBadRequest || !strings.Contains(r.Error.Message, message) {
			t.Errorf("%s: %d %q, want %q", body, r.status, r.Error.Message, message)
		}
	}
}

// Section B6 and the nuisances: what the synthetic jobs are like.
func TestSyntheticJobs(t *testing.T) {
	const n = 1000
	api := newAPI(t, Options{Jobs: n, Seed: 1})
	r := ask(t, api, "/v2/jobs", `{"preset":"analysis","profile":"full","limit":1000,"sort":["date.created:asc"]}`)
	counts := map[string]int{}
	bodies := map[any]int{}
	for _, d := range r.Data {
		for name := range d.Fields {
			counts[name]++
		}
		if _, isNumber := d.ID.(float64); isNumber {
			counts["number as id"]++
		}
		categories, _ := d.Fields["career_categories"].([]any)
		if len(categories) > 1 {
			counts["several categories"]++
		}
		for _, c := range categories {
			if c.(map[string]any)["id"] == 59999.0 {
				counts["category in no list"]++
			}
		}
		bodies[d.Fields["body"]]++
	}
	for _, always := range []string{"id", "uuid", "url", "url_alias", "status", "title", "how_to_apply", "how_to_apply-html", "date", "language", "source", "type", "experience"} {
		if counts[always] != n {
			t.Errorf("%s: %d of %d", always, counts[always], n)
		}
	}
	for name, between := range map[string][2]int{
		"body": {980, 999}, "career_categories": {950, 995}, "country": {850, 950}, "theme": {500, 700}, "number as id": {50, 150}, "several categories": {5, 40}, "category in no list": {1, 20},
	} {
		if counts[name] < between[0] || counts[name] > between[1] {
			t.Errorf("%s: %d of %d, want %v", name, counts[name], n, between)
		}
	}
	if again := n - len(bodies); again < 20 || again > 80 {
		t.Errorf("%d texts come again", again)
	}
	if diff := cmp.Diff(r.raw["data"], ask(t, newAPI(t, Options{Jobs: n, Seed: 1}), "/v2/jobs", `{"preset":"analysis","profile":"full","limit":1000,"sort":["date.created:asc"]}`).raw["data"]); diff != "" {
		t.Error("the same seed gives other jobs")
	}
}
