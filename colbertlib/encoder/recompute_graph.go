package encoder

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// layer returns compute(b, x): [T, H] -> [T, H]. With Recompute, only x is kept for the backward pass, which computes the layer again when it
// gets there (Chen et al. 2016, "Training deep nets with sublinear memory cost"), to the same bits.
func (b *builder) layer(x *Node, compute func(b *builder, x *Node) *Node) *Node {
	if !b.recompute {
		return compute(b, x)
	}
	inputs := []*Node{x} // and the layer's weights
	recording := *b
	recording.weight = func(name string) *Node {
		weight := b.weight(name)
		if !slices.Contains(inputs, weight) {
			inputs = append(inputs, weight)
		}
		return weight
	}
	y := compute(&recording, x)
	return withGradient(inputs, func() *Node { return y }, func(adjoint *Node) []*Node {
		again := slices.Clone(inputs)
		again[0] = SchedulingBarrier(x, adjoint) // or it would be computed at once, and kept
		return Gradient(ReduceAllSum(Mul(compute(b, again[0]), StopGradient(adjoint))), again...)
	})
}
