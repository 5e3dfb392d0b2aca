package encoder

import (
	"encoding/json"
	"fmt"
	"strings"
)

// modernBERT is the architecture of Warner et al. 2024: rotary positions, LayerNorm before attention and feed-forward layers, gated GELU
// layers, no biases, and in most layers attention to a window of tokens.
type modernBERT struct{}

func (modernBERT) prefix(Config) string { return "model." }

func (modernBERT) canonical(name string) string { return strings.TrimPrefix(name, "model.") }

// modernBERTKeys are ModernBERT's names for common keys of config.json.
var modernBERTKeys = map[string]string{"layer_norm_eps": "norm_eps", "hidden_act": "hidden_activation"}

// modernBERTConfig are the keys of config.json that only ModernBERT has.
type modernBERTConfig struct {
	NormEps              float64  `json:"norm_eps"`
	HiddenActivation     string   `json:"hidden_activation"`
	ClassifierActivation string   `json:"classifier_activation"`
	NormBias             bool     `json:"norm_bias"`
	MLPBias              bool     `json:"mlp_bias"`
	AttentionBias        bool     `json:"attention_bias"`
	ClassifierBias       bool     `json:"classifier_bias"`
	DecoderBias          bool     `json:"decoder_bias"`
	LocalAttention       int      `json:"local_attention"`            // tokens of a window, the token itself not counted
	GlobalEvery          int      `json:"global_attn_every_n_layers"` // the layers whose number is a multiple of it attend to all tokens
	LayerTypes           []string `json:"layer_types"`                // instead of GlobalEvery
	GlobalRopeTheta      float64  `json:"global_rope_theta"`
	LocalRopeTheta       float64  `json:"local_rope_theta"`
}

// modernBERTDefaults are those of transformers' ModernBertConfig.
var modernBERTDefaults = modernBERTConfig{
	NormEps: 1e-5, HiddenActivation: "gelu", ClassifierActivation: "gelu", DecoderBias: true,
	LocalAttention: 128, GlobalEvery: 3, GlobalRopeTheta: 160000, LocalRopeTheta: 10000,
}

const (
	fullAttention  = "full_attention"
	slidingWindows = "sliding_attention"
)

func (modernBERT) read(c *Config, raw rawConfig) error {
	for _, bias := range []struct {
		key         string
		value, want bool
	}{
		{"norm_bias", raw.NormBias, false}, {"mlp_bias", raw.MLPBias, false}, {"attention_bias", raw.AttentionBias, false},
		{"classifier_bias", raw.ClassifierBias, false}, {"decoder_bias", raw.DecoderBias, true},
	} {
		if bias.value != bias.want {
			return fmt.Errorf("%s %v is not supported; supported is %v", bias.key, bias.value, bias.want)
		}
	}
	if raw.ClassifierActivation != "gelu" {
		return fmt.Errorf("classifier_activation %q is not supported; supported is gelu", raw.ClassifierActivation)
	}
	if raw.LocalAttention < 2 || raw.LocalAttention > limit {
		return fmt.Errorf("local_attention is %d, want a number from 2", raw.LocalAttention)
	}
	if err := c.readLayerTypes(raw); err != nil {
		return err
	}
	return c.readRotations(raw)
}

func (c *Config) readLayerTypes(raw rawConfig) error {
	c.Window, c.Local = raw.LocalAttention/2, make([]bool, c.Layers)
	if raw.LayerTypes == nil {
		if raw.GlobalEvery < 1 {
			return fmt.Errorf("global_attn_every_n_layers is %d, want a number from 1", raw.GlobalEvery)
		}
		for i := range c.Local {
			c.Local[i] = i%raw.GlobalEvery != 0
		}
		return nil
	}
	if len(raw.LayerTypes) != c.Layers {
		return fmt.Errorf("layer_types has %d entries for %d layers", len(raw.LayerTypes), c.Layers)
	}
	for i, kind := range raw.LayerTypes {
		if kind != fullAttention && kind != slidingWindows {
			return fmt.Errorf("layer_types has %q; supported are %s and %s", kind, fullAttention, slidingWindows)
		}
		c.Local[i] = kind == slidingWindows
	}
	return nil
}

func (c *Config) readRotations(raw rawConfig) (err error) {
	global, local := ropeParameters{Theta: raw.GlobalRopeTheta}, ropeParameters{Theta: raw.LocalRopeTheta}
	if len(raw.RopeParameters) > 0 {
		byKind := map[string]*ropeParameters{fullAttention: &global, slidingWindows: &local}
		if err := json.Unmarshal(raw.RopeParameters, &byKind); err != nil {
			return fmt.Errorf("rope_parameters: %w", err)
		}
	}
	if c.InverseFrequencies, err = global.inverseFrequencies(c); err != nil {
		return err
	}
	c.LocalInverseFrequencies, err = local.inverseFrequencies(c)
	return err
}

func (modernBERT) params(c Config, l *paramList) {
	l.add("embeddings.tok_embeddings.weight", c.VocabSize, c.HiddenSize)
	l.add("embeddings.norm.weight", c.HiddenSize)
	for i := range c.Layers {
		layer := fmt.Sprintf("layers.%d.", i)
		if i > 0 { // the embeddings are normalised already
			l.add(layer+"attn_norm.weight", c.HiddenSize)
		}
		l.add(layer+"attn.Wqkv.weight", 3*c.HiddenSize, c.HiddenSize)
		l.add(layer+"attn.Wo.weight", c.HiddenSize, c.HiddenSize)
		l.add(layer+"mlp_norm.weight", c.HiddenSize)
		l.add(layer+"mlp.Wi.weight", 2*c.IntermediateSize, c.HiddenSize)
		l.add(layer+"mlp.Wo.weight", c.HiddenSize, c.IntermediateSize)
	}
	l.add("final_norm.weight", c.HiddenSize)
	l.mlm(func() {
		l.add("head.dense.weight", c.HiddenSize, c.HiddenSize)
		l.add("head.norm.weight", c.HiddenSize)
		l.add("decoder.bias", c.VocabSize)
	})
}
