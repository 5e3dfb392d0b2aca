package fakeapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Section B3 of the reference, row by row: limits.
func TestB3(t *testing.T) {
	many := newAPI(t, Options{Ceiling: 1050})
	for i := range 1100 {
		if err := many.Put(map[string]any{"id": i + 1, "title": "T", "status": "published"}); err != nil {
			t.Fatal(err)
		}
	}
	count := func(body string, want int) func(*testing.T) {
		return func(t *testing.T) {
			if r := ask(t, many, "/v2/jobs", body); r.Count != want || len(r.Data) != want || r.Total != 1100 {
				t.Errorf("%s: %d of %d jobs", body, r.Count, r.Total)
			}
		}
	}
	refused := func(body, message string) func(*testing.T) {
		return func(t *testing.T) {
			if r := ask(t, many, "/v2/jobs", body); r.status != http.StatusBadRequest || !strings.Contains(r.Error.Message, message) {
				t.Errorf("%s: %d %s", body, r.status, r.Error.Message)
			}
		}
	}
	const limitMessage = `Invalid "limit" specified. Valid values are between 0 and 1000`
	for row, test := range map[string]func(*testing.T){
		"at most 1000 entries a call":          count(`{"limit":1000}`, 1000),
		"none":                                 count(`{"limit":0}`, 0),
		"ten unless told otherwise":            count(`{}`, 10),
		"a limit beyond the range":             refused(`{"limit":1001}`, limitMessage),
		"a limit below it":                     refused(`{"limit":-1}`, limitMessage),
		"the same by GET":                      refused(`limit=1001`, limitMessage),
		"a bad date":                           refused(`{"filter":{"field":"date.created","value":{"from":"yesterday"}}}`, `Invalid range 'from' value for field 'date.created'. It must be an ISO 8601 date.`),
		"a bad end":                            refused(`{"filter":{"field":"date.created","value":{"to":"2026"}}}`, `Invalid range 'to' value for field 'date.created'. It must be an ISO 8601 date.`),
		"the window of the search index":       refused(`{"offset":51,"limit":1000}`, "Result window is too large"),
		"the end of that window":               count(`{"offset":50,"limit":1000}`, 1000),
		"1000 calls a day":                     quota,
		"the firewall's challenge":             challenge,
		"now and then 503 with HTML":           unavailable,
		"a call that hangs more than 20 s":     hangs,
		"no headers that tell what is left":    noHeaders,
		"N jobs cost N/1000 calls, rounded up": pages,
	} {
		t.Run(row, test)
	}
}

func quota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newAPI(t, Options{Calls: 3, Appnames: []string{Appname, "another"}})
		for i, want := range []int{200, 200, 200, 429, 429} {
			if r := ask(t, api, "/v2/jobs", ""); r.status != want || r.header.Get("Retry-After") != "" {
				t.Errorf("call %d: %d, Retry-After %q", i+1, r.status, r.header.Get("Retry-After"))
			}
		}
		if r := read(t, do(api, http.MethodGet, "/v2/jobs?appname=another", "")); r.status != 200 {
			t.Errorf("another appname: %d", r.status)
		}
		time.Sleep(24 * time.Hour)
		if r := ask(t, api, "/v2/jobs", ""); r.status != 200 {
			t.Errorf("the next day: %d", r.status)
		}
	})
}

// fail is what a call gets that meets a fault.
func fail(t *testing.T, fault Fault) (status int, header http.Header, body string) {
	t.Helper()
	api := letters(t)
	api.Fail(fault)
	r := do(api, http.MethodGet, "/v2/jobs?appname="+Appname, "")
	return r.Code, r.Header(), r.Body.String()
}

func challenge(t *testing.T) {
	status, header, body := fail(t, Challenge)
	if status != http.StatusAccepted || header.Get("x-amzn-waf-action") != "challenge" || !strings.Contains(body, "<script>") {
		t.Errorf("%d %v %s", status, header, body)
	}
}

func unavailable(t *testing.T) {
	status, header, body := fail(t, Unavailable)
	if status != http.StatusServiceUnavailable || !strings.HasPrefix(header.Get("Content-Type"), "text/html") || !strings.Contains(body, "<html>") {
		t.Errorf("%d %v %s", status, header, body)
	}
}

func hangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if fail(t, Hang); time.Since(began) != 25*time.Second {
			t.Errorf("after %v", time.Since(began))
		}
	})
}

func noHeaders(t *testing.T) {
	for name := range ask(t, letters(t), "/v2/jobs", "").header {
		if name != "Content-Type" {
			t.Errorf("header %s", name)
		}
	}
}

