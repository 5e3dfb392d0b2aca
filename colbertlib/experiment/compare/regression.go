package compare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

// regression is multinomial logistic regression on dense features with an intercept.
type regression struct {
	classes []int
	weights []float64 // [C, D+1], a row for each class, its intercept last
}

// inversePenalty is scikit-learn's C: the weights' squares, halved, count as much as 1/C of one text's log loss. 10 is what Python's rows in
// the project's golden values were made with; it was chosen beforehand.
const inversePenalty = 10

// fitRegression minimises the log loss over rows [n, D] with their classes, and the penalty on all weights but the intercepts.
func fitRegression(rows [][]float64, classes []int) (*regression, error) {
	r := &regression{classes: slices.Compact(slices.Sorted(slices.Values(classes)))}
	if len(r.classes) < 2 {
		return nil, errors.New("compare: logistic regression needs two labels at least")
	}
	right := make([]int, len(classes))
	for i, class := range classes {
		right[i], _ = slices.BinarySearch(r.classes, class)
	}
	width := len(rows[0]) + 1
	slope := func(gradient, weights []float64) (loss float64) {
		trial := regression{r.classes, weights}
		for c := range r.classes {
			own := weights[c*width : (c+1)*width-1]
			loss += floats.Dot(own, own) / (2 * inversePenalty)
			if gradient != nil {
				floats.ScaleTo(gradient[c*width:(c+1)*width-1], 1.0/inversePenalty, own)
				gradient[(c+1)*width-1] = 0
			}
		}
		for i, row := range rows {
			logits := trial.logits(row)
			loss += floats.LogSumExp(logits) - logits[right[i]]
			if gradient == nil {
				continue
			}
			p := calibrate.Softmax(logits)
			p[right[i]]--
			for c, g := range p {
				floats.AddScaled(gradient[c*width:(c+1)*width-1], g, row)
				gradient[(c+1)*width-1] += g
			}
		}
		return loss
	}
	problem := optimize.Problem{
		Func: func(w []float64) float64 { return slope(nil, w) },
		Grad: func(gradient, w []float64) { slope(gradient, w) },
	}
	result, err := optimize.Minimize(problem, make([]float64, len(r.classes)*width),
		&optimize.Settings{GradientThreshold: 1e-4, MajorIterations: 1000, Converger: optimize.NeverTerminate{}}, &optimize.LBFGS{})
	if result == nil || result.Status == optimize.IterationLimit {
		return nil, fmt.Errorf("compare: logistic regression does not converge: %w", cmp.Or(err, errors.New("too many iterations")))
	}
	r.weights = result.X
	return r, nil
}

func (r *regression) logits(row []float64) []float64 {
	logits, width := make([]float64, len(r.classes)), len(row)+1
	for c := range logits {
		logits[c] = floats.Dot(r.weights[c*width:(c+1)*width-1], row) + r.weights[(c+1)*width-1]
	}
	return logits
}

// probabilities are those of the classes, in their order.
func (r *regression) probabilities(row []float64) []float64 { return calibrate.Softmax(r.logits(row)) }
