package train

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
)

// loss is neural-cherche's (losses/ranking.py): the mean over the batch of -log softmax([positive, negative])[0] of the MaxSim
// scores. B queries share N documents, each of which is encoded once:
//
//	query ids, attended and scored [B, Lq], document ids, attended and scored [N, Ld], padded [N], rows of positives and negatives [B] -> scalar
func (p *pairwise) loss(inputs []*Node) *Node {
	m := p.model
	queryMask, documentMask, padded := inputs[2], inputs[5], inputs[6]
	queries := maxsim.Batch{Embeddings: m.Embed(inputs[0], inputs[1], queryMask), Mask: queryMask}
	documents := m.Embed(inputs[3], inputs[4], documentMask) // [N, Ld, D]
	score := func(rows *Node) *Node {                        // [B] -> [B, 1]
		rows = InsertAxes(rows, -1)
		chosen := maxsim.Batch{Embeddings: Gather(documents, rows), Mask: Gather(documentMask, rows)} // [B, Ld, D], [B, Ld]
		return InsertAxes(m.Similarity.ScoreGraph(queries, chosen, Gather(padded, rows)), -1)
	}
	logits := Concatenate([]*Node{score(inputs[7]), score(inputs[8])}, -1) // [B, 2]
	return Neg(ReduceAllMean(Slice(LogSoftmax(logits, -1), AxisRange(), AxisElem(0))))
}

// loss is the mean over the batch of -log softmax(scores / temperature)[right] over all N labels, where a score is the mean over the query's
// tokens, so that long advertisements do not weigh more than short ones:
//
//	query ids, attended and scored [B, Lq], right [B], label ids, attended and scored [N, Ld], padded [N] -> scalar
func (l *listwise) loss(inputs []*Node) *Node {
	m := l.model
	queryMask, right, labelMask := inputs[2], inputs[3], inputs[6]
	queries := maxsim.Batch{Embeddings: m.Embed(inputs[0], inputs[1], queryMask), Mask: queryMask}
	labels := maxsim.Batch{Embeddings: m.Embed(inputs[4], inputs[5], labelMask), Mask: labelMask}
	scores := m.Similarity.ScoreAllGraph(queries, labels, inputs[7]) // [B, N]
	if m.Similarity != maxsim.Mean {
		scores = Div(scores, ReduceAndKeep(queryMask, ReduceSum, -1))
	}
	logits := LogSoftmax(DivScalar(scores, l.temperature), -1)
	chosen := OneHot(right, logits.Shape().Dim(1), logits.DType()) // [B, N]
	return Neg(ReduceAllMean(ReduceSum(Mul(logits, chosen), -1)))
}
