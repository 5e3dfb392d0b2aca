package pretrain

import (
	"encoding/json"
	"fmt"
	"iter"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/internal/strictyaml"
	"github.com/jobtagger/jobtagger/colbertlib/tokenize"
)

// Recipe is everything that decides how a BERT encoder is made from texts.
type Recipe struct {
	Vocabulary Vocabulary `yaml:"vocabulary"`
	Encoder    Encoder    `yaml:"encoder"`
	Train      Options    `yaml:"train"`
	Every      int        `yaml:"every"` // steps between two measurements of the loss on held-out texts
}

// Vocabulary says how the WordPiece vocabulary is learnt.
type Vocabulary struct {
	Size       int    `yaml:"size"`       // tokens
	Texts      int    `yaml:"texts"`      // how many of the texts it is learnt from
	Characters string `yaml:"characters"` // that belong to it even if the texts lack them
}

// Encoder is the shape of the encoder; the names are those of config.json.
type Encoder struct {
	HiddenSize       int `yaml:"hidden_size"`
	Layers           int `yaml:"num_hidden_layers"`
	Heads            int `yaml:"num_attention_heads"`
	IntermediateSize int `yaml:"intermediate_size"`
	MaxPositions     int `yaml:"max_position_embeddings"`
}

// ReadRecipe reads a recipe in YAML. name stands for the file in errors. A key that no recipe has is an error that names the nearest one; a
// value of another type is one too.
func ReadRecipe(content []byte, name string) (Recipe, error) {
	var r Recipe
	if err := strictyaml.Read(content, name, &r); err != nil {
		return Recipe{}, fmt.Errorf("pretrain: %w", err)
	}
	if r.Vocabulary.Size < 1 || r.Vocabulary.Texts < 1 || r.Every < 1 {
		return Recipe{}, fmt.Errorf("pretrain: %s: vocabulary.size, vocabulary.texts and every are numbers from 1", name)
	}
	return r, nil
}

// Model learns the vocabulary and the first word embeddings from the first of the texts and returns a model whose other weights are random.
func (r Recipe) Model(opened backend.Backend, texts iter.Seq[string]) (*Model, error) {
	tokenizer, err := tokenize.TrainWordPiece(r.Vocabulary.texts(texts), r.Vocabulary.Size)
	if err != nil {
		return nil, err
	}
	config, err := r.Encoder.config(r.Vocabulary.Size)
	if err != nil {
		return nil, err
	}
	m, err := New(opened, config, tokenizer, r.Train.Seed)
	if err != nil {
		return nil, err
	}
	if err := m.setWordEmbeddings(first(texts, r.Vocabulary.Texts), r.Train.Seed); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

func first(texts iter.Seq[string], n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		left := n
		for text := range texts {
			if left == 0 || !yield(text) {
				return
			}
			left--
		}
	}
}

func (v Vocabulary) texts(all iter.Seq[string]) iter.Seq[string] {
	return func(yield func(string) bool) {
		for text := range first(all, v.Texts) {
			if !yield(text) {
				return
			}
		}
		for _, character := range v.Characters {
			if !yield(string(character)) {
				return
			}
		}
	}
}

// config is config.json as transformers writes it for such a BERT.
func (e Encoder) config(vocabulary int) ([]byte, error) {
	content, err := json.MarshalIndent(map[string]any{
		"architectures": []string{"BertForMaskedLM"}, "model_type": "bert", "vocab_size": vocabulary, "hidden_size": e.HiddenSize,
		"num_hidden_layers": e.Layers, "num_attention_heads": e.Heads, "intermediate_size": e.IntermediateSize,
		"max_position_embeddings": e.MaxPositions, "type_vocab_size": 1, "layer_norm_eps": 1e-12, "hidden_act": "gelu",
		"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "initializer_range": 0.02, "pad_token_id": 0,
		"position_embedding_type": "absolute", "tie_word_embeddings": true, "torch_dtype": "float32",
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("pretrain: %w", err)
	}
	return append(content, '\n'), nil
}
