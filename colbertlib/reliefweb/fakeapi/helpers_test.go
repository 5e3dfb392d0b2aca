package fakeapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// the host of the real API, so that addresses in answers look like its own.
const host = "https://api.reliefweb.int"

func newAPI(t *testing.T, options Options) *API {
	t.Helper()
	api, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func do(api *API, method, address, body string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequest(method, address, strings.NewReader(body)))
	return recorder
}

// reply is an answer of either kind.
type reply struct {
	status int
	header http.Header

	Total    int `json:"totalCount"`
	Count    int `json:"count"`
	Data     []datum
	Links    map[string]struct{ Href string }
	Embedded struct {
		Facets map[string]facetResult
	}
	Status int
	Time   int
	Took   *int
	Href   string
	Error  struct{ Type, Message string }

	raw map[string]any
}

type datum struct {
	ID     any
	Href   string
	Fields map[string]any
}

// ask makes a call with an approved appname: a POST if there is a body, otherwise a GET with the parameters.
func ask(t *testing.T, api *API, path, body string) reply {
	t.Helper()
	method, parameters := http.MethodGet, ""
	if strings.HasPrefix(body, "{") {
		method = http.MethodPost
	} else if body != "" {
		parameters, body = "&"+body, ""
	}
	return read(t, do(api, method, host+path+"?appname="+Appname+parameters, body))
}

func read(t *testing.T, response *httptest.ResponseRecorder) reply {
	t.Helper()
	r := reply{status: response.Code, header: response.Header()}
	var content json.RawMessage
	if err := json.NewDecoder(response.Body).Decode(&content); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &r); err != nil {
		t.Fatalf("%v in %s", err, content)
	}
	if err := json.Unmarshal(content, &r.raw); err != nil {
		t.Fatal(err)
	}
	return r
}

// titles are those of the jobs in an answer; jobs are called A, B, …
func (r reply) titles() string {
	var all []string
	for _, d := range r.Data {
		all = append(all, fmt.Sprint(d.Fields["title"]))
	}
	return strings.Join(all, "")
}

// letters is an API with the jobs A to F.
func letters(t *testing.T) *API {
	t.Helper()
	api := newAPI(t, Options{})
	for _, job := range []string{
		`{"id":1,"title":"A","body":"Water and wells","status":"published","date":{"created":"2026-01-01T00:00:00+00:00"},"career_categories":[{"id":6863,"name":"Human Resources"}],"country":[{"id":220,"name":"Somalia","iso3":"som"}]}`,
		`{"id":2,"title":"B","body":"Water","status":"published","date":{"created":"2026-02-01T00:00:00+00:00"},"career_categories":[{"id":6864,"name":"Administration/Finance"}],"source":[{"id":9,"name":"Example Org","homepage":"https://example.org"}]}`,
		`{"id":3,"title":"C","status":"published","date":{"created":"2026-03-01T00:00:00+00:00"},"career_categories":[{"id":6863,"name":"Human Resources"},{"id":6864,"name":"Administration/Finance"}],"theme":[{"id":4590,"name":"Health"}]}`,
		`{"id":4,"title":"D","body":"Wells","status":"expired","date":{"created":"2025-12-01T00:00:00+00:00"},"career_categories":[{"id":6863,"name":"Human Resources"}]}`,
		`{"id":5,"title":"E","body":"Roads","status":"published","date":{"created":"2026-04-01T00:00:00+00:00"}}`,
		`{"id":6,"title":"F","body":"Roads and water","body-html":"<p>Roads</p>","status":"published","date":{"created":"2026-05-01T00:00:00+00:00","closing":"2026-06-01T00:00:00+00:00"},"career_categories":[{"id":99,"name":"Resources"}]}`,
	} {
		var fields map[string]any
		if err := json.Unmarshal([]byte(job), &fields); err != nil {
			t.Fatal(err)
		}
		if err := api.Put(fields); err != nil {
			t.Fatal(err)
		}
	}
	return api
}
