package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
)

// batches turns triples into the inputs of micro-steps. Every text is tokenised once.
type batches struct {
	model     *colbert.Model
	queries   []colbert.Tokens // one per triple
	documents []colbert.Tokens // the distinct descriptions
	positive  []int            // per triple, its row of documents
	negative  []int
	longest   int // tokens of the longest document
}

func newBatches(model *colbert.Model, triples []dataset.Triple) (*batches, error) {
	if len(triples) == 0 {
		return nil, errors.New("train: there are no triples to train on")
	}
	b := &batches{model: model}
	rows := map[string]int{}
	document := func(text string) int {
		row, ok := rows[text]
		if !ok {
			row = len(b.documents)
			rows[text] = row
			b.documents = append(b.documents, model.Tokenize(model.Document, text))
			b.longest = max(b.longest, len(b.documents[row].IDs))
		}
		return row
	}
	for i, triple := range triples {
		if triple.Positive == triple.Negative {
			return nil, fmt.Errorf("train: triple %d (%s): positive and negative are the same text, so there is nothing to learn", i+1, triple.ID)
		}
		b.queries = append(b.queries, model.Tokenize(model.Query, triple.Query))
		b.positive = append(b.positive, document(triple.Positive))
		b.negative = append(b.negative, document(triple.Negative))
	}
	return b, nil
}

// inputs are those of pairwiseLoss for some triples, and tokens the number that they hold without padding.
//
// Queries are padded to the longest of the micro-batch only: padding is inert. Documents always have the same shape, the number of
// distinct ones that such a batch can have at most, so that graphs differ in the length of queries alone.
func (b *batches) inputs(triples []int) (inputs []any, tokens int) {
	queries := make([]colbert.Tokens, len(triples))
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
		queries[i] = b.queries[triple]
		tokens += len(queries[i].IDs)
		positive[i], negative[i] = row(b.positive[triple]), row(b.negative[triple])
	}
	for len(used) < min(2*len(triples), len(b.documents)) {
		used = append(used, used[0]) // fills the shape; nothing refers to it
	}
	documents, padded := make([]colbert.Tokens, len(used)), make([]float32, len(used))
	for i, document := range used {
		documents[i] = b.documents[document]
		tokens += len(documents[i].IDs)
		if colbert.Padded(b.model.Document, documents[i]) {
			padded[i] = 1
		}
	}
	query, document := b.model.Pad(queries, 0), b.model.Pad(documents, b.longest)
	return []any{query.IDs, query.Attended, query.Scored, document.IDs, document.Attended, document.Scored, padded, positive, negative}, tokens
}
