package encoder

import (
	"fmt"
	"math"
	"slices"
)

// ropeParameters say how far a token's position turns each pair of a head.
type ropeParameters struct {
	Theta   float64 `json:"rope_theta"`
	Type    string  `json:"rope_type"` // "default" or "linear"
	Factor  float64 `json:"factor"`    // of linear scaling
	scaling *ropeScaling
}

// ropeScaling is how Alibaba-NLP's new-impl writes it.
type ropeScaling struct {
	Type   string   `json:"type"`
	Factor float64  `json:"factor"`
	MixedB *float64 `json:"mixed_b"`
}

// inverseFrequencies returns the rotary angle per token of each pair of a head: theta^(-2i/size), as in Su et al. 2021 (RoFormer),
// divided by the factor of linear scaling, or changed by "ntk" scaling in the fixed way of new-impl, which applies it to every length.
func (r ropeParameters) inverseFrequencies(c *Config) ([]float64, error) {
	theta, size := r.Theta, c.HiddenSize/c.Heads
	if size%2 != 0 {
		return nil, fmt.Errorf("rotary positions need an even size of attention heads, got %d / %d", c.HiddenSize, c.Heads)
	}
	if !(theta > 1) {
		return nil, fmt.Errorf("rope_theta is %g, want a number above 1", theta)
	}
	pairs := size / 2
	divisor, err := r.divisor(&theta, pairs)
	if err != nil {
		return nil, err
	}
	frequencies := make([]float64, pairs)
	for i := range frequencies {
		frequencies[i] = math.Pow(theta, -float64(i)/float64(pairs)) / divisor(i)
	}
	if slices.ContainsFunc(frequencies, func(f float64) bool { return math.IsNaN(f) || math.IsInf(f, 0) }) {
		return nil, fmt.Errorf("rope_theta %g and rope_scaling give angles that are not finite", theta)
	}
	return frequencies, nil
}

// divisor returns what the angle of each pair is divided by; ntk scaling changes theta, too.
func (r ropeParameters) divisor(theta *float64, pairs int) (func(pair int) float64, error) {
	switch {
	case r.Type != "" && r.Type != "default" && r.Type != "linear":
		return nil, fmt.Errorf("rope_type %q is not supported; supported are default and linear", r.Type)
	case r.Type == "linear":
		if !(r.Factor >= 1) {
			return nil, fmt.Errorf("rope factor is %g, want a number from 1", r.Factor)
		}
		return func(int) float64 { return r.Factor }, nil
	case r.scaling == nil:
		return func(int) float64 { return 1 }, nil
	}
	scaling := r.scaling
	if scaling.Type != "ntk" {
		return nil, fmt.Errorf("rope_scaling type %q is not supported; supported is ntk", scaling.Type)
	}
	if !(scaling.Factor >= 1) {
		return nil, fmt.Errorf("rope_scaling factor is %g, want a number from 1", scaling.Factor)
	}
	if scaling.MixedB == nil {
		*theta *= scaling.Factor
		shared := math.Pow(scaling.Factor, 1/float64(pairs))
		return func(int) float64 { return shared }, nil
	}
	exponent := math.Log(scaling.Factor) / math.Pow(float64(pairs), *scaling.MixedB)
	return func(i int) float64 { return math.Exp(exponent * math.Pow(float64(i+1), *scaling.MixedB)) }, nil
}
