package train

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
)

// loss is neural-cherche's (losses/ranking.py): the mean over the batch of -log softmax([positive, negative])[0] of the MaxSim
// scores. B queries share N documents, each of which is encoded once:
//
//	query ids, attended and scored [B, Lq], document ids, attended and scored [N, Ld], padded [N], rows of positives and negatives [B] -> scalar
//
// The factors of dropout may follow.
func (p *pairwise) loss(inputs []*Node) *Node {
	m := p.model
	queries, documentBatch := embed(m, inputs, 9)
	documents, documentMask, padded := documentBatch.Embeddings, documentBatch.Mask, inputs[6] // [N, Ld, D], [N, Ld], [N]
	score := func(rows *Node) *Node {                                                          // [B] -> [B, 1]
		chosen := maxsim.Batch{Embeddings: encoder.GatherRows(documents, rows), Mask: encoder.GatherRows(documentMask, rows)} // [B, Ld, D], [B, Ld]
		return InsertAxes(m.Similarity.ScoreGraph(queries, chosen, encoder.GatherRows(padded, rows)), -1)
	}
	logits := Concatenate([]*Node{score(inputs[7]), score(inputs[8])}, -1) // [B, 2]
	return Neg(ReduceAllMean(Slice(LogSoftmax(logits, -1), AxisRange(), AxisElem(0))))
}

// loss is the mean over the batch of -log softmax(scores / temperature)[right] over all N labels, where a score is the mean over the query's
// tokens, so that long advertisements do not weigh more than short ones:
//
//	query ids, attended and scored [B, Lq], label ids, attended and scored [N, Ld], padded [N], right [B] -> scalar
//
// The factors of dropout may follow.
func (l *listwise) loss(inputs []*Node) *Node {
	m := l.model
	queries, labels := embed(m, inputs, 8)
	padded, right := inputs[6], inputs[7]
	scores := m.Similarity.ScoreAllGraph(queries, labels, padded) // [B, N]
	if m.Similarity != maxsim.Mean {
		scores = Div(scores, ReduceAndKeep(queries.Mask, ReduceSum, -1))
	}
	logits := LogSoftmax(DivScalar(scores, l.temperature), -1)
	chosen := OneHot(right, logits.Shape().Dim(1), logits.DType()) // [B, N]
	return Neg(ReduceAllMean(ReduceSum(Mul(logits, chosen), -1)))
}

// Places of the inputs of both losses, each of three: ids, attended, scored.
const (
	queryIDs    = 0
	documentIDs = 3
)

// embed computes queries and documents of the first n inputs, with dropout where there are more.
func embed(m *colbert.Model, inputs []*Node, n int) (queries, documents maxsim.Batch) {
	factors := []*Node{nil, nil}
	if len(inputs) > n {
		factors = inputs[n:]
	}
	batch := func(first int, factors *Node) maxsim.Batch {
		mask := inputs[first+2]
		return maxsim.Batch{Embeddings: m.EmbedDropped(inputs[first], inputs[first+1], mask, factors), Mask: mask}
	}
	return batch(queryIDs, factors[0]), batch(documentIDs, factors[1])
}
