package encoder

import (
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
)

// The gradient of a row is the sum over all places that ask for it, also where they are many, as for a text's commonest words, and
// the sum is the same to the bit each time. ONNX Runtime loses summands if left to itself: see [GatherRows].
func TestComplianceGradientOfRows(t *testing.T) {
	for _, test := range []struct {
		name             string
		table, width, in int
	}{
		{"one row for all", 1, 8, 40},
		{"few rows", 9, 24_000, 5},
		{"words of a batch", 500, 384, 2560},
	} {
		t.Run(test.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			rows, adjoint := make([]int32, test.in), make([]float32, test.in*test.width)
			for i := range rows {
				rows[i] = int32(float64(test.table) * rng.Float64() * rng.Float64() * rng.Float64()) // low ones are common
			}
			want := make([]float64, test.table*test.width)
			for i := range adjoint {
				adjoint[i] = float32(rng.NormFloat64())
				want[int(rows[i/test.width])*test.width+i%test.width] += float64(adjoint[i])
			}
			exec, err := NewExec(golden.OpenBackend(t), func(table, rows, adjoint *Node) *Node {
				return Gradient(ReduceAllSum(Mul(GatherRows(table, rows), adjoint)), table)[0]
			})
			if err != nil {
				t.Fatal(err)
			}
			var first []float32
			for range 5 {
				out, err := exec.Call(tensors.FromFlatDataAndDimensions(make([]float32, len(want)), test.table, test.width),
					tensors.FromFlatDataAndDimensions(rows, test.in), tensors.FromFlatDataAndDimensions(adjoint, test.in, test.width))
				if err != nil {
					t.Fatal(err)
				}
				got := tensors.MustCopyFlatData[float32](out[0])
				for i := range want {
					if diff := float64(got[i]) - want[i]; diff > 1e-3 || diff < -1e-3 {
						t.Fatalf("gradient of row %d, column %d is %v, want %v", i/test.width, i%test.width, got[i], want[i])
					}
				}
				if first == nil {
					first = got
				}
				if !slices.Equal(got, first) {
					t.Fatal("the same gradient has other bits")
				}
			}
		})
	}
}
