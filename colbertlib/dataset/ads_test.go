package dataset_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

func TestReadAds(t *testing.T) {
	const content = `{"id":"a","title":"Driver","body":"Drives.","category_id":11,"language":"en","source":"synthetic"}
{"id":4711,"title":"Press officer","body":"","category":"Advocacy"}

{"title":"","body":"Digs wells.","category":"Water","category_id":10}
{"title":"Cook","body":"Cooks.","category_id":null}
`
	want := []dataset.Ad{
		{ID: "a", Title: "Driver", Body: "Drives.", Label: 11, Language: "en", Source: "synthetic"},
		{ID: "4711", Title: "Press officer", Label: 207},
		{ID: "4", Body: "Digs wells.", Label: 10}, // its line number
		{ID: "5", Title: "Cook", Body: "Cooks."},
	}
	got, err := dataset.ReadAds(strings.NewReader(content), "f", labels)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestReadAdsWithoutLabelsKeepsUnknownOnes(t *testing.T) {
	got, err := dataset.ReadAds(strings.NewReader(`{"title":"T","body":"B","category_id":99,"category":"Fishing"}`), "f", nil)
	if err != nil || got[0].Label != 99 {
		t.Errorf("got %+v, %v; want the label 99", got, err)
	}
}

func TestBadAds(t *testing.T) {
	const good = `{"id":"a","title":"T","body":"B"}` + "\n"
	checkBadFiles(t, readAds, []badFile{
		{"not JSON", good + "\r\n\r\n" + `{"title": 'x'}`, []string{"f.json:4", "column 11", `{"title": 'x'}`, `expected one {"title"`}},
		{"two objects in a line", good + `{"title":"T"}{"title":"U"}`, []string{"f.json:2", "after top-level value"}},
		{"an array", "[\n" + good + "]", []string{"f.json:1", "not valid JSON"}},
		{"a string", `"text"`, []string{"f.json:1", "found string, expected an object"}},
		{"no title", good + `{"id":"b","body":"B"}`, []string{"f.json:2", "ad 2", `"title" is missing`, `{"id":"b","body":"B"}`}},
		{"no body", `{"title":"T"}`, []string{`"body" is missing`}},
		{"no text", `{"title":" ","body":"\n"}`, []string{`"title" and "body" are both empty`}},
		{"title is a number", `{"title":7,"body":"B"}`, []string{`"title" is number, expected a string`}},
		{"id is an object", `{"id":{},"title":"T","body":"B"}`, []string{`"id" must be a string or a number`}},
		{"id of two words", `{"id":"a b","title":"T","body":"B"}`, []string{`"id" is "a b", expected no white space`}},
		{"same id", good + "\n" + good, []string{"f.json:3", "ad 2", "id `a` is already used in line 1"}},
		{"id equals a line number", `{"id":2,"title":"T","body":"B"}` + "\n" + `{"title":"U","body":"C"}`, []string{"id `2` is already used in line 1"}},
		{"unknown number", `{"title":"T","body":"B","category_id":208}`, []string{"no label has the id 208", "nearest is 207", "10, 11, 207"}},
		{"unknown name", `{"title":"T","body":"B","category":"logistic"}`, []string{"no label is called `logistic`", `did you mean "Logistics"?`}},
		{"contradiction", `{"title":"T","body":"B","category_id":10,"category":"Logistics"}`, []string{`"category_id" 10`, `"Logistics" (11)`, "contradict"}},
	})
}
