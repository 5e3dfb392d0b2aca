package encoder

import (
	"fmt"
	"math"
	"slices"
)

// inverseFrequencies returns the rotary angle per token of each pair of a head of the given even size: theta^(-2i/size),
// as in Su et al. 2021 (RoFormer), or changed by "ntk" scaling in the fixed way of Alibaba-NLP's new-impl, which applies it
// to every length.
func inverseFrequencies(theta float64, scaling *ropeScaling, size int) ([]float64, error) {
	if !(theta > 1) {
		return nil, fmt.Errorf("rope_theta is %g, want a number above 1", theta)
	}
	pairs := size / 2
	divisor := func(int) float64 { return 1 }
	if scaling != nil {
		if scaling.Type != "ntk" {
			return nil, fmt.Errorf("rope_scaling type %q is not supported; supported is ntk", scaling.Type)
		}
		if !(scaling.Factor >= 1) {
			return nil, fmt.Errorf("rope_scaling factor is %g, want a number from 1", scaling.Factor)
		}
		if scaling.MixedB == nil {
			theta *= scaling.Factor
			shared := math.Pow(scaling.Factor, 1/float64(pairs))
			divisor = func(int) float64 { return shared }
		} else {
			exponent := math.Log(scaling.Factor) / math.Pow(float64(pairs), *scaling.MixedB)
			divisor = func(i int) float64 { return math.Exp(exponent * math.Pow(float64(i+1), *scaling.MixedB)) }
		}
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
