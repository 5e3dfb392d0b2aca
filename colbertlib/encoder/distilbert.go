package encoder

import (
	"fmt"
	"strings"
)

// distilBERT is the architecture of Sanh et al. 2019: BERT's, without token types and under other names.
type distilBERT struct{}

func (distilBERT) prefix(Config) string { return "distilbert." }

func (distilBERT) canonical(name string) string { return strings.TrimPrefix(name, "distilbert.") }

// distilBERTKeys are DistilBERT's names for common keys of config.json.
var distilBERTKeys = map[string]string{
	"hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads", "intermediate_size": "hidden_dim", "hidden_act": "activation",
}

// rename moves DistilBERT's keys to the common ones. Its LayerNorm epsilon is not configurable.
func (r *rawConfig) rename() {
	r.HiddenSize, r.NumHiddenLayers, r.NumAttentionHeads, r.IntermediateSize, r.LayerNormEps = r.Dim, r.NLayers, r.NHeads, r.HiddenDim, 1e-12
	if r.Activation != "" {
		r.HiddenAct = r.Activation
	}
}

func (distilBERT) read(*Config, rawConfig) error { return nil }

func (distilBERT) params(c Config, l *paramList) {
	l.add("embeddings.word_embeddings.weight", c.VocabSize, c.HiddenSize)
	l.add("embeddings.position_embeddings.weight", c.MaxPositions, c.HiddenSize)
	l.layerNorm("embeddings.LayerNorm", c.HiddenSize)
	for i := range c.Layers {
		layer := fmt.Sprintf("transformer.layer.%d.", i)
		for _, part := range []string{"q_lin", "k_lin", "v_lin", "out_lin"} {
			l.dense(layer+"attention."+part, c.HiddenSize, c.HiddenSize)
		}
		l.layerNorm(layer+"sa_layer_norm", c.HiddenSize)
		l.dense(layer+"ffn.lin1", c.HiddenSize, c.IntermediateSize)
		l.dense(layer+"ffn.lin2", c.IntermediateSize, c.HiddenSize)
		l.layerNorm(layer+"output_layer_norm", c.HiddenSize)
	}
	l.mlm(func() {
		l.dense("vocab_transform", c.HiddenSize, c.HiddenSize)
		l.layerNorm("vocab_layer_norm", c.HiddenSize)
		l.add("vocab_projector.bias", c.VocabSize)
	})
}
