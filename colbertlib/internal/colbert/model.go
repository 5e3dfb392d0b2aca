// Package colbert holds a ColBERT model: an encoder, a head that projects its hidden states, and the rules by which texts become
// queries and documents. The façade, training and pre-training share it.
//
// Shapes: B texts, L tokens (Lq of queries, Ld of documents), H hidden size, D head size.
package colbert

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/tokenize"
)

// Model computes token embeddings. Encode is safe for concurrent use as long as nothing changes the parameters.
type Model struct {
	Config          encoder.Config
	Tokenizer       *tokenize.Tokenizer
	Parameters      *Parameters
	Query, Document modelio.Role
	Similarity      maxsim.Variant
	Recompute       bool     // whether gradients take less memory and more time: see [encoder.Encoder]
	Warnings        []string // what a user should know about how the folder was read
	Unused          []string // tensors of the checkpoint that the model does not need
	Bare            bool     // the folder held an encoder alone, which says nothing about roles and similarity

	source  modelio.Folder // what the folder said beside weights and roles, to be written again
	head    []headLayer
	backend backend.Backend
	exec    *model.Exec // a Batch -> [B, L, D]
}

// headLayer is one projection, whose parameters are name.weight [out, in] and, where it has them, name.bias [out] and
// name.residual [out, in].
type headLayer struct {
	name        string
	out         int
	activation  string
	hasBias     bool
	useResidual bool // adds the input, or residual·input where there is such a parameter
	hasResidual bool
}

// Open loads the model that folder describes, without the masked language modelling head, onto a backend that stays the caller's.
func Open(opened backend.Backend, folder *modelio.Folder) (*Model, error) {
	config, err := encoder.ParseConfig(folder.Config)
	if err != nil {
		return nil, err
	}
	tokenizer, err := tokenize.New(folder.Tokenizer)
	if err != nil {
		return nil, err
	}
	if tokenizer.VocabSize() > config.VocabSize {
		return nil, fmt.Errorf("colbert: tokenizer.json has ids up to %d but the encoder only %d rows of word embeddings: they belong to different models", tokenizer.VocabSize()-1, config.VocabSize)
	}
	m := &Model{
		Config: config, Tokenizer: tokenizer, Parameters: NewParameters(opened),
		Query: folder.Query, Document: folder.Document, Similarity: maxsim.Variant(folder.Similarity),
		Warnings: slices.Clone(folder.Warnings), Bare: folder.Format == modelio.Bare, backend: opened,
		source: modelio.Folder{
			Config: folder.Config, Tokenizer: folder.Tokenizer, TokenizerConfig: folder.TokenizerConfig,
			JobTagger: folder.JobTagger, Labels: folder.Labels,
		},
	}
	if _, err := maxsim.ParseVariant(folder.Similarity); err != nil {
		return nil, err
	}
	if err := errors.Join(m.checkRole("queries", m.Query), m.checkRole("documents", m.Document)); err != nil {
		return nil, err
	}
	if m.Unused, err = m.Parameters.AddEncoder(config, folder.Weights, false); err != nil {
		return nil, err
	}
	if err := m.readHead(folder.Head); err != nil {
		return nil, err
	}
	if err := m.SetLengths(m.Query.Length, m.Document.Length); err != nil {
		return nil, err
	}
	return m, m.buildEncode()
}

func (m *Model) buildEncode() (err error) {
	m.exec, err = model.NewExec(m.backend, m.Parameters.Store, func(_ *model.Scope, ids, attended, scored *graph.Node) *graph.Node {
		return m.Embed(ids, attended, scored)
	})
	if err != nil {
		return fmt.Errorf("colbert: %w", err)
	}
	m.compileFew(m.exec, 3)
	return nil
}

// compileFew has exec, whose inputs are [B, L], compile one graph for all shapes where the backend can, or else keep one for each.
func (m *Model) compileFew(exec *model.Exec, inputs int) {
	exec.SetMaxCache(-1) // lengths are rounded up, so that there are not many graphs
	if backend.OpenAxes(m.backend) {
		axes := []string{"batch", "length"}
		exec.WithDynamicAxes(slices.Repeat([][]string{axes}, inputs)...)
	}
}

