package tokencount

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// Unknown stands for a label or language that a file does not tell.
const Unknown = "unknown"

// Text is a text and what it can be grouped by.
type Text struct {
	Text     string
	Label    string // the label's name, or its number where only that is known
	Language string // e.g. "en"
}

// Read takes the texts out of a file of one of the three shapes that package dataset knows, and recognises which: a split file
// has queries and documents, advertisements are queries, a labels.json is documents. A text that several triples name comes once.
// name stands for the file in errors; labels, which may be nil, give names to the numbers of labels.
func Read(content []byte, name string, labels []dataset.Label) (queries, documents []Text, err error) {
	switch first := firstObject(content); {
	case first == nil:
		ads, err := dataset.ReadAds(bytes.NewReader(content), name, labels)
		if err != nil {
			return nil, nil, err
		}
		list := make([]dataset.Query, len(ads))
		for i, ad := range ads {
			list[i] = ad.Query()
		}
		return FromQueries(list, labels), nil, nil
	case first["description"] != nil && first["query"] == nil:
		own, err := dataset.ReadLabels(bytes.NewReader(content), name)
		return nil, FromLabels(own), err
	}
	triples, err := dataset.ReadTriples(bytes.NewReader(content), name, labels)
	if err != nil {
		return nil, nil, err
	}
	return FromTriples(triples, labels)
}

// firstObject is the first element of a JSON array: nil if content is no array, and empty if the element is no object.
func firstObject(content []byte) map[string]json.RawMessage {
	content = bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\ufeff")))
	if len(content) == 0 || content[0] != '[' {
		return nil
	}
	object := map[string]json.RawMessage{}
	if json.NewDecoder(bytes.NewReader(content[1:])).Decode(&object) != nil {
		return map[string]json.RawMessage{} // the file's reader will say what is wrong
	}
	return object
}

// FromTriples returns the distinct queries and the distinct documents of triples. labels may be nil.
func FromTriples(triples []dataset.Triple, labels []dataset.Label) (queries, documents []Text, err error) {
	distinct, err := dataset.Queries(triples)
	if err != nil {
		return nil, nil, err
	}
	names := map[string]string{}
	for _, label := range labels {
		names[label.Description] = label.Name
	}
	seen := map[string]bool{}
	for _, triple := range triples {
		for _, text := range []string{triple.Positive, triple.Negative} {
			if seen[text] {
				continue
			}
			seen[text] = true
			label, ok := names[text]
			if !ok {
				label = Unknown
			}
			documents = append(documents, Text{Text: text, Label: label, Language: Unknown})
		}
	}
	return FromQueries(distinct, labels), documents, nil
}

// FromQueries returns the texts of queries. labels may be nil.
func FromQueries(queries []dataset.Query, labels []dataset.Label) []Text {
	texts := make([]Text, len(queries))
	for i, query := range queries {
		texts[i] = Text{Text: query.Text, Label: Unknown, Language: query.Language}
		if label, ok := dataset.LabelByID(labels, query.Label); ok {
			texts[i].Label = label.Name
		} else if query.Label != 0 {
			texts[i].Label = strconv.Itoa(query.Label)
		}
		if query.Language == "" {
			texts[i].Language = Unknown
		}
	}
	return texts
}

// FromLabels returns the descriptions of labels.
func FromLabels(labels []dataset.Label) []Text {
	texts := make([]Text, len(labels))
	for i, label := range labels {
		texts[i] = Text{Text: label.Description, Label: label.Name, Language: Unknown}
	}
	return texts
}
