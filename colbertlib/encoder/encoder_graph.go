package encoder

import (
	"github.com/gomlx/gomlx/core/graph"
)

// Encoder builds an encoder's computation from a caller's weights. Like all graph building in GoMLX, its methods panic on wrong
// shapes; executors turn that into errors.
type Encoder struct {
	Config Config
	// Weight returns the node of the parameter of that name, see [Config.Params].
	Weight func(name string) *graph.Node
}

// HiddenStates encodes texts: ids [B, L] int32, mask [B, L] float32, 1 for a token and 0 for padding, which must be on the
// right. It returns the embeddings and the output of each layer, Layers+1 nodes [B, L, H], the last of which is the encoder's
// output. Rows at padding hold values without meaning. Ids must lie below VocabSize and L must not exceed MaxPositions: GoMLX
// would read other rows instead of reporting it.
func (e Encoder) HiddenStates(ids, mask *graph.Node) []*graph.Node {
	b := e.builder(ids.Shape().Dim(0), ids.Shape().Dim(1))
	states := e.Config.architecture().hiddenStates(b, ids, mask)
	for i, state := range states {
		states[i] = graph.Reshape(state, b.batch, b.length, e.Config.HiddenSize)
	}
	return states
}

// MLMLogits returns the masked language model's scores [N, V] over the vocabulary for N tokens' hidden states [N, H] of the last
// layer. It needs the parameters marked MLM.
func (e Encoder) MLMLogits(hidden *graph.Node) *graph.Node {
	return e.Config.architecture().mlmLogits(e.builder(0, 0), hidden)
}

func (e Encoder) builder(batch, length int) *builder {
	return &builder{config: e.Config, weight: e.Weight, batch: batch, length: length}
}

// builder is what the architectures' graph functions share.
type builder struct {
	config        Config
	weight        func(name string) *graph.Node
	batch, length int // B, L
}

func (b *builder) headSize() int { return b.config.HiddenSize / b.config.Heads }

// dense applies the parameters name.weight [out, in] and name.bias [out] to x [T, in].
func (b *builder) dense(x *graph.Node, name string) *graph.Node {
	return dense(x, b.weight(name+".weight"), b.weight(name+".bias"))
}

// layerNorm applies the parameters name.weight [H] and name.bias [H] to x [T, H].
func (b *builder) layerNorm(x *graph.Node, name string) *graph.Node {
	return layerNorm(x, b.weight(name+".weight"), b.weight(name+".bias"), b.config.LayerNormEpsilon)
}
