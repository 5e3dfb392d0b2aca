package compare

import (
	"fmt"
	"math"

	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"gonum.org/v1/gonum/floats"
)

// intervalSeed draws all bootstrap samples and randomisations, so that equal scores have equal intervals.
const intervalSeed = 1

var metrics = []eval.Metric{eval.Hits(1), eval.Macro(eval.Hits(1)), eval.NDCG(10)}

// Judged is what a row reached on a set: means over seeds.
type Judged struct {
	Row     string         // its name in tables
	Scores  []eval.Summary // Hits@1, macro Hits@1 and NDCG@10, with 95 % intervals over advertisements
	Seeds   float64        // half width of the 95 % interval of Hits@1 over seeds; NaN for fewer than three
	MacroF1 float64
	Error   float64           // expected calibration error of ten bins; NaN where no temperature could be chosen
	Against []eval.Difference // Hits@1 against each of [Comparison.References]
	Weights []float64         // of BM25 beside mean similarities, seed by seed; none for rows without it
}

// References are the names of the rows that all are compared with: the untrained model with biases, which is what training has to beat, and
// the first trained row.
func (c *Comparison) References() []string {
	var names []string
	for _, r := range c.references() {
		names = append(names, r.name)
	}
	return names
}

func (c *Comparison) references() []row {
	var list []row
	for _, r := range c.rows {
		if r.key == MaxSimBias || r.recipe != nil && r.key == c.Spec.Rows[0].Key {
			list = append(list, r)
		}
	}
	return list
}

// Judge gives one line for each row. holds chooses among the set's advertisements; nil takes all.
func (c *Comparison) Judge(set string, holds func(dataset.Query) bool) ([]Judged, error) {
	queries := c.queries(set, holds)
	qrels, err := eval.LabelQrels(queries)
	if err != nil {
		return nil, err
	}
	references := make([][]eval.Run, len(c.references()))
	for i, r := range c.references() {
		if references[i], err = c.rankings(c.runs(r, set, Variant{})); err != nil {
			return nil, err
		}
	}
	var lines []Judged
	for _, r := range c.rows {
		all := c.runs(r, set, Variant{})
		runs, err := c.rankings(all)
		if err != nil {
			return nil, err
		}
		line := Judged{Row: r.name, Weights: c.weights[r.key]}
		if line.Scores, err = eval.EvaluateAll(qrels, runs, metrics, intervalSeed); err != nil {
			return nil, err
		}
		for _, reference := range references {
			difference, err := eval.Compare(qrels, eval.Hits(1), runs, reference, intervalSeed)
			if err != nil {
				return nil, err
			}
			line.Against = append(line.Against, difference)
		}
		if err := c.judgeMore(&line, r, queries, all, runs); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// judgeMore adds what is no mean over advertisements.
func (c *Comparison) judgeMore(line *Judged, r row, queries []dataset.Query, all []Scores, runs []eval.Run) error {
	var hits []float64
	for i, run := range runs {
		confusion, err := eval.Confuse(c.labels, queries, run)
		if err != nil {
			return err
		}
		line.MacroF1 += confusion.MacroF1() / float64(len(runs))
		right := 0
		for l := range confusion.Counts {
			right += confusion.Counts[l][l]
		}
		hits = append(hits, float64(right)/float64(len(queries)))
		wrong, err := c.calibrationError(r, i, queries, all[i])
		if err != nil {
			return err
		}
		line.Error += wrong / float64(len(runs))
	}
	line.Seeds = overSeeds(hits)
	return nil
}

// fewestSeeds tell what another draw of seeds may change. Two values that happen to be near each other would promise too much.
const fewestSeeds = 3

// overSeeds is the half width of the 95 % interval over seeds; NaN where there are too few.
func overSeeds(values []float64) float64 {
	if len(values) < fewestSeeds {
		return math.NaN()
	}
	_, half := eval.Seeds(values)
	return half
}

// bins of the calibration error.
const bins = 10

// calibrationError is that of a row's probabilities. It is NaN where no temperature could be chosen.
func (c *Comparison) calibrationError(r row, seed int, queries []dataset.Query, scores Scores) (float64, error) {
	reliability, err := c.reliability(r, seed, queries, scores)
	if err != nil || reliability == nil {
		return math.NaN(), err
	}
	return calibrate.ExpectedError(reliability), nil
}

// reliability is that of the softmax of a row's scores, divided by the one temperature that suits the validation advertisements. It is nil
// where there are none.
func (c *Comparison) reliability(r row, seed int, queries []dataset.Query, scores Scores) ([]calibrate.Bin, error) {
	validation := c.runs(r, Validate, Variant{})
	if seed >= len(validation) || len(validation[seed]) == 0 {
		return nil, nil
	}
	values, right := c.matrix(c.sets[Validate], validation[seed])
	t := temperature(values, right)
	values, right = c.matrix(queries, scores)
	for i, row := range values {
		floats.Scale(1/t, row)
		values[i] = calibrate.Softmax(row)
	}
	return calibrate.Reliability(values, right, bins)
}

// matrix are the scores of queries [n, N], copied, and the places of their labels.
func (c *Comparison) matrix(queries []dataset.Query, scores Scores) (values [][]float64, right []int) {
	for _, query := range queries {
		values, right = append(values, append([]float64(nil), scores[query.ID]...)), append(right, c.place(query.Label))
	}
	return values, right
}

// temperature minimises the log loss of softmax(scores / temperature), which has one minimum.
func temperature(scores [][]float64, right []int) float64 {
	return math.Exp(lowest(math.Log(1e-4), math.Log(1e4), func(logT float64) float64 { return logLoss(scores, right, math.Exp(logT)) }))
}

// hitsAt1 is Hits@1 of a row on a set.
func (c *Comparison) hitsAt1(r row, set string) (eval.Summary, error) {
	qrels, err := eval.LabelQrels(c.sets[set])
	if err != nil {
		return eval.Summary{}, err
	}
	runs, err := c.rankings(c.runs(r, set, Variant{}))
	if err != nil {
		return eval.Summary{}, err
	}
	summaries, err := eval.EvaluateAll(qrels, runs, []eval.Metric{eval.Hits(1)}, intervalSeed)
	if err != nil {
		return eval.Summary{}, err
	}
	return summaries[0], nil
}

// hits is the share of a seed's queries whose right label comes first.
func (c *Comparison) hits(queries []dataset.Query) func(Scores) (float64, error) {
	return func(scores Scores) (float64, error) {
		runs, err := c.rankings([]Scores{scores})
		if err != nil {
			return 0, err
		}
		qrels, err := eval.LabelQrels(queries)
		if err != nil || len(queries) == 0 {
			return 0, fmt.Errorf("compare: %d advertisements: %w", len(queries), err)
		}
		right := 0.0
		for id, grades := range qrels {
			right += eval.Hits(1).Of(grades, runs[0][id])
		}
		return right / float64(len(queries)), nil
	}
}
