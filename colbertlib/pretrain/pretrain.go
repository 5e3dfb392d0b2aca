// Package pretrain trains an encoder by masked language modelling (Devlin et al. 2019, section 3.1): from nothing, or further from
// any checkpoint that has a language model head.
package pretrain

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/internal/descent"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/tokenize"
)

// Options say how to train. All fields are needed but Warmup.
type Options struct {
	Steps           int     `yaml:"steps" json:"steps"`                       // updates, one per batch
	BatchSize       int     `yaml:"batch_size" json:"batch_size"`             // sequences of a batch
	Length          int     `yaml:"length" json:"length"`                     // tokens of a sequence, [CLS] and [SEP] included
	LearningRate    float64 `yaml:"learning_rate" json:"learning_rate"`       // the highest; it rises over Warmup steps and falls linearly to zero
	Warmup          int     `yaml:"warmup" json:"warmup"`                     // steps
	MaskProbability float64 `yaml:"mask_probability" json:"mask_probability"` // share of a sequence's tokens to be guessed
	Seed            uint64  `yaml:"seed" json:"seed"`                         // of masks, and of weights where training begins from nothing
}

// Validate says what is wrong with the options for a model.
func (o Options) Validate(config encoder.Config) error {
	switch {
	case o.Steps < 1 || o.BatchSize < 1:
		return fmt.Errorf("pretrain: steps %d and batch_size %d, want numbers from 1", o.Steps, o.BatchSize)
	case o.Length < 8 || o.Length > config.MaxPositions:
		return fmt.Errorf("pretrain: length %d, want a number from 8 to the encoder's maximum of %d", o.Length, config.MaxPositions)
	case !(o.LearningRate > 0) || math.IsInf(o.LearningRate, 0):
		return fmt.Errorf("pretrain: learning_rate %g, want a positive number", o.LearningRate)
	case o.Warmup < 0 || o.Warmup >= o.Steps:
		return fmt.Errorf("pretrain: warmup %d, want fewer than the %d steps", o.Warmup, o.Steps)
	case !(o.MaskProbability > 0 && o.MaskProbability <= 0.5):
		return fmt.Errorf("pretrain: mask_probability %g, want a number above 0 and up to 0.5", o.MaskProbability)
	}
	return nil
}

// learningRate is that of an update, counted from 0.
func (o Options) learningRate(step int) float64 {
	if step < o.Warmup {
		return o.LearningRate * float64(step+1) / float64(o.Warmup)
	}
	return o.LearningRate * float64(o.Steps-step) / float64(o.Steps-o.Warmup)
}

// Model is an encoder with its masked language modelling head.
type Model struct {
	config                    encoder.Config
	configJSON, tokenizerJSON []byte
	tokenizer                 *tokenize.Tokenizer
	parameters                *colbert.Parameters
	backend                   backend.Backend
}

// New returns a model of that configuration with random weights.
func New(opened backend.Backend, configJSON, tokenizerJSON []byte, seed uint64) (*Model, error) {
	m, err := newModel(opened, configJSON, tokenizerJSON)
	if err != nil {
		return nil, err
	}
	return m, m.parameters.AddRandomEncoder(m.config, true, seed)
}

// Open loads the encoder in folder, which must have a language model head, to train it further.
func Open(opened backend.Backend, folder *modelio.Folder) (*Model, error) {
	m, err := newModel(opened, folder.Config, folder.Tokenizer)
	if err != nil {
		return nil, err
	}
	if _, err := m.parameters.AddEncoder(m.config, folder.Weights, true); err != nil {
		return nil, fmt.Errorf("%w; only a checkpoint with a masked language modelling head can be trained further", err)
	}
	return m, nil
}

