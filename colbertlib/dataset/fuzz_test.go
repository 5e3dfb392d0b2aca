package dataset_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// fuzz checks that a reader never panics, and that whatever it accepts can be written and gives the same values again.
func fuzz[T comparable](f *testing.F, read func(content string) ([]T, error), roundTrip func(path string, values []T) ([]T, error)) {
	for _, seed := range []string{
		labelsJSON, "\ufeff[{\"query\":\"q\"," + water + "}]", `{"title":"T","body":"B"}` + "\r\n\r\n" + `{"id":3,"title":"U","body":"C","category":"Water"}`,
		"", "[", "[]", "null", "[null]", `[{"id":1e9}]`, `{"id":"\ud800"}`, "\xff", strings.Repeat("[", 20_000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		values, err := read(content)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "dataset: f.json") {
				t.Fatalf("error without the file's name: %v", err)
			}
			return
		}
		again, err := roundTrip(filepath.Join(t.TempDir(), "f.json"), values)
		if err != nil {
			t.Fatalf("%q: accepted, but not written and read again: %v", content, err)
		}
		for i := range values {
			if again[i] != values[i] {
				t.Fatalf("%q: element %d was %+v, is %+v", content, i+1, values[i], again[i])
			}
		}
	})
}

func FuzzReadLabels(f *testing.F) {
	read := func(content string) ([]dataset.Label, error) {
		return dataset.ReadLabels(strings.NewReader(content), "f.json")
	}
	fuzz(f, read, func(path string, values []dataset.Label) ([]dataset.Label, error) {
		if err := dataset.WriteLabels(path, values); err != nil {
			return nil, err
		}
		return read(content(path))
	})
}

func FuzzReadTriples(f *testing.F) {
	read := func(content string) ([]dataset.Triple, error) {
		return dataset.ReadTriples(strings.NewReader(content), "f.json", labels)
	}
	fuzz(f, read, func(path string, values []dataset.Triple) ([]dataset.Triple, error) {
		if err := dataset.WriteTriples(path, values); err != nil {
			return nil, err
		}
		return read(content(path))
	})
}

func FuzzReadAds(f *testing.F) {
	read := func(content string) ([]dataset.Ad, error) {
		return dataset.ReadAds(strings.NewReader(content), "f.json", labels)
	}
	fuzz(f, read, func(path string, values []dataset.Ad) ([]dataset.Ad, error) {
		if err := dataset.WriteAds(path, values); err != nil {
			return nil, err
		}
		return read(content(path))
	})
}

func FuzzReadManifest(f *testing.F) {
	for _, seed := range []string{`{"version":"v","seed":1,"files":[{"name":"a","sha256":"b"}]}`, "{}", "[]", "{\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		m, err := dataset.ReadManifest(strings.NewReader(content), "f.json")
		if err == nil && len(m.Files) == 0 {
			t.Error("accepted a manifest without files")
		}
	})
}

// content is the text of a file, empty if it cannot be read: empty is what no reader accepts.
func content(path string) string {
	bytes, _ := os.ReadFile(path)
	return string(bytes)
}
