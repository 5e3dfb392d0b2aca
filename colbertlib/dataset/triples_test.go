package dataset_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

const (
	water     = `"positive":"Wells, pumps and latrines.","negative":"Trucks, stores and customs."`
	logistics = `"positive":"Trucks, stores and customs.","negative":"Campaigns and the press."`
)

func TestReadTriples(t *testing.T) {
	content := `[{"query":"q1",` + water + `},
		{"query":"q2","id":7,"label":11,"language":"fr","source":"s","extra":[1],` + logistics + `},
		{"query":"q3","positive":"Advocacy","negative":"Water"},
		{"query":"q4","positive":"Another text for water.","negative":"x","label":10}]`
	got, err := dataset.ReadTriples(strings.NewReader(content), "f", labels)
	if err != nil {
		t.Fatal(err)
	}
	want := []dataset.Triple{
		{Query: "q1", Positive: labels[0].Description, Negative: labels[1].Description, Label: 10}, // by description
		{Query: "q2", Positive: labels[1].Description, Negative: labels[2].Description, ID: "7", Label: 11, Source: "s", Language: "fr"},
		{Query: "q3", Positive: "Advocacy", Negative: "Water", Label: 207},           // by name
		{Query: "q4", Positive: "Another text for water.", Negative: "x", Label: 10}, // by number
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestReadTriplesWithoutLabels(t *testing.T) {
	got, err := dataset.ReadTriples(strings.NewReader(`[{"query":"q","positive":"p","negative":"n","label":3}]`), "f", nil)
	if err != nil || got[0].Label != 3 {
		t.Errorf("got %+v, %v; want the label as it stands in the file", got, err)
	}
}

func TestBadTriples(t *testing.T) {
	checkBadFiles(t, readTriples, []badFile{
		{"JSON lines", `{"query":"q",` + water + "}\n" + `{"query":"r",` + water + `}`, []string{"f.json:2", "are these JSON lines?"}},
		{"empty array", "[ ]\n", []string{"the array is empty"}},
		{"second array", "[]\n[]", []string{"f.json:2", "after top-level value"}},
		{"no query", "[{\"query\":\"q\"," + water + "},\n\n{" + water + "}]", []string{"f.json:3", "triple 2", `"query" is empty or missing`, `{"positive":"Wells`}},
		{"blank positive", `[{"query":"q","positive":" ","negative":"n"}]`, []string{`"positive" is empty or missing`}},
		{"no negative", `[{"query":"q","positive":"p"}]`, []string{`"negative" is empty or missing`}},
		{"query is a list", `[{"query":["q"],` + water + `}]`, []string{`"query" is array, expected a string`}},
		{"label is text", `[{"query":"q","label":"Water",` + water + `}]`, []string{`"label" is string, expected a whole number`}},
		{"null", `[null]`, []string{"triple 1", "found null, expected an object"}},
		{"positive is negative", `[{"query":"q","positive":"p","negative":"p"}]`, []string{"are the same text"}},
		{"positive is no label", `[{"query":"q","positive":"p","negative":"n"}]`, []string{`"positive" is no label's description or name`, "right labels.json?"}},
		{"unknown label", `[{"query":"q","positive":"p","negative":"n","label":20}]`, []string{`"label"`, "no label has the id 20", "nearest is 10"}},
		{"contradiction", `[{"query":"q","label":11,` + water + `}]`, []string{`"label" is 11, but "positive" describes 10 (Water)`}},
		{"one id, two queries", "[{\"query\":\"q\",\"id\":\"x\"," + water + "},\n{\"query\":\"r\",\"id\":\"x\"," + water + "}]",
			[]string{"f.json:2", "triple 2", "id `x` stands for another query in line 1 (triple 1)"}},
	})
}

func TestQueries(t *testing.T) {
	triples := []dataset.Triple{
		{Query: "b", Label: 11, Language: "en", Source: "s"},
		{Query: "a", ID: "x", Label: 10},
		{Query: "b", Label: 11}, // another negative
		{Query: "c", Label: 11},
	}
	want := []dataset.Query{
		{ID: "1", Text: "b", Label: 11, Language: "en", Source: "s"},
		{ID: "x", Text: "a", Label: 10},
		{ID: "3", Text: "c", Label: 11},
	}
	got, err := dataset.Queries(triples)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestQueriesThatContradictEachOther(t *testing.T) {
	for name, test := range map[string]struct {
		triples []dataset.Triple
		want    string
	}{
		"two labels": {[]dataset.Triple{{Query: "a", Label: 10}, {Query: "a", Label: 11}}, "triple 2: its query has the label 11 here and 10 before"},
		"same id":    {[]dataset.Triple{{Query: "a", ID: "2"}, {Query: "b"}}, "queries 1 and 2 have the same id `2`"},
	} {
		if got, err := dataset.Queries(test.triples); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %+v, %v; want an error with %q", name, got, err, test.want)
		}
	}
}

func TestOrder(t *testing.T) {
	const n = 50
	first := dataset.Order(n, 1, 0)
	if again := dataset.Order(n, 1, 0); !slices.Equal(first, again) {
		t.Error("same seed and epoch, another order")
	}
	if slices.Equal(first, dataset.Order(n, 1, 1)) || slices.Equal(first, dataset.Order(n, 2, 0)) {
		t.Error("another epoch or seed, the same order")
	}
	slices.Sort(first)
	for i, at := range first {
		if i != at {
			t.Fatalf("no permutation: %v", first)
		}
	}
}