func pages(t *testing.T) {
	api, calls := letters(t), 0
	for next := host + "/v2/jobs?appname=" + Appname + "&limit=2&sort[]=id:asc"; next != ""; calls++ {
		next = read(t, do(api, http.MethodGet, next, "")).Links["next"].Href
	}
	if calls != 3 { // five open jobs, two at a time
		t.Errorf("%d calls", calls)
	}
}

// Section B5, row by row: the envelope.
func TestB5(t *testing.T) {
	api := letters(t)
	all := ask(t, api, "/v2/jobs", `{"preset":"analysis","profile":"full","sort":["id:asc"],"limit":4}`)
	last := ask(t, api, "/v2/jobs", `{"preset":"analysis","sort":["id:asc"],"limit":4,"offset":4}`)
	one := ask(t, api, "/v2/jobs/6", "")
	generated := newAPI(t, Options{Jobs: 60, Seed: 1})
	mixed := ask(t, generated, "/v2/jobs", `{"preset":"analysis","profile":"full","limit":1000}`)
	for row, ok := range map[string]bool{
		"time, a number of milliseconds": all.Time > 0,
		"took, likewise":                 all.Took != nil,
		"href":                           all.Href == host+"/v2/jobs?appname="+Appname,
		"links.self":                     all.Links["self"].Href == all.Href,
		"links.next":                     all.Links["next"].Href == all.Href+"&offset=4&limit=4",
		"no next on the last page":       last.Links["next"].Href == "",
		"links.prev":                     all.Links["prev"].Href == "" && last.Links["prev"].Href == all.Href+"&offset=0&limit=4",
		"totalCount, the matches":        all.Total == 6 && last.Total == 6,
		"count, the length of data":      all.Count == 4 && len(all.Data) == 4 && last.Count == 2,
		"no embedded unless asked for":   all.raw["embedded"] == nil,
		"id, a string":                   all.Data[0].ID == "1",
		"id, now and then a number":      slices.ContainsFunc(mixed.Data, func(d datum) bool { return d.ID == d.Fields["id"] }),
		"fields.id, a number":            all.Data[0].Fields["id"] == 1.0,
		"href of an item":                all.Data[0].Href == host+"/v2/jobs/1",
		"empty fields are left out":      !has(all.Data[3].Fields, "theme") && !has(all.Data[2].Fields, "body") && has(all.Data[0].Fields, "body"),
		"title is always there":          !slices.ContainsFunc(mixed.Data, func(d datum) bool { return !has(d.Fields, "title") }),
		"by id: the same shape":          one.Count == 1 && one.Total == 1 && len(one.Data) == 1 && one.titles() == "F",
		"by id: 404 for an unknown one":  ask(t, api, "/v2/jobs/77", "").status == 404,
		"by id: 404 for an expired one":  ask(t, api, "/v2/jobs/4", "").status == 404,
		"a filter on id finds that":      ask(t, api, "/v2/jobs", `{"preset":"analysis","filter":{"field":"id","value":4}}`).titles() == "D",
		"embedded.facets":                ask(t, api, "/v2/jobs", `{"facets":[{"field":"status"}]}`).Embedded.Facets["status"].Data[0] == facetCount{"published", 5},
	} {
		if !ok {
			t.Errorf("%s: not so\n%v", row, all.raw)
		}
	}
}

func has(fields map[string]any, name string) bool { _, ok := fields[name]; return ok }