func newModel(opened backend.Backend, configJSON, tokenizerJSON []byte) (*Model, error) {
	config, err := encoder.ParseConfig(configJSON)
	if err != nil {
		return nil, err
	}
	tokenizer, err := tokenize.New(tokenizerJSON)
	if err != nil {
		return nil, err
	}
	if tokenizer.VocabSize() > config.VocabSize {
		return nil, fmt.Errorf("pretrain: the tokenizer has %d ids, config.json says vocab_size %d", tokenizer.VocabSize(), config.VocabSize)
	}
	if _, ok := tokenizer.MaskID(); !ok {
		return nil, errors.New("pretrain: the tokenizer has no [MASK] token")
	}
	return &Model{
		config: config, configJSON: configJSON, tokenizerJSON: tokenizerJSON, tokenizer: tokenizer,
		parameters: colbert.NewParameters(opened), backend: opened,
	}, nil
}

// Close frees the weights. The backend stays open.
func (m *Model) Close() { m.parameters.Store.Finalize() }

// Step reports one update.
type Step struct {
	Step         int     `json:"step"` // counted from 1
	Loss         float64 `json:"loss"` // of the batch before the update, in nats per guessed token
	GradientNorm float64 `json:"grad_norm"`
	Tokens       int     `json:"tokens"`
	Seconds      float64 `json:"seconds"`
}

// clipNorm is the largest gradient norm of an update, BERT's.
const clipNorm = 1

// Fit trains the model on texts, which must not end before the options' steps are done. onStep, if not nil, is called after each; its
// error ends the training. Fit is deterministic, and must not run twice at the same time.
func (m *Model) Fit(ctx context.Context, texts iter.Seq[string], options Options, onStep func(Step) error) (err error) {
	if err := options.Validate(m.config); err != nil {
		return err
	}
	adamW := descent.TorchDefaults
	adamW.ClipNorm = clipNorm
	trainer, err := descent.New(m.backend, m.parameters.Store, m.lossGraph, adamW)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, trainer.Finalize()) }()
	step := 0
	for batch := range m.batches(texts, options) {
		start := time.Now()
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("pretrain: stopped at step %d: %w", step, err)
		}
		loss, err := trainer.MicroStep(batch.inputs()...)
		if err != nil {
			return fmt.Errorf("pretrain: step %d: %w", step+1, err)
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return fmt.Errorf("pretrain: step %d: the loss is %g; a smaller learning_rate may help", step+1, loss)
		}
		norm, err := trainer.Update(1, options.learningRate(step))
		if err != nil {
			return fmt.Errorf("pretrain: step %d: %w", step+1, err)
		}
		step++
		report := Step{Step: step, Loss: loss, GradientNorm: norm, Tokens: len(batch.ids), Seconds: time.Since(start).Seconds()}
		if onStep != nil {
			if err := onStep(report); err != nil {
				return err
			}
		}
		if step == options.Steps {
			return nil
		}
	}
	return fmt.Errorf("pretrain: the texts ended after %d of %d steps", step, options.Steps)
}

// Loss is the mean loss of the first batches that texts give, at most the given number, in nats per guessed token.
func (m *Model) Loss(ctx context.Context, texts iter.Seq[string], options Options, batches int) (float64, error) {
	if err := options.Validate(m.config); err != nil {
		return 0, err
	}
	exec, err := model.NewExec1(m.backend, m.parameters.Store, func(_ *model.Scope, inputs []*graph.Node) *graph.Node {
		return m.lossGraph(inputs)
	})
	if err != nil {
		return 0, fmt.Errorf("pretrain: %w", err)
	}
	defer exec.Finalize()
	sum, n := 0.0, 0
	for batch := range m.batches(texts, options) {
		if n == batches {
			break
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		loss, err := exec.Call(batch.inputs()...)
		if err != nil {
			return 0, fmt.Errorf("pretrain: %w", err)
		}
		sum += float64(tensors.ToScalar[float32](loss))
		n++
	}
	if n == 0 {
		return 0, errors.New("pretrain: the texts do not fill a batch")
	}
	return sum / float64(n), nil
}
