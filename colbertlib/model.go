package colbertlib

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/modelcard"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Options change how a model is loaded. Their zero value, like a nil pointer, leaves everything to the model and the environment.
type Options struct {
	Backend        string // as for [backend.Open]
	QueryLength    int    // tokens of a query at the most, special tokens and prefix included; 0: what the model says
	DocumentLength int    // the same of a document
}

// Model is a loaded ColBERT model.
type Model struct {
	core        *colbert.Model
	backend     backend.Backend
	labels      []dataset.Label // nil: none
	calibration *Calibration    // nil: none
	card        []byte          // README.md of the folder that it was read from; nil: none
}

// Load reads the model folder dir. options may be nil. An error says what is missing in the folder, what it asks for that is not computed here, or why
// the backend cannot be used. Close the model when it is done with.
func Load(dir string, options *Options) (*Model, error) {
	m, err := LoadFS(os.DirFS(dir), options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.ToSlash(dir), err)
	}
	return m, nil
}

// LoadFS reads the model folder that is the root of fsys, an embedded one for example. options may be nil.
func LoadFS(fsys fs.FS, options *Options) (_ *Model, err error) {
	if options == nil {
		options = &Options{}
	}
	folder, err := modelio.Open(fsys, ".")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	opened, err := backend.Open(options.Backend)
	if err != nil {
		return nil, err
	}
	core, err := colbert.Open(opened, folder)
	if err != nil {
		opened.Finalize()
		return nil, err
	}
	m := &Model{core: core, backend: opened}
	if err := core.SetLengths(cmp.Or(options.QueryLength, core.Query.Length), cmp.Or(options.DocumentLength, core.Document.Length)); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	if err := m.readTagger(folder); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	if m.card, err = modelcard.Read(fsys); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// readTagger reads what makes a tagger of a model: labels and calibration. Other programs' folders may hold another labels.json.
func (m *Model) readTagger(folder *modelio.Folder) (err error) {
	if folder.Labels != nil {
		if m.labels, err = dataset.ReadLabels(bytes.NewReader(folder.Labels), dataset.LabelsFile); err != nil {
			m.core.Warnings = append(m.core.Warnings, fmt.Sprintf("its labels are not used: %v", err))
		}
	}
	if folder.JobTagger != nil {
		m.calibration, err = parseCalibration(folder.JobTagger.Calibration)
		return err
	}
	return nil
}

// Close frees the model's memory. The model must not be in use, and not be used again.
func (m *Model) Close() error {
	m.core.Close()
	m.backend.Finalize()
	return nil
}

// Save writes the model as a folder that sentence-transformers 6 reads too. A folder of that name is replaced if it is one that Save
// wrote, and refused otherwise. The model keeps its card and its labels. What the format cannot express is returned as warnings; our own readers lose nothing.
func (m *Model) Save(dir string) (warnings []string, err error) {
	folder, err := m.core.Folder()
	if err != nil {
		return nil, err
	}
	folder.Card = func(warnings []string) ([]byte, error) {
		return modelcard.Converted(m.card, "", modelio.SentenceTransformers, warnings)
	}
	return modelio.Write(dir, folder, modelio.SentenceTransformers)
}

// Warnings say what a user should know about how the model's folder was read, for example that it has no projection head.
func (m *Model) Warnings() []string { return slices.Clone(m.core.Warnings) }

// Dim is the number of values in a token embedding.
func (m *Model) Dim() int { return m.core.Dim() }

// Similarity is the rule by which the model scores.
func (m *Model) Similarity() maxsim.Variant { return m.core.Similarity }

// Labels are those that the model was trained on; none if its folder does not say.
func (m *Model) Labels() []dataset.Label { return slices.Clone(m.labels) }

// Core is what package train works on. Its type is internal; hand it on as it is.
func (m *Model) Core() *colbert.Model { return m.core }

// Embedding is an encoded text: its token embeddings and where they come from.
type Embedding struct {
	maxsim.Embedding
	// Spans are the tokens' places in the text, as byte offsets [start, end); tokens that the model adds have {0, 0}.
	Spans [][2]int
	// Truncated says that the text was longer than the model takes; what lies beyond was left out.
	Truncated bool
}

// EncodeQueries encodes texts as queries. progress, if not nil, is called now and then with the number of texts done.
func (m *Model) EncodeQueries(ctx context.Context, texts []string, progress func(done int)) ([]Embedding, error) {
	return m.encode(ctx, m.core.Query, texts, progress)
}

// EncodeDocuments encodes texts as documents. progress, if not nil, is called now and then with the number of texts done.
func (m *Model) EncodeDocuments(ctx context.Context, texts []string, progress func(done int)) ([]Embedding, error) {
	return m.encode(ctx, m.core.Document, texts, progress)
}

func (m *Model) encode(ctx context.Context, role modelio.Role, texts []string, progress func(done int)) ([]Embedding, error) {
	encoded, err := m.core.Encode(ctx, role, texts, progress)
	if err != nil {
		return nil, err
	}
	embeddings := make([]Embedding, len(encoded))
	for i, text := range encoded {
		embeddings[i] = Embedding{Embedding: text.Embedding, Spans: text.Tokens.Offsets, Truncated: text.Truncated}
	}
	return embeddings, nil
}

// Score is the MaxSim of a query and a document: for [maxsim.Mean] a number from -1 to 1, for other rules a sum over query tokens. Scores of one query for several documents can be compared; those of several
// queries cannot, as they grow with the length of the query (but for models whose rule is [maxsim.Mean]).
func (m *Model) Score(query, document Embedding) (float64, error) {
	return m.core.Similarity.Score(query.Embedding, document.Embedding)
}

// Scores is Score for several documents, and faster: see [maxsim.Variant.Scores].
func (m *Model) Scores(query Embedding, documents []Embedding) ([]float64, error) {
	embeddings := make([]maxsim.Embedding, len(documents))
	for i, document := range documents {
		embeddings[i] = document.Embedding
	}
	return m.core.Similarity.Scores(query.Embedding, embeddings)
}

// Ranked is a document's place in a ranking.
type Ranked struct {
	Index int // of the document among those given
	Score float64
}

// Rank orders documents by their score for the query, best first, equal ones as they were given.
func (m *Model) Rank(query Embedding, documents []Embedding) ([]Ranked, error) {
	scores, err := m.Scores(query, documents)
	if err != nil {
		return nil, err
	}
	ranking := make([]Ranked, len(documents))
	for i, score := range scores {
		ranking[i] = Ranked{Index: i, Score: score}
	}
	slices.SortStableFunc(ranking, func(a, b Ranked) int { return cmp.Compare(b.Score, a.Score) })
	return ranking, nil
}

// ExportONNX writes encoder and head as one file in the ONNX format, with the weights inside, for ONNX Runtime in any language:
//
//	input_ids, attention_mask [B, L] int64 -> embeddings [B, L, D] float32
//
// B and L may be of any size up to the model's; rows have unit length, those of padding are zero. Tokenising, with the roles' markers and prefixes, and
// MaxSim are left to the caller. The model must have been loaded with the backend onnx, and must not be in use meanwhile.
func (m *Model) ExportONNX(path string) error {
	return atomicfile.Write(path, m.core.ExportONNX)
}
