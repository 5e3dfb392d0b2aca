package compare

import (
	"fmt"
	"math"

	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

const unseenNote = `Each label in turn is left out of training, with its advertisements and its description, and is present at test. All columns are Hits@1 over all advertisements.
New label: each is judged by the training that did not know its label. Trained: by the usual one. Other labels: by those that did not know one of the other labels, on average.
Intervals and p are over advertisements; what other labels would give is not in them.

`

// Unseen is what a row makes of labels that its training did not know: Hits@1 of all test advertisements, means over seeds.
type Unseen struct {
	Row            string          `json:"row"`
	New            eval.Summary    `json:"new"`             // each by the training that did not know its label
	Seeds          float64         `json:"-"`               // half width of New's 95 % interval over seeds; NaN for fewer than three
	Trained        float64         `json:"trained"`         // by the training that knew all labels
	Others         float64         `json:"others"`          // each by the trainings that did not know one of the other labels, their mean
	AgainstBM25    eval.Difference `json:"against_bm25"`    // New minus BM25's
	AgainstTrained eval.Difference `json:"against_trained"` // Others minus Trained: what a new label costs the others
}

// Kept is the share of the trained value that is left on a label that was never seen.
func (u Unseen) Kept() float64 { return u.New.Value / u.Trained }

// Unseen gives one line for each row; none if the spec leaves no label out.
func (c *Comparison) Unseen() ([]Unseen, error) {
	if !c.Spec.LeaveOneLabelOut {
		return nil, nil
	}
	words, err := c.rankings(c.leftOut(row{key: BM25}, 0))
	if err != nil {
		return nil, err
	}
	var lines []Unseen
	for _, r := range c.rows {
		line, err := c.unseen(r, words)
		if err != nil {
			return nil, fmt.Errorf("compare: %s, without a label: %w", r.name, err)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// unseen is the line of a row; words are BM25's rankings.
func (c *Comparison) unseen(r row, words []eval.Run) (Unseen, error) {
	line, hits := Unseen{Row: r.name}, c.hits(c.sets[Test])
	own, usual := c.leftOut(r, 0), c.runs(r, Test, Variant{})
	var others []Scores
	for shift := 1; shift < len(c.labels); shift++ {
		others = append(others, c.leftOut(r, shift)...)
	}
	values, _, err := meanOf(own, hits)
	if err != nil {
		return line, err
	}
	line.Seeds = overSeeds(values)
	if _, line.Trained, err = meanOf(usual, hits); err != nil {
		return line, err
	}
	if _, line.Others, err = meanOf(others, hits); err != nil {
		return line, err
	}
	err = c.judgeUnseen(&line, own, others, usual, words)
	return line, err
}

// judgeUnseen adds the interval and the tests.
func (c *Comparison) judgeUnseen(line *Unseen, own, others, usual []Scores, words []eval.Run) error {
	qrels, err := eval.LabelQrels(c.sets[Test])
	if err != nil {
		return err
	}
	var runs [3][]eval.Run
	for i, scores := range [][]Scores{own, others, usual} {
		if runs[i], err = c.rankings(scores); err != nil {
			return err
		}
	}
	summaries, err := eval.EvaluateAll(qrels, runs[0], []eval.Metric{eval.Hits(1)}, intervalSeed)
	if err != nil {
		return err
	}
	line.New = summaries[0]
	if line.AgainstBM25, err = eval.Compare(qrels, eval.Hits(1), runs[0], words, intervalSeed); err != nil {
		return err
	}
	line.AgainstTrained, err = eval.Compare(qrels, eval.Hits(1), runs[1], runs[2], intervalSeed)
	return err
}

// leftOut are a row's scores of the test advertisements, seed by seed: of each advertisement by the training without the label that is shift
// places behind its own. 0 leaves out its own.
func (c *Comparison) leftOut(r row, shift int) []Scores {
	var pooled []Scores
	for _, query := range c.sets[Test] {
		label := c.labels[(c.place(query.Label)+shift)%len(c.labels)]
		for seed, scores := range c.runs(r, Test, Variant{Without: label.ID}) {
			if seed == len(pooled) {
				pooled = append(pooled, Scores{})
			}
			pooled[seed][query.ID] = scores[query.ID]
		}
	}
	return pooled
}

// UnseenTable is [Comparison.Unseen] with a header.
func (c *Comparison) UnseenTable() ([][]string, error) {
	lines, err := c.Unseen()
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	table := [][]string{{"", "new label", "trained", "kept", "Against BM25", "other labels", "Against trained"}}
	for i, u := range lines {
		kept, against := "", u.AgainstBM25.String()
		if !math.IsNaN(u.Kept()) {
			kept = fmt.Sprintf("%.0f %%", 100*u.Kept())
		}
		if c.rows[i].key == BM25 {
			against = ""
		}
		table = append(table, []string{u.Row, withIntervals(u.New, u.Seeds), number(u.Trained), kept, against, number(u.Others), u.AgainstTrained.String()})
	}
	return table, nil
}
