package train

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
)

// listwise is the softmax over all labels. A label can have several wordings: its description, and every right description that triples
// of it have. Each micro-batch draws one for each label, so that a model learns to compare texts rather than to know some texts by heart, and
// can tell what a label means that it has never seen.
type listwise struct {
	model       *colbert.Model
	temperature float64
	seed        uint64
	queries     queries
	documents   documents
	right       []int32 // per triple, the place of its label
	wordings    [][]int // per label, rows of documents
}

func newListwise(model *colbert.Model, data Data, temperature float64, seed uint64) (*listwise, error) {
	if len(data.Labels) < 2 {
		return nil, fmt.Errorf("train: %d labels, but a softmax needs at least two to choose from", len(data.Labels))
	}
	l := &listwise{
		model: model, temperature: temperature, seed: seed, queries: tokenizeQueries(model, data.Triples), documents: documents{model: model},
		right: make([]int32, len(data.Triples)), wordings: make([][]int, len(data.Labels)),
	}
	places, texts := map[int]int{}, make([][]string, len(data.Labels))
	add := func(place int, text string) {
		if text != "" && !slices.Contains(texts[place], text) {
			texts[place] = append(texts[place], text)
			l.wordings[place] = append(l.wordings[place], l.documents.add(text))
		}
	}
	for i, label := range data.Labels {
		if _, twice := places[label.ID]; twice {
			return nil, fmt.Errorf("train: two labels have the number %d", label.ID)
		}
		places[label.ID] = i
		add(i, label.Description)
	}
	var problems []error
	for i, triple := range data.Triples {
		place, ok := places[triple.Label]
		if !ok {
			problems = append(problems, fmt.Errorf("train: triple %d (%s) has the label %d, which is not among the labels", i+1, triple.ID, triple.Label))
			continue
		}
		l.right[i] = int32(place)
		add(place, triple.Positive)
	}
	return l, errors.Join(problems...)
}

// inputs draws the wordings by the seed and the triples alone, so that a resumed training draws the same.
func (l *listwise) inputs(triples []int) (inputs []any, tokens int) {
	right, mixed := make([]int32, len(triples)), uint64(0)
	for i, triple := range triples {
		right[i] = l.right[triple]
		mixed = mixed*0x9E3779B97F4A7C15 + uint64(triple) + 1
	}
	random, rows := rand.New(rand.NewPCG(l.seed, mixed)), make([]int, len(l.wordings))
	for i, wordings := range l.wordings {
		rows[i] = wordings[random.IntN(len(wordings))]
	}
	query, queryTokens := l.queries.batch(triples)
	labels, padded, labelTokens := l.documents.batch(rows)
	return []any{query.IDs, query.Attended, query.Scored, labels.IDs, labels.Attended, labels.Scored, padded, right}, queryTokens + labelTokens
}
