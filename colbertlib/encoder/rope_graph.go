package encoder

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// rotary returns the function that turns each head's pairs (i, i+D/2) of a token by its position times the pair's angle
// (Su et al. 2021, in the half-split order of GPT-NeoX): [T, H] -> [T, H]. Angles are computed in float64 on the host; float32 would
// do, half precision would not.
func (b *builder) rotary(g *Graph, inverseFrequencies []float64) func(x *Node) *Node {
	cos, sin := rotaryTables(inverseFrequencies, b.length, b.config.Heads)
	cosNode, sinNode := repeatRows(Const(g, cos), b.batch), repeatRows(Const(g, sin), b.batch) // [T, H/2]
	turn := func(x, sin *Node) *Node {
		half := b.headSize() / 2
		first, second := b.halves(x, 0), b.halves(x, half) // [T, H/2] each
		turnedFirst := Sub(Mul(first, cosNode), Mul(second, sin))
		turnedSecond := Add(Mul(second, cosNode), Mul(first, sin))
		return b.interleaveHalves(turnedFirst, turnedSecond)
	}
	return func(x *Node) *Node {
		return withGradient([]*Node{x}, func() *Node { return turn(x, sinNode) }, func(adjoint *Node) []*Node {
			return []*Node{turn(adjoint, Neg(sinNode))} // a rotation's transpose turns back
		})
	}
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
