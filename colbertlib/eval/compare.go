package eval

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Significant is the p value below which a difference is called one.
const Significant = 0.05

// Difference is how much better one system does than another on the same queries.
type Difference struct {
	Metric Metric  `json:"metric"`
	Value  float64 `json:"value"` // mean of the first system minus mean of the second
	P      float64 `json:"p"`     // how often chance alone gives a difference as large as this, of either sign
	N      int     `json:"n"`     // queries
}

// String is the difference for people: "+0.115 (p 0.012)", or "~ (p 0.31)" where it may be noise, as in Go's benchstat.
func (d Difference) String() string {
	p := fmt.Sprintf("p %.2f", d.P)
	switch {
	case d.P < 0.001:
		p = "p <0.001"
	case d.P < 0.095:
		p = fmt.Sprintf("p %.3f", d.P)
	}
	if d.P >= Significant {
		return "~ (" + p + ")"
	}
	return fmt.Sprintf("%+.3f (%s)", d.Value, p)
}

// Compare judges two systems by the queries of qrels. A system is one or more runs, of several training seeds for example: a query's value
// is the mean over them. [Macro] metrics weigh labels alike.
//
// P is that of a two-sided randomisation test over queries (Smucker, Allan and Carterette 2007, section 3.3): if the systems were the same,
// a query's two values could as well be exchanged. It draws 10,000 samples with this seed, so that P is 1e-4 at the least. What other
// seeds of training would give is not in it; see [Seeds] for that.
func Compare(qrels Qrels, metric Metric, first, second []Run, seed uint64) (Difference, error) {
	if len(qrels) == 0 || len(first) == 0 || len(second) == 0 {
		return Difference{}, errors.New("eval: compare: there are no queries, or no runs, to compare")
	}
	ids := slices.Sorted(maps.Keys(qrels))
	a, err := weighted(metric, ids, qrels, first)
	if err != nil {
		return Difference{}, err
	}
	b, err := weighted(metric, ids, qrels, second)
	if err != nil {
		return Difference{}, err
	}
	for i := range a {
		a[i] -= b[i]
	}
	return Difference{Metric: metric, Value: sum(a), P: randomisation(a, seed), N: len(ids)}, nil
}

// weighted is what each query adds to the metric's mean, averaged over runs.
func weighted(metric Metric, ids []string, qrels Qrels, runs []Run) ([]float64, error) {
	share := make([]float64, len(ids)) // of the query in the mean
	labels := map[string]int{}
	for _, id := range ids {
		label, ok := only(qrels[id])
		if metric.macro && !ok {
			return nil, fmt.Errorf("eval: %s: query %q has not exactly one relevant label", metric, id)
		}
		labels[label]++
	}
	for i, id := range ids {
		share[i] = 1 / float64(len(ids))
		if metric.macro {
			label, _ := only(qrels[id])
			share[i] = 1 / float64(len(labels)*labels[label])
		}
	}
	values := make([]float64, len(ids))
	for _, run := range runs {
		for i, id := range ids {
			values[i] += share[i] * metric.Of(qrels[id], run[id]) / float64(len(runs))
		}
	}
	return values, nil
}

// randomisation is the share of assignments of signs whose sum is as far from zero as that of all, the observed one included.
func randomisation(differences []float64, seed uint64) float64 {
	const rounding = 1e-12
	observed := math.Abs(sum(differences)) - rounding
	random := rand.New(rand.NewPCG(seed, 0))
	extreme, signs := 1, uint64(0)
	for range resamples - 1 {
		total := 0.0
		for i, d := range differences {
			if i%64 == 0 {
				signs = random.Uint64()
			}
			if signs&1 == 0 {
				d = -d
			}
			signs >>= 1
			total += d
		}
		if math.Abs(total) >= observed {
			extreme++
		}
	}
	return float64(extreme) / resamples
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

// Seeds is the mean of a score over training seeds, and the half width of its 95 % interval by Student's t distribution: what another
// draw of seeds may change. With fewer than two values nothing can be said, and half is NaN.
func Seeds(values []float64) (mean, half float64) {
	mean, deviation := stat.MeanStdDev(values, nil)
	n := float64(len(values))
	if n < 2 {
		return mean, math.NaN()
	}
	return mean, distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975) * deviation / math.Sqrt(n)
}
