package descent

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// State copies everything that training changes: the trained variables, sums of gradients, moments and the number of updates. Their
// names are the variables' paths.
func (d *Descent) State() ([]modelio.Tensor, error) {
	var state []modelio.Tensor
	for _, v := range d.variables() {
		value, err := v.Value()
		if err != nil {
			return nil, fmt.Errorf("descent: %s: %w", v.Path(), err)
		}
		values, err := tensors.CopyFlatData[float32](value)
		if err != nil {
			return nil, fmt.Errorf("descent: %s: %w", v.Path(), err)
		}
		state = append(state, modelio.NewF32(v.Path(), v.Shape().Dimensions, values))
	}
	return state, nil
}

// Restore sets all that [Descent.State] gave, which read returns by name.
func (d *Descent) Restore(read func(name string) (modelio.Tensor, error)) error {
	for _, v := range d.variables() {
		tensor, err := read(v.Path())
		if err != nil {
			return fmt.Errorf("descent: %w", err)
		}
		if !slices.Equal(tensor.Shape, v.Shape().Dimensions) {
			return fmt.Errorf("descent: %s has the shape %v, want %v", v.Path(), tensor.Shape, v.Shape().Dimensions)
		}
		values, err := tensor.Float32s()
		if err != nil {
			return fmt.Errorf("descent: %w", err)
		}
		if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, tensor.Shape...)); err != nil {
			return fmt.Errorf("descent: %s: %w", v.Path(), err)
		}
	}
	return nil
}

func (d *Descent) variables() []*model.Variable {
	all := []*model.Variable{d.store.GetVariable(updates)}
	for _, v := range d.trained {
		all = append(all, v, d.of(sums, v), d.of(firstMoment, v), d.of(secondMoment, v))
	}
	return all
}
