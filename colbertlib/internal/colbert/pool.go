package colbert

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Pool computes the mean of the encoder's last hidden states over each text's tokens, [n, H], at unit length: what sentence embeddings
// usually are. Neither head nor similarity takes part.
func (m *Model) Pool(ctx context.Context, role modelio.Role, texts []string) ([][]float32, error) {
	exec, err := model.NewExec(m.backend, m.Parameters.Store, func(_ *model.Scope, ids, attended *graph.Node) *graph.Node {
		return m.pool(ids, attended)
	})
	if err != nil {
		return nil, fmt.Errorf("colbert: %w", err)
	}
	defer exec.Finalize()
	m.compileFew(exec, 2)
	result := make([][]float32, len(texts))
	err = m.inBatches(ctx, role, texts, nil, func(tokens []Tokens, chosen []int) error {
		batch := m.pad(choose(tokens, chosen), 0, m.encodeStep())
		output, err := exec.Call1(batch.IDs, batch.Attended)
		if err != nil {
			return fmt.Errorf("colbert: pool: %w", err)
		}
		defer output.FinalizeAll()
		size := output.Shape().Dim(1)
		return tensors.ConstFlatData(output, func(flat []float32) {
			for i, text := range chosen {
				result[text] = append([]float32(nil), flat[i*size:(i+1)*size]...)
			}
		})
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}
