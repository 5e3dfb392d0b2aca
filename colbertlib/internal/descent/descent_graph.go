package descent

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Both graphs are marked as training: backends that prefer constants to variables, such as ONNX Runtime, would otherwise freeze
// the sums and the optimizer's state into the graph, and train wrongly.

// microGraph adds the gradients of loss(inputs) to the sums: inputs -> scalar loss.
func (d *Descent) microGraph(scope *model.Scope, loss func([]*Node) *Node, inputs []*Node) *Node {
	g := inputs[0].Graph()
	d.store.SetTraining(g, true)
	value := loss(inputs)
	gradients := scope.BuildTrainableVariablesGradientsGraph(value) // of those in use, in the order of d.trained
	for _, v := range d.trained {
		if v.InUseByGraph(g) {
			sum := d.of(sums, v)
			sum.SetNodeValue(Add(sum.NodeValue(g), gradients[0]))
			gradients = gradients[1:]
		}
	}
	return value
}

// applyGraph is AdamW with bias correction (Loshchilov and Hutter 2019, algorithm 2): number of micro-steps and learning rate, both
// scalars -> norm of the mean gradient.
func (d *Descent) applyGraph(microSteps, learningRate *Node) *Node {
	g := microSteps.Graph()
	d.store.SetTraining(g, true)
	gradients := make([]*Node, len(d.trained))
	squares := ScalarZero(g, dtypes.Float32)
	for i, v := range d.trained {
		sum := d.of(sums, v)
		gradients[i] = Div(sum.NodeValue(g), microSteps)
		sum.SetNodeValue(ZerosLike(gradients[i]))
		squares = Add(squares, ReduceAllSum(Square(gradients[i])))
	}
	norm := Sqrt(squares)
	if d.adamW.ClipNorm > 0 {
		scale := MinScalar(Div(Const(g, float32(d.adamW.ClipNorm)), MaxScalar(norm, 1e-12)), 1)
		for i, gradient := range gradients {
			gradients[i] = Mul(gradient, scale)
		}
	}
	count := d.store.GetVariable(updates)
	made := AddScalar(count.NodeValue(g), 1)
	count.SetNodeValue(made)
	beta1, beta2 := Const(g, float32(d.adamW.Beta1)), Const(g, float32(d.adamW.Beta2))
	correction := func(beta *Node) *Node { return Reciprocal(OneMinus(Pow(beta, made))) }
	correction1, correction2 := correction(beta1), correction(beta2)
	for i, v := range d.trained {
		mean := d.average(firstMoment, v, beta1, gradients[i])
		square := d.average(secondMoment, v, beta2, Square(gradients[i]))
		step := Div(Mul(learningRate, Mul(mean, correction1)), AddScalar(Sqrt(Mul(square, correction2)), d.adamW.Epsilon))
		weight := v.NodeValue(g)
		if weight.Rank() > 1 || !d.adamW.DecayMatricesOnly {
			step = Add(step, Mul(learningRate, MulScalar(weight, d.adamW.WeightDecay)))
		}
		v.SetNodeValue(Sub(weight, step))
	}
	return norm
}

// average moves a running mean towards value and returns it: beta·old + (1-beta)·value.
func (d *Descent) average(scope string, v *model.Variable, beta, value *Node) *Node {
	variable := d.of(scope, v)
	mean := Add(Mul(beta, variable.NodeValue(value.Graph())), Mul(OneMinus(beta), value))
	variable.SetNodeValue(mean)
	return mean
}
