// Package descent trains the variables of a GoMLX store by gradient descent with gradient accumulation: micro-steps add up
// gradients, an update applies their mean by AdamW. It knows nothing of models.
package descent

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
)

// AdamW holds the constants of Loshchilov and Hutter 2019, with the meaning that they have in PyTorch's torch.optim.AdamW.
type AdamW struct {
	Beta1, Beta2, Epsilon float64
	WeightDecay           float64 // of every trainable variable
	ClipNorm              float64 // largest norm of the gradient of an update, over all variables; 0 for no limit
}

// TorchDefaults are PyTorch 2's.
var TorchDefaults = AdamW{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.01}

// accumulated is the scope of the gradients' sums, one per trainable variable, under the variable's own path.
const accumulated = "/accumulated"

// Descent trains a store. It is not safe for concurrent use. After an error its variables may be lost, because GoMLX gives their
// memory away before it computes: go on from a checkpoint.
type Descent struct {
	store        *model.Store
	micro, apply *model.ExecOneOutput
	learningRate *model.Variable
}

// New prepares the training of the store's trainable variables. loss builds the scalar loss of one micro-batch from the inputs
// that MicroStep is given; it is called once for every combination of their shapes. Each trainable variable must take part in it.
func New(opened backend.Backend, store *model.Store, loss func(inputs []*Node) *Node, adamW AdamW) (*Descent, error) {
	d := &Descent{store: store}
	if err := d.addAccumulators(); err != nil {
		return nil, err
	}
	var err error
	if d.micro, err = model.NewExec1(opened, store, func(scope *model.Scope, inputs []*Node) *Node {
		return d.microGraph(scope, loss, inputs)
	}); err != nil {
		return nil, fmt.Errorf("descent: %w", err)
	}
	d.micro.SetMaxCache(-1) // one graph per shape of a micro-batch, however many
	adam := optimizer.Adam().LearningRate(0).Betas(adamW.Beta1, adamW.Beta2).Epsilon(adamW.Epsilon).WeightDecay(adamW.WeightDecay).Done()
	if d.apply, err = model.NewExec1(opened, store, func(scope *model.Scope, microSteps *Node) *Node {
		return d.applyGraph(scope, adam.(train.OptimizeWithGradients), adamW.ClipNorm, microSteps)
	}); err != nil {
		return nil, fmt.Errorf("descent: %w", err)
	}
	d.learningRate = optimizer.LearningRateVarWithValue(store.RootScope(), dtypes.Float32, 0)
	return d, nil
}

// MicroStep adds the gradients of a micro-batch's loss to the sums and returns the loss.
func (d *Descent) MicroStep(inputs ...any) (loss float64, err error) {
	output, err := d.micro.Call(inputs...)
	if err != nil {
		return 0, fmt.Errorf("descent: micro-step: %w", err)
	}
	defer output.FinalizeAll()
	return float64(tensors.ToScalar[float32](output)), nil
}

// Update moves the variables by the mean of the gradients of the last microSteps micro-steps, clears the sums, and returns the
// norm of that mean over all variables, before any clipping.
func (d *Descent) Update(microSteps int, learningRate float64) (gradientNorm float64, err error) {
	if microSteps < 1 {
		return 0, errors.New("descent: update without a micro-step")
	}
	if err := d.learningRate.SetValue(tensors.FromScalar(float32(learningRate))); err != nil {
		return 0, fmt.Errorf("descent: set learning rate: %w", err)
	}
	output, err := d.apply.Call(float32(microSteps))
	if err != nil {
		return 0, fmt.Errorf("descent: update: %w", err)
	}
	defer output.FinalizeAll()
	return float64(tensors.ToScalar[float32](output)), nil
}

// Finalize frees the compiled graphs and takes everything out of the store that New and the optimizer put there.
func (d *Descent) Finalize() error {
	d.micro.Finalize()
	d.apply.Finalize()
	for _, scope := range []string{accumulated, "/" + optimizer.AdamDefaultScope} {
		if err := d.store.DeleteVariablesInScope(scope); err != nil {
			return fmt.Errorf("descent: %w", err)
		}
	}
	for _, name := range []string{d.learningRate.Path(), "/" + optimizer.GlobalStepVariableName} {
		if err := d.store.DeleteVariable(name); err != nil {
			return fmt.Errorf("descent: %w", err)
		}
	}
	return nil
}

func (d *Descent) addAccumulators() error {
	var trainable []*model.Variable
	for v := range d.store.IterVariables() {
		if v.Trainable && !strings.HasPrefix(v.Path(), accumulated+"/") {
			trainable = append(trainable, v)
		}
	}
	for _, v := range trainable {
		sum, err := d.store.CreateVariable(accumulated+v.Path(), tensors.FromShape(v.Shape())) // zeros
		if err != nil {
			return fmt.Errorf("descent: %w", err)
		}
		sum.SetTrainable(false)
	}
	return nil
}

// Both graphs are marked as training: backends that prefer constants to variables, such as ONNX Runtime, would otherwise freeze
// the sums and the optimizer's state into the graph, and train wrongly.

func (d *Descent) microGraph(scope *model.Scope, loss func([]*Node) *Node, inputs []*Node) *Node {
	g := inputs[0].Graph()
	d.store.SetTraining(g, true)
	value := loss(inputs)
	gradients := scope.BuildTrainableVariablesGradientsGraph(value) // in the order of the loop below
	for v := range scope.IterVariables() {
		if v.Trainable && v.InUseByGraph(g) {
			sum := d.store.GetVariable(accumulated + v.Path())
			sum.SetNodeValue(Add(sum.NodeValue(g), gradients[0]))
			gradients = gradients[1:]
		}
	}
	return value
}

func (d *Descent) applyGraph(scope *model.Scope, adam train.OptimizeWithGradients, clipNorm float64, microSteps *Node) *Node {
	g := microSteps.Graph()
	d.store.SetTraining(g, true)
	var gradients []*Node
	squares := ScalarZero(g, dtypes.Float32)
	for v := range scope.IterVariables() {
		if !v.Trainable {
			continue
		}
		v.NodeValue(g) // marks the variable as in use, or the optimizer would skip it
		sum := d.store.GetVariable(accumulated + v.Path())
		gradient := Div(sum.NodeValue(g), microSteps)
		sum.SetNodeValue(ZerosLike(gradient))
		gradients = append(gradients, gradient)
		squares = Add(squares, ReduceAllSum(Square(gradient)))
	}
	norm := Sqrt(squares)
	if clipNorm > 0 {
		scale := MinScalar(Div(Const(g, float32(clipNorm)), MaxScalar(norm, 1e-12)), 1)
		for i, gradient := range gradients {
			gradients[i] = Mul(gradient, scale)
		}
	}
	adam.UpdateGraphWithGradients(scope, gradients, dtypes.Float32)
	return norm
}
