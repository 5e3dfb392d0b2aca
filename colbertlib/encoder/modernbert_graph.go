package encoder

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

func (modernBERT) hiddenStates(b *builder, ids, mask *Node) []*Node {
	inner := b.config.IntermediateSize
	x := lookUp(b.weight("embeddings.tok_embeddings.weight"), ids) // [T, H]
	x = b.gain(x, "embeddings.norm")
	rotate := map[bool]func(*Node) *Node{false: b.rotary(x.Graph(), b.config.InverseFrequencies), true: b.rotary(x.Graph(), b.config.LocalInverseFrequencies)}
	window := map[bool]*Node{true: b.window(x.Graph())}
	states := []*Node{x}
	for i, local := range b.config.Local {
		layer := fmt.Sprintf("layers.%d.", i)
		x = b.layer(x, func(b *builder, x *Node) *Node {
			normal := x
			if i > 0 {
				normal = b.gain(x, layer+"attn_norm")
			}
			query, key, value := b.packedDense(normal, b.weight(layer+"attn.Wqkv.weight"), nil)
			context := b.attention(rotate[local](query), rotate[local](key), value, mask, window[local])
			x = Add(x, dense(context, b.weight(layer+"attn.Wo.weight"), nil))
			wide, weight := b.gain(x, layer+"mlp_norm"), b.weight(layer+"mlp.Wi.weight")
			gate, up := dense(wide, Slice(weight, AxisRange(0, inner)), nil), dense(wide, Slice(weight, AxisRange(inner)), nil)
			return Add(x, dense(gatedGELU(gate, up), b.weight(layer+"mlp.Wo.weight"), nil))
		})
		states = append(states, x)
	}
	states[len(states)-1] = b.gain(x, "final_norm")
	return states
}

func (modernBERT) mlmLogits(b *builder, hidden *Node) *Node {
	x := b.gain(gelu(dense(hidden, b.weight("head.dense.weight"), nil)), "head.norm")
	return dense(x, b.weight("embeddings.tok_embeddings.weight"), b.weight("decoder.bias"))
}

// gain is LayerNorm without an offset: x [T, H] and the parameter name.weight [H].
func (b *builder) gain(x *Node, name string) *Node {
	return layerNorm(x, b.weight(name+".weight"), nil, b.config.LayerNormEpsilon)
}

// window is what local layers add to the scores of a head, [1, 1, Lk, Lq]: nothing where query and key are close, and minus "infinity" elsewhere.
func (b *builder) window(g *Graph) *Node {
	one := StaticDim(1)
	position := func(axis int, sizes ...DimensionSpec) *Node { return DynamicIota(g, dtypes.Float32, axis, sizes...) }
	distance := Abs(Sub(position(2, one, one, b.lengthSize, one), position(3, one, one, one, b.lengthSize)))
	far := GreaterThan(distance, Const(g, float32(b.config.Window)))
	return MulScalar(ConvertDType(far, dtypes.Float32), masked)
}
