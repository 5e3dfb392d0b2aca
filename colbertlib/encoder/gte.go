package encoder

import (
	"encoding/json"
	"fmt"
	"strings"
)

// gte is the "new" architecture of Alibaba-NLP's gte-*-v1.5 and gte-*-mlm models (Zhang et al. 2024, mGTE): rotary positions,
// post-LayerNorm, gated GELU feed-forward layers, query, key and value projections in one matrix.
type gte struct{}

// prefix is that of the original checkpoints or that of transformers' own ones, which has the same tensors in another order and cut up.
func (gte) prefix(c Config) string { return c.ModelType + "." }

// nativeNames are the names that transformers' own checkpoints give to tensors, and ours.
var nativeNames = strings.NewReplacer(
	"self_attn.", "attention.", "post_attention_layernorm.", "attn_ln.", "post_mlp_layernorm.", "mlp_ln.", "lm_head.layer_norm.", "lm_head.norm.",
)

func (gte) canonical(name string) string {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "new."), "gte.")
	if layer, ok := strings.CutPrefix(name, "layers."); ok {
		name = "encoder.layer." + layer
	}
	return nativeNames.Replace(name)
}

func (gte) read(c *Config, raw rawConfig) error {
	native := c.ModelType == "gte"
	if native {
		c.TokenTypes = 1 // transformers' default
	}
	if raw.TypeVocabSize != nil {
		c.TokenTypes = *raw.TypeVocabSize
	}
	switch {
	case raw.PositionEmbeddingType != "" && raw.PositionEmbeddingType != "rope":
		return fmt.Errorf("position_embedding_type %q is not supported for new; supported is rope", raw.PositionEmbeddingType)
	case raw.LayerNormType != "" && raw.LayerNormType != "layer_norm":
		return fmt.Errorf("layer_norm_type %q is not supported; supported is layer_norm", raw.LayerNormType)
	case raw.LognAttentionScale:
		return fmt.Errorf("logn_attention_scale is not supported")
	}
	rope := ropeParameters{Theta: 10000, scaling: raw.RopeScaling} // the original NewConfig's default
	if native {
		rope.Theta = 160000
	}
	if raw.RopeTheta != 0 {
		rope.Theta = raw.RopeTheta
	}
	if len(raw.RopeParameters) > 0 {
		if err := json.Unmarshal(raw.RopeParameters, &rope); err != nil {
			return fmt.Errorf("rope_parameters: %w", err)
		}
	}
	var err error
	c.InverseFrequencies, err = rope.inverseFrequencies(c)
	return err
}

func (gte) params(c Config, l *paramList) {
	l.add("embeddings.word_embeddings.weight", c.VocabSize, c.HiddenSize)
	if c.TokenTypes > 0 {
		l.add("embeddings.token_type_embeddings.weight", c.TokenTypes, c.HiddenSize)
	}
	l.layerNorm("embeddings.LayerNorm", c.HiddenSize)
	for i := range c.Layers {
		layer := fmt.Sprintf("encoder.layer.%d.", i)
		projection := layer + "attention.%s_proj.%s"
		for _, kind := range []string{"weight", "bias"} {
			shape := []int{3 * c.HiddenSize, c.HiddenSize}
			if kind == "bias" {
				shape = shape[:1]
			}
			l.packed(fmt.Sprintf(projection, "qkv", kind), partNames(projection, kind, "q", "k", "v"), shape...)
		}
		l.dense(layer+"attention.o_proj", c.HiddenSize, c.HiddenSize)
		l.layerNorm(layer+"attn_ln", c.HiddenSize)
		projection = layer + "mlp.%s_proj.%s"
		l.packed(fmt.Sprintf(projection, "up_gate", "weight"), partNames(projection, "weight", "up", "gate"), 2*c.IntermediateSize, c.HiddenSize)
		l.dense(layer+"mlp.down_proj", c.IntermediateSize, c.HiddenSize)
		l.layerNorm(layer+"mlp_ln", c.HiddenSize)
	}
	l.mlm(func() {
		l.dense("lm_head.dense", c.HiddenSize, c.HiddenSize)
		l.layerNorm("lm_head.norm", c.HiddenSize)
		l.add("lm_head.decoder.bias", c.VocabSize)
	})
}

func partNames(format, kind string, parts ...string) (names []string) {
	for _, part := range parts {
		names = append(names, fmt.Sprintf(format, part, kind))
	}
	return names
}
