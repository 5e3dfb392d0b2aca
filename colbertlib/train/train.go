// Package train fits a ColBERT model to advertisements with known labels: in the way of the experiment that this project
// reproduces, neural-cherche's loss and loop (train_colbert.py, version 1.4), or by a softmax over all labels.
//
// What differs from neural-cherche changes no number: queries are padded to the longest of their micro-batch only, a document is
// encoded once per micro-batch however many triples name it, and the masked language modelling head is never computed.
package train

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/internal/descent"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Data is what a model is trained on.
type Data struct {
	Triples []dataset.Triple
	Labels  []dataset.Label // those that Listwise chooses among; Pairwise takes its texts from the triples
}

// Trainer trains a model's parameters in place, micro-step by micro-step. It is deterministic: the same model, data, options and backend on the
// same kind and number of processors give the same bits (not tried on GPUs). It is not safe for concurrent use; between two steps the model may be used for encoding.
type Trainer struct {
	Compiling func() // is told before the graph of a micro-batch of another shape is compiled, which takes XLA seconds; may be nil

	options        Options
	data           Data
	objective      objective
	dropout        dropout
	descent        *descent.Descent
	epochOrder     func(epoch int) []int
	order          []int // of the present epoch
	steps, updates int   // done
}

// objective is a loss with the texts that it needs, tokenised.
type objective interface {
	// inputs are those of loss for some triples, and tokens the number that they hold without padding.
	inputs(triples []int) (inputs []any, tokens int)
	loss(inputs []*graph.Node) *graph.Node
}

// New prepares training of the model that a [colbertlib.Model]'s Core is. Close the trainer when it is done with.
func New(model *colbert.Model, data Data, options Options) (*Trainer, error) {
	if err := errors.Join(options.Validate(), data.check()); err != nil {
		return nil, err
	}
	t := &Trainer{options: options, data: data, dropout: dropout{options.Dropout, options.Seed, model.Config.HiddenSize}}
	t.epochOrder = func(epoch int) []int { return dataset.Order(len(data.Triples), options.Seed, epoch) }
	model.Recompute = options.Activations == Recompute
	err := model.Freeze(options.FrozenLayers)
	if err != nil {
		return nil, fmt.Errorf("train: frozen_layers: %w", err)
	}
	if options.Loss == Listwise {
		t.objective, err = newListwise(model, data, options.Temperature, options.Seed)
	} else {
		t.objective, err = newPairwise(model, data.Triples)
	}
	if err != nil {
		return nil, err
	}
	adamW := descent.TorchDefaults
	adamW.ClipNorm, adamW.DecayMatricesOnly = options.ClipNorm, options.WeightDecay == Matrices
	t.descent, err = descent.New(model.Backend(), model.Parameters.Store, t.loss, adamW)
	return t, err
}

// loss is called once for each graph.
func (t *Trainer) loss(inputs []*graph.Node) *graph.Node {
	if t.Compiling != nil {
		t.Compiling()
	}
	return t.objective.loss(inputs)
}

// check refuses data that nothing can be learnt from.
func (d Data) check() error {
	if len(d.Triples) == 0 {
		return errors.New("train: there are no triples to train on")
	}
	first := d.Triples[0]
	for _, triple := range d.Triples {
		if triple.Label != first.Label || triple.Label == 0 && triple.Positive != first.Positive {
			return nil
		}
	}
	return fmt.Errorf("train: all %d triples have the same label, so there is nothing to tell apart: add advertisements of others", len(d.Triples))
}

// Step reports one micro-step. Epochs, micro-steps and updates are counted from 0, as in the reported experiment's log.
type Step struct {
	Step         int     `json:"step"`
	Epoch        int     `json:"epoch"`
	Updates      int     `json:"update"` // made so far, this micro-step's included
	Loss         float64 `json:"loss"`
	GradientNorm float64 `json:"grad_norm,omitempty"`     // of the update, if this micro-step ended in one
	LearningRate float64 `json:"learning_rate,omitempty"` // of the update
	Tokens       int     `json:"tokens"`                  // of queries and documents, without padding
	Seconds      float64 `json:"seconds"`
}

// Done tells whether all epochs are done.
func (t *Trainer) Done() bool { return t.steps == t.options.MicroSteps(len(t.data.Triples)) }

