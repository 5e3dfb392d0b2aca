package encoder

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

func (distilBERT) hiddenStates(b *builder, ids, mask *Node) []*Node {
	x := b.addPositions(lookUp(b.weight("embeddings.word_embeddings.weight"), ids)) // [T, H]
	x = b.layerNorm(x, "embeddings.LayerNorm")
	states := []*Node{x}
	for i := range b.config.Layers {
		layer := fmt.Sprintf("transformer.layer.%d.", i)
		x = b.layer(x, func(b *builder, x *Node) *Node {
			self := layer + "attention."
			context := b.attention(b.dense(x, self+"q_lin"), b.dense(x, self+"k_lin"), b.dense(x, self+"v_lin"), mask, nil)
			x = b.layerNorm(Add(x, b.dense(context, self+"out_lin")), layer+"sa_layer_norm")
			wide := gelu(b.dense(x, layer+"ffn.lin1")) // [T, intermediate]
			return b.layerNorm(Add(x, b.dense(wide, layer+"ffn.lin2")), layer+"output_layer_norm")
		})
		states = append(states, x)
	}
	return states
}

func (distilBERT) mlmLogits(b *builder, hidden *Node) *Node {
	x := b.layerNorm(gelu(b.dense(hidden, "vocab_transform")), "vocab_layer_norm")
	return dense(x, b.weight("embeddings.word_embeddings.weight"), b.weight("vocab_projector.bias"))
}
