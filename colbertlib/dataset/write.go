package dataset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// WriteLabels writes labels.json, one label a line. Like every writer here it replaces path as a whole or not at all, gives
// the same bytes for the same content, and refuses what [ReadLabels] would refuse.
func WriteLabels(path string, labels []Label) error {
	return write(path, labels, func(r io.Reader) ([]Label, error) { return ReadLabels(r, path) })
}

// WriteTriples writes a split file, one triple a line inside the array.
func WriteTriples(path string, triples []Triple) error {
	return writeTriples(path, triples, nil)
}

func writeTriples(path string, triples []Triple, labels []Label) error {
	return write(path, triples, func(r io.Reader) ([]Triple, error) { return ReadTriples(r, path, labels) })
}

// WriteAds writes advertisements as JSON lines. Each needs an id.
func WriteAds(path string, ads []Ad) error {
	return WriteAdSeq(path, func(yield func(Ad, error) bool) {
		for _, ad := range ads {
			if !yield(ad, nil) {
				return
			}
		}
	})
}

// WriteAdSeq is [WriteAds] for any number of advertisements: each is written as it comes, and only the ids stay in memory. An error among
// them ends the writing and is returned; path is then what it was before.
func WriteAdSeq(path string, ads iter.Seq2[Ad, error]) error {
	seen := map[string]bool{}
	err := atomicfile.Write(path, func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<20)
		var line bytes.Buffer
		for ad, err := range ads {
			if err != nil {
				return err
			}
			line.Reset()
			if err := encode(&line, ad); err != nil {
				return err
			}
			back, err := parseAd(element{source: source{name: path, data: line.Bytes()}, line: len(seen) + 1, ordinal: len(seen) + 1, what: "ad", raw: line.Bytes()}, nil)
			switch {
			case err != nil:
				return fmt.Errorf("it could not be read back: %w", err)
			case back != ad:
				return fmt.Errorf("element %d would be read back differently; is its text valid UTF-8, is its id set?", len(seen)+1)
			case seen[ad.ID]:
				return fmt.Errorf("element %d: id %s is already used", len(seen)+1, excerpt(ad.ID))
			}
			seen[ad.ID] = true
			if _, err := out.Write(append(line.Bytes(), '\n')); err != nil {
				return err
			}
		}
		if len(seen) == 0 {
			return errors.New("there are no ads")
		}
		return out.Flush()
	})
	if err != nil {
		return fmt.Errorf("dataset: %s not written: %w", path, err)
	}
	return nil
}

// encode appends a value as one line of JSON, without a line break at its end.
func encode(out *bytes.Buffer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false) // "<" stays readable
	if err := encoder.Encode(value); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1)
	return nil
}

// write encodes values as an array, one a line, makes sure that read gives them back, and puts the result at path.
func write[T comparable](path string, values []T, read func(io.Reader) ([]T, error)) error {
	var out bytes.Buffer
	out.WriteString("[\n")
	for i, v := range values {
		if i > 0 {
			out.WriteString(",\n")
		}
		if err := encode(&out, v); err != nil {
			return fmt.Errorf("dataset: write %s, element %d: %w", path, i+1, err)
		}
	}
	out.WriteString("\n]\n")
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
