package colbert

import (
	"github.com/gomlx/gomlx/ml/layers/activation"

	. "github.com/gomlx/gomlx/core/graph"
)

// Embed encodes texts: ids [B, L] int32, attended and scored [B, L] float32 (see [Batch]) -> [B, L, D], unit rows for the tokens that
// take part in MaxSim and zero rows for others.
func (m *Model) Embed(ids, attended, scored *Node) *Node {
	return m.EmbedDropped(ids, attended, scored, nil)
}

// EmbedDropped is Embed with the encoder's output multiplied by factors [B, L, H] before the head, for dropout; nil is none.
func (m *Model) EmbedDropped(ids, attended, scored, factors *Node) *Node {
	g := ids.Graph()
	e := m.Parameters.Encoder(m.Config, g)
	e.Recompute = m.Recompute
	states := e.HiddenStates(ids, attended)
	x := states[len(states)-1] // [B, L, H]
	if factors != nil {
		x = Mul(x, factors)
	}
	for _, layer := range m.head {
		x = m.project(x, layer)
	}
	// As PyTorch's F.normalize, x / max(‖x‖, 1e-12); the maximum is taken below the root, whose slope at zero is infinite.
	norm := Sqrt(MaxScalar(ReduceAndKeep(Square(x), ReduceSum, -1), 1e-24)) // [B, L, 1]
	return Mul(Div(x, norm), InsertAxes(scored, -1))
}

// pool encodes texts as one row each: ids [B, L] int32, attended [B, L] float32 -> [B, H].
func (m *Model) pool(ids, attended *Node) *Node {
	states := m.Parameters.Encoder(m.Config, ids.Graph()).HiddenStates(ids, attended)
	sum := Einsum("blh,bl->bh", states[len(states)-1], attended) // the mean has the same direction
	return Div(sum, Sqrt(MaxScalar(ReduceAndKeep(Square(sum), ReduceSum, -1), 1e-24)))
}

// project applies one layer of the head: [B, L, in] -> [B, L, out].
func (m *Model) project(x *Node, layer headLayer) *Node {
	parameter := func(part string) *Node { return m.Parameters.Node(x.Graph(), layer.name+"."+part) }
	y := Einsum("bli,oi->blo", x, parameter("weight"))
	if layer.hasBias {
		y = Add(y, ExpandLeftToRank(parameter("bias"), 3))
	}
	y = activations[layer.activation](y)
	switch {
	case layer.hasResidual:
		y = Add(y, Einsum("bli,oi->blo", x, parameter("residual")))
	case layer.useResidual:
		y = Add(y, x)
	}
	return y
}

// activations are those that package modelio names.
var activations = map[string]func(x *Node) *Node{
	"identity": func(x *Node) *Node { return x },
	"tanh":     Tanh,
	"relu":     func(x *Node) *Node { return MaxScalar(x, 0) },
	"gelu":     activation.Gelu,
	"silu":     func(x *Node) *Node { return Mul(x, Sigmoid(x)) },
	"sigmoid":  func(x *Node) *Node { return Sigmoid(x) },
}
