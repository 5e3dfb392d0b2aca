package reliefweb

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/reliefweb/fakeapi"
)

var (
	june = time.Date(2026, 6, 1, 2, 0, 0, 5, time.FixedZone("", 2*3600))
	july = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
)

// The bodies are those of the reference's section B4; the last but one is its example (B10, 1).
func TestQueryBody(t *testing.T) {
	for _, test := range []struct {
		name string
		q    Query
		want string
	}{
		{"nothing", Query{}, `{"limit":10,"offset":0,"sort":["date.created:desc","id:desc"]}`},
		{"no jobs", Query{Limit: NoJobs, Offset: 7}, `{"limit":0,"offset":7,"sort":["date.created:desc","id:desc"]}`},
		{
			"search", Query{Search: &Search{"water well", []string{"title^5", "body"}, OperatorAnd}},
			`{"limit":10,"offset":0,"query":{"value":"water well","fields":["title^5","body"],"operator":"AND"}}`,
		},
		{"order", Query{Search: &Search{Value: "w"}, Sort: []string{"id:asc"}}, `{"limit":10,"offset":0,"query":{"value":"w"},"sort":["id:asc"]}`},
		{"preset, profile", Query{Preset: PresetLatest, Profile: ProfileFull, Limit: 1000, Sort: []string{"score:desc"}}, `{"preset":"latest","profile":"full","limit":1000,"offset":0,"sort":["score:desc"]}`},
		{"fields", Query{Fields: Fields{Exclude: []string{"body"}}, Sort: []string{"id:asc"}}, `{"limit":10,"offset":0,"sort":["id:asc"],"fields":{"exclude":["body"]}}`},
		{
			"facets", Query{Limit: NoJobs, Sort: []string{"id:asc"}, Facets: []Facet{
				{Field: "career_categories", Name: "career", Limit: 5, Sort: "count:desc", Scope: "global", Filter: Has("theme")}, {Field: "date.created", Interval: "month"},
			}},
			`{"limit":0,"offset":0,"sort":["id:asc"],"facets":[{"field":"career_categories","name":"career","limit":5,"sort":"count:desc","scope":"global","filter":{"field":"theme"}},{"field":"date.created","interval":"month"}]}`,
		},
		{
			"the example", Query{
				Preset: PresetAnalysis, Profile: ProfileMinimal, Limit: 2,
				Filter: And(In("career_categories.id", 6863, 6867), Between("date.created", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 30, 23, 59, 59, 0, time.UTC)), Not(In("theme.id", 4590))),
				Fields: Fields{Include: []string{"id", "title"}},
			},
			`{"preset":"analysis","profile":"minimal","limit":2,"offset":0,"sort":["date.created:desc","id:desc"],
			 "filter":{"operator":"AND","conditions":[
			   {"field":"career_categories.id","value":[6863,6867],"operator":"OR"},
			   {"field":"date.created","value":{"from":"2026-01-01T00:00:00+00:00","to":"2026-06-30T23:59:59+00:00"}},
			   {"field":"theme.id","value":4590,"negate":true}]},
			 "fields":{"include":["id","title"]}}`,
		},
	} {
		body, err := test.q.body()
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(plain(t, test.want), plain(t, string(body))); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestFilters(t *testing.T) {
	one, two := In("status", "published"), Has("city")
	for want, filter := range map[string]Filter{
		`{"field":"status","value":"published"}`:                                                   one,
		`{"field":"id","value":[1,2],"operator":"OR"}`:                                             In[ID]("id", 1, 2),
		`{"field":"id","value":[],"operator":"OR"}`:                                                In[ID]("id"),
		`{"field":"country.primary","value":true}`:                                                 In("country.primary", true),
		`{"field":"theme.id","value":[1,2],"operator":"AND"}`:                                      AllOf("theme.id", 1, 2),
		`{"field":"city"}`:                                                                         two,
		`{"field":"city","negate":true}`:                                                           Not(two),
		`{"field":"date.changed","value":{"from":"2026-06-01T00:00:00+00:00"}}`:                    Between("date.changed", june, time.Time{}),
		`{"field":"date.closing","value":{"to":"2026-07-01T00:00:00+00:00"}}`:                      Between("date.closing", time.Time{}, july),
		`{"operator":"OR","conditions":[{"field":"status","value":"published"},{"field":"city"}]}`: Or(one, two),
		`{"operator":"AND","conditions":[{"field":"city"},{"operator":"OR","conditions":[{"field":"status","value":"published"},{"field":"city"}],"negate":true}]}`: And(two, Filter{}, Not(Or(one, two))),
	} {
		if diff := cmp.Diff(plain(t, want), plain(t, string(must(json.Marshal(filter))))); diff != "" {
			t.Error(diff)
		}
	}
	for name, filter := range map[string]Filter{"And": And(), "Or": Or(Filter{}, Filter{}), "Not": Not(Filter{})} {
		if !filter.IsZero() {
			t.Errorf("%s of nothing is %+v", name, filter)
		}
	}
	if And(one, Filter{}) != one || string(must(json.Marshal(Not(Not(two))))) != `{"field":"city"}` {
		t.Error("a group of one, or a double negation, is more than the filter itself")
	}
}

func plain(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}

// A mistake is found before it costs a call.
func TestQueryRefuses(t *testing.T) {
	api, c := newFake(t, fakeapi.Options{})
	for problem, q := range map[string]Query{
		"limit 1001":              {Limit: 1001},
		"limit -2":                {Limit: -2},
		"offset -1":               {Offset: -1},
		`sort "id"`:               {Sort: []string{"id"}},
		`sort "id:up"`:            {Sort: []string{"id:asc", "id:up"}},
		"a facet without a field": {Facets: []Facet{{Name: "x"}}},
	} {
		if _, err := c.Jobs(t.Context(), q); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%+v: %v, want %q", q, err, problem)
		}
	}
	if api.Calls() != 0 {
		t.Errorf("%d calls", api.Calls())
	}
}
