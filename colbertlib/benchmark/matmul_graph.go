package benchmark

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// matmul is the stage that others are compared with: [2560, 768]·[768, 768].
const matmul = "plain matrix product"

func (r *runner) matrixProduct() {
	const rows, size = 2560, 768
	exec, err := NewExec(r.model.Core().Backend(), func(x, w *Node) *Node { return Einsum("ti,oi->to", x, w) })
	if err != nil {
		r.err = fmt.Errorf("benchmark: %w", err)
		return
	}
	defer exec.Finalize()
	values := func(n int) []float32 {
		list := make([]float32, n)
		for i := range list {
			list[i] = float32(i%7) - 3
		}
		return list
	}
	x, w := tensors.FromFlatDataAndDimensions(values(rows*size), rows, size), tensors.FromFlatDataAndDimensions(values(size*size), size, size)
	r.measure(matmul, 1, "products", 2*rows*size*size, func() error {
		outputs, err := exec.Call(x, w)
		for _, output := range outputs {
			output.FinalizeAll()
		}
		return err
	})
}