// Epochs is the number of epochs that are done.
func (t *Trainer) Epochs() int { return t.steps / t.options.perEpoch(len(t.data.Triples)) }

// Step makes the next micro-step, and an update if one is due. After an error the parameters are worth nothing.
func (t *Trainer) Step() (Step, error) {
	start := time.Now()
	epoch, place := t.Epochs(), t.steps%t.options.perEpoch(len(t.data.Triples))
	if place == 0 || t.order == nil {
		t.order = t.epochOrder(epoch)
	}
	batch := t.batch(t.order, place)
	inputs, tokens := t.objective.inputs(batch)
	loss, err := t.descent.MicroStep(t.dropout.addTo(inputs, t.steps)...)
	if err != nil {
		return Step{}, fmt.Errorf("train: micro-step %d: %w", t.steps, err)
	}
	if !finite(loss) {
		return Step{}, fmt.Errorf("train: micro-step %d: the loss is %g on triples %s; a smaller learning_rate may help", t.steps, loss, t.names(batch))
	}
	step := Step{Step: t.steps, Epoch: epoch, Loss: loss, Tokens: tokens}
	t.steps++
	if err := t.update(&step); err != nil {
		return Step{}, err
	}
	step.Updates = t.updates
	step.Seconds = time.Since(start).Seconds()
	return step, nil
}

// batch are the triples of an epoch's micro-batch.
func (t *Trainer) batch(order []int, place int) []int {
	first := place * t.options.BatchSize
	return order[first:min(first+t.options.BatchSize, len(order))]
}

// last are the triples of the last n micro-batches, which may reach into earlier epochs.
func (t *Trainer) last(n int) (triples []int) {
	perEpoch := t.options.perEpoch(len(t.data.Triples))
	for step := t.steps - n; step < t.steps; step++ {
		triples = append(triples, t.batch(t.epochOrder(step/perEpoch), step%perEpoch)...)
	}
	return triples
}

// update applies the gradients if the micro-step completes an accumulation, or is the last and the tail is not dropped.
func (t *Trainer) update(step *Step) error {
	accumulated := t.steps % t.options.Accumulation
	switch {
	case accumulated == 0:
		accumulated = t.options.Accumulation
	case !t.Done() || t.options.Tail == Drop:
		return nil
	}
	rate := t.options.rate(t.updates, t.options.Updates(len(t.data.Triples)))
	norm, err := t.descent.Update(accumulated, rate)
	if err != nil {
		return fmt.Errorf("train: update %d: %w", t.updates, err)
	}
	if !finite(norm) {
		return fmt.Errorf("train: update %d after micro-step %d: the gradient's norm is %g on triples %s; a smaller learning_rate may help",
			t.updates, step.Step, norm, t.names(t.last(accumulated)))
	}
	step.GradientNorm, step.LearningRate = norm, rate
	t.updates++
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// names lists triples by number, counted from 1, and id.
func (t *Trainer) names(triples []int) []string {
	names := make([]string, len(triples))
	for i, triple := range triples {
		names[i] = fmt.Sprintf("%d (%s)", triple+1, t.data.Triples[triple].ID)
	}
	return names
}

// Close frees what training needs beside the model.
func (t *Trainer) Close() error { return t.descent.Finalize() }

// State copies what is needed, beside the number of micro-steps, to go on in another process: weights, sums of gradients and the
// optimizer's moments. The order of triples follows from the seed.
func (t *Trainer) State() ([]modelio.Tensor, error) { return t.descent.State() }

// Restore puts a new trainer where another one, of the same model, data and options, was after so many micro-steps. read returns the tensors of
// its [Trainer.State] by name. From there on both do the same, to the bit.
func (t *Trainer) Restore(steps int, read func(name string) (modelio.Tensor, error)) error {
	if all := t.options.MicroSteps(len(t.data.Triples)); steps < 0 || steps > all {
		return fmt.Errorf("train: restore after %d micro-steps, but there are %d", steps, all)
	}
	t.steps, t.order = steps, nil
	t.updates = steps / t.options.Accumulation
	if t.Done() {
		t.updates = t.options.Updates(len(t.data.Triples))
	}
	return t.descent.Restore(read)
}