// Section B8, row by row: errors; and B1 and B2, from which their texts come.
func TestB8(t *testing.T) {
	api := letters(t)
	for _, test := range []struct {
		method, address string
		status          int
		kind, message   string
	}{
		{"GET", "/v1/jobs?appname=" + Appname, 410, "Exception", "The API version 'v1' has been decommissioned. Please use version 'v2' instead."},
		{"POST", "/v1/jobs", 410, "Exception", "The API version 'v1' has been decommissioned. Please use version 'v2' instead."},
		{"GET", "/v2/jobs", 400, "BadRequestHttpException", "Missing appname parameter"},
		{"POST", "/v2/jobs?appname=", 400, "BadRequestHttpException", "Missing appname parameter"},
		{"GET", "/v2/references/career-categories", 400, "BadRequestHttpException", "Missing appname parameter"},
		{
			"GET", "/v2/jobs?appname=unknown", 403, "AccessDeniedHttpException",
			"You are not using an approved appname. Kindly request an appname from ReliefWeb here: https://apidoc.reliefweb.int/parameters#appname",
		},
		{"GET", "/v2/jobs?appname=" + Appname + "&preset=best", 400, "BadRequestHttpException", `Invalid preset "best"`},
		{"GET", "/v2/jobs/77?appname=" + Appname, 404, "NotFoundHttpException", "No job with the id 77 was found."},
		{"GET", "/v2/nothing?appname=" + Appname, 404, "NotFoundHttpException", `No route found for "GET /v2/nothing"`},
		{"GET", "/v2/references/nothing?appname=" + Appname, 404, "NotFoundHttpException", "No reference list nothing was found."},
		{"DELETE", "/v2/jobs?appname=" + Appname, 405, "MethodNotAllowedHttpException", `No route found for "DELETE /v2/jobs": Method Not Allowed`},
		{"POST", "/v2/jobs/1?appname=" + Appname, 405, "MethodNotAllowedHttpException", `No route found for "POST /v2/jobs/1": Method Not Allowed`},
	} {
		r := read(t, do(api, test.method, test.address, `{"appname":"`+Appname+`"}`)) // which does not count there
		if r.status != test.status || r.Status != test.status || r.Error.Type != test.kind || r.Error.Message != test.message || r.Time < 1 || len(r.raw) != 3 {
			t.Errorf("%s %s: %d %v", test.method, test.address, r.status, r.raw)
		}
		if kind := r.header.Get("Content-Type"); kind != "application/json" {
			t.Errorf("%s", kind)
		}
	}
	for fault, want := range map[Fault]struct {
		status             int
		kind, retry, inner string
	}{
		TooMany:       {429, "application/json", "1", `"status":429`},
		TooManySilent: {429, "application/json", "", `"status":429`},
		Unavailable:   {503, "text/html; charset=UTF-8", "", "<html>"},
		Challenge:     {202, "text/html; charset=UTF-8", "", "<html>"},
		HTML:          {200, "text/html; charset=UTF-8", "", "<html>"},
		Truncated:     {200, "application/json", "", `{"time":`},
	} {
		status, header, body := fail(t, fault)
		if status != want.status || header.Get("Content-Type") != want.kind || header.Get("Retry-After") != want.retry || !strings.Contains(body, want.inner) {
			t.Errorf("%s: %d %v %.80s", fault, status, header, body)
		}
		if fault == Truncated && json.Valid([]byte(body)) {
			t.Errorf("not truncated: %s", body)
		}
	}
}

// Section B10: the example bodies, byte for byte but for white space, the order of keys, and the times.
func TestB10(t *testing.T) {
	const appname = "acme-jobtagger-x7k2"
	api := newAPI(t, Options{Appnames: []string{appname}})
	for _, job := range []string{
		`{"id":9000003,"title":"HR Assistant","body":"**About** the role …","url":"https://reliefweb.int/node/9000003","date":{"created":"2026-06-02T07:15:00+00:00","changed":"2026-06-02T07:15:00+00:00"},"source":[{"id":1,"name":"Example Relief Org"}],"career_categories":[{"id":6863,"name":"Human Resources"}],"status":"expired"}`,
		`{"id":9000002,"title":"Project Manager","body":"…","url":"https://reliefweb.int/node/9000002","date":{"created":"2026-05-20T10:00:00+00:00"},"source":[{"id":1,"name":"Example Relief Org"}],"career_categories":[{"id":6867,"name":"P"}]}`,
		`{"id":9000001,"title":"Third","date":{"created":"2026-01-01T00:00:00+00:00"},"career_categories":[{"id":6867,"name":"P"}]}`,
		`{"id":9000000,"title":"Health","date":{"created":"2026-05-20T10:00:00+00:00"},"career_categories":[{"id":6867,"name":"P"}],"theme":[{"id":4590,"name":"Health"}]}`,
		`{"id":8999999,"title":"Too old","date":{"created":"2025-12-31T23:59:59+00:00"},"career_categories":[{"id":6867,"name":"P"}]}`,
	} {
		var fields map[string]any
		if err := json.Unmarshal([]byte(job), &fields); err != nil {
			t.Fatal(err)
		}
		if err := api.Put(fields); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t, do(api, "POST", host+"/v2/jobs?appname="+appname, `{"preset":"analysis","profile":"minimal","limit":2,"offset":0,"sort":["date.created:desc","id:desc"],
 "filter":{"operator":"AND","conditions":[
   {"field":"career_categories.id","value":[6863,6867],"operator":"OR"},
   {"field":"date.created","value":{"from":"2026-01-01T00:00:00+00:00","to":"2026-06-30T23:59:59+00:00"}},
   {"field":"theme.id","value":[4590],"negate":true}]},
 "fields":{"include":["id","title","body","url","date.created","source.name","career_categories"]}}`)).raw
	sameBut(t, got, `{"time":18,"href":"https://api.reliefweb.int/v2/jobs?appname=acme-jobtagger-x7k2",
 "links":{"self":{"href":"https://api.reliefweb.int/v2/jobs?appname=acme-jobtagger-x7k2"},
          "next":{"href":"https://api.reliefweb.int/v2/jobs?appname=acme-jobtagger-x7k2&offset=2&limit=2"}},
 "took":11,"totalCount":3,"count":2,
 "data":[
  {"id":"9000003","score":1,"href":"https://api.reliefweb.int/v2/jobs/9000003",
   "fields":{"id":9000003,"title":"HR Assistant","body":"**About** the role …","url":"https://reliefweb.int/node/9000003",
     "date":{"created":"2026-06-02T07:15:00+00:00"},
     "source":[{"name":"Example Relief Org"}],
     "career_categories":[{"id":6863,"name":"Human Resources"}]}},
  {"id":"9000002","score":1,"href":"https://api.reliefweb.int/v2/jobs/9000002",
   "fields":{"id":9000002,"title":"Project Manager","body":"…","url":"https://reliefweb.int/node/9000002",
     "date":{"created":"2026-05-20T10:00:00+00:00"},
     "source":[{"name":"Example Relief Org"}],
     "career_categories":[{"id":6867,"name":"P"}]}}]}`)

	facets := read(t, do(api, "POST", host+"/v2/jobs?appname="+appname, `{"limit":0,"preset":"analysis","filter":{"field":"id","value":{"from":"x"},"negate":true},"facets":[]}`))
	if facets.status != 400 {
		t.Errorf("a range that is no date: %d", facets.status)
	}
	facets = read(t, do(api, "POST", host+"/v2/jobs?appname="+appname, `{"limit":0,"preset":"analysis","filter":{"field":"id","value":[9000003]},"facets":[{"field":"career_categories","name":"career"},{"field":"theme.id"}]}`))
	if diff := cmp.Diff(facetResult{"term", []facetCount{{"Human Resources", 1}}, 0, false}, facets.Embedded.Facets["career"]); diff != "" {
		t.Error(diff)
	}
	if facets.Embedded.Facets["theme.id"].Missing != 1 {
		t.Errorf("%+v", facets.Embedded)
	}

	list := read(t, do(api, "GET", host+"/v2/references/career-categories?appname="+appname+"&limit=100&profile=full", ""))
	if list.Total != 10 || list.Count != 10 {
		t.Errorf("%d of %d categories", list.Count, list.Total)
	}
	list.raw["data"] = slices.DeleteFunc(list.raw["data"].([]any), func(item any) bool { return item.(map[string]any)["id"] != "6863" })
	first := list.raw["data"].([]any)[0].(map[string]any)["fields"].(map[string]any)
	if first["description"] == "" {
		t.Error("no description")
	}
	first["description"] = "Synthetic description …"
	sameBut(t, list.raw, fmt.Sprintf(`{"time":4,"href":%q,"links":{"self":{"href":%q}},"took":1,"totalCount":10,"count":10,
 "data":[{"id":"6863","score":1,"href":"https://api.reliefweb.int/v2/references/career-categories/6863",
          "fields":{"id":6863,"name":"Human Resources","description":"Synthetic description …"}}]}`, list.Href, list.Href))
	if list.Href != host+"/v2/references/career-categories?appname="+appname+"&limit=100&profile=full" {
		t.Errorf("href %s", list.Href)
	}
}

