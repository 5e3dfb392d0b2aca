package maxsim

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Batch is a batch of texts' token embeddings in a graph.
type Batch struct {
	Embeddings *Node // [B, L, D], zero rows at padding
	Mask       *Node // [B, L] float32, 1 for a token, 0 for padding
}

// ScoreGraph scores the i-th query against the i-th document: queries [B, Lq, D], documents [B, Ld, D] -> [B]. padded [B] is 1 for
// documents that are shorter than their role allows (see [Embedding.Padded]) and 0 for others; it may be nil but for ClipZero.
//
// The gradient of a maximum goes to one document token, the first of equals, as in PyTorch's max over an axis.
func (v Variant) ScoreGraph(queries, documents Batch, padded *Node) *Node {
	similarities := Einsum("bqd,bkd->bqk", queries.Embeddings, documents.Embeddings) // [B, Lq, Ld]
	visible := StopGradient(Add(similarities, MulScalar(OneMinus(InsertAxes(documents.Mask, 1)), -1e4)))
	chosen := OneHot(ArgMax(visible, -1), similarities.Shape().Dim(2), similarities.DType())
	matches := ReduceSum(Mul(similarities, chosen), -1) // [B, Lq]
	switch v {
	case ClipZero:
		clipped := Mul(InsertAxes(padded, -1), ConvertDType(LessThan(StopGradient(matches), ZerosLike(matches)), matches.DType()))
		matches = Mul(matches, OneMinus(clipped))
	case MaskMin, Mean:
	default:
		exceptions.Panicf("maxsim: unknown variant %q", string(v))
	}
	scores := ReduceSum(Mul(matches, queries.Mask), -1) // [B]
	if v == Mean {
		scores = Div(scores, ReduceSum(queries.Mask, -1))
	}
	return scores
}
