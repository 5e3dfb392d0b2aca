// Package modelcheck tells whether a model supports masked language modelling, and whether it can be the base of a ColBERT
// model here, before anything large is read or downloaded.
//
// [Check] decides from config.json, tokenizer_config.json and the headers of the safetensors files alone, so that a folder and
// a model on the Hub are the same to it: the latter costs a few small requests. [Fill] proves the verdict on the weights.
//
// Python's usual test, that AutoModelForMaskedLM.from_pretrained does not fail, is no test: it loads a file without a
// language model head as well and gives it a random one. Here the head's tensors must be there.
package modelcheck

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Verdict says what a model can be used for.
type Verdict string

// The verdicts, best first.
const (
	Supported   Verdict = "supported"    // masked language modelling and ColBERT
	EncoderOnly Verdict = "encoder only" // the base of a ColBERT model, but no masked language model
	Unsupported Verdict = "unsupported"  // nothing
)

// Head says what there is of a masked language modelling head.
type Head string

// The states of a head. Its decoder is the matrix from hidden states to the vocabulary.
const (
	Tied    Head = "tied"    // complete; the decoder is the word embedding table
	Present Head = "present" // complete, with a decoder of its own in the file
	Absent  Head = "absent"  // missing, or incomplete
)

// Report is what Check finds out. Counts are 0 where they are not known.
type Report struct {
	Model      string   `json:"model"`  // the name that Check was given
	Family     string   `json:"family"` // as package encoder calls it, or config.json's model_type
	MLM        Head     `json:"mlm"`
	Verdict    Verdict  `json:"verdict"`
	Reason     string   `json:"reason"`
	Parameters int64    `json:"parameters"` // of the file, as the Hub counts them
	Layers     int      `json:"layers"`
	Hidden     int      `json:"hidden"` // H
	Heads      int      `json:"heads"`
	Positions  int      `json:"positions"`  // tokens of the longest input
	Vocabulary int      `json:"vocabulary"` // rows of the word embedding table
	DTypes     []string `json:"dtypes"`     // of the weights: "F32", "F16", "BF16", …
	Missing    []string `json:"missing"`    // parameters that the file lacks or has in another shape or type
	Unused     []string `json:"unused"`     // tensors of the file that are not needed here
	Memory     Memory   `json:"memory"`     // zero for what is unsupported
	Warnings   []string `json:"warnings"`
}

// Check judges the model folder at the root of fsys. What cannot be read is a verdict, with the reason, and no error. name
// stands for the model in the report.
func Check(name string, fsys fs.FS) Report {
	inventory, weightsErr := modelio.Inspect(fsys, ".")
	r := Unreadable(name, weightsErr)
	if inventory.Config == nil {
		return r
	}
	r.Parameters, r.DTypes = inventory.Parameters, types(inventory.Tensors)
	var about about
	if err := json.Unmarshal(inventory.Config, &about); err != nil {
		r.Reason = fmt.Sprintf("config.json: %v", err)
		return r
	}
	r.Family = about.ModelType
	config, err := encoder.ParseConfig(inventory.Config)
	if reason := about.refusal(err); reason != "" {
		r.Reason = reason
		return r
	}
	r.describe(config)
	switch reason := tokenizerRefusal(inventory.TokenizerConfig); {
	case weightsErr != nil: // is the reason already
	case reason != "":
		r.Reason = reason
	case config.Layers > len(inventory.Tensors): // a hostile number would make a list of as many names
		r.Reason = fmt.Sprintf("config.json says %d layers, but the file has only %d tensors", config.Layers, len(inventory.Tensors))
	default:
		r.judge(config, about, inventory.Tensors)
	}
	if r.Verdict != Unsupported {
		r.Memory = estimate(config)
		r.warn(about, inventory.HasTokenizer)
	}
	return r
}

// Unreadable is the report of a model that cannot even be looked at, because of err.
func Unreadable(name string, err error) Report {
	r := Report{Model: name, MLM: Absent, Verdict: Unsupported, DTypes: []string{}, Missing: []string{}, Unused: []string{}, Warnings: []string{}}
	if err != nil {
		r.Reason = err.Error()
	}
	return r
}

// types lists the types of tensors, each once.
func types(tensors []modelio.Tensor) []string {
	found := map[string]bool{}
	for _, tensor := range tensors {
		found[tensor.DType] = true
	}
	return append([]string{}, slices.Sorted(maps.Keys(found))...)
}

func (r *Report) describe(config encoder.Config) {
	r.Family = string(config.Family)
	r.Layers, r.Hidden, r.Heads = config.Layers, config.HiddenSize, config.Heads
	r.Positions, r.Vocabulary = config.MaxPositions, config.VocabSize
}

// judge compares the tensors with what the encoder and its head need.
func (r *Report) judge(config encoder.Config, about about, tensors []modelio.Tensor) {
	f := match(config, tensors)
	r.Missing, r.Unused = append(append([]string{}, f.encoder.names...), f.head.names...), f.unused
	_, hasDecoder := f.tensors[decoders[config.Family]]
	untied := about.Tie != nil && !*about.Tie
	switch {
	case len(f.encoder.names) > 0:
		r.Reason = "the weights do not fit config.json: " + f.encoder.String()
		return
	case f.head.all:
		r.Reason = "there is no language model head; Python's AutoModelForMaskedLM would make up a random one"
	case len(f.head.names) > 0:
		r.Reason = "the language model head is incomplete: " + f.head.String()
	case untied && !hasDecoder:
		r.Missing = append(r.Missing, decoders[config.Family])
		r.Reason = fmt.Sprintf("config.json says that the decoder is not tied to the word embeddings (tie_word_embeddings), but %s is missing", decoders[config.Family])
	case untied:
		r.MLM = Present
		r.Reason = "the language model head's decoder is not tied to the word embeddings (tie_word_embeddings), which is not computed here"
	case hasDecoder:
		r.MLM, r.Verdict = Present, Supported
		r.Reason = "encoder and language model head are complete; the stored decoder is not read, as config.json ties it to the word embeddings"
		return
	default:
		r.MLM, r.Verdict = Tied, Supported
		r.Reason = "encoder and language model head are complete; the decoder is the word embedding table"
		return
	}
	r.Verdict = EncoderOnly
}

// decoders are the names of the matrices from hidden states to the vocabulary [V, H], where a file holds one.
var decoders = map[encoder.Family]string{
	encoder.BERT: "cls.predictions.decoder.weight", encoder.DistilBERT: "vocab_projector.weight",
	encoder.GTE: "lm_head.decoder.weight", encoder.ModernBERT: "decoder.weight",
}

func (r *Report) warn(about about, hasTokenizer bool) {
	if !hasTokenizer {
		r.Warnings = append(r.Warnings, "there is no tokenizer.json here, without which the model cannot be used; in Python, AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) writes it")
	}
	if len(about.AutoMap) > 0 && about.ModelType != newImpl {
		r.Warnings = append(r.Warnings, fmt.Sprintf("config.json names Python code of its own (auto_map), which is not run: what is computed is %s as transformers has it", about.ModelType))
	}
	if r.MLM == Absent && slices.ContainsFunc(about.Architectures, isMaskedLM) {
		r.Warnings = append(r.Warnings, fmt.Sprintf("config.json says %s, but the weights say otherwise", strings.Join(about.Architectures, ", ")))
	}
}
