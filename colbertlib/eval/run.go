package eval

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// Qrels are the relevance judgements: query id -> document id -> grade. A grade below 1 means not relevant.
type Qrels map[string]map[string]int

// Run holds the ranking of each query id.
type Run map[string]Ranking

// Ranking is documents, best first.
type Ranking []Scored

// Scored is a document's id and its score; higher is better.
type Scored struct {
	ID    string
	Score float64
}

// Rank is the document's place from 1, or 0 if it was not ranked.
func (r Ranking) Rank(id string) int {
	return 1 + slices.IndexFunc(r, func(s Scored) bool { return s.ID == id })
}

// LabelQrels makes each query's label its one relevant document, with [LabelID] as its id.
func LabelQrels(queries []dataset.Query) (Qrels, error) {
	qrels := make(Qrels, len(queries))
	for i, q := range queries {
		if q.Label == 0 {
			return nil, fmt.Errorf("eval: query %d (id %q) has no label, so nothing says which ranking is right", i+1, q.ID)
		}
		if _, ok := qrels[q.ID]; ok {
			return nil, fmt.Errorf("eval: query %d: the id %q is used twice", i+1, q.ID)
		}
		qrels[q.ID] = map[string]int{LabelID(q.Label): 1}
	}
	return qrels, nil
}

// LabelID is how a label is called as a document of [Qrels] and [Run].
func LabelID(id int) string { return strconv.Itoa(id) }

// RankLabels orders labels by their scores, highest first; scores[i] belongs to labels[i]. Equal scores keep the order of
// labels, and NaN comes last, so that the result depends on nothing but the input.
func RankLabels[F ~float32 | ~float64](labels []dataset.Label, scores []F) (Ranking, error) {
	if len(labels) != len(scores) {
		return nil, fmt.Errorf("eval: %d scores for %d labels", len(scores), len(labels))
	}
	ranking := make(Ranking, len(labels))
	for i, l := range labels {
		ranking[i] = Scored{ID: LabelID(l.ID), Score: float64(scores[i])}
	}
	slices.SortStableFunc(ranking, func(a, b Scored) int { return cmp.Compare(b.Score, a.Score) })
	return ranking, nil
}
