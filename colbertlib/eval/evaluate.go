package eval

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// resamples is how often the bootstrap draws; with 10,000 the ends of an interval hardly depend on the seed.
const resamples = 10_000

// Summary is a metric's mean over queries with its 95 % interval.
type Summary struct {
	Metric Metric  `json:"metric"`
	Value  float64 `json:"value"`
	N      int     `json:"n"` // queries
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// String is the summary for people: "hits@1 0.567 [0.494, 0.639] (n 180)".
func (s Summary) String() string {
	return fmt.Sprintf("%s %.3f [%.3f, %.3f] (n %d)", s.Metric, s.Value, s.Low, s.High, s.N)
}

// Evaluate gives the mean of each metric over the queries of qrels, in the order of metrics.
//
// The intervals are percentile intervals of a bootstrap over queries (Efron 1979) that draws with this seed: how much the
// mean would move with other queries of the same kind. What another training seed would change is not in them. For [Macro]
// metrics queries are drawn within each label, so that every label keeps its number; a label with one query then adds
// nothing to the width, and the interval is too narrow.
func Evaluate(qrels Qrels, run Run, metrics []Metric, seed uint64) ([]Summary, error) {
	return EvaluateAll(qrels, []Run{run}, metrics, seed)
}

// EvaluateAll is [Evaluate] for the runs of several training seeds: a query's value is the mean over them.
func EvaluateAll(qrels Qrels, runs []Run, metrics []Metric, seed uint64) ([]Summary, error) {
	if len(runs) == 0 {
		return nil, errors.New("eval: there are no rankings to evaluate")
	}
	if len(qrels) == 0 {
		return nil, errors.New("eval: there are no queries to evaluate")
	}
	ids := slices.Sorted(maps.Keys(qrels))
	summaries := make([]Summary, len(metrics))
	for i, m := range metrics {
		groups, err := group(m, ids, qrels, runs)
		if err != nil {
			return nil, err
		}
		low, high := interval(groups, seed)
		summaries[i] = Summary{Metric: m, Value: meanOfMeans(groups), N: len(ids), Low: low, High: high}
	}
	return summaries, nil
}

// group lists the metric's value of each query: one group for all, or one for each label, in the order of labels' ids.
func group(m Metric, ids []string, qrels Qrels, runs []Run) ([][]float64, error) {
	values := map[string][]float64{}
	for _, id := range ids {
		label := ""
		if m.macro {
			var ok bool
			if label, ok = only(qrels[id]); !ok {
				return nil, fmt.Errorf("eval: %s: query %q has not exactly one relevant label", m, id)
			}
		}
		value := 0.0
		for _, run := range runs {
			value += m.Of(qrels[id], run[id])
		}
		values[label] = append(values[label], value/float64(len(runs)))
	}
	var groups [][]float64
	for _, label := range slices.Sorted(maps.Keys(values)) {
		groups = append(groups, values[label])
	}
	return groups, nil
}

// only is the one relevant document of a query.
func only(grades map[string]int) (id string, ok bool) {
	count := 0
	for document, grade := range grades {
		if grade >= 1 {
			id = document
			count++
		}
	}
	return id, count == 1
}

func meanOfMeans(groups [][]float64) float64 {
	sum := 0.0
	for _, values := range groups {
		sum += stat.Mean(values, nil)
	}
	return sum / float64(len(groups))
}

// interval is the 2.5th and 97.5th percentile of the mean over samples drawn with replacement within each group.
func interval(groups [][]float64, seed uint64) (low, high float64) {
	random := rand.New(rand.NewPCG(seed, 0))
	means := make([]float64, resamples)
	for i := range means {
		for _, values := range groups {
			sum := 0.0
			for range values {
				sum += values[random.IntN(len(values))]
			}
			means[i] += sum / float64(len(values))
		}
		means[i] /= float64(len(groups))
	}
	slices.Sort(means)
	return stat.Quantile(0.025, stat.Empirical, means, nil), stat.Quantile(0.975, stat.Empirical, means, nil)
}

// Wilson is the 95 % score interval (Wilson 1927) of a share that was found in n texts. It has a width also where none or all are right, and
// stays between 0 and 1: for few texts, where a bootstrap would promise too much.
func Wilson(share float64, n int) (low, high float64) {
	const z = 1.96
	count := float64(n)
	middle := (share + z*z/(2*count)) / (1 + z*z/count)
	half := z / (1 + z*z/count) * math.Sqrt(share*(1-share)/count+z*z/(4*count*count))
	return max(0, middle-half), min(1, middle+half)
}
