package encoder

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

func (bert) hiddenStates(b *builder, ids, mask *Node) []*Node {
	x := b.addPositions(lookUp(b.weight("embeddings.word_embeddings.weight"), ids)) // [T, H]
	if b.config.TokenTypes > 0 {
		x = addRow(x, b.firstRow("embeddings.token_type_embeddings.weight")) // every token is of the first type
	}
	x = b.layerNorm(x, "embeddings.LayerNorm")
	states := []*Node{x}
	for i := range b.config.Layers {
		layer := fmt.Sprintf("encoder.layer.%d.", i)
		x = b.layer(x, func(b *builder, x *Node) *Node {
			self := layer + "attention.self."
			context := b.attention(b.dense(x, self+"query"), b.dense(x, self+"key"), b.dense(x, self+"value"), mask, nil)
			x = b.layerNorm(Add(x, b.dense(context, layer+"attention.output.dense")), layer+"attention.output.LayerNorm")
			wide := gelu(b.dense(x, layer+"intermediate.dense")) // [T, intermediate]
			return b.layerNorm(Add(x, b.dense(wide, layer+"output.dense")), layer+"output.LayerNorm")
		})
		states = append(states, x)
	}
	return states
}

func (bert) mlmLogits(b *builder, hidden *Node) *Node {
	x := gelu(b.dense(hidden, "cls.predictions.transform.dense"))
	x = b.layerNorm(x, "cls.predictions.transform.LayerNorm")
	return dense(x, b.weight("embeddings.word_embeddings.weight"), b.weight("cls.predictions.bias"))
}

// addPositions adds the learned position embeddings to x [T, H].
func (b *builder) addPositions(x *Node) *Node {
	rows := b.firstRows(b.weight("embeddings.position_embeddings.weight")) // [L, H]
	if onGo(x) {
		return Add(x, repeatRows(rows, b.batch))
	}
	return flat(Add(b.split(x, b.config.HiddenSize), InsertAxes(rows, 0)), b.config.HiddenSize)
}

// firstRow is row 0 of a parameter [N, H]: [H].
func (b *builder) firstRow(name string) *Node {
	return Reshape(Slice(b.weight(name), AxisElem(0)), b.config.HiddenSize)
}

// repeatRows copies a matrix n times, one copy below the other: [L, H] -> [n·L, H].
func repeatRows(x *Node, n int) *Node {
	l, h := x.Shape().Dim(0), x.Shape().Dim(1)
	return Reshape(repeatRow(Reshape(x, l*h), n), n*l, h)
}
