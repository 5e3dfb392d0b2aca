package encoder

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// gelu is x·Φ(x) with the exact normal distribution Φ, element by element (Hendrycks and Gimpel 2016): [T, H] -> [T, H].
func gelu(x *Node) *Node {
	var phi, density *Node
	return withGradient([]*Node{x}, func() *Node {
		phi, density = normal(x)
		return Mul(x, phi)
	}, func(adjoint *Node) []*Node {
		return []*Node{Mul(adjoint, Add(phi, Mul(x, density)))}
	})
}

// gatedGELU is gelu(gate)·up, element by element (Shazeer 2020, GEGLU): [T, H], [T, H] -> [T, H].
func gatedGELU(gate, up *Node) *Node {
	var phi, density *Node
	return withGradient([]*Node{gate, up}, func() *Node {
		phi, density = normal(gate)
		return Mul(Mul(gate, phi), up)
	}, func(adjoint *Node) []*Node {
		slope := Add(phi, Mul(gate, density))
		return []*Node{Mul(Mul(adjoint, up), slope), Mul(adjoint, Mul(gate, phi))}
	})
}

// normal returns the standard normal distribution Φ(x) and its density, element by element.
//
// On the Go backend it avoids the operations Exp and Erf. They call Go's math.Exp, whose assembly slows down a hundredfold on Intel
// processors when AVX-512 code ran before on the same thread, as matrix products do there (compute v0.1.6 never clears the upper
// halves of the registers; measured in results/LOG.md). Φ then follows Abramowitz and Stegun 1964, formula 26.2.17 in its form for
// the error function, 7.1.26, whose error is below 1.5e-7.
func normal(x *Node) (phi, density *Node) {
	const rootTwoPi = 2.50662827463100050242
	square := MulScalar(Square(x), -0.5)
	if !onGo(x) {
		phi = AddScalar(MulScalar(Erf(MulScalar(x, 1/math.Sqrt2)), 0.5), 0.5)
		return phi, MulScalar(Exp(square), 1/rootTwoPi)
	}
	exp := expOfNegative(square)
	t := Div(OnesLike(x), AddScalar(MulScalar(Abs(x), 0.3275911/math.Sqrt2), 1))
	polynomial := MulScalar(t, 1.061405429)
	for _, coefficient := range []float64{-1.453152027, 1.421413741, -0.284496736, 0.254829592} {
		polynomial = Mul(AddScalar(polynomial, coefficient), t)
	}
	tail := MulScalar(Mul(polynomial, exp), 0.5) // 1 - Φ(|x|)
	phi = Where(GreaterThan(x, ZerosLike(x)), OneMinus(tail), tail)
	return phi, MulScalar(exp, 1/rootTwoPi)
}

// onGo tells whether x is computed on GoMLX's pure Go backend.
func onGo(x *Node) bool { return isGo(x.Graph()) }

func isGo(g *Graph) bool { return g.Backend().Name() == "Go Backend" }

// expOfNegative is e^x for x [T, H] with no positive values, by way of the softmax, whose exponential is a fast one: beside a column of
// zeros, each row's softmax is e^x over its sum, and that column's is 1 over the same sum.
func expOfNegative(x *Node) *Node {
	t, h := x.Shape().Dim(0), x.Shape().Dim(1)
	softmax := Softmax(Concatenate([]*Node{x, Zeros(x.Graph(), shapes.Make(x.DType(), t, 1))}, 1), 1) // [T, H+1]
	sum := Div(ones(x.Graph(), t, 1), Slice(softmax, AxisRange(), AxisRange(h)))                      // [T, 1]
	return Mul(Slice(softmax, AxisRange(), AxisRange(0, h)), repeatColumn(sum, h))
}
