package encoder

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// gradientsAtOnce is how many rows are added up together: enough for few operations, few enough for matrices of rows by rows.
const gradientsAtOnce = 1024

// GatherRows is the row of table [V, ...] for each of rows [N] int32: [N, ...]. Its gradient adds up right where a row is asked for more than once.
//
// GoMLX's own gradient of Gather leaves that to the backend's scatter, and ONNX Runtime's (1.32, CPU) lets its threads add to the same row
// at the same time: summands get lost, others each time. What GPUs add, they add in any order. So except on the Go backend, which adds one row
// after the other, equal rows are summed by a matrix product first, and each row of the table gets one summand.
func GatherRows(table, rows *Node) *Node {
	if onGo(table) {
		return Gather(table, InsertAxes(rows, -1))
	}
	return withGradient([]*Node{table}, func() *Node {
		return Gather(table, InsertAxes(rows, -1))
	}, func(adjoint *Node) []*Node {
		v, n := table.Shape().Dim(0), rows.Shape().Dim(0)
		adjoint = Reshape(adjoint, n, adjoint.Shape().Size()/n)
		// The spare rows at the end take what has been added to another row already.
		sum := Zeros(table.Graph(), shapes.Make(table.DType(), v+min(n, gradientsAtOnce), adjoint.Shape().Dim(1)))
		for first := 0; first < n; first += gradientsAtOnce {
			part := AxisRange(first, min(first+gradientsAtOnce, n))
			sum = addDistinct(sum, v, Slice(rows, part), Slice(adjoint, part))
		}
		return []*Node{Reshape(Slice(sum, AxisRange(0, v)), table.Shape().Dimensions...)}
	})
}

// addDistinct adds summands [N, H] to those rows [N] of sum [V+N, H] that they are for, all that are for the same row as one.
func addDistinct(sum *Node, v int, rows, summands *Node) *Node {
	g, n := rows.Graph(), rows.Shape().Dim(0)
	same := ConvertDType(Equal(InsertAxes(rows, -1), InsertAxes(rows, 0)), summands.DType()) // [N, N], 1 where two are for the same row
	place := Iota(g, shapes.Make(dtypes.Int32, n), 0)
	leads := Equal(ArgMax(same, -1), place) // [N], whether none before is for the same row
	target := Where(leads, rows, AddScalar(place, float64(v)))
	return ScatterSum(sum, InsertAxes(target, -1), Einsum("mn,nh->mh", same, summands), false, true)
}
