package reliefweb

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// full has every field of the reference's section B6 that Job has, and some that it leaves out.
const full = `{"id":"9000003","score":null,"href":"https://api.reliefweb.int/v2/jobs/9000003","fields":{
 "id":9000003,"uuid":"u","url":"https://reliefweb.int/node/9000003","url_alias":"https://reliefweb.int/job/9000003/hr-assistant","redirects":["x"],"status":"expired",
 "title":"HR Assistant","body":"**About** the role","body-html":"<p>","how_to_apply":"Write.","how_to_apply-html":"<p>",
 "date":{"created":"2026-06-02T07:15:00+00:00","changed":"2026-06-03T07:15:00+00:00","closing":"2026-07-01T00:00:00+00:00"},
 "language":[{"id":267,"name":"English","code":"en"}],
 "country":[{"href":"h","id":"220","name":"Somalia","shortname":"Somalia","iso3":"som","location":{"lon":45.8,"lat":6},"primary":true}],
 "city":[{"name":"Baidoa"}],
 "source":[{"href":"h","id":77,"name":"Example Relief Org","shortname":"ERO","longname":"Example","spanish_name":"E","type":{"id":274,"name":"Non-governmental Organization"},"homepage":"https://example.org"}],
 "type":[{"id":263,"name":"Job"}],"theme":[{"id":4590,"name":"Health"}],"career_categories":[{"id":6863,"name":"Human Resources"},{"id":"6864","name":"Administration/Finance"}],
 "experience":[{"id":258,"name":"0-2 years"}],"file":[{"id":1}]}}`

func TestDecodeJob(t *testing.T) {
	got, err := DecodeJob([]byte(full))
	if err != nil {
		t.Fatal(err)
	}
	want := Job{
		ID: 9000003, Title: "HR Assistant", Body: "**About** the role", HowToApply: "Write.",
		URL: "https://reliefweb.int/node/9000003", Alias: "https://reliefweb.int/job/9000003/hr-assistant", Status: "expired",
		Date: Dates{
			Created: time.Date(2026, 6, 2, 7, 15, 0, 0, time.UTC), Changed: time.Date(2026, 6, 3, 7, 15, 0, 0, time.UTC), Closing: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC),
		},
		Languages:  []Language{{267, "English", "en"}},
		Countries:  []Country{{220, "Somalia", "Somalia", "som", true}},
		Cities:     []City{{"Baidoa"}},
		Sources:    []Source{{77, "Example Relief Org", "ERO", "Example", Term{274, "Non-governmental Organization"}, "https://example.org"}},
		Types:      []Term{{263, "Job"}},
		Themes:     []Term{{4590, "Health"}},
		Categories: []Term{{6863, "Human Resources"}, {6864, "Administration/Finance"}},
		Experience: []Term{{258, "0-2 years"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeJobTakesWhatTheAPIVaries(t *testing.T) {
	for name, item := range map[string]string{
		"id as a number":         `{"id":12,"fields":{"title":"T"}}`,
		"id in the fields too":   `{"id":"12","fields":{"id":12,"title":"T"}}`,
		"fields' id as a string": `{"id":12,"fields":{"id":"12","title":"T"}}`,
		"null fields":            `{"id":"12","score":null,"fields":{"title":"T","body":null,"date":null,"source":null,"career_categories":null}}`,
		"null dates and ids":     `{"id":"12","fields":{"title":"T","date":{"created":null},"source":[{"id":null}]}}`,
	} {
		if job, err := DecodeJob([]byte(item)); err != nil || job.ID != 12 || job.Title != "T" || job.Body != "" {
			t.Errorf("%s: %+v, %v", name, job, err)
		}
	}
}

func TestDecodeJobRefuses(t *testing.T) {
	for _, test := range []struct{ item, problem string }{
		{``, "unexpected end"},
		{`<html>`, "invalid character"},
		{`{"fields":{"title":"T"}}`, "without an id"},
		{`{"id":null,"fields":{}}`, "without an id"},
		{`{"id":"12"}`, "item 12 has no fields"},
		{`{"id":"12","fields":null}`, "item 12 has no fields"},
		{`{"id":"12","fields":[]}`, "item 12: "},
		{`{"id":"12","fields":{"id":13}}`, "12 says in its fields that it is 13"},
		{`{"id":"12","fields":{"title":7}}`, "item 12: "},
		{`{"id":"12","fields":{"date":{"created":"yesterday"}}}`, `item 12: parsing time "yesterday"`},
		{`{"id":"-1","fields":{}}`, "positive"},
		{`{"id":"0x10","fields":{}}`, "positive"},
		{`{"id":1.5,"fields":{}}`, "positive"},
		{`{"id":"99999999999999999999","fields":{}}`, "positive"},
		{`{"id":"12","fields":{"body":"` + strings.Repeat("x", maxItem) + `"}}`, "at most"},
	} {
		if job, err := DecodeJob([]byte(test.item)); err == nil || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%.60s: %+v, error %v, want one about %q", test.item, job, err, test.problem)
		}
	}
}

func FuzzDecodeJob(f *testing.F) {
	for _, seed := range []string{full, item(1, "T"), `{"id":1,"fields":{}}`, `{"id":"1","fields":{"id":1,"date":{"created":"2026-01-01T00:00:00Z"}}}`, `{"id":{}}`, "\xff", `{"id":1,"fields":{"title":"\ud800"}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, item []byte) {
		job, err := DecodeJob(item)
		if err != nil {
			return
		}
		if job.ID <= 0 {
			t.Errorf("id %d", job.ID)
		}
		fields, err := json.Marshal(job)
		if err != nil {
			return // a year beyond 9999 is read but not written
		}
		again, err := DecodeJob(fmt.Appendf(nil, `{"id":%d,"fields":%s}`, job.ID, fields))
		if diff := cmp.Diff(job, again); err != nil || diff != "" {
			t.Errorf("%v: %s", err, diff)
		}
	})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
