// Package train fits a ColBERT model to triples of a query, its right document and a wrong one, in the way of the experiment that
// this project reproduces: neural-cherche's loss and loop (train_colbert.py, version 1.4), on GoMLX.
//
// What differs from neural-cherche changes no number: queries are padded to the longest of their micro-batch only, a document is
// encoded once per micro-batch however many triples name it, and the masked language modelling head is never computed.
package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/internal/descent"
)

// Options say how to train. All fields are needed.
type Options struct {
	Epochs       int     `yaml:"epochs" json:"epochs"`               // passes over the triples
	BatchSize    int     `yaml:"batch_size" json:"batch_size"`       // triples of a micro-batch; the last of an epoch may have fewer
	Accumulation int     `yaml:"accumulation" json:"accumulation"`   // micro-batches per update, counted on over the ends of epochs; what is left at the end is dropped
	LearningRate float64 `yaml:"learning_rate" json:"learning_rate"` // of AdamW, constant; its other constants are PyTorch's defaults
	Seed         uint64  `yaml:"seed" json:"seed"`                   // of the order of triples and of a new head
}

// Validate says what is wrong with the options.
func (o Options) Validate() error {
	for _, field := range []struct {
		name  string
		value int
	}{{"epochs", o.Epochs}, {"batch_size", o.BatchSize}, {"accumulation", o.Accumulation}} {
		if field.value < 1 {
			return fmt.Errorf("train: %s is %d, want a number from 1", field.name, field.value)
		}
	}
	if !(o.LearningRate > 0) || math.IsInf(o.LearningRate, 0) {
		return fmt.Errorf("train: learning_rate is %g, want a positive number", o.LearningRate)
	}
	return nil
}

// MicroSteps is the number of micro-steps that training on n triples takes.
func (o Options) MicroSteps(n int) int { return o.Epochs * ((n + o.BatchSize - 1) / o.BatchSize) }

// Updates is the number of updates that training on n triples makes.
func (o Options) Updates(n int) int { return o.MicroSteps(n) / o.Accumulation }

// Step reports one micro-step. Epochs, micro-steps and updates are counted from 0, as in the reported experiment's log.
type Step struct {
	Step         int     `json:"step"`
	Epoch        int     `json:"epoch"`
	Updates      int     `json:"update"` // made so far, this micro-step's included
	Loss         float64 `json:"loss"`
	GradientNorm float64 `json:"grad_norm,omitempty"` // of the update, if this micro-step ended in one
	Tokens       int     `json:"tokens"`              // of queries and documents, without padding
	Seconds      float64 `json:"seconds"`
}

// Hooks are called from the training loop. Either may be nil; an error ends the training and is returned.
type Hooks struct {
	OnStep  func(Step) error
	OnEpoch func(ctx context.Context, epoch int) error // after each epoch; the model may be used for encoding
}

// Fit trains the model's parameters in place. It is deterministic: the same model, triples, options and kind of processor give the
// same bits. Nothing else may use the model meanwhile, but for the hooks. After an error, a cancelled context included, the
// parameters are worth nothing.
func Fit(ctx context.Context, model *colbert.Model, triples []dataset.Triple, options Options, hooks Hooks) error {
	if err := options.Validate(); err != nil {
		return err
	}
	epochOrder := func(epoch int) []int { return dataset.Order(len(triples), options.Seed, epoch) }
	return fit(ctx, model, triples, options, epochOrder, hooks)
}

// fit is Fit with the order of triples given for each epoch.
func fit(ctx context.Context, model *colbert.Model, triples []dataset.Triple, options Options, epochOrder func(epoch int) []int, hooks Hooks) (err error) {
	batches, err := newBatches(model, triples)
	if err != nil {
		return err
	}
	trainer, err := descent.New(model.Backend(), model.Parameters.Store, func(inputs []*graph.Node) *graph.Node {
		return pairwiseLoss(model, inputs)
	}, descent.TorchDefaults)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, trainer.Finalize()) }()
	loop := loop{options: options, batches: batches, trainer: trainer, triples: triples}
	for epoch := range options.Epochs {
		for batch := range slices.Chunk(epochOrder(epoch), options.BatchSize) {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("train: stopped in epoch %d: %w", epoch, err)
			}
			step, err := loop.microStep(epoch, batch)
			if err == nil && hooks.OnStep != nil {
				err = hooks.OnStep(step)
			}
			if err != nil {
				return err
			}
		}
		if hooks.OnEpoch != nil {
			if err := hooks.OnEpoch(ctx, epoch); err != nil {
				return err
			}
		}
	}
	return nil
}

// loop is the state of a training run beside the parameters.
type loop struct {
	options        Options
	batches        *batches
	trainer        *descent.Descent
	triples        []dataset.Triple
	steps, updates int
}

func (l *loop) microStep(epoch int, batch []int) (Step, error) {
	start := time.Now()
	inputs, tokens := l.batches.inputs(batch)
	loss, err := l.trainer.MicroStep(inputs...)
	if err != nil {
		return Step{}, fmt.Errorf("train: micro-step %d: %w", l.steps, err)
	}
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return Step{}, fmt.Errorf("train: micro-step %d: the loss is %g on triples %s; a smaller learning_rate may help", l.steps, loss, l.names(batch))
	}
	step := Step{Step: l.steps, Epoch: epoch, Loss: loss, Tokens: tokens}
	l.steps++
	if l.steps%l.options.Accumulation == 0 {
		if step.GradientNorm, err = l.trainer.Update(l.options.Accumulation, l.options.LearningRate); err != nil {
			return Step{}, fmt.Errorf("train: update %d: %w", l.updates, err)
		}
		l.updates++
	}
	step.Updates = l.updates
	step.Seconds = time.Since(start).Seconds()
	return step, nil
}

// names lists a micro-batch's triples by number, counted from 1, and id.
func (l *loop) names(batch []int) []string {
	names := make([]string, len(batch))
	for i, triple := range batch {
		names[i] = fmt.Sprintf("%d (%s)", triple+1, l.triples[triple].ID)
	}
	return names
}
