package modelcheck

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
)

// maskProbabilities is what the model believes of the vocabulary at N places of one text: ids [1, L], rows [N] -> [N, V].
func maskProbabilities(e encoder.Encoder, ids, rows *Node) *Node {
	states := e.HiddenStates(ids, OnesLike(ConvertDType(ids, dtypes.Float32)))
	hidden := Reshape(states[len(states)-1], ids.Shape().Dim(1), e.Config.HiddenSize) // [L, H]
	return Softmax(e.MLMLogits(Gather(hidden, InsertAxes(rows, -1))), -1)
}
