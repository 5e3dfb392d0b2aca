package dataset_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

const labelsJSON = `[
{"id":10,"name":"Water","description":"Wells, pumps and latrines."},
{"id":11,"name":"Logistics","description":"Trucks, stores and customs."},
{"id":207,"name":"Advocacy","description":"Campaigns and the press."}
]
`

func TestReadLabels(t *testing.T) {
	got, err := dataset.ReadLabels(strings.NewReader(labelsJSON), "f.json")
	if err != nil || !slices.Equal(got, labels) {
		t.Errorf("got %+v, %v; want %+v in the file's order", got, err, labels)
	}
}

func TestBadLabels(t *testing.T) {
	checkBadFiles(t, readLabels, []badFile{
		{"no array", `{"id":1}`, []string{"f.json:1", "found no array", `{"id":1}`}},
		{"no labels", `[]`, []string{"the array is empty"}},
		{"a number", "[\n{\"id\":1,\"name\":\"a\",\"description\":\"b\"},\n 7]", []string{"f.json:3", "label 2", "found number, expected an object", "`7`"}},
		{"text id", `[{"id":"1"}]`, []string{`"id" is string, expected a whole number`}},
		{"fraction", `[{"id":1.5}]`, []string{`"id" is number 1.5, expected a whole number`}},
		{"no id", `[{"name":"a","description":"b"}]`, []string{`"id" is 0 or missing, expected a positive number`}},
		{"negative id", `[{"id":-1,"name":"a","description":"b"}]`, []string{`"id" is -1`}},
		{"no name", `[{"id":1,"description":"b"}]`, []string{`"name" is empty or missing`}},
		{"blank description", `[{"id":1,"name":"a","description":" \n"}]`, []string{`"description" is empty or missing`}},
		{"same id", labelsJSON[:len(labelsJSON)-3] + `,` + "\n\n" + `{"id":11,"name":"a","description":"b"}]`, []string{"f.json:6", "label 4", `"id" is the same as in line 3`}},
		{"same name", `[{"id":1,"name":"a","description":"b"},{"id":2,"name":"a","description":"c"}]`, []string{"label 2", `"name" is the same as in line 1`}},
		{"same description", `[{"id":1,"name":"a","description":"b"},{"id":2,"name":"c","description":"b"}]`, []string{`"description" is the same as in line 1`}},
	})
}

func TestLabelByID(t *testing.T) {
	if l, ok := dataset.LabelByID(labels, 11); !ok || l.Name != "Logistics" {
		t.Errorf("id 11 gives %+v, %t; want Logistics", l, ok)
	}
	if l, ok := dataset.LabelByID(labels, 12); ok {
		t.Errorf("id 12 gives %+v, want none", l)
	}
}

func TestLabelsVersionTellsLabelSetsApart(t *testing.T) {
	labels := []dataset.Label{{ID: 1, Name: "a", Description: "b"}, {ID: 2, Name: "c", Description: "d"}}
	version := dataset.LabelsVersion(labels)
	if !strings.HasPrefix(version, "labels-2-") || dataset.LabelsVersion(slices.Clone(labels)) != version {
		t.Errorf("version %q", version)
	}
	for _, change := range []func(*dataset.Label){
		func(l *dataset.Label) { l.ID = 3 },
		func(l *dataset.Label) { l.Name = "x" },
		func(l *dataset.Label) { l.Description = "x" },
		func(l *dataset.Label) { l.Name, l.Description = "cd", "" },
	} {
		changed := slices.Clone(labels)
		change(&changed[1])
		if dataset.LabelsVersion(changed) == version {
			t.Errorf("%v has the same version", changed)
		}
	}
}
