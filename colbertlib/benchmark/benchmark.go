// Package benchmark measures how fast a model loads, tokenises, encodes, scores, trains and tags, and how much of what the machine can
// do in a plain matrix product that is.
package benchmark

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// Work is what is done: encode and tag the queries of triples, train on the first few of them.
type Work struct {
	Triples []dataset.Triple // at least BatchSize
	Labels  []dataset.Label
	Rounds  int // of each stage, after a first one that is reported apart because it compiles graphs
}

// BatchSize is the number of triples of a training step, neural-cherche's.
const BatchSize = 5

// Stages is the number of stages that [Run] measures, for progress bars.
const Stages = 7

// Report is what was measured. Times are wall seconds.
type Report struct {
	Backend    string  `json:"backend"`
	Dim        int     `json:"dim"`         // of token embeddings
	Tokens     float64 `json:"mean_tokens"` // of an ad, special tokens included
	PeakMemory int64   `json:"peak_memory_bytes,omitempty"`
	Stages     []Stage `json:"stages"`
}

// Stage is one kind of work.
type Stage struct {
	Name   string  `json:"name"`
	First  float64 `json:"first_seconds"`
	Median float64 `json:"median_seconds"` // of the other rounds
	Items  int     `json:"items"`          // done in a round
	Unit   string  `json:"unit"`           // of Items
	FLOP   float64 `json:"flop,omitempty"` // floating-point operations of a round in matrix products, padding not counted
	Share  float64 `json:"share,omitempty"`
}

// Rate is the number of items done in a second.
func (s Stage) Rate() float64 { return float64(s.Items) / s.Median }

// GFLOPS is the number of 10⁹ operations in a second, 0 where they were not counted.
func (s Stage) GFLOPS() float64 { return s.FLOP / s.Median / 1e9 }

// Run measures. open loads the model anew, as often as it is called; onStage is told what begins. The context is looked at between stages.
func Run(ctx context.Context, open func() (*colbertlib.Model, error), work Work, onStage func(name string)) (_ Report, err error) {
	if len(work.Triples) < BatchSize || len(work.Labels) == 0 || work.Rounds < 1 {
		return Report{}, fmt.Errorf("benchmark: %d triples, %d labels and %d rounds, want at least %d, 1 and 1", len(work.Triples), len(work.Labels), work.Rounds, BatchSize)
	}
	r := &runner{ctx: ctx, work: work, onStage: onStage}
	r.measure("load", 1, "models", 0, func() error {
		if r.model != nil {
			if err := r.model.Close(); err != nil {
				return err
			}
		}
		r.model, err = open()
		return err
	})
	if r.err != nil {
		return Report{}, r.err
	}
	defer func() { err = errors.Join(err, r.model.Close()) }()
	r.report.Backend, r.report.Dim = backend.Describe(r.model.Core().Backend()), r.model.Dim()
	r.matrixProduct()
	r.tokenise()
	r.encode()
	r.maxSim()
	r.tag()
	r.train()
	if r.err != nil {
		return Report{}, r.err
	}
	r.report.PeakMemory = peakMemory()
	r.report.shares()
	return r.report, nil
}

// shares relates every stage to the plain matrix product.
func (r *Report) shares() {
	for _, plain := range r.Stages {
		if plain.Name != matmul {
			continue
		}
		for i := range r.Stages {
			r.Stages[i].Share = r.Stages[i].GFLOPS() / plain.GFLOPS()
		}
	}
}

// runner measures one stage after the other, until one fails.
type runner struct {
	ctx     context.Context
	work    Work
	onStage func(name string)
	model   *colbertlib.Model
	report  Report
	err     error
	ads     []string
	lengths []int // of the ads in tokens
	queries []colbertlib.Embedding
}

// measure times rounds of do, which handles so many items.
func (r *runner) measure(name string, items int, unit string, flop float64, do func() error) {
	if r.err == nil {
		r.err = r.ctx.Err()
	}
	if r.err != nil {
		return
	}
	r.onStage(name)
	seconds := make([]float64, r.work.Rounds+1)
	for i := range seconds {
		start := time.Now()
		if err := do(); err != nil {
			r.err = fmt.Errorf("benchmark: %s: %w", name, err)
			return
		}
		seconds[i] = time.Since(start).Seconds()
	}
	stage := Stage{Name: name, First: seconds[0], Items: items, Unit: unit, FLOP: flop}
	rest := slices.Sorted(slices.Values(seconds[1:]))
	stage.Median = (rest[(len(rest)-1)/2] + rest[len(rest)/2]) / 2
	r.report.Stages = append(r.report.Stages, stage)
}

