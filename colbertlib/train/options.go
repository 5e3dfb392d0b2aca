package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Options say how to train.
type Options struct {
	Loss         Loss        `yaml:"loss" json:"loss"`                   // what is minimised
	Temperature  float64     `yaml:"temperature" json:"temperature"`     // of Listwise, which divides scores by it; 0 for Pairwise
	Epochs       int         `yaml:"epochs" json:"epochs"`               // passes over the triples
	BatchSize    int         `yaml:"batch_size" json:"batch_size"`       // triples of a micro-batch; the last of an epoch may have fewer
	Accumulation int         `yaml:"accumulation" json:"accumulation"`   // micro-batches per update, counted on over the ends of epochs
	Tail         Tail        `yaml:"tail" json:"tail"`                   // what becomes of micro-batches at the end that are too few for an update
	LearningRate float64     `yaml:"learning_rate" json:"learning_rate"` // of AdamW, whose other constants are PyTorch's defaults; the highest, if there is a schedule
	Schedule     Schedule    `yaml:"schedule" json:"schedule"`           // how the learning rate goes on
	WeightDecay  Decayed     `yaml:"weight_decay" json:"weight_decay"`   // which weights decay
	ClipNorm     float64     `yaml:"clip_norm" json:"clip_norm"`         // largest norm of an update's gradient; 0 for no limit
	Activations  Activations `yaml:"activations" json:"activations"`     // what the backward pass finds of the forward pass
	Seed         uint64      `yaml:"seed" json:"seed"`                   // of the order of triples, of a new head and of dropout

	// Left out of files where they are 0, so that recipes that were there before them keep their IDs.

	Dropout      float64 `yaml:"dropout,omitempty" json:"dropout,omitempty"`             // share of the encoder's output values that a micro-step leaves out, drawn anew each time
	FrozenLayers int     `yaml:"frozen_layers,omitempty" json:"frozen_layers,omitempty"` // layers of the encoder that stay as they are, from the first on, with the embeddings
}

// Loss names what is minimised.
type Loss string

// The losses.
const (
	Pairwise Loss = "pairwise" // neural-cherche's: -log softmax of the right description's MaxSim sum against one wrong one's
	Listwise Loss = "listwise" // -log softmax of the right label's mean MaxSim against all labels', divided by a temperature
)

// Tail names what happens to gradients that are left over when training ends.
type Tail string

// The ways to treat what is left over.
const (
	Drop  Tail = "drop"  // they are lost, as in neural-cherche
	Flush Tail = "flush" // they make a last update
)

// Schedule names how the learning rate changes from update to update.
type Schedule string

// The schedules.
const (
	Constant Schedule = "constant"
	Linear   Schedule = "linear" // rises over the first tenth of the updates, then falls towards zero, both linearly
)

// Decayed names the weights that AdamW's decay of 0.01 acts on.
type Decayed string

// The choices of weights.
const (
	All      Decayed = "all"      // PyTorch's default
	Matrices Decayed = "matrices" // not biases, nor the gains of norms
)

// Activations names what becomes of the values inside the encoder's layers between the forward and the backward pass.
type Activations string

// The choices, which give the same gradients.
const (
	Keep      Activations = "keep"
	Recompute Activations = "recompute" // the memory of one layer instead of all, for about a third more time
)

// NeuralCherche has neural-cherche's choices, which are those of the reported experiment; the numbers are missing. It is what recipes
// mean that leave a choice out.
var NeuralCherche = Options{Loss: Pairwise, Tail: Drop, Schedule: Constant, WeightDecay: All, Activations: Keep}

// Validate says everything that is wrong with the options.
func (o Options) Validate() error {
	var problems []error
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf("train: "+format, args...))
		}
	}
	problems = append(problems, oneOf("loss", o.Loss, Pairwise, Listwise), oneOf("tail", o.Tail, Drop, Flush),
		oneOf("schedule", o.Schedule, Constant, Linear), oneOf("weight_decay", o.WeightDecay, All, Matrices),
		oneOf("activations", o.Activations, Keep, Recompute))
	for _, field := range []struct {
		name  string
		value int
	}{{"epochs", o.Epochs}, {"batch_size", o.BatchSize}, {"accumulation", o.Accumulation}} {
		add(field.value < 1, "%s is %d, want a number from 1", field.name, field.value)
	}
	add(!positive(o.LearningRate), "learning_rate is %g, want a positive number", o.LearningRate)
	add(o.Loss == Listwise && !positive(o.Temperature), "temperature is %g, but loss %s divides by it: want a positive number, for example 0.05", o.Temperature, Listwise)
	add(o.Loss == Pairwise && o.Temperature != 0, "temperature is %g, but loss %s has none: want 0", o.Temperature, Pairwise)
	add(!(o.Dropout >= 0 && o.Dropout < 1), "dropout is %g, want a share below 1, or 0 for none", o.Dropout)
	add(o.FrozenLayers < 0, "frozen_layers is %d, want a number from 1, or 0 for none", o.FrozenLayers)
	add(o.ClipNorm != 0 && !positive(o.ClipNorm), "clip_norm is %g, want a positive number, or 0 for no limit", o.ClipNorm)
	return errors.Join(problems...)
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 0) }

func oneOf[T ~string](name string, value T, choices ...T) error {
	if slices.Contains(choices, value) {
		return nil
	}
	return fmt.Errorf("train: %s is %q, want one of %q", name, value, choices)
}

// MicroSteps is the number of micro-steps that training on n triples takes.
func (o Options) MicroSteps(n int) int { return o.Epochs * o.perEpoch(n) }

// perEpoch is the number of micro-steps of one epoch.
func (o Options) perEpoch(n int) int { return (n + o.BatchSize - 1) / o.BatchSize }

// Updates is the number of updates that training on n triples makes.
func (o Options) Updates(n int) int {
	steps := o.MicroSteps(n)
	if o.Tail == Flush {
		steps += o.Accumulation - 1
	}
	return steps / o.Accumulation
}

// warmup is the share of updates over which the rate of a Linear schedule rises.
const warmup = 0.1

// rate is the learning rate of an update, counted from 0, of so many in all.
func (o Options) rate(update, updates int) float64 {
	if o.Schedule == Constant {
		return o.LearningRate
	}
	rising := int(math.Ceil(warmup * float64(updates)))
	if update < rising {
		return o.LearningRate * float64(update+1) / float64(rising)
	}
	return o.LearningRate * float64(updates-update) / float64(updates-rising)
}
