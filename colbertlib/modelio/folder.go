package modelio

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Format names a way to lay out a model folder.
type Format string

// The formats. All of them are read; Bare, SentenceTransformers and PyLate are written.
const (
	// Bare is a Hugging Face encoder without a projection head: config.json, tokenizer.json, model.safetensors.
	Bare Format = "bare"
	// SentenceTransformers is what sentence-transformers 6 writes for a MultiVectorEncoder.
	SentenceTransformers Format = "sentence-transformers"
	// NeuralCherche is a masked language model with linear.pt and metadata.json beside it (neural-cherche 1.4).
	NeuralCherche Format = "neural-cherche"
	// PyLate is what PyLate 1 writes for a ColBERT.
	PyLate Format = "pylate"
	// Stanford is a checkpoint of Stanford's ColBERT 0.2, with the head inside model.safetensors.
	Stanford Format = "stanford-colbert"
)

// The names of the MaxSim variants that formats stand for; package maxsim defines them.
const (
	clipZero = "clip-zero"
	maskMin  = "mask-min"
	mean     = "mean"
)

// Folder is everything that a model folder says, with nothing built from it. To write one, fill the same fields.
type Folder struct {
	Format          Format
	Config          []byte   // config.json, as it is
	Tokenizer       []byte   // tokenizer.json, as it is
	TokenizerConfig []byte   // tokenizer_config.json, as it is; nil where absent
	Weights         *Weights // the encoder's tensors under their names in the file
	Head            []Dense  // applied in order; none: token embeddings are the hidden states
	Query, Document Role
	Similarity      string     // the MaxSim variant, as package maxsim names it
	JobTagger       *JobTagger // nil where jobtagger.json is absent, that is in folders that we did not write
	Labels          []byte     // labels.json, the labels of training as package dataset writes them; nil where absent
	// Card makes README.md, the model card, from the warnings that Write returns; nil: none. Open leaves it nil.
	Card     func(warnings []string) ([]byte, error)
	Warnings []string // what a user should know: no projection head, settings that are ignored
}

// Close closes the weights.
func (f *Folder) Close() error { return f.Weights.Close() }

// Role is how the texts of one side, queries or documents, become token embeddings.
type Role struct {
	Prefix    string     `json:"prefix,omitempty"`    // text put in front of the text
	Marker    string     `json:"marker,omitempty"`    // vocabulary entry put behind the first token; empty: none
	Length    int        `json:"length,omitempty"`    // tokens at most, special tokens, prefix and marker included; 0: as many as the encoder has positions
	Expansion *Expansion `json:"expansion,omitempty"` // nil: none
	Skiplist  []string   `json:"skiplist,omitempty"`  // vocabulary entries: such tokens are encoded, but take no part in MaxSim
}

// maxLength bounds lengths in tokens, so that a hostile folder cannot ask for absurd amounts of memory.
const maxLength = 1 << 24

// check says whether the values are ones that can be computed with.
func (r Role) check() error {
	if r.Length < 0 || r.Length > maxLength {
		return fmt.Errorf("length %d, expected 0 to %d tokens", r.Length, maxLength)
	}
	e := r.Expansion
	switch {
	case e == nil:
		return nil
	case e.Strategy != "fixed" && e.Strategy != "min":
		return fmt.Errorf(`expansion strategy %q, expected "fixed" or "min"`, e.Strategy)
	case e.Length < 1 || e.Length > maxLength:
		return fmt.Errorf("expansion to %d tokens, expected 1 to %d", e.Length, maxLength)
	case e.Token == "":
		return errors.New("expansion without a token")
	}
	return nil
}

// Expansion is query expansion (Khattab and Zaharia 2020, section 3.2): short texts are filled up with a token whose
// embeddings take part in MaxSim. The fields are those of sentence-transformers' query_expansion.
type Expansion struct {
	Strategy string `json:"strategy"` // "fixed": every text has Length tokens, longer ones are cut; "min": longer ones keep their tokens
	Length   int    `json:"length"`   // tokens, special tokens, prefix and marker included
	Token    string `json:"token"`    // vocabulary entry, usually [MASK]
	Attend   bool   `json:"attend"`   // whether other tokens attend to the filling ones; these attend to the text either way
}

// Dense is one module of a projection head: y = activation(W·x + b), plus x or R·x where a residual is used.
type Dense struct {
	Weight      Tensor  // [out, in]
	Bias        *Tensor // [out]; nil: none
	Activation  string  // "identity", "tanh", "relu", "gelu", "silu" or "sigmoid"
	UseResidual bool
	Residual    *Tensor // [out, in]; nil: x itself is added, and out equals in
}

// check says whether the parts that a folder's files state separately fit together.
func (f *Folder) check(src source) error {
	if err := f.Query.check(); err != nil {
		return src.errorf("", "queries: %w", err)
	}
	if err := f.Document.check(); err != nil {
		return src.errorf("", "documents: %w", err)
	}
	return f.checkHead(src)
}

// JobTagger is what jobtagger.json keeps beside the fields of [Folder] that it repeats. The packages that make these
// values define their form.
type JobTagger struct {
	Calibration json.RawMessage // scores to probabilities; nil: none
	Provenance  json.RawMessage // base model, data, recipe, results; nil: none
}
