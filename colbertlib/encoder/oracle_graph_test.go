package encoder

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
)

// The closed-form gradients are compared with what automatic differentiation makes of the plainest formulation.

func plainDense(x, weight, bias *Node) *Node {
	return Add(Einsum("ti,oi->to", x, weight), ExpandLeftToRank(bias, 2))
}

func plainLayerNorm(x, gain, offset *Node, epsilon float64) *Node {
	centred := Sub(x, ReduceAndKeep(x, ReduceMean, -1))
	unit := Div(centred, Sqrt(AddScalar(ReduceAndKeep(Square(centred), ReduceMean, -1), epsilon)))
	return Add(Mul(unit, ExpandLeftToRank(gain, 2)), ExpandLeftToRank(offset, 2))
}

func plainGELU(x *Node) *Node {
	return Mul(x, AddScalar(MulScalar(Erf(MulScalar(x, 1/math.Sqrt2)), 0.5), 0.5))
}

func plainAttention(b *builder, query, key, value, mask *Node) *Node {
	return plainAttentionWithBias(b, query, key, value, MulScalar(OneMinus(Reshape(mask, b.batch, 1, 1, b.length)), -1e30))
}

// plainWindowAttention looks at the keys that are at most b.config.Window places away, pair by pair.
func plainWindowAttention(b *builder, query, key, value, mask *Node) *Node {
	band := make([]float32, b.length*b.length)
	for i := range band {
		if distance := i/b.length - i%b.length; distance > b.config.Window || -distance > b.config.Window {
			band[i] = -1e30
		}
	}
	bias := MulScalar(OneMinus(Reshape(mask, b.batch, 1, 1, b.length)), -1e30)
	return plainAttentionWithBias(b, query, key, value, Add(bias, Reshape(Const(mask.Graph(), band), 1, 1, b.length, b.length)))
}

// plainAttentionWithBias adds bias [B or 1, 1, Lq or 1, Lk] to the scores.
func plainAttentionWithBias(b *builder, query, key, value, bias *Node) *Node {
	heads := func(x *Node) *Node { // [T, H] -> [B, A, L, D]
		return TransposeAllAxes(Reshape(x, b.batch, b.length, b.config.Heads, b.headSize()), 0, 2, 1, 3)
	}
	scores := MulScalar(Einsum("baqd,bakd->baqk", heads(query), heads(key)), 1/math.Sqrt(float64(b.headSize())))
	scores = Add(scores, bias)
	exps := Exp(Sub(scores, StopGradient(ReduceAndKeep(scores, ReduceMax, -1))))
	context := Einsum("baqk,bakd->baqd", Div(exps, ReduceAndKeep(exps, ReduceSum, -1)), heads(value))
	return Reshape(TransposeAllAxes(context, 0, 2, 1, 3), b.batch*b.length, b.config.HiddenSize)
}

func plainRotary(b *builder, x *Node) *Node {
	cos, sin := rotaryTables(b.config.InverseFrequencies, b.length, 1)
	d := b.headSize()
	x = Reshape(x, b.batch, b.length, b.config.Heads, d)
	first := Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisRange(0, d/2))
	second := Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisRange(d/2, d))
	c := Reshape(Const(x.Graph(), cos), 1, b.length, 1, d/2)
	s := Reshape(Const(x.Graph(), sin), 1, b.length, 1, d/2)
	turned := Concatenate([]*Node{Sub(Mul(first, c), Mul(second, s)), Add(Mul(second, c), Mul(first, s))}, -1)
	return Reshape(turned, b.batch*b.length, b.config.HiddenSize)
}

// The loss of the language model head is compared with the logarithm of a softmax, picked by one-hot vectors.
func TestMLMLossEqualsPlainCrossEntropy(t *testing.T) {
	config := Config{Family: BERT, VocabSize: 11, HiddenSize: 8, Heads: 2, IntermediateSize: 16, Layers: 1, MaxPositions: 4, LayerNormEpsilon: 1e-12}
	var shapes [][]int
	index := map[string]int{}
	for _, param := range config.Params() {
		if param.MLM || param.Name == "embeddings.word_embeddings.weight" {
			index[param.Name] = len(shapes)
			shapes = append(shapes, param.Shape)
		}
	}
	shapes = append(shapes, []int{6, config.HiddenSize})
	loss := func(plain bool) func(in []*Node) *Node {
		return func(in []*Node) *Node {
			hidden, targets := in[len(in)-1], Const(in[0].Graph(), []int32{0, 3, 10, 3, 7, 1})
			e := Encoder{Config: config, Weight: func(name string) *Node { return in[index[name]] }}
			if !plain {
				return e.MLMLoss(hidden, targets)
			}
			chosen := Mul(LogSoftmax(e.MLMLogits(hidden), -1), OneHot(targets, config.VocabSize, hidden.DType()))
			return Neg(ReduceAllMean(ReduceSum(chosen, -1)))
		}
	}
	compareResults(t, outputAndGradients(t, shapes, loss(false)), outputAndGradients(t, shapes, loss(true)))
}

