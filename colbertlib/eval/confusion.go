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

// MacroF1 is the mean over labels of 2·TP / (2·TP + FP + FN), as scikit-learn's f1_score(average="macro"): labels that neither are
// right nor come first for any query are left out. A query without ranking counts as missed.
func (c Confusion) MacroF1() float64 {
	total, labels := 0.0, 0
	for l := range c.Counts {
		right := c.Unranked[l]
		predicted := 0
		for k := range c.Counts {
			right += c.Counts[l][k]
			predicted += c.Counts[k][l]
		}
		if right+predicted > 0 {
			total += 2 * float64(c.Counts[l][l]) / float64(right+predicted)
			labels++
		}
	}
	if labels == 0 {
		return 0
	}
	return total / float64(labels)
}
