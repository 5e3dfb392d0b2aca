package eval

import (
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// Confusion counts which label came first for queries of each label.
type Confusion struct {
	Labels   []dataset.Label
	Counts   [][]int // [N, N]: row = right label, column = label ranked first, both in the order of Labels
	Unranked []int   // [N]: queries of each label whose ranking is empty, as a candidate gate can leave it
}

// Confuse makes the confusion matrix of a run; queries need labels out of labels.
func Confuse(labels []dataset.Label, queries []dataset.Query, run Run) (Confusion, error) {
	c := Confusion{Labels: labels, Counts: make([][]int, len(labels)), Unranked: make([]int, len(labels))}
	place := make(map[string]int, len(labels)) // document id -> index in labels
	for i, l := range labels {
		c.Counts[i] = make([]int, len(labels))
		place[LabelID(l.ID)] = i
	}
	for _, q := range queries {
		right, ok := place[LabelID(q.Label)]
		if !ok {
			return Confusion{}, fmt.Errorf("eval: confusion: query %q has the label %d, which is not in the list", q.ID, q.Label)
		}
		ranking := run[q.ID]
		if len(ranking) == 0 {
			c.Unranked[right]++
			continue
		}
		first, ok := place[ranking[0].ID]
		if !ok {
			return Confusion{}, fmt.Errorf("eval: confusion: query %q: the first document %q is not in the list of labels", q.ID, ranking[0].ID)
		}
		c.Counts[right][first]++
	}
	return c, nil
}
