package encoder

import "fmt"

// gte is the "new" architecture of Alibaba-NLP's gte-*-v1.5 and gte-*-mlm models (Zhang et al. 2024, mGTE): rotary positions,
// post-LayerNorm, gated GELU feed-forward layers, query, key and value projections in one matrix.
type gte struct{}

func (gte) prefix() string { return "new." }

func (gte) read(c *Config, raw rawConfig) error {
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
	case raw.PackQKV != nil && !*raw.PackQKV:
		return fmt.Errorf("pack_qkv false is not supported")
	case c.HiddenSize/c.Heads%2 != 0:
		return fmt.Errorf("rotary positions need an even size of attention heads, got %d / %d", c.HiddenSize, c.Heads)
	}
	theta := raw.RopeTheta
	if theta == 0 {
		theta = 10000 // the original NewConfig's default
	}
	var err error
	c.InverseFrequencies, err = inverseFrequencies(theta, raw.RopeScaling, c.HiddenSize/c.Heads)
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
		l.dense(layer+"attention.qkv_proj", c.HiddenSize, 3*c.HiddenSize)
		l.dense(layer+"attention.o_proj", c.HiddenSize, c.HiddenSize)
		l.layerNorm(layer+"attn_ln", c.HiddenSize)
		l.add(layer+"mlp.up_gate_proj.weight", 2*c.IntermediateSize, c.HiddenSize)
		l.dense(layer+"mlp.down_proj", c.IntermediateSize, c.HiddenSize)
		l.layerNorm(layer+"mlp_ln", c.HiddenSize)
	}
	l.mlm(func() {
		l.dense("lm_head.dense", c.HiddenSize, c.HiddenSize)
		l.layerNorm("lm_head.norm", c.HiddenSize)
		l.add("lm_head.decoder.bias", c.VocabSize)
	})
}