func (m *Model) readHead(layers []modelio.Dense) error {
	for i, dense := range layers {
		layer := headLayer{
			name: fmt.Sprintf("head.%d", i), out: dense.Weight.Shape[0], activation: dense.Activation,
			hasBias: dense.Bias != nil, useResidual: dense.UseResidual, hasResidual: dense.Residual != nil,
		}
		if in := m.Dim(); dense.Weight.Shape[1] != in {
			return fmt.Errorf("colbert: projection %d takes %d values, but gets %d", i+1, dense.Weight.Shape[1], in)
		}
		parts := map[string]*modelio.Tensor{"weight": &dense.Weight, "bias": dense.Bias, "residual": dense.Residual}
		for _, part := range slices.Sorted(maps.Keys(parts)) {
			if parts[part] == nil {
				continue
			}
			if err := m.Parameters.addTensor(layer.name+"."+part, *parts[part]); err != nil {
				return fmt.Errorf("colbert: %w", err)
			}
		}
		m.head = append(m.head, layer)
	}
	return nil
}

// AddHead gives a model without a head a projection to size dimensions, drawn from the uniform distribution of Glorot and Bengio
// 2010 as in neural-cherche (torch's xavier_uniform_).
func (m *Model) AddHead(size int, seed uint64) error {
	if len(m.head) > 0 {
		return fmt.Errorf("colbert: the model has a head already, of %d dimensions", m.Dim())
	}
	if size < 1 || size > 1<<16 {
		return fmt.Errorf("colbert: a head of %d dimensions", size)
	}
	bound := math.Sqrt(6 / float64(size+m.Config.HiddenSize))
	rng := rand.New(rand.NewPCG(seed, 1))
	values := make([]float32, size*m.Config.HiddenSize)
	for i := range values {
		values[i] = float32((2*rng.Float64() - 1) * bound)
	}
	if err := m.Parameters.Add("head.0.weight", []int{size, m.Config.HiddenSize}, values); err != nil {
		return fmt.Errorf("colbert: %w", err)
	}
	m.head = []headLayer{{name: "head.0", out: size, activation: "identity"}}
	return nil
}

// SetRoles replaces how texts are put to the model, and how they are scored.
func (m *Model) SetRoles(query, document modelio.Role, similarity maxsim.Variant) error {
	m.Query, m.Document, m.Similarity, m.Bare = query, document, similarity, false
	m.Warnings = slices.DeleteFunc(m.Warnings, func(w string) bool { return strings.Contains(w, "head") })
	return m.SetLengths(query.Length, document.Length)
}

// Freeze has training leave the embeddings and the first layers as they are, and change all else; 0 layers freeze nothing.
func (m *Model) Freeze(layers int) error {
	if layers < 0 || layers > m.Config.Layers {
		return fmt.Errorf("colbert: %d frozen layers, want a number from 0 to the encoder's %d", layers, m.Config.Layers)
	}
	frozen := m.Config.Bottom(layers)
	for _, name := range m.Parameters.names {
		m.Parameters.Store.GetVariable(scope + name).SetTrainable(!slices.Contains(frozen, name))
	}
	return nil
}

// Dim is D, the number of values of a token embedding.
func (m *Model) Dim() int {
	if len(m.head) == 0 {
		return m.Config.HiddenSize
	}
	return m.head[len(m.head)-1].out
}

// HasHead tells whether the hidden states are projected.
func (m *Model) HasHead() bool { return len(m.head) > 0 }

// Backend is the one that the model computes on.
func (m *Model) Backend() backend.Backend { return m.backend }

// SetLengths sets the largest number of tokens of a query and of a document, prefix and special tokens included; 0 is the
// encoder's own maximum.
func (m *Model) SetLengths(query, document int) error {
	for _, role := range []struct {
		name   string
		length int
		target *int
	}{{"query", query, &m.Query.Length}, {"document", document, &m.Document.Length}} {
		if role.length == 0 {
			role.length = m.Config.MaxPositions
		}
		if role.length < 3 || role.length > m.Config.MaxPositions {
			return fmt.Errorf("colbert: %s length %d, want a number from 3 to the encoder's maximum of %d tokens", role.name, role.length, m.Config.MaxPositions)
		}
		*role.target = role.length
	}
	return nil
}

// Close frees the compiled graphs and the parameters. The backend stays open.
func (m *Model) Close() {
	m.exec.Finalize()
	m.Parameters.Store.Finalize()
}