func (r *runner) tokenise() {
	for _, triple := range r.work.Triples {
		r.ads = append(r.ads, triple.Query)
	}
	core := r.model.Core()
	r.measure("tokenise", len(r.ads), "ads", 0, func() error {
		r.lengths = r.lengths[:0]
		for _, ad := range r.ads { // the first time through, no word is known yet
			r.lengths = append(r.lengths, len(core.Tokenize(core.Query, ad).IDs))
		}
		return nil
	})
	r.report.Tokens = float64(sum(r.lengths)) / float64(len(r.ads))
}

func (r *runner) encode() {
	if r.err != nil {
		return
	}
	r.measure("encode", sum(r.lengths), "tokens", r.forward(r.lengths), func() (err error) {
		r.queries, err = r.model.EncodeQueries(r.ctx, r.ads, nil)
		return err
	})
}

func (r *runner) maxSim() {
	if r.err != nil {
		return
	}
	descriptions := make([]string, len(r.work.Labels))
	for i, label := range r.work.Labels {
		descriptions[i] = label.Description
	}
	documents, err := r.model.EncodeDocuments(r.ctx, descriptions, nil)
	if err != nil {
		r.err = err
		return
	}
	flop := 0.0
	for _, query := range r.queries {
		for _, document := range documents {
			flop += 2 * float64(query.Tokens()) * float64(document.Tokens()) * float64(query.Dim)
		}
	}
	r.measure("MaxSim", len(r.queries)*len(documents), "pairs", flop, func() error {
		for _, query := range r.queries {
			if _, err := r.model.Rank(query, documents); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *runner) tag() {
	if r.err != nil {
		return
	}
	tagger, err := colbertlib.NewTagger(r.ctx, r.model, r.work.Labels)
	if err != nil {
		r.err = err
		return
	}
	r.measure("tag whole ads", len(r.ads), "ads", r.forward(r.lengths), func() error {
		_, err := tagger.TagAll(r.ctx, r.ads, nil)
		return err
	})
}

// train makes steps on the same micro-batch, without an update.
func (r *runner) train() {
	if r.err != nil {
		return
	}
	core := r.model.Core()
	triples := r.work.Triples[:BatchSize]
	lengths := slices.Clone(r.lengths[:BatchSize])
	documents := map[string]bool{}
	for _, triple := range triples {
		for _, document := range []string{triple.Positive, triple.Negative} {
			if !documents[document] {
				documents[document] = true
				lengths = append(lengths, len(core.Tokenize(core.Document, document).IDs))
			}
		}
	}
	options := train.NeuralCherche
	options.Epochs, options.BatchSize, options.Accumulation, options.LearningRate = r.work.Rounds+1, BatchSize, r.work.Rounds+2, 1
	trainer, err := train.New(core, train.Data{Triples: triples, Labels: r.work.Labels}, options)
	if err != nil {
		r.err = err
		return
	}
	const backward = 3 // a forward pass and twice its work
	r.measure("train step", sum(lengths), "tokens", backward*r.forward(lengths), func() error {
		_, err := trainer.Step()
		return err
	})
	r.err = errors.Join(r.err, trainer.Close())
}

// forward is the number of operations in the matrix products of encoding texts of these lengths.
func (r *runner) forward(lengths []int) float64 {
	config := r.model.Core().Config
	weights := config.HiddenSize * r.model.Dim()
	for _, param := range config.Params() {
		if len(param.Shape) == 2 && !param.MLM && !isEmbedding(param.Name) {
			weights += param.Shape[0] * param.Shape[1]
		}
	}
	flop := 0.0
	for _, length := range lengths {
		attention := 2 * config.Layers * length * config.HiddenSize // scores, and what they weigh
		flop += 2 * float64(length) * float64(weights+attention)
	}
	return flop
}

func sum(numbers []int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
}
