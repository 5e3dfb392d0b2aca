package compare

import (
	"math"
	"strings"

	"gonum.org/v1/gonum/floats"
)

// plusBM25 ends the keys of mixed rows.
const plusBM25 = "+" + BM25

// mixed tells whether BM25 takes part in the row.
func (r row) mixed() bool { return strings.HasSuffix(r.key, plusBM25) }

// hybrids adds to every row of MaxSim one that mixes its scores with BM25's: mean similarity + weight · BM25. The weight makes the log loss of
// the validation advertisements smallest, together with a temperature. It is chosen once for each seed, with the model that was trained on
// all advertisements of all labels, and holds also where a label is left out; there is none for fewer advertisements. Nothing is trained
// for it, so that every comparison with validation advertisements has these rows.
func (c *Comparison) hybrids() {
	words := c.scores[Trial{BM25, Variant{Seed: 1}}] // learns nothing, and so has one trial
	if len(words[Validate]) == 0 {
		return
	}
	c.weights = map[string][]float64{}
	var rows []row
	for _, r := range c.rows {
		rows = append(rows, r)
		if r.key == MaxSim || r.recipe != nil {
			rows = append(rows, c.hybrid(r, words))
		}
	}
	c.rows = rows
}

// hybrid mixes the scores of one row.
func (c *Comparison) hybrid(r row, words map[string]Scores) row {
	mixed := row{key: r.key + plusBM25, name: r.name + " + BM25", recipe: r.recipe}
	for seed := 1; seed <= c.Spec.Seeds; seed++ {
		if sets, ok := c.scores[Trial{r.key, Variant{Seed: seed}}]; ok { // what is not random has the first seed only
			c.weights[mixed.key] = append(c.weights[mixed.key], c.weight(sets[Validate], words[Validate]))
		}
	}
	for trial, sets := range c.scores {
		if trial.Row != r.key || trial.Size > 0 {
			continue
		}
		own := map[string]Scores{}
		for set, scores := range sets {
			own[set] = mix(scores, words[set], c.weights[mixed.key][trial.Seed-1])
		}
		c.scores[Trial{mixed.key, trial.Variant}] = own
	}
	return mixed
}

// mix adds weight times the one to the other.
func mix(scores, words Scores, weight float64) Scores {
	mixed := Scores{}
	for id, values := range scores {
		mixed[id] = append([]float64(nil), values...)
		floats.AddScaled(mixed[id], weight, words[id])
	}
	return mixed
}

// weight minimises the log loss at the best temperature. The loss is convex in the factors of both kinds of scores, so that along the
// ratio of the factors it has one minimum.
func (c *Comparison) weight(scores, words Scores) float64 {
	const smallest, largest = 1e-7, 1e3 // similarities are at most 1, BM25's scores of long texts go into hundreds
	return math.Exp(lowest(math.Log(smallest), math.Log(largest), func(logWeight float64) float64 {
		values, right := c.matrix(c.sets[Validate], mix(scores, words, math.Exp(logWeight)))
		return logLoss(values, right, temperature(values, right))
	}))
}

// logLoss is the sum of -log softmax(scores / temperature)[right].
func logLoss(scores [][]float64, right []int, temperature float64) (sum float64) {
	for i, row := range scores {
		logits := append([]float64(nil), row...)
		floats.Scale(1/temperature, logits)
		sum += floats.LogSumExp(logits) - logits[right[i]]
	}
	return sum
}

// lowest finds the place of a function's only minimum by golden sections, to within 0.0001.
func lowest(low, high float64, f func(float64) float64) float64 {
	const ratio = 0.6180339887498949
	for high-low > 1e-4 {
		a, b := high-ratio*(high-low), low+ratio*(high-low)
		if f(a) <= f(b) {
			high = b
		} else {
			low = a
		}
	}
	return (low + high) / 2
}
