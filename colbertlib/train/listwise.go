package train

import (
	"errors"
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
)

// listwise is the softmax over all labels.
type listwise struct {
	model       *colbert.Model
	temperature float64
	queries     queries
	right       []int32 // per triple, the row of its label
	labels      []any   // the inputs that are the same in every micro-batch: ids, attended and scored [N, Ld], padded [N]
	tokens      int     // of labels
}

func newListwise(model *colbert.Model, data Data, temperature float64) (*listwise, error) {
	if len(data.Labels) < 2 {
		return nil, fmt.Errorf("train: %d labels, but a softmax needs at least two to choose from", len(data.Labels))
	}
	documents, all, rows := documents{model: model}, make([]int, len(data.Labels)), map[int]int32{}
	for i, label := range data.Labels {
		all[i] = documents.add(label.Description)
		if _, twice := rows[label.ID]; twice {
			return nil, fmt.Errorf("train: two labels have the number %d", label.ID)
		}
		rows[label.ID] = int32(i)
	}
	l := &listwise{model: model, temperature: temperature, queries: tokenizeQueries(model, data.Triples), right: make([]int32, len(data.Triples))}
	var problems []error
	for i, triple := range data.Triples {
		row, ok := rows[triple.Label]
		if !ok {
			problems = append(problems, fmt.Errorf("train: triple %d (%s) has the label %d, which is not among the labels", i+1, triple.ID, triple.Label))
		}
		l.right[i] = row
	}
	batch, padded, tokens := documents.batch(all)
	l.labels, l.tokens = []any{batch.IDs, batch.Attended, batch.Scored, padded}, tokens
	return l, errors.Join(problems...)
}

func (l *listwise) inputs(triples []int) (inputs []any, tokens int) {
	right := make([]int32, len(triples))
	for i, triple := range triples {
		right[i] = l.right[triple]
	}
	query, tokens := l.queries.batch(triples)
	return append([]any{query.IDs, query.Attended, query.Scored, right}, l.labels...), tokens + l.tokens
}
