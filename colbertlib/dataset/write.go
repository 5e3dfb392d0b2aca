package dataset

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// WriteLabels writes labels.json, one label a line. Like every writer here it replaces path as a whole or not at all, gives
// the same bytes for the same content, and refuses what [ReadLabels] would refuse.
func WriteLabels(path string, labels []Label) error {
	return write(path, labels, array, func(r io.Reader) ([]Label, error) { return ReadLabels(r, path) })
}

// WriteTriples writes a split file, one triple a line inside the array.
func WriteTriples(path string, triples []Triple) error {
	return writeTriples(path, triples, nil)
}

func writeTriples(path string, triples []Triple, labels []Label) error {
	return write(path, triples, array, func(r io.Reader) ([]Triple, error) { return ReadTriples(r, path, labels) })
}

// WriteAds writes advertisements as JSON lines. Each needs an id.
func WriteAds(path string, ads []Ad) error {
	return write(path, ads, jsonLines, func(r io.Reader) ([]Ad, error) { return ReadAds(r, path, nil) })
}

// layout is what stands before, between and after the values of a file.
type layout struct{ open, between, end string }

var (
	array     = layout{"[\n", ",\n", "\n]\n"}
	jsonLines = layout{"", "\n", "\n"}
)

// write encodes values, makes sure that read gives them back, and puts the result at path.
func write[T comparable](path string, values []T, l layout, read func(io.Reader) ([]T, error)) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // "<" stays readable
	out.WriteString(l.open)
	for i, v := range values {
		if i > 0 {
			out.WriteString(l.between)
		}
		if err := encoder.Encode(v); err != nil {
			return fmt.Errorf("dataset: write %s, element %d: %w", path, i+1, err)
		}
		out.Truncate(out.Len() - 1) // the line break that Encode adds
	}
	out.WriteString(l.end)
	back, err := read(bytes.NewReader(out.Bytes()))
	if err != nil {
		return fmt.Errorf("dataset: not written, since it could not be read back: %w", err)
	}
	for i, v := range values {
		if back[i] != v {
			return fmt.Errorf("dataset: %s not written: element %d would be read back differently; is its text valid UTF-8, are its id and label set?", path, i+1)
		}
	}
	if err := atomicfile.WriteBytes(path, out.Bytes()); err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	return nil
}
