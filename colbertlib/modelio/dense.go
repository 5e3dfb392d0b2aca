package modelio

import (
	"encoding/json"
	"fmt"
	"slices"
)

// activations maps torch's class names, which module configurations hold, to ours.
var activations = map[string]string{
	"torch.nn.modules.linear.Identity":    "identity",
	"torch.nn.modules.activation.Tanh":    "tanh",
	"torch.nn.modules.activation.ReLU":    "relu",
	"torch.nn.modules.activation.GELU":    "gelu",
	"torch.nn.modules.activation.SiLU":    "silu",
	"torch.nn.modules.activation.Sigmoid": "sigmoid",
}

// denseConfig is config.json of a Dense module (sentence-transformers 6 base/modules/dense.py, PyLate 1.6 models/Dense.py).
type denseConfig struct {
	In          int     `json:"in_features"`
	Out         int     `json:"out_features"`
	Bias        bool    `json:"bias"`
	Activation  string  `json:"activation_function"`
	Input       *string `json:"module_input_name,omitempty"`  // not in PyLate, which always takes token embeddings
	Output      *string `json:"module_output_name,omitempty"` // likewise
	UseResidual *bool   `json:"use_residual,omitempty"`       // sentence-transformers leaves out false
}

// readDense reads one Dense module from its folder.
func readDense(src source) (Dense, error) {
	config := denseConfig{Bias: true} // sentence-transformers' default
	if err := src.json("config.json", &config); err != nil {
		return Dense{}, err
	}
	for _, name := range []*string{config.Input, config.Output} {
		if name != nil && *name != tokenEmbeddings {
			return Dense{}, src.errorf("config.json", "works on %q, expected %q", *name, tokenEmbeddings)
		}
	}
	activation, ok := activations[config.Activation]
	if !ok {
		return Dense{}, src.errorf("config.json", "unknown activation_function %q", config.Activation)
	}
	d := Dense{Activation: activation, UseResidual: config.UseResidual != nil && *config.UseResidual}
	weights, err := OpenWeights(src.fsys, src.dir)
	if err != nil {
		return Dense{}, err
	}
	defer weights.Close()
	expected := map[string]**Tensor{}
	var weight *Tensor
	expected["linear.weight"] = &weight
	if config.Bias {
		expected["linear.bias"] = &d.Bias
	}
	if d.UseResidual && config.In != config.Out {
		expected["residual.weight"] = &d.Residual
	}
	for name, tensor := range expected {
		t, err := weights.Read(name)
		if err != nil {
			return Dense{}, err
		}
		*tensor = &t
	}
	for _, name := range weights.Names() {
		if _, ok := expected[name]; !ok {
			return Dense{}, src.errorf(weightsFile, "tensor %q does not fit config.json", name)
		}
	}
	d.Weight = *weight
	if shape := []int{config.Out, config.In}; !slices.Equal(d.Weight.Shape, shape) {
		return Dense{}, src.errorf(weightsFile, "linear.weight has shape %v, config.json says %v", d.Weight.Shape, shape)
	}
	return d, nil
}

// tensors are the module's weights under the names that its format uses.
func (d Dense) tensors() []Tensor {
	named := func(name string, t Tensor) Tensor {
		t.Name = name
		return t
	}
	tensors := []Tensor{named("linear.weight", d.Weight)}
	if d.Bias != nil {
		tensors = append(tensors, named("linear.bias", *d.Bias))
	}
	if d.Residual != nil {
		tensors = append(tensors, named("residual.weight", *d.Residual))
	}
	return tensors
}

// config is the module's configuration as PyLate writes it.
func (d Dense) config() denseConfig {
	c := denseConfig{Out: d.Weight.Shape[0], In: d.Weight.Shape[1], Bias: d.Bias != nil, UseResidual: &d.UseResidual}
	for class, name := range activations {
		if name == d.Activation {
			c.Activation = class
		}
	}
	return c
}

// check says whether the module takes in features and its tensors fit together.
func (d Dense) check(in int) error {
	if len(d.Weight.Shape) != 2 {
		return fmt.Errorf("weight has shape %v, expected [out, in]", d.Weight.Shape)
	}
	out := d.Weight.Shape[0]
	switch {
	case d.Weight.Shape[1] != in:
		return fmt.Errorf("weight has shape %v, expected [%d, %d] for %d features", d.Weight.Shape, out, in, in)
	case d.Bias != nil && !slices.Equal(d.Bias.Shape, []int{out}):
		return fmt.Errorf("bias has shape %v, expected [%d]", d.Bias.Shape, out)
	case d.Residual != nil && !d.UseResidual:
		return fmt.Errorf("residual weight without use_residual")
	case d.Residual != nil && !slices.Equal(d.Residual.Shape, d.Weight.Shape):
		return fmt.Errorf("residual weight has shape %v, expected %v", d.Residual.Shape, d.Weight.Shape)
	case d.UseResidual && d.Residual == nil && out != in:
		return fmt.Errorf("residual from %d to %d features needs a weight", in, out)
	case d.config().Activation == "":
		return fmt.Errorf("unknown activation %q", d.Activation)
	}
	return nil
}

// hiddenSize returns H as config.json has it, 0 where it has none; DistilBERT calls it dim.
func (f *Folder) hiddenSize(src source) (int, error) {
	var config struct {
		Hidden int `json:"hidden_size"`
		Dim    int `json:"dim"`
	}
	if err := json.Unmarshal(f.Config, &config); err != nil {
		return 0, src.errorf("config.json", "%w", err)
	}
	return max(config.Hidden, config.Dim), nil
}

// checkHead says whether the head's modules fit the encoder and each other.
func (f *Folder) checkHead(src source) error {
	features, err := f.hiddenSize(src)
	if err != nil {
		return err
	}
	for i, d := range f.Head {
		if i == 0 && features == 0 && len(d.Weight.Shape) == 2 {
			features = d.Weight.Shape[1] // the encoder, which knows its architecture, will check this one
		}
		if err := d.check(features); err != nil {
			return src.errorf("", "projection module %d: %w", i+1, err)
		}
		features = d.Weight.Shape[0]
	}
	return nil
}
