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
	if padded != nil {
		padded = InsertAxes(padded, -1) // [B, 1]
	}
	matches := v.best(similarities, InsertAxes(documents.Mask, 1), padded) // [B, Lq]
	scores := ReduceSum(Mul(matches, queries.Mask), -1)                    // [B]
	if v == Mean {
		scores = Div(scores, ReduceSum(queries.Mask, -1))
	}
	return scores
}

// ScoreAllGraph scores every query against every document: queries [B, Lq, D], documents [N, Ld, D], padded [N] -> [B, N]. It is
// otherwise as [Variant.ScoreGraph].
func (v Variant) ScoreAllGraph(queries, documents Batch, padded *Node) *Node {
	similarities := Einsum("bqd,nkd->bqnk", queries.Embeddings, documents.Embeddings) // [B, Lq, N, Ld]
	if padded != nil {
		padded = ExpandLeftToRank(padded, 3) // [1, 1, N]
	}
	matches := v.best(similarities, ExpandLeftToRank(documents.Mask, 4), padded) // [B, Lq, N]
	scores := Einsum("bqn,bq->bn", matches, queries.Mask)
	if v == Mean {
		scores = Div(scores, ReduceAndKeep(queries.Mask, ReduceSum, -1))
	}
	return scores
}

// best is the similarity of the best document token: similarities [..., Ld], and documents' mask [..., Ld] and padded [...], which are
// repeated along axes of size 1 -> [...].
func (v Variant) best(similarities, mask, padded *Node) *Node {
	visible := StopGradient(Add(similarities, MulScalar(OneMinus(mask), -1e4)))
	chosen := OneHot(ArgMax(visible, -1), similarities.Shape().Dim(-1), similarities.DType())
	matches := ReduceSum(Mul(similarities, chosen), -1)
	switch v {
	case ClipZero:
		clipped := Mul(padded, ConvertDType(LessThan(StopGradient(matches), ZerosLike(matches)), matches.DType()))
		return Mul(matches, OneMinus(clipped))
	case MaskMin, Mean:
		return matches
	}
	exceptions.Panicf("maxsim: unknown variant %q", string(v))
	return nil
}
