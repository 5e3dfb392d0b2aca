package pretrain

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
)

// lossGraph is the loss of a batch: ids and mask [B, L], rows and targets [N] -> scalar.
func (m *Model) lossGraph(inputs []*Node) *Node {
	ids, mask, rows, targets := inputs[0], inputs[1], inputs[2], inputs[3]
	e := m.parameters.Encoder(m.config, ids.Graph())
	states := e.HiddenStates(ids, mask)
	hidden := Reshape(states[len(states)-1], ids.Shape().Size(), m.config.HiddenSize) // [B·L, H]
	return e.MLMLoss(encoder.GatherRows(hidden, rows), targets)
}
