package train

import (
	"fmt"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
)

// pairwise is neural-cherche's loss: the right description of a triple against the wrong one.
type pairwise struct {
	model     *colbert.Model
	queries   queries
	documents documents // the distinct descriptions
	positive  []int     // per triple, its row of documents
	negative  []int
}

func newPairwise(model *colbert.Model, triples []dataset.Triple) (*pairwise, error) {
	p := &pairwise{model: model, queries: tokenizeQueries(model, triples), documents: documents{model: model}}
	rows := map[string]int{}
	document := func(text string) int {
		row, ok := rows[text]
		if !ok {
			row = p.documents.add(text)
			rows[text] = row
		}
		return row
	}
	for i, triple := range triples {
		if triple.Positive == triple.Negative {
			return nil, fmt.Errorf("train: triple %d (%s): positive and negative are the same text, so there is nothing to learn", i+1, triple.ID)
		}
		p.positive = append(p.positive, document(triple.Positive))
		p.negative = append(p.negative, document(triple.Negative))
	}
	return p, nil
}

// inputs holds each document that some triple names once, and always as many as such a batch can have at most, so that the shape
// stays the same.
func (p *pairwise) inputs(triples []int) (inputs []any, tokens int) {
	var used []int // rows of documents
	row := func(document int) int32 {
		i := slices.Index(used, document)
		if i < 0 {
			i = len(used)
			used = append(used, document)
		}
		return int32(i)
	}
	positive, negative := make([]int32, len(triples)), make([]int32, len(triples))
	for i, triple := range triples {
		positive[i], negative[i] = row(p.positive[triple]), row(p.negative[triple])
	}
	for len(used) < min(2*len(triples), len(p.documents.texts)) {
		used = append(used, used[0]) // fills the shape; nothing refers to it
	}
	query, queryTokens := p.queries.batch(triples)
	document, padded, documentTokens := p.documents.batch(used)
	return []any{query.IDs, query.Attended, query.Scored, document.IDs, document.Attended, document.Scored, padded, positive, negative},
		queryTokens + documentTokens
}
