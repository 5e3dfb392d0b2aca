package colbert

import (
	"fmt"
	"io"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
)

// ExportONNX writes encoder and head as one ONNX file: input_ids and attention_mask [B, L] int64 -> embeddings [B, L, D] float32, unit
// rows, zero at padding; B and L are open. Markers, prefixes and MaxSim are the caller's. The model must be on ONNX Runtime and not be in use.
func (m *Model) ExportONNX(w io.Writer) error {
	exec, err := model.NewExec(m.backend, m.Parameters.Store, func(_ *model.Scope, ids, mask *Node) *Node {
		attended := ConvertDType(mask, dtypes.Float32)
		return m.Embed(ids, attended, attended)
	})
	if err != nil {
		return fmt.Errorf("colbert: export: %w", err)
	}
	defer exec.Finalize()
	axes := []string{"batch", "length"}
	exec.WithDynamicAxes(axes, axes)
	open := shapes.MakeDynamic(dtypes.Int64, []int{shapes.DynamicDim, shapes.DynamicDim}, axes)
	return backend.ExportONNX(m.backend, backend.Graph{
		Exec: exec, Inputs: []shapes.Shape{open, open}, Names: []string{"input_ids", "attention_mask"}, Outputs: []string{"embeddings"},
	}, w)
}
