package calibrate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

const (
	biasSD        = 1.0  // standard deviation of the biases' normal prior, in logits: a label seen once moves little
	temperatureSD = 10.0 // of the log temperature's: it only keeps separable data from a temperature of zero
)

// Fit finds the calibration of largest posterior probability: multinomial log loss, a normal prior with standard deviation 1 on each
// bias, and one so wide on the logarithm of the temperature that it matters only where the data would make the temperature zero
// or infinite. (Temperature: Guo et al. 2017, section 4.2. A prior, because labels can be rare: one that no text has keeps a bias near zero.)
//
// scores [n, N] must stem from texts that the model was not trained on. labels [n] are the places of the right labels. The texts must
// have two labels at least.
func Fit(scores [][]float64, labels []int) (Calibration, error) {
	if err := check(scores, labels); err != nil {
		return Calibration{}, err
	}
	if slices.Min(labels) == slices.Max(labels) {
		return Calibration{}, fmt.Errorf("calibrate: all %d texts have label %d; texts of two labels at least are needed", len(labels), labels[0])
	}
	p := posterior{scores: standard(scores), labels: labels}
	result, err := optimize.Minimize(optimize.Problem{Func: p.value, Grad: p.gradient}, make([]float64, 1+len(scores[0])),
		&optimize.Settings{GradientThreshold: 1e-8, Converger: optimize.NeverTerminate{}, MajorIterations: 1000}, &optimize.BFGS{})
	if result == nil || floats.Norm(p.gradientAt(result.X), math.Inf(1)) > 1e-5 { // a last step may fail where rounding begins
		return Calibration{}, fmt.Errorf("calibrate: the fit does not converge: %w", cmp.Or(err, errors.New("too many iterations")))
	}
	fitted := Calibration{Temperature: spread(scores) / math.Exp(result.X[0]), Bias: result.X[1:]}
	return fitted, fitted.Validate()
}

// posterior is what Fit minimises, divided by the number of texts, as a function of x [1+N]: the logarithm of the scores' scale, then the biases.
// It falls towards one minimum only: in the scale itself instead of its logarithm, without the scale's prior, it is convex.
type posterior struct {
	scores [][]float64 // [n, N], centred, of unit spread
	labels []int
}

func (p posterior) logits(x []float64, text int) []float64 {
	logits := make([]float64, len(x)-1)
	floats.AddScaledTo(logits, x[1:], math.Exp(x[0]), p.scores[text])
	return logits
}

func (p posterior) value(x []float64) float64 {
	loss := square(x[0]/temperatureSD)/2 + square(floats.Norm(x[1:], 2)/biasSD)/2
	for i, label := range p.labels {
		logits := p.logits(x, i)
		loss += floats.LogSumExp(logits) - logits[label]
	}
	return loss / float64(len(p.labels))
}

func (p posterior) gradient(gradient, x []float64) {
	scale := math.Exp(x[0])
	gradient[0] = x[0] / square(temperatureSD)
	floats.ScaleTo(gradient[1:], 1/square(biasSD), x[1:])
	for i, right := range p.labels {
		slope := Softmax(p.logits(x, i)) // of the loss by the logits, [N]
		slope[right]--
		gradient[0] += scale * floats.Dot(slope, p.scores[i])
		floats.Add(gradient[1:], slope)
	}
	floats.Scale(1/float64(len(p.labels)), gradient)
}

func (p posterior) gradientAt(x []float64) []float64 {
	gradient := make([]float64, len(x))
	p.gradient(gradient, x)
	return gradient
}

func square(x float64) float64 { return x * x }

// standard centres each text's scores and divides all of them by their spread.
func standard(scores [][]float64) [][]float64 {
	unit := spread(scores)
	standardised := make([][]float64, len(scores))
	for i, row := range scores {
		standardised[i] = slices.Clone(row)
		floats.AddConst(-mean(row), standardised[i])
		floats.Scale(1/unit, standardised[i])
	}
	return standardised
}

// spread is the standard deviation of the scores within their texts, or 1 if there is none.
func spread(scores [][]float64) float64 {
	sum := 0.0
	for _, row := range scores {
		for _, score := range row {
			sum += square(score - mean(row))
		}
	}
	if sum == 0 {
		return 1
	}
	return math.Sqrt(sum / float64(len(scores)*len(scores[0])))
}

func mean(values []float64) float64 { return floats.Sum(values) / float64(len(values)) }

// CrossValidate returns the probabilities [n, N] of each text under a calibration that was fitted without it: on the other folds, of folds in
// all. They show what a calibration is worth without further labelled texts. Each fold gets its share of each label; seed decides which.
func CrossValidate(scores [][]float64, labels []int, folds int, seed uint64) ([][]float64, error) {
	if err := check(scores, labels); err != nil {
		return nil, err
	}
	if folds < 2 || folds > len(scores) {
		return nil, fmt.Errorf("calibrate: %d folds of %d texts, want from 2 to as many as there are texts", folds, len(scores))
	}
	fold := deal(labels, folds, seed)
	probabilities := make([][]float64, len(scores))
	for held := range folds {
		var rest [][]float64
		var restLabels []int
		for i := range scores {
			if fold[i] != held {
				rest, restLabels = append(rest, scores[i]), append(restLabels, labels[i])
			}
		}
		fitted, err := Fit(rest, restLabels)
		if err != nil {
			return nil, fmt.Errorf("without fold %d of %d: %w", held+1, folds, err)
		}
		for i := range scores {
			if fold[i] != held {
				continue
			}
			if probabilities[i], err = fitted.Probabilities(scores[i]); err != nil {
				return nil, err
			}
		}
	}
	return probabilities, nil
}

// deal gives the texts out to folds like cards, one label after the other.
func deal(labels []int, folds int, seed uint64) []int {
	order := rand.New(rand.NewPCG(seed, 0)).Perm(len(labels))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(labels[a], labels[b]) })
	fold := make([]int, len(labels))
	for place, text := range order {
		fold[text] = place % folds
	}
	return fold
}
