package encoder

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// rotary returns the function that turns each head's pairs (i, i+D/2) of a token by its position times the pair's angle
// (Su et al. 2021, in the half-split order of GPT-NeoX): [T, H] -> [T, H]. Angles are computed in float64 on the host; float32 would
// do, half precision would not.
func (b *builder) rotary(g *Graph, inverseFrequencies []float64) func(x *Node) *Node {
	var cos, sin *Node
	turn := b.turnHeads
	if isGo(g) {
		cosTable, sinTable := rotaryTables(inverseFrequencies, b.length, b.config.Heads)
		cos, sin = repeatRows(Const(g, cosTable), b.batch), repeatRows(Const(g, sinTable), b.batch) // [T, H/2]
		turn = b.turnRows
	} else {
		cosTable, sinTable := rotaryTables(inverseFrequencies, max(b.length, b.config.MaxPositions), 1)
		cos, sin = InsertAxes(b.firstRows(Const(g, cosTable)), 0, 1), InsertAxes(b.firstRows(Const(g, sinTable)), 0, 1) // [1, L, 1, D/2]
	}
	return func(x *Node) *Node {
		return withGradient([]*Node{x}, func() *Node { return turn(x, cos, sin) }, func(adjoint *Node) []*Node {
			return []*Node{turn(adjoint, cos, Neg(sin))} // a rotation's transpose turns back
		})
	}
}

// turnRows turns pairs of x [T, H] by cos and sin [T, H/2].
func (b *builder) turnRows(x, cos, sin *Node) *Node {
	half := b.headSize() / 2
	first, second := b.halves(x, 0), b.halves(x, half) // [T, H/2] each
	return b.interleaveHalves(Sub(Mul(first, cos), Mul(second, sin)), Add(Mul(second, cos), Mul(first, sin)))
}

// turnHeads turns pairs of x [T, H] by cos and sin [1, L, 1, D/2].
func (b *builder) turnHeads(x, cos, sin *Node) *Node {
	x, half := b.split(x, b.config.Heads, b.headSize()), b.headSize()/2 // [B, L, A, D]
	first := Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisRange(0, half))
	second := Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisRange(half))
	turned := Concatenate([]*Node{Sub(Mul(first, cos), Mul(second, sin)), Add(Mul(second, cos), Mul(first, sin))}, -1)
	return flat(turned, b.config.HiddenSize)
}

// rotaryTables returns cosines and sines [L, A·D/2], the same for each head.
func rotaryTables(frequencies []float64, length, heads int) (cos, sin [][]float32) {
	for position := range length {
		cosRow, sinRow := make([]float32, 0, heads*len(frequencies)), make([]float32, 0, heads*len(frequencies))
		for range heads {
			for _, frequency := range frequencies {
				angle := float64(position) * frequency
				cosRow = append(cosRow, float32(math.Cos(angle)))
				sinRow = append(sinRow, float32(math.Sin(angle)))
			}
		}
		cos, sin = append(cos, cosRow), append(sin, sinRow)
	}
	return cos, sin
}

// halves takes D/2 columns of each head, beginning at offset: [T, H] -> [T, H/2].
func (b *builder) halves(x *Node, offset int) *Node {
	d := b.headSize()
	parts := make([]*Node, b.config.Heads)
	for head := range parts {
		parts[head] = Slice(x, AxisRange(), AxisRange(head*d+offset, head*d+offset+d/2))
	}
	return Concatenate(parts, 1)
}

// interleaveHalves undoes halves: two [T, H/2] -> [T, H].
func (b *builder) interleaveHalves(first, second *Node) *Node {
	half := b.headSize() / 2
	var parts []*Node
	for head := range b.config.Heads {
		columns := AxisRange(head*half, (head+1)*half)
		parts = append(parts, Slice(first, AxisRange(), columns), Slice(second, AxisRange(), columns))
	}
	return Concatenate(parts, 1)
}
