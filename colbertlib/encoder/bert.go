package encoder

import (
	"fmt"
	"strings"
)

// bert is the architecture of Devlin et al. 2019: learned positions, post-LayerNorm, GELU feed-forward layers.
type bert struct{}

func (bert) prefix(Config) string { return "bert." }

func (bert) canonical(name string) string { return strings.TrimPrefix(name, "bert.") }

func (bert) read(c *Config, raw rawConfig) error {
	if c.TokenTypes = 2; raw.TypeVocabSize != nil { // 2 is transformers' default
		c.TokenTypes = *raw.TypeVocabSize
	}
	if kind := raw.PositionEmbeddingType; kind != "" && kind != "absolute" {
		return fmt.Errorf("position_embedding_type %q is not supported for bert; supported is absolute", kind)
	}
	return nil
}

func (bert) params(c Config, l *paramList) {
	l.add("embeddings.word_embeddings.weight", c.VocabSize, c.HiddenSize)
	l.add("embeddings.position_embeddings.weight", c.MaxPositions, c.HiddenSize)
	if c.TokenTypes > 0 {
		l.add("embeddings.token_type_embeddings.weight", c.TokenTypes, c.HiddenSize)
	}
	l.layerNorm("embeddings.LayerNorm", c.HiddenSize)
	for i := range c.Layers {
		layer := fmt.Sprintf("encoder.layer.%d.", i)
		for _, part := range []string{"query", "key", "value"} {
			l.dense(layer+"attention.self."+part, c.HiddenSize, c.HiddenSize)
		}
		l.dense(layer+"attention.output.dense", c.HiddenSize, c.HiddenSize)
		l.layerNorm(layer+"attention.output.LayerNorm", c.HiddenSize)
		l.dense(layer+"intermediate.dense", c.HiddenSize, c.IntermediateSize)
		l.dense(layer+"output.dense", c.IntermediateSize, c.HiddenSize)
		l.layerNorm(layer+"output.LayerNorm", c.HiddenSize)
	}
	l.mlm(func() {
		l.dense("cls.predictions.transform.dense", c.HiddenSize, c.HiddenSize)
		l.layerNorm("cls.predictions.transform.LayerNorm", c.HiddenSize)
		l.add("cls.predictions.bias", c.VocabSize)
	})
}
