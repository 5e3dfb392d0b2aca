package dataset

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/internal/nearest"
)

// ReadLabels reads labels.json. name stands for the file in errors.
//
// The order of the file is kept: it is the order of columns in tables and of ties in rankings. Ids must be positive, and
// ids, names and descriptions must differ from each other, since any of them may stand for the label in another file.
func ReadLabels(r io.Reader, name string) ([]Label, error) {
	const expected = `an array of {"id": 1, "name": "…", "description": "…"}`
	s, err := readSource(r, name, expected)
	if err != nil {
		return nil, err
	}
	elements, err := s.array("label", expected)
	if err != nil {
		return nil, err
	}
	labels := make([]Label, len(elements))
	seen := map[any]int{} // id, name or description -> index of its label
	for i, e := range elements {
		l := &labels[i]
		if err := e.decode(l); err != nil {
			return nil, err
		}
		switch {
		case l.ID <= 0:
			return nil, e.errorf(`"id" is %d or missing, expected a positive number (0 means unknown)`, l.ID)
		case blank(l.Name):
			return nil, e.errorf(`"name" is empty or missing`)
		case blank(l.Description):
			return nil, e.errorf(`"description" is empty or missing, expected the text that advertisements are compared with`)
		}
		type named string // so that a name may equal another label's description
		for _, field := range []struct {
			key   string
			value any
		}{{"id", l.ID}, {"name", named(l.Name)}, {"description", l.Description}} {
			if first, ok := seen[field.value]; ok {
				return nil, e.errorf("%q is the same as in line %d", field.key, elements[first].line)
			}
			seen[field.value] = i
		}
	}
	return labels, nil
}

// LabelsVersion names a label set of one's own by its content, for manifests: "labels-9-1f0c9a52".
func LabelsVersion(labels []Label) string {
	sum := sha256.New()
	for _, l := range labels {
		fmt.Fprintf(sum, "%d\x00%s\x00%s\x00", l.ID, l.Name, l.Description)
	}
	return fmt.Sprintf("labels-%d-%x", len(labels), sum.Sum(nil)[:4])
}

// LabelByID finds a label; the second result says whether it exists.
func LabelByID(labels []Label, id int) (Label, bool) {
	for _, l := range labels {
		if l.ID == id {
			return l, true
		}
	}
	return Label{}, false
}

// checkID says whether labels has the id; if not, the error names the ones there are.
func checkID(labels []Label, id int) error {
	known := make([]string, len(labels))
	for i, l := range labels {
		if l.ID == id {
			return nil
		}
		known[i] = strconv.Itoa(l.ID)
	}
	return fmt.Errorf("no label has the id %d; the nearest is %s, all are %s",
		id, nearest.Name(strconv.Itoa(id), known), strings.Join(known, ", "))
}

// byName finds the label with exactly this name; if there is none, the error suggests the nearest.
func byName(labels []Label, name string) (Label, error) {
	known := make([]string, len(labels))
	for i, l := range labels {
		if l.Name == name {
			return l, nil
		}
		known[i] = l.Name
	}
	return Label{}, fmt.Errorf("no label is called %s; did you mean %q?", excerpt(name), nearest.Name(name, known))
}

// byText finds the label whose description, or else name, is this text.
func byText(labels []Label, text string) (Label, bool) {
	for _, l := range labels {
		if l.Description == text {
			return l, true
		}
	}
	for _, l := range labels {
		if l.Name == text {
			return l, true
		}
	}
	return Label{}, false
}
