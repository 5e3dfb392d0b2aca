package train

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
)

// pairwiseLoss is neural-cherche's (losses/ranking.py): the mean over the batch of -log softmax([positive, negative])[0] of the MaxSim
// scores. B queries share N documents, each of which is encoded once:
//
//	query ids, attended and scored [B, Lq], document ids, attended and scored [N, Ld], padded [N], rows of positives and negatives [B] -> scalar
func pairwiseLoss(m *colbert.Model, inputs []*Node) *Node {
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
