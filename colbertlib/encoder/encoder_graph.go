package encoder

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Encoder builds an encoder's computation from a caller's weights. Like all graph building in GoMLX, its methods panic on wrong
// shapes; executors turn that into errors.
type Encoder struct {
	Config Config
	// Weight returns the node of the parameter of that name, see [Config.Params].
	Weight func(name string) *graph.Node
	// Recompute says that gradients take less memory and more time: see [Encoder.HiddenStates].
	Recompute bool
}

// HiddenStates encodes texts: ids [B, L] int32, mask [B, L] float32, 1 for a token and 0 for padding, which must be on the
// right. It returns the embeddings and the output of each layer, Layers+1 nodes [B, L, H], the last of which is the encoder's
// output. Rows at padding hold values without meaning. On backends
// with dynamic axes, B and L may be open; gradients need them fixed. Ids must lie below VocabSize and L must not exceed MaxPositions: GoMLX
// would read other rows instead of reporting it.
//
// With Recompute, the backward pass keeps the input of each layer only and computes the rest again: the memory of one layer in place of that of all, for
// about a third more time.
func (e Encoder) HiddenStates(ids, mask *graph.Node) []*graph.Node {
	b := newBuilder(e.Config, ids.Shape().Dim(0), ids.Shape().Dim(1))
	b.recompute = e.Recompute
	b.weight, b.batchSize, b.lengthSize = e.Weight, graph.DimensionSpecFor(ids, 0), graph.DimensionSpecFor(ids, 1)
	states := e.Config.architecture().hiddenStates(b, ids, mask)
	for i, state := range states {
		states[i] = b.split(state, e.Config.HiddenSize)
	}
	return states
}

// MLMLogits returns the masked language model's scores [N, V] over the vocabulary for N tokens' hidden states [N, H] of the last
// layer. It needs the parameters marked MLM.
func (e Encoder) MLMLogits(hidden *graph.Node) *graph.Node {
	return e.Config.architecture().mlmLogits(&builder{config: e.Config, weight: e.Weight}, hidden)
}

// builder is what the architectures' graph functions share.
//
// There are two layouts. On the Go backend those operations are cheapest that walk along rows of matrices, run beside each other and
// have nothing to broadcast: attention goes by groups of heads, and rows are repeated by products with ones. Other backends are best
// given few and large operations, with the axes as they are; they may leave B and L open until a graph is executed.
type builder struct {
	config                Config
	weight                func(name string) *graph.Node
	batch, length         int                 // B, L; negative where they are open
	batchSize, lengthSize graph.DimensionSpec // the same
	recompute             bool                // layers in the backward pass
}

func newBuilder(config Config, batch, length int) *builder {
	return &builder{config: config, batch: batch, length: length, batchSize: graph.StaticDim(batch), lengthSize: graph.StaticDim(length)}
}

func (b *builder) headSize() int { return b.config.HiddenSize / b.config.Heads }

// flat puts the tokens of all texts below each other: [B, L, ...] -> [T, size].
func flat(x *graph.Node, size int) *graph.Node {
	return graph.DynamicReshape(x, graph.NamedInferredDim("tokens"), graph.StaticDim(size))
}

// split undoes flat, and cuts rows into the given sizes: [T, H] -> [B, L, sizes...].
func (b *builder) split(x *graph.Node, sizes ...int) *graph.Node {
	specs := []graph.DimensionSpec{b.batchSize, b.lengthSize}
	for _, size := range sizes {
		specs = append(specs, graph.StaticDim(size))
	}
	return graph.DynamicReshape(x, specs...)
}

// lookUp is the row of table [V, H] for each of ids [B, L]: [T, H].
func lookUp(table, ids *graph.Node) *graph.Node {
	return GatherRows(table, graph.Squeeze(flat(ids, 1), -1))
}

// firstRows are the rows of table [N, H] for the positions of a text: [L, H].
func (b *builder) firstRows(table *graph.Node) *graph.Node {
	if b.length > 0 {
		return graph.Slice(table, graph.AxisRange(0, b.length))
	}
	return graph.Gather(table, graph.DynamicIota(table.Graph(), dtypes.Int32, 0, b.lengthSize, graph.StaticDim(1)))
}

// dense applies the parameters name.weight [out, in] and name.bias [out] to x [T, in].
func (b *builder) dense(x *graph.Node, name string) *graph.Node {
	return dense(x, b.weight(name+".weight"), b.weight(name+".bias"))
}

// layerNorm applies the parameters name.weight [H] and name.bias [H] to x [T, H].
func (b *builder) layerNorm(x *graph.Node, name string) *graph.Node {
	return layerNorm(x, b.weight(name+".weight"), b.weight(name+".bias"), b.config.LayerNormEpsilon)
}
