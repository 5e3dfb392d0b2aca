package compare

import (
	"fmt"
	"math"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

const unseenNote = `Each label in turn is left out of training, with its advertisements and its description, and is present at test. Hits@1, means over labels and seeds.
New label: on its own advertisements, where training did not know it, and where it did. Other labels: on all other advertisements, without and with it.

`

// Unseen is what a row makes of labels that its training did not know, as means over labels and seeds.
type Unseen struct {
	Row                   string
	New, NewTrained       float64 // Hits@1 on advertisements of the new label: never seen, and trained as usual
	Others, OthersTrained float64 // Hits@1 on all other advertisements, in both cases
}

// Kept is the share of the trained value that is left on a label that was never seen.
func (u Unseen) Kept() float64 { return u.New / u.NewTrained }

// Lost is what the other labels lose.
func (u Unseen) Lost() float64 { return u.OthersTrained - u.Others }

// Unseen gives one line for each row; none if the spec leaves no label out.
func (c *Comparison) Unseen() ([]Unseen, error) {
	if !c.Spec.LeaveOneLabelOut {
		return nil, nil
	}
	var lines []Unseen
	for _, r := range c.rows {
		line := Unseen{Row: r.name}
		for _, label := range c.labels {
			own := c.queries(Test, func(q dataset.Query) bool { return q.Label == label.ID })
			others := c.queries(Test, func(q dataset.Query) bool { return q.Label != label.ID })
			for _, part := range []struct {
				without int
				queries []dataset.Query
				sum     *float64
			}{{label.ID, own, &line.New}, {0, own, &line.NewTrained}, {label.ID, others, &line.Others}, {0, others, &line.OthersTrained}} {
				runs := c.runs(r, Test, Variant{Without: part.without})
				if len(runs) == 0 || len(part.queries) == 0 {
					return nil, fmt.Errorf("compare: %s: no scores, or no advertisements, of %s", r.name, label.Name)
				}
				_, mean, err := meanOf(runs, c.hits(part.queries))
				if err != nil {
					return nil, err
				}
				*part.sum += mean / float64(len(c.labels))
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// UnseenTable is [Comparison.Unseen] with a header.
func (c *Comparison) UnseenTable() ([][]string, error) {
	lines, err := c.Unseen()
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	table := [][]string{{"", "new label", "trained", "kept", "other labels", "trained", "lost"}}
	for _, u := range lines {
		kept := ""
		if !math.IsNaN(u.Kept()) {
			kept = fmt.Sprintf("%.0f %%", 100*u.Kept())
		}
		table = append(table, []string{u.Row, number(u.New), number(u.NewTrained), kept, number(u.Others), number(u.OthersTrained), fmt.Sprintf("%.3f", u.Lost())})
	}
	return table, nil
}
