// Package calibrate turns the scores of labels into probabilities that mean what they say, and tells which decisions to leave to people.
//
// The softmax of a ColBERT model's scores is no estimate of anything: scores grow with the length of the text, and some labels'
// descriptions score higher than others whatever the text. [Fit] learns from labelled texts, which training has not seen, what is wrong:
// one temperature, by which all scores are divided, and one bias for each label, which is added. Of the probabilities that
// follow, [Reliability] shows how often they are right, and [Precision] how sure a decision must be to be right as often as wanted.
//
//	fitted, err := calibrate.Fit(scores, labels)
//	probabilities, err := fitted.Probabilities(scores[0])
//
// The package knows no model. Scores are those of N labels for n texts, [n, N], in one order of labels, usually that of their ids, and labels
// are given by their place in it. Scores should not depend on the length of the text: divide a sum over tokens by their number. All
// functions are deterministic and safe for concurrent use.
package calibrate

import (
	"fmt"
	"math"
)

// Calibration makes probabilities of scores: the softmax of score/Temperature + Bias.
type Calibration struct {
	Temperature float64   // in units of the scores
	Bias        []float64 // [N], one for each label, in logits; they add up to zero
}

// Validate returns an error unless the temperature is positive and everything a finite number.
func (c Calibration) Validate() error {
	if !(c.Temperature > 0) || math.IsInf(c.Temperature, 0) {
		return fmt.Errorf("calibrate: the temperature is %v, expected a positive number", c.Temperature)
	}
	for label, bias := range c.Bias {
		if !finite(bias) {
			return fmt.Errorf("calibrate: the bias of label %d is %v", label, bias)
		}
	}
	return nil
}

// Probabilities returns one probability for each label. There must be as many scores as biases.
func (c Calibration) Probabilities(scores []float64) ([]float64, error) {
	if len(scores) != len(c.Bias) {
		return nil, fmt.Errorf("calibrate: %d scores for %d labels", len(scores), len(c.Bias))
	}
	logits := make([]float64, len(scores))
	for label, score := range scores {
		if !finite(score) {
			return nil, fmt.Errorf("calibrate: the score of label %d is %v", label, score)
		}
		logits[label] = score/c.Temperature + c.Bias[label]
	}
	return Softmax(logits), nil
}

// All is Probabilities for several texts: [n, N] -> [n, N].
func (c Calibration) All(scores [][]float64) ([][]float64, error) {
	probabilities := make([][]float64, len(scores))
	for i, row := range scores {
		var err error
		if probabilities[i], err = c.Probabilities(row); err != nil {
			return nil, fmt.Errorf("text %d: %w", i, err)
		}
	}
	return probabilities, nil
}

// Softmax returns exp(x) for each x, divided by their sum. It is nil for no values.
func Softmax(logits []float64) []float64 {
	if len(logits) == 0 {
		return nil
	}
	highest := math.Inf(-1)
	for _, x := range logits {
		highest = max(highest, x)
	}
	values, sum := make([]float64, len(logits)), 0.0
	for i, x := range logits {
		values[i] = math.Exp(x - highest)
		sum += values[i]
	}
	for i := range values {
		values[i] /= sum
	}
	return values
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// check says what is wrong with values [n, N] and the labels of their rows.
func check(values [][]float64, labels []int) error {
	if len(values) == 0 {
		return fmt.Errorf("calibrate: there are no labelled texts")
	}
	if len(values) != len(labels) {
		return fmt.Errorf("calibrate: %d texts but %d labels", len(values), len(labels))
	}
	for i, row := range values {
		if len(row) != len(values[0]) || len(row) == 0 {
			return fmt.Errorf("calibrate: text %d has %d values, text 0 has %d", i, len(row), len(values[0]))
		}
		if labels[i] < 0 || labels[i] >= len(row) {
			return fmt.Errorf("calibrate: text %d has label %d, expected 0 to %d", i, labels[i], len(row)-1)
		}
		for label, value := range row {
			if !finite(value) {
				return fmt.Errorf("calibrate: text %d, label %d: the value is %v", i, label, value)
			}
		}
	}
	return nil
}
