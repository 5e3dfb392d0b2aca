package encoder

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

func (gte) hiddenStates(b *builder, ids, mask *Node) []*Node {
	inner := b.config.IntermediateSize
	x := lookUp(b.weight("embeddings.word_embeddings.weight"), ids) // [T, H]
	if b.config.TokenTypes > 0 {
		x = addRow(x, b.firstRow("embeddings.token_type_embeddings.weight"))
	}
	x = b.layerNorm(x, "embeddings.LayerNorm")
	rotate := b.rotary(x.Graph(), b.config.InverseFrequencies)
	states := []*Node{x}
	for i := range b.config.Layers {
		layer := fmt.Sprintf("encoder.layer.%d.", i)
		x = b.layer(x, func(b *builder, x *Node) *Node {
			query, key, value := b.packedDense(x, b.weight(layer+"attention.qkv_proj.weight"), b.weight(layer+"attention.qkv_proj.bias"))
			context := b.attention(rotate(query), rotate(key), value, mask, nil)
			x = b.layerNorm(Add(x, b.dense(context, layer+"attention.o_proj")), layer+"attn_ln")
			upGate := b.weight(layer + "mlp.up_gate_proj.weight")
			up, gate := dense(x, Slice(upGate, AxisRange(0, inner)), nil), dense(x, Slice(upGate, AxisRange(inner)), nil)
			return b.layerNorm(Add(x, b.dense(gatedGELU(gate, up), layer+"mlp.down_proj")), layer+"mlp_ln")
		})
		states = append(states, x)
	}
	return states
}

func (gte) mlmLogits(b *builder, hidden *Node) *Node {
	x := b.layerNorm(gelu(b.dense(hidden, "lm_head.dense")), "lm_head.norm")
	return dense(x, b.weight("embeddings.word_embeddings.weight"), b.weight("lm_head.decoder.bias"))
}

// packedDense applies three dense layers to x [T, H] whose weights [3·H, H] and biases [3·H] or nil lie below each other.
func (b *builder) packedDense(x, weight, bias *Node) (query, key, value *Node) {
	h := b.config.HiddenSize
	part := func(i int) *Node { // rows of the weight are cheaper to cut than columns of the product
		rows := AxisRange(i*h, (i+1)*h)
		if bias == nil {
			return dense(x, Slice(weight, rows), nil)
		}
		return dense(x, Slice(weight, rows), Slice(bias, rows))
	}
	return part(0), part(1), part(2)
}
