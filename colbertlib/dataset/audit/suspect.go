package audit

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/wordmodel"
)

// Suspect is an advertisement whose label is in doubt.
type Suspect struct {
	ID     string  `json:"id"`
	Given  int     `json:"given"`  // its label
	Likely int     `json:"likely"` // the label that is believed most
	Margin float64 `json:"margin"` // probability of the given label less that of the most probable other; the smallest is the most suspicious
	Error  bool    `json:"error"`  // confident learning counts it as a label error
}

// Probabilities are a judge's beliefs about one advertisement: label id -> probability. The judge must not have been trained on it.
type Probabilities map[int]float64

// Judge gives its beliefs about queries, by their ids. It may leave some out.
type Judge func(ctx context.Context, queries []dataset.Query) (map[string]Probabilities, error)

const (
	folds    = 5    // of the cross-validation
	mostRead = 5000 // queries that a fold's model is fitted to at the most: more make it slower, and hardly better
)

// CrossValidate is a Judge: it gives each query's probabilities by logistic regression on words, fitted to queries of the other four fifths. Which fifth a query
// is in depends on its text alone, so that copies stay together.
func CrossValidate(ctx context.Context, queries []dataset.Query) (map[string]Probabilities, error) {
	order, hashes := make([]int, len(queries)), make([]uint64, len(queries)) // by chance
	for i, q := range queries {
		h := fnv.New64a()
		h.Write([]byte(q.Text))
		order[i], hashes[i] = i, h.Sum64()
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(hashes[i], hashes[j]) })
	fold := func(i int) int { return int(hashes[i] >> 32 % folds) }
	all := make(map[string]Probabilities, len(queries))
	for f := range folds {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		var texts []string
		var labels []int
		for _, i := range order {
			if fold(i) != f && len(texts) < mostRead {
				texts, labels = append(texts, queries[i].Text), append(labels, queries[i].Label)
			}
		}
		if len(texts) == 0 {
			continue // a handful of queries, all in one fold: nothing can be said about them
		}
		m, err := wordmodel.Fit(texts, labels)
		if err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		for i, q := range queries {
			if fold(i) != f {
				continue
			}
			all[q.ID] = Probabilities{}
			for c, p := range m.Probabilities(q.Text) {
				all[q.ID][m.Classes[c]] = p
			}
		}
	}
	return all, nil
}

// Suspects orders the queries that the judge has an opinion on by how little it believes their labels, the least believed first.
//
// Which of them count as label errors follows confident learning (Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset
// Labels", 2021): a label is likely if its probability is at least the mean that it has among the queries that carry it; a query is an error
// if the likeliest of its likely labels is another than its own
// (and believed more than its own, as in the authors' library cleanlab: the mean of a label that is never believed is soon exceeded).
func Suspects(queries []dataset.Query, beliefs map[string]Probabilities) []Suspect {
	threshold, n := map[int]float64{}, map[int]float64{}
	for _, q := range queries {
		if p, ok := beliefs[q.ID]; ok {
			threshold[q.Label] += p[q.Label]
			n[q.Label]++
		}
	}
	for label := range threshold {
		threshold[label] /= n[label]
	}
	list := []Suspect{}
	for _, q := range queries {
		p, ok := beliefs[q.ID]
		if !ok {
			continue
		}
		other, confident, ofConfident := 0.0, 0, 0.0
		s := Suspect{ID: q.ID, Given: q.Label, Likely: q.Label}
		for label, probability := range p {
			if t, known := threshold[label]; known && probability >= t && (probability > ofConfident || probability == ofConfident && label < confident) {
				confident, ofConfident = label, probability
			}
			if label != q.Label && (probability > other || probability == other && label < s.Likely) {
				other = probability
				if probability > p[q.Label] {
					s.Likely = label
				}
			}
		}
		s.Margin = p[q.Label] - other
		s.Error = confident != 0 && confident != q.Label && s.Margin < 0
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Suspect) int { return cmp.Or(cmp.Compare(a.Margin, b.Margin), cmp.Compare(a.ID, b.ID)) })
	return list
}
