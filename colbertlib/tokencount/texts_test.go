package tokencount_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/tokencount"
)

var labels = []dataset.Label{{ID: 3, Name: "Water", Description: "Wells and pumps."}, {ID: 4, Name: "Health", Description: "Nurses."}}

func TestReadKnowsThreeShapes(t *testing.T) {
	type texts = []tokencount.Text
	for name, test := range map[string]struct {
		content            string
		labels             []dataset.Label
		queries, documents texts
	}{
		"split file": {
			content: ` [{"query": "Digs wells", "positive": "Wells and pumps.", "negative": "Nurses.", "label": 3, "language": "fr"},
				{"query": "Digs wells", "positive": "Wells and pumps.", "negative": "Trucks.", "label": 3, "language": "fr"}]`,
			labels:    labels,
			queries:   texts{{"Digs wells", "Water", "fr"}},
			documents: texts{{"Wells and pumps.", "Water", "unknown"}, {"Nurses.", "Health", "unknown"}, {"Trucks.", "unknown", "unknown"}},
		},
		"split file without labels": {
			content:   `[{"query": "Digs wells", "positive": "Wells.", "negative": "Nurses.", "label": 3}]`,
			queries:   texts{{"Digs wells", "3", "unknown"}},
			documents: texts{{"Wells.", "unknown", "unknown"}, {"Nurses.", "unknown", "unknown"}},
		},
		"advertisements": {
			content: "\ufeff" + `{"title": "Digger", "body": "Digs.", "category": "Water", "language": "en"}` + "\n" + `{"title": "Nurse", "body": ""}`,
			labels:  labels,
			queries: texts{{"Digger\nDigs.", "Water", "en"}, {"Nurse\n", "unknown", "unknown"}},
		},
		"labels": {
			content:   `[{"id": 3, "name": "Water", "description": "Wells and pumps."}]`,
			documents: texts{{"Wells and pumps.", "Water", "unknown"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			queries, documents, err := tokencount.Read([]byte(test.content), "f.json", test.labels)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.queries, queries); diff != "" {
				t.Errorf("queries (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.documents, documents); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for content, want := range map[string]string{
		"":                                     "the file is empty",
		"[":                                    "f.json",
		"[]":                                   "f.json",
		"[7]":                                  "f.json:1",
		`[{"id": 3, "description": "Wells."}]`: `"name"`,
		`[{"query": "Digs"}]`:                  `"positive"`,
		`[{"title": "Digger", "body": "x"}]`:   `"query"`,
		"plain text":                           `{"title": "…", "body": "…"}`,
		"{\"title\": \"\xff\"}":                "not UTF-8",
	} {
		if _, _, err := tokencount.Read([]byte(content), "f.json", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %s", content, err, want)
		}
	}
}

// What is read has texts in one of the roles; what is not has an error that names the file.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`[{"query": "q", "positive": "p", "negative": "n"}]`, `[{"id": 1, "name": "n", "description": "d"}]`, `{"title": "t", "body": "b"}`,
		"", "[", "[]", "[null]", "[[]]", "\ufeff[{}]", `[{"description": 1, "query": null}]`, "\xff", strings.Repeat("[", 20_000),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		queries, documents, err := tokencount.Read(content, "f.json", labels)
		if err != nil && !strings.Contains(err.Error(), "f.json") {
			t.Errorf("%q: the error does not name the file: %v", content, err)
		}
		if err == nil && len(queries)+len(documents) == 0 {
			t.Errorf("%q: neither texts nor an error", content)
		}
	})
}
