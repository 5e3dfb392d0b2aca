package train

import (
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// dropout draws which of the encoder's output values take part in a micro-step (Srivastava et al. 2014), by the seed and the micro-step alone, so
// that a resumed training draws the same. It is applied before the head only: the encoder's own layers are trained without.
type dropout struct {
	share  float64
	seed   uint64
	hidden int // H
}

// addTo adds to the inputs of a loss the factors for its queries and documents; nothing without dropout.
func (d dropout) addTo(inputs []any, step int) []any {
	if d.share == 0 {
		return inputs
	}
	random := rand.New(rand.NewPCG(d.seed, 1<<32+uint64(step)))
	return append(inputs, d.factors(random, inputs[queryIDs]), d.factors(random, inputs[documentIDs]))
}

// factors are what the encoder's output for ids [B, L] is multiplied by, [B, L, H]: 0 for a share of it, and for the others what keeps the mean.
func (d dropout) factors(random *rand.Rand, ids any) *tensors.Tensor {
	shape := append(ids.(*tensors.Tensor).Shape().Clone().Dimensions, d.hidden)
	values := make([]float32, shape[0]*shape[1]*shape[2])
	for i := range values {
		if random.Float64() >= d.share {
			values[i] = float32(1 / (1 - d.share))
		}
	}
	return tensors.FromFlatDataAndDimensions(values, shape...)
}