func compareResults(t *testing.T, closed, plain [][]float32) {
	t.Helper()
	for i := range plain {
		for j := range plain[i] {
			if off := math.Abs(float64(closed[i][j] - plain[i][j])); !(off <= 1e-4) {
				t.Fatalf("value %d of result %d is %g, want %g", j, i, closed[i][j], plain[i][j])
			}
		}
	}
}

func TestGradientsEqualAutomaticDifferentiation(t *testing.T) {
	frequencies, err := ropeParameters{Theta: 10000}.inverseFrequencies(&Config{HiddenSize: 4, Heads: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range []int{1, 2, 5} {
		b := newBuilder(Config{HiddenSize: 8, Heads: 2, InverseFrequencies: frequencies, Window: 2}, batch, 6)
		rows := batch * b.length
		mask := make([]float32, rows) // the last two tokens of every other text are padding
		for i := range mask {
			if i/b.length%2 == 0 || i%b.length < 4 {
				mask[i] = 1
			}
		}
		maskOf := func(x *Node) *Node { return Reshape(Const(x.Graph(), mask), batch, b.length) }
		cases := []struct {
			name          string
			shapes        [][]int
			closed, plain func(in []*Node) *Node
		}{
			{"dense", [][]int{{rows, 8}, {5, 8}, {5}},
				func(in []*Node) *Node { return dense(in[0], in[1], in[2]) },
				func(in []*Node) *Node { return plainDense(in[0], in[1], in[2]) }},
			{"layer norm", [][]int{{rows, 8}, {8}, {8}},
				func(in []*Node) *Node { return layerNorm(in[0], in[1], in[2], 1e-5) },
				func(in []*Node) *Node { return plainLayerNorm(in[0], in[1], in[2], 1e-5) }},
			{"gelu", [][]int{{rows, 8}},
				func(in []*Node) *Node { return gelu(in[0]) },
				func(in []*Node) *Node { return plainGELU(in[0]) }},
			{"gated gelu", [][]int{{rows, 8}, {rows, 8}},
				func(in []*Node) *Node { return gatedGELU(in[0], in[1]) },
				func(in []*Node) *Node { return Mul(plainGELU(in[0]), in[1]) }},
			{"attention", [][]int{{rows, 8}, {rows, 8}, {rows, 8}},
				func(in []*Node) *Node { return b.attention(in[0], in[1], in[2], maskOf(in[0]), nil) },
				func(in []*Node) *Node { return plainAttention(b, in[0], in[1], in[2], maskOf(in[0])) }},
			{"attention in a window", [][]int{{rows, 8}, {rows, 8}, {rows, 8}},
				func(in []*Node) *Node {
					return b.attention(in[0], in[1], in[2], maskOf(in[0]), b.window(in[0].Graph()))
				},
				func(in []*Node) *Node { return plainWindowAttention(b, in[0], in[1], in[2], maskOf(in[0])) }},
			{"layer norm without offset", [][]int{{rows, 8}, {8}},
				func(in []*Node) *Node { return layerNorm(in[0], in[1], nil, 1e-5) },
				func(in []*Node) *Node { return plainLayerNorm(in[0], in[1], ZerosLike(in[1]), 1e-5) }},
			{"rotary", [][]int{{rows, 8}},
				func(in []*Node) *Node { return b.rotary(in[0].Graph(), frequencies)(in[0]) },
				func(in []*Node) *Node { return plainRotary(b, in[0]) }},
		}
		for _, c := range cases {
			t.Run(fmt.Sprintf("%s/%d texts", c.name, batch), func(t *testing.T) {
				compareResults(t, outputAndGradients(t, c.shapes, c.closed), outputAndGradients(t, c.shapes, c.plain))
			})
		}
	}
}

// outputAndGradients evaluates f at seeded random inputs: its output, then the gradient of each input for a random adjoint.
func outputAndGradients(t *testing.T, shapes [][]int, f func(in []*Node) *Node) [][]float32 {
	t.Helper()
	opened := golden.OpenBackend(t)
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(dims ...int) *tensors.Tensor {
		size := 1
		for _, d := range dims {
			size *= d
		}
		values := make([]float32, size)
		for i := range values {
			values[i] = float32(rng.NormFloat64())
		}
		return tensors.FromFlatDataAndDimensions(values, dims...)
	}
	var inputs []any
	for _, dims := range shapes {
		inputs = append(inputs, random(dims...))
	}
	outputs, err := CallOnceN(opened, func(in []*Node) []*Node {
		y := f(in)
		weights := randomLike(y, rand.New(rand.NewPCG(3, 4)))
		return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, weights)), in...)...)
	}, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	var flat [][]float32
	for _, output := range outputs {
		flat = append(flat, tensors.MustCopyFlatData[float32](output))
	}
	return flat
}

// randomLike is a constant of y's shape with seeded random values.
func randomLike(y *Node, rng *rand.Rand) *Node {
	values := make([]float32, y.Shape().Size())
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	return Reshape(Const(y.Graph(), values), y.Shape().Dimensions...)
}