// sameBut compares an answer with an example, leaving out the times.
func sameBut(t *testing.T, got map[string]any, example string) {
	t.Helper()
	var want map[string]any
	if err := json.Unmarshal([]byte(example), &want); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"time", "took"} {
		if _, ok := got[key].(float64); !ok {
			t.Errorf("%s is %v", key, got[key])
		}
		want[key] = got[key]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Without an order, pages overlap, and some jobs come on none.
func TestPagesOverlapWithoutAnOrder(t *testing.T) {
	api := newAPI(t, Options{Jobs: 100, Seed: 3})
	distinct := func(sort string) int {
		seen := map[any]bool{}
		for offset := 0; offset < 100; offset += 10 {
			for _, d := range ask(t, api, "/v2/jobs", fmt.Sprintf(`{"preset":"analysis","offset":%d%s}`, offset, sort)).Data {
				seen[d.Href] = true
			}
		}
		return len(seen)
	}
	if without, with := distinct(""), distinct(`,"sort":["id:asc"]`); without >= 100 || with != 100 {
		t.Errorf("%d of 100 jobs without an order, %d with one", without, with)
	}
}

func TestFaultsAreSeeded(t *testing.T) {
	run := func(seed uint64) (statuses string) {
		api := newAPI(t, Options{Seed: seed, FaultRate: 0.4})
		for range 60 {
			recorder := httptest.NewRecorder()
			api.ServeHTTP(recorder, httptest.NewRequest("GET", "/v2/jobs?appname="+Appname, nil))
			statuses += fmt.Sprint(recorder.Code, " ")
		}
		return statuses
	}
	first := run(1)
	if first != run(1) || first == run(2) {
		t.Error("the schedule is not the seed's")
	}
	if n := 60 - strings.Count(first, "200"); n < 8 || n > 40 {
		t.Errorf("%d of 60 calls fail visibly: %s", n, first)
	}
}
