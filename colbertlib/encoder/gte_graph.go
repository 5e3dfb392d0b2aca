package encoder

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

func (gte) hiddenStates(b *builder, ids, mask *Node) []*Node {
	t, h, inner := b.batch*b.length, b.config.HiddenSize, b.config.IntermediateSize
	x := Gather(b.weight("embeddings.word_embeddings.weight"), Reshape(ids, t, 1)) // [T, H]
	if b.config.TokenTypes > 0 {
		x = Add(x, repeatRow(b.firstRow("embeddings.token_type_embeddings.weight"), t))
	}
	x = b.layerNorm(x, "embeddings.LayerNorm")
	rotate := b.rotary(x.Graph())
	states := []*Node{x}
	for i := range b.config.Layers {
		layer := fmt.Sprintf("encoder.layer.%d.", i)
		weight, bias := b.weight(layer+"attention.qkv_proj.weight"), b.weight(layer+"attention.qkv_proj.bias")
		part := func(i int) *Node { // rows of the weight are cheaper to cut than columns of the product
			return dense(x, Slice(weight, AxisRange(i*h, (i+1)*h)), Slice(bias, AxisRange(i*h, (i+1)*h)))
		}
		context := b.attention(rotate(part(0)), rotate(part(1)), part(2), mask)
		x = b.layerNorm(Add(x, b.dense(context, layer+"attention.o_proj")), layer+"attn_ln")
		upGate := b.weight(layer + "mlp.up_gate_proj.weight")
		up, gate := dense(x, Slice(upGate, AxisRange(0, inner)), nil), dense(x, Slice(upGate, AxisRange(inner)), nil)
		x = b.layerNorm(Add(x, b.dense(gatedGELU(gate, up), layer+"mlp.down_proj")), layer+"mlp_ln")
		states = append(states, x)
	}
	return states
}

func (gte) mlmLogits(b *builder, hidden *Node) *Node {
	x := b.layerNorm(gelu(b.dense(hidden, "lm_head.dense")), "lm_head.norm")
	return dense(x, b.weight("embeddings.word_embeddings.weight"), b.weight("lm_head.decoder.bias"))
}
