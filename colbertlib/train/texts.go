package train

import (
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
)

// queries are the tokenised advertisements, one per triple.
type queries struct {
	model *colbert.Model
	texts []colbert.Tokens
}

func tokenizeQueries(model *colbert.Model, triples []dataset.Triple) queries {
	q := queries{model: model, texts: make([]colbert.Tokens, len(triples))}
	for i, triple := range triples {
		q.texts[i] = model.Tokenize(model.Query, triple.Query)
	}
	return q
}

// batch pads the queries of some triples to the longest of them only, as padding is inert.
func (q queries) batch(triples []int) (batch colbert.Batch, tokens int) {
	chosen := make([]colbert.Tokens, len(triples))
	for i, triple := range triples {
		chosen[i] = q.texts[triple]
		tokens += len(chosen[i].IDs)
	}
	return q.model.Pad(chosen, 0), tokens
}

// documents are tokenised descriptions.
type documents struct {
	model   *colbert.Model
	texts   []colbert.Tokens
	longest int // tokens
}

// add tokenises a description and returns its row.
func (d *documents) add(text string) int {
	tokens := d.model.Tokenize(d.model.Document, text)
	d.texts = append(d.texts, tokens)
	d.longest = max(d.longest, len(tokens.IDs))
	return len(d.texts) - 1
}

// batch lays the documents in some rows side by side, always with the same length, so that graphs differ in the length of queries
// alone. padded is 1 for each that is shorter than its role allows.
func (d *documents) batch(rows []int) (batch colbert.Batch, padded []float32, tokens int) {
	chosen := make([]colbert.Tokens, len(rows))
	padded = make([]float32, len(rows))
	for i, row := range rows {
		chosen[i] = d.texts[row]
		tokens += len(chosen[i].IDs)
		if colbert.Padded(d.model.Document, chosen[i]) {
			padded[i] = 1
		}
	}
	return d.model.Pad(chosen, d.longest), padded, tokens
}
