// Package descent trains the variables of a GoMLX store by gradient descent with gradient accumulation: micro-steps add up
// gradients, an update applies their mean by AdamW. It knows nothing of models.
package descent

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
)

// AdamW holds the constants of Loshchilov and Hutter 2019, with the meaning that they have in PyTorch's torch.optim.AdamW.
type AdamW struct {
	Beta1, Beta2, Epsilon float64
	WeightDecay           float64
	DecayMatricesOnly     bool    // whether vectors, which are biases and the gains of norms, are left alone by WeightDecay
	ClipNorm              float64 // largest norm of the gradient of an update, over all variables; 0 for no limit
}

// TorchDefaults are PyTorch 2's.
var TorchDefaults = AdamW{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.01}

// own is the scope of the variables that a Descent adds to the store: one of each of these per trainable variable, under the
// variable's own path, and the number of updates.
const (
	own          = "/descent"
	sums         = own + "/gradient"      // of the micro-steps since the last update
	firstMoment  = own + "/first_moment"  // running mean of gradients
	secondMoment = own + "/second_moment" // running mean of squared gradients
	updates      = own + "/updates"
)

// Descent trains a store. It is not safe for concurrent use. After an error its variables may be lost, because GoMLX gives their
// memory away before it computes: go on from a checkpoint.
type Descent struct {
	store        *model.Store
	adamW        AdamW
	trained      []*model.Variable
	micro, apply *model.ExecOneOutput
}

// New prepares the training of the store's trainable variables. loss builds the scalar loss of one micro-batch from the inputs
// that MicroStep is given; it is called once for every combination of their shapes. Each trainable variable must take part in it.
func New(opened backend.Backend, store *model.Store, loss func(inputs []*graph.Node) *graph.Node, adamW AdamW) (*Descent, error) {
	d := &Descent{store: store, adamW: adamW}
	if err := d.addVariables(); err != nil {
		return nil, err
	}
	var err error
	if d.micro, err = model.NewExec1(opened, store, func(scope *model.Scope, inputs []*graph.Node) *graph.Node {
		return d.microGraph(scope, loss, inputs)
	}); err != nil {
		return nil, fmt.Errorf("descent: %w", err)
	}
	d.micro.SetMaxCache(-1) // one graph per shape of a micro-batch, however many
	if d.apply, err = model.NewExec1(opened, store, func(_ *model.Scope, microSteps, learningRate *graph.Node) *graph.Node {
		return d.applyGraph(microSteps, learningRate)
	}); err != nil {
		return nil, fmt.Errorf("descent: %w", err)
	}
	return d, nil
}

// addVariables makes what belongs to each trainable variable, and the count of updates, all zero.
func (d *Descent) addVariables() error {
	for v := range d.store.IterVariables() {
		if v.Trainable {
			d.trained = append(d.trained, v)
		}
	}
	zero := func(path string, like *model.Variable) error {
		value := tensors.FromScalar(float32(0))
		if like != nil {
			value = tensors.FromShape(like.Shape()) // zeros
		}
		added, err := d.store.CreateVariable(path, value)
		if err != nil {
			return fmt.Errorf("descent: %w", err)
		}
		added.SetTrainable(false)
		return nil
	}
	for _, v := range d.trained {
		for _, scope := range []string{sums, firstMoment, secondMoment} {
			if err := zero(scope+v.Path(), v); err != nil {
				return err
			}
		}
	}
	return zero(updates, nil)
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
	output, err := d.apply.Call(float32(microSteps), float32(learningRate))
	if err != nil {
		return 0, fmt.Errorf("descent: update: %w", err)
	}
	defer output.FinalizeAll()
	return float64(tensors.ToScalar[float32](output)), nil
}

// Finalize frees the compiled graphs and takes everything out of the store that New put there.
func (d *Descent) Finalize() error {
	d.micro.Finalize()
	d.apply.Finalize()
	if err := d.store.DeleteVariablesInScope(own); err != nil {
		return fmt.Errorf("descent: %w", err)
	}
	return nil
}

// of is the variable that belongs to v in one of this package's scopes.
func (d *Descent) of(scope string, v *model.Variable) *model.Variable {
	return d.store.GetVariable(scope + v.Path())
}
