package encoder

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Family is an encoder architecture.
type Family string

// The families that this package computes.
const (
	BERT       Family = "bert"       // Devlin et al. 2019, and models of the same shape such as MiniLM
	DistilBERT Family = "distilbert" // Sanh et al. 2019: BERT without token types
	GTE        Family = "gte"        // Zhang et al. 2024, Alibaba-NLP's "new" architecture: rotary positions and gated feed-forward layers
	ModernBERT Family = "modernbert" // Warner et al. 2024: rotary positions, LayerNorm first, attention to a window in most layers
)

// Config is the part of a Hugging Face config.json that decides what an encoder computes.
type Config struct {
	Family           Family
	ModelType        string  // as in config.json; "new" and "gte" are both of the family GTE
	VocabSize        int     // rows of the word embedding table; a tokenizer may use fewer
	HiddenSize       int     // H
	Layers           int     // attention and feed-forward blocks
	Heads            int     // attention heads; H / Heads is the size of one
	IntermediateSize int     // width of the feed-forward layers
	MaxPositions     int     // longest input in tokens
	TokenTypes       int     // rows of the token type table, 0 where there is none
	LayerNormEpsilon float64 // added to variances

	// InverseFrequencies are the rotary position angles per token, one for each of H/Heads/2 pairs; nil for learned positions.
	InverseFrequencies []float64
	// Local are the layers in which a token attends only to tokens at most Window places away, with angles of their own; nil for none.
	Local                   []bool
	Window                  int
	LocalInverseFrequencies []float64
}

// rawConfig is config.json as the transformers library writes it.
type rawConfig struct {
	ModelType             string  `json:"model_type"`
	VocabSize             int     `json:"vocab_size"`
	HiddenSize            int     `json:"hidden_size"`
	NumHiddenLayers       int     `json:"num_hidden_layers"`
	NumAttentionHeads     int     `json:"num_attention_heads"`
	IntermediateSize      int     `json:"intermediate_size"`
	MaxPositionEmbeddings int     `json:"max_position_embeddings"`
	TypeVocabSize         *int    `json:"type_vocab_size"`
	LayerNormEps          float64 `json:"layer_norm_eps"`
	HiddenAct             string  `json:"hidden_act"`
	PositionEmbeddingType string  `json:"position_embedding_type"`

	LayerNormType      string          `json:"layer_norm_type"`
	LognAttentionScale bool            `json:"logn_attention_scale"`
	PackQKV            *bool           `json:"pack_qkv"`
	RopeTheta          float64         `json:"rope_theta"`
	RopeScaling        *ropeScaling    `json:"rope_scaling"`
	RopeParameters     json.RawMessage `json:"rope_parameters"` // transformers 5: theta and scaling in one, or one for each kind of attention

	// DistilBERT's names for common keys.
	Dim        int    `json:"dim"`
	NLayers    int    `json:"n_layers"`
	NHeads     int    `json:"n_heads"`
	HiddenDim  int    `json:"hidden_dim"`
	Activation string `json:"activation"`

	modernBERTConfig
}

// limit bounds every count in a config.json, so that a hostile or broken file cannot ask for absurd amounts of memory.
const limit = 1 << 24

// ParseConfig reads the content of a Hugging Face config.json. It refuses model types and settings that this package
// does not compute, rather than computing something else.
func ParseConfig(configJSON []byte) (Config, error) {
	raw := rawConfig{LayerNormEps: 1e-12, HiddenAct: "gelu", modernBERTConfig: modernBERTDefaults}
	if err := json.Unmarshal(configJSON, &raw); err != nil {
		return Config{}, fmt.Errorf("encoder: config.json: %w", err)
	}
	var config Config
	if err := config.read(raw); err != nil {
		return Config{}, fmt.Errorf("encoder: config.json: %w", err)
	}
	return config, nil
}

func (c *Config) read(raw rawConfig) error {
	if raw.ModelType == "" {
		return fmt.Errorf("model_type is missing, so this is not a transformers model's config.json")
	}
	family, ok := modelTypes[raw.ModelType]
	if !ok {
		return fmt.Errorf("model_type %q is not supported; supported are %s", raw.ModelType, strings.Join(ModelTypes(), ", "))
	}
	c.Family, c.ModelType = family, raw.ModelType
	switch family {
	case DistilBERT:
		raw.rename()
	case ModernBERT:
		raw.LayerNormEps, raw.HiddenAct = raw.NormEps, raw.HiddenActivation
	}
	c.VocabSize, c.HiddenSize, c.Layers, c.Heads = raw.VocabSize, raw.HiddenSize, raw.NumHiddenLayers, raw.NumAttentionHeads
	c.IntermediateSize, c.MaxPositions, c.LayerNormEpsilon = raw.IntermediateSize, raw.MaxPositionEmbeddings, raw.LayerNormEps
	if err := c.validate(raw); err != nil {
		return err
	}
	return c.architecture().read(c, raw)
}

// modelTypes maps the values of model_type in config.json to families.
var modelTypes = map[string]Family{"bert": BERT, "distilbert": DistilBERT, "new": GTE, "gte": GTE, "modernbert": ModernBERT}

// ModelTypes lists the values of model_type that ParseConfig accepts.
func ModelTypes() []string { return slices.Sorted(maps.Keys(modelTypes)) }

func (c *Config) validate(raw rawConfig) error {
	counts := []struct {
		key   string
		value int
	}{
		{"vocab_size", c.VocabSize}, {"hidden_size", c.HiddenSize}, {"num_hidden_layers", c.Layers},
		{"num_attention_heads", c.Heads}, {"intermediate_size", c.IntermediateSize}, {"max_position_embeddings", c.MaxPositions},
	}
	for _, count := range counts {
		if count.value < 1 || count.value > limit {
			return fmt.Errorf("%s is %d, want a number from 1 to %d", c.key(count.key), count.value, limit)
		}
	}
	if c.HiddenSize%c.Heads != 0 {
		return fmt.Errorf("%s %d is not a multiple of %s %d", c.key("hidden_size"), c.HiddenSize, c.key("num_attention_heads"), c.Heads)
	}
	if n := raw.TypeVocabSize; n != nil && (*n < 0 || *n > limit) {
		return fmt.Errorf("type_vocab_size is %d", *n)
	}
	if !(c.LayerNormEpsilon > 0 && c.LayerNormEpsilon < 1) {
		return fmt.Errorf("layer_norm_eps is %g, want a small positive number", c.LayerNormEpsilon)
	}
	if raw.HiddenAct != "gelu" { // the exact one, by the error function
		return fmt.Errorf("%s %q is not supported; supported is gelu", c.key("hidden_act"), raw.HiddenAct)
	}
	return nil
}

// key is what the family's config.json calls a common key.
func (c *Config) key(common string) string {
	switch {
	case c.Family == DistilBERT && distilBERTKeys[common] != "":
		return distilBERTKeys[common]
	case c.Family == ModernBERT && modernBERTKeys[common] != "":
		return modernBERTKeys[common]
	}
	return common
}
