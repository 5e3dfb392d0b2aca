package dataset

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
)

// ReadTriples reads a split file. name stands for the file in errors.
//
// With labels, every triple comes back with its Label: the number in the file, or else the label whose description or name
// is the positive text. Number and text must not contradict each other. With nil labels, Label is whatever the file says.
// Triples may share an id only if they share the query.
func ReadTriples(r io.Reader, name string, labels []Label) ([]Triple, error) {
	const expected = `an array of {"query": "…", "positive": "…", "negative": "…"}`
	s, err := readSource(r, name, expected)
	if err != nil {
		return nil, err
	}
	elements, err := s.array("triple", expected)
	if err != nil {
		return nil, err
	}
	triples := make([]Triple, len(elements))
	firstOfID := make(map[string]int, len(elements)) // id -> index
	for i, e := range elements {
		t, err := parseTriple(e, labels)
		if err != nil {
			return nil, err
		}
		triples[i] = t
		if t.ID == "" {
			continue
		}
		first, ok := firstOfID[t.ID]
		if !ok {
			firstOfID[t.ID] = i
		} else if triples[first].Query != t.Query {
			return nil, e.errorf("id %s stands for another query in line %d (triple %d)",
				excerpt(t.ID), elements[first].line, first+1)
		}
	}
	return triples, nil
}

func parseTriple(e element, labels []Label) (Triple, error) {
	var in struct {
		Triple
		ID identifier `json:"id"`
	}
	if err := e.decode(&in); err != nil {
		return Triple{}, err
	}
	t := in.Triple
	t.ID = string(in.ID)
	for _, field := range []struct{ key, text string }{{"query", t.Query}, {"positive", t.Positive}, {"negative", t.Negative}} {
		if blank(field.text) {
			return Triple{}, e.errorf(`%q is empty or missing, expected {"query": "…", "positive": "…", "negative": "…"}`, field.key)
		}
	}
	if t.Positive == t.Negative {
		return Triple{}, e.errorf(`"positive" and "negative" are the same text`)
	}
	if len(labels) == 0 {
		return t, nil
	}
	described, found := byText(labels, t.Positive)
	switch {
	case t.Label == 0 && !found:
		return Triple{}, e.errorf(`"label" is missing and "positive" is no label's description or name: is this the right labels.json?`)
	case t.Label == 0:
		t.Label = described.ID
	case found && described.ID != t.Label:
		return Triple{}, e.errorf(`"label" is %d, but "positive" describes %d (%s)`, t.Label, described.ID, described.Name)
	}
	if err := checkID(labels, t.Label); err != nil {
		return Triple{}, e.errorf(`"label": %w`, err)
	}
	return t, nil
}

// Queries lists the distinct query texts of triples in the order of their first occurrence.
//
// A query without id gets its place in that order, from 1, as id. It is an error if one text has two labels, since a ranking
// has one right answer here, or if two texts have one id.
func Queries(triples []Triple) ([]Query, error) {
	var queries []Query
	seen := make(map[string]int, len(triples)) // text -> index in queries
	for i, t := range triples {
		if at, ok := seen[t.Query]; ok {
			if queries[at].Label != t.Label {
				return nil, fmt.Errorf("dataset: triple %d: its query has the label %d here and %d before (id %s): remove one of them",
					i+1, t.Label, queries[at].Label, queries[at].ID)
			}
			continue
		}
		q := Query{ID: t.ID, Text: t.Query, Label: t.Label, Language: t.Language, Source: t.Source, URL: t.URL}
		if q.ID == "" {
			q.ID = strconv.Itoa(len(queries) + 1)
		}
		seen[t.Query] = len(queries)
		queries = append(queries, q)
	}
	owner := make(map[string]int, len(queries)) // id -> place in the list
	for i, q := range queries {
		if first, ok := owner[q.ID]; ok {
			return nil, fmt.Errorf("dataset: queries %d and %d have the same id %s", first+1, i+1, excerpt(q.ID))
		}
		owner[q.ID] = i
	}
	return queries, nil
}

// Order is the order in which an epoch visits n triples: a permutation that depends on nothing but seed and epoch, so that
// a resumed training continues with the same one.
func Order(n int, seed uint64, epoch int) []int {
	return rand.New(rand.NewPCG(seed, uint64(epoch))).Perm(n)
}

// Texts are the queries' texts, in their order.
func Texts(queries []Query) []string {
	texts := make([]string, len(queries))
	for i, query := range queries {
		texts[i] = query.Text
	}
	return texts
}
