package dataset_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

func triplesOf(split string) []dataset.Triple {
	return []dataset.Triple{
		{Query: split + " one", Positive: labels[0].Description, Negative: labels[1].Description, ID: split + "1", Label: 10},
		{Query: split + " two", Positive: labels[1].Description, Negative: labels[0].Description, ID: split + "2", Label: 11},
	}
}

func writeSet(t *testing.T) (dir string, set dataset.Set) {
	t.Helper()
	dir = t.TempDir()
	set = dataset.Set{Labels: labels, Train: triplesOf("train"), Validate: triplesOf("validate"), Test: triplesOf("test")}
	manifest := dataset.Manifest{Version: "v1", Source: "test", Seed: 5, Filters: []string{"language en"}, Dropped: []dataset.Drop{{Reason: "too long", Count: 3}}}
	if err := set.Write(dir, manifest); err != nil {
		t.Fatal(err)
	}
	return dir, set
}

func TestSetReadsBack(t *testing.T) {
	dir, want := writeSet(t)
	got, err := dataset.ReadSet(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Labels, want.Labels) || !slices.Equal(got.Train, want.Train) ||
		!slices.Equal(got.Validate, want.Validate) || !slices.Equal(got.Test, want.Test) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestSetIsWrittenWithTheSameBytes(t *testing.T) {
	first, _ := writeSet(t)
	second, _ := writeSet(t)
	for _, name := range []string{dataset.LabelsFile, dataset.TrainFile, dataset.ValidateFile, dataset.TestFile, dataset.ManifestFile} {
		a, errA := os.ReadFile(filepath.Join(first, name))
		b, errB := os.ReadFile(filepath.Join(second, name))
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("%s differs (%v, %v):\n%s\n%s", name, errA, errB, a, b)
		}
	}
}

func TestManifestCountsAndVerifies(t *testing.T) {
	dir, _ := writeSet(t)
	m, err := dataset.ReadManifest(open(t, filepath.Join(dir, dataset.ManifestFile)), "manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if m.Version != "v1" || m.Seed != 5 || len(m.Dropped) != 1 || m.Dropped[0].Count != 3 || len(m.Files) != 4 {
		t.Errorf("manifest is %+v", m)
	}
	count := m.Splits[1]
	want := []dataset.LabelCount{{ID: 10, Name: "Water", Triples: 1}, {ID: 11, Name: "Logistics", Triples: 1}, {ID: 207, Name: "Advocacy"}}
	if count.Name != "validate" || count.Triples != 2 || !slices.Equal(count.Labels, want) {
		t.Errorf("second split is %+v, want validate with 2 triples: %+v", count, want)
	}
	if err := m.Verify(os.DirFS(dir)); err != nil {
		t.Errorf("untouched folder: %v", err)
	}
}

func TestManifestListsOtherFiles(t *testing.T) {
	dir, set := writeSet(t)
	if err := dataset.WriteAds(filepath.Join(dir, "ads.jsonl"), []dataset.Ad{{ID: "a", Title: "T"}}); err != nil {
		t.Fatal(err)
	}
	if err := set.Write(dir, dataset.Manifest{}, "ads.jsonl"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "ads.jsonl")); err != nil {
		t.Fatal(err)
	}
	if _, err := dataset.ReadSet(os.DirFS(dir)); !errors.Is(err, dataset.ErrChanged) || !strings.Contains(err.Error(), "ads.jsonl") {
		t.Errorf("got %v, want ErrChanged that names ads.jsonl", err)
	}
}

func TestChangedFolderIsRefused(t *testing.T) {
	dir, _ := writeSet(t)
	train, test := filepath.Join(dir, dataset.TrainFile), filepath.Join(dir, dataset.TestFile)
	content, err := os.ReadFile(train)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(train, append(content, '\n'), 0o644), os.Remove(test)); err != nil {
		t.Fatal(err)
	}
	_, err = dataset.ReadSet(os.DirFS(dir))
	if !errors.Is(err, dataset.ErrChanged) || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v, want ErrChanged and the missing file", err)
	}
	for _, name := range []string{dataset.TrainFile, dataset.TestFile} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error does not name %s: %v", name, err)
		}
	}
}

func TestFolderFromElsewhere(t *testing.T) {
	dir, want := writeSet(t)
	if err := os.Remove(filepath.Join(dir, dataset.ManifestFile)); err != nil {
		t.Fatal(err)
	}
	got, err := dataset.ReadSet(os.DirFS(dir))
	if err != nil || !slices.Equal(got.Train, want.Train) {
		t.Errorf("without manifest: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, dataset.LabelsFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := dataset.ReadSet(os.DirFS(dir)); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), dataset.LabelsFile) {
		t.Errorf("without labels: got %v, want an error that names %s", err, dataset.LabelsFile)
	}
}

func TestSetNeedsKnownLabels(t *testing.T) {
	set := dataset.Set{Labels: labels, Train: triplesOf("train"), Validate: triplesOf("validate"), Test: triplesOf("test")}
	set.Test[1].Label = 0
	if err := set.Write(t.TempDir(), dataset.Manifest{}); err == nil || !strings.Contains(err.Error(), "element 2") {
		t.Errorf("got %v, want an error that names element 2", err)
	}
}

func TestBadManifest(t *testing.T) {
	read := func(content string) error {
		_, err := dataset.ReadManifest(strings.NewReader(content), "f.json")
		return err
	}
	checkBadFiles(t, read, []badFile{
		{"empty", "", []string{"the file is empty"}},
		{"not JSON", "{\n\"seed\": x}", []string{"f.json:2", "column 9"}},
		{"array", "[]", []string{"found array, expected an object"}},
		{"nothing to verify", "{}", []string{`"files" is empty or missing`}},
		{"text for a list", `{"files":"a"}`, []string{`"files" is string, expected an array`}},
		{"negative seed", `{"seed":-1}`, []string{`"seed" is number -1, expected a whole number`}},
	})
}
