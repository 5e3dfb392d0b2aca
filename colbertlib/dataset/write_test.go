package dataset_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// awkward is text that a careless writer would change.
const awkward = "<b>\"R&D\"</b>\r\n\tS\u2028ão \ufffd \x00 \\u0041 \ufeff 水"

func TestWrittenFilesReadBack(t *testing.T) {
	dir := t.TempDir()
	ads := []dataset.Ad{{ID: "a", Title: awkward, Body: awkward, Label: 10, Language: "pt", Source: "s"}, {ID: "b", Title: "T"}}
	triples := []dataset.Triple{{Query: awkward, Positive: "p", Negative: "n", ID: "x", Label: 10, Source: "s", Language: "pt"}, {Query: "q", Positive: "p", Negative: "m"}}
	adsPath, triplesPath, labelsPath := filepath.Join(dir, "ads.jsonl"), filepath.Join(dir, "t.json"), filepath.Join(dir, "l.json")
	for _, err := range []error{dataset.WriteAds(adsPath, ads), dataset.WriteTriples(triplesPath, triples), dataset.WriteLabels(labelsPath, labels)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	gotAds, err := dataset.ReadAds(open(t, adsPath), adsPath, nil)
	if err != nil || !slices.Equal(gotAds, ads) {
		t.Errorf("ads: got %+v, %v\nwant %+v", gotAds, err, ads)
	}
	gotTriples, err := dataset.ReadTriples(open(t, triplesPath), triplesPath, nil)
	if err != nil || !slices.Equal(gotTriples, triples) {
		t.Errorf("triples: got %+v, %v\nwant %+v", gotTriples, err, triples)
	}
	if got, err := os.ReadFile(labelsPath); err != nil || string(got) != labelsJSON {
		t.Errorf("labels.json is %s, %v\nwant %s", got, err, labelsJSON)
	}
}

func TestWritersRefuseWhatCouldNotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"no labels":     {dataset.WriteLabels(path, nil), "array is empty"},
		"bad label":     {dataset.WriteLabels(path, []dataset.Label{{ID: 1, Name: "n"}}), `"description" is empty`},
		"no triples":    {dataset.WriteTriples(path, []dataset.Triple{}), "array is empty"},
		"no ads":        {dataset.WriteAds(path, nil), "there are no ads"},
		"ad without id": {dataset.WriteAds(path, []dataset.Ad{{Title: "T"}}), "element 1 would be read back differently"},
		"invalid UTF-8": {dataset.WriteAds(path, []dataset.Ad{{ID: "a", Title: "\xff"}}), "valid UTF-8"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", name, test.err, test.want)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a refused file was written")
	}
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}
