package encoder

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// MLMLoss is the masked language model's mean cross-entropy, in nats, over N tokens: their hidden states [N, H] of the last layer and
// the ids [N] int32 of the words that stood there -> scalar.
func (e Encoder) MLMLoss(hidden, targets *Node) *Node {
	logits := e.MLMLogits(hidden) // [N, V]
	n, vocabulary := logits.Shape().Dim(0), logits.Shape().Dim(1)
	var probabilities *Node
	return withGradient([]*Node{logits}, func() *Node {
		probabilities = Softmax(logits, 1)
		rows := Iota(logits.Graph(), targets.Shape(), 0)                                                        // [N]
		chosen := Gather(probabilities, Concatenate([]*Node{InsertAxes(rows, -1), InsertAxes(targets, -1)}, 1)) // [N]
		return Neg(ReduceAllMean(Log(MaxScalar(chosen, 1e-30))))
	}, func(adjoint *Node) []*Node {
		slope := Sub(probabilities, OneHot(targets, vocabulary, logits.DType()))
		return []*Node{Mul(slope, MulScalar(adjoint, 1/float64(n)))}
	})
}
