// Package encoder computes transformer encoders: token ids to one hidden state per token, on GoMLX graphs.
//
// A [Config] is read from a Hugging Face config.json, [Config.Params] names the tensors that its checkpoint holds, and
// an [Encoder] builds the computation from wherever the caller keeps them. One file holds one architecture; the operations that
// they share have closed-form gradients, which are faster than automatic differentiation on every backend.
//
// Shapes: B texts, L tokens in the longest of them, H hidden size, T = B*L tokens in all, A attention heads, D = H/A.
package encoder

import (
	"github.com/gomlx/gomlx/core/graph"
)

// architecture is what differs between families.
type architecture interface {
	// prefix is what checkpoints put before the names of the backbone's tensors.
	prefix(c Config) string
	// canonical is the name in Config.Params of a tensor called name in a checkpoint.
	canonical(name string) string
	// read fills the fields of Config that need the family's own rules, and refuses settings that are not computed.
	read(c *Config, raw rawConfig) error
	// params adds the tensors of the backbone, then those of the masked language modelling head.
	params(c Config, l *paramList)
	// hiddenStates returns the embeddings and the output of every layer, each [T, H], for ids [B, L] and mask [B, L].
	hiddenStates(g *builder, ids, mask *graph.Node) []*graph.Node
	// mlmLogits returns the logits [N, V] of hidden states [N, H].
	mlmLogits(g *builder, hidden *graph.Node) *graph.Node
}

func (c Config) architecture() architecture {
	switch c.Family {
	case DistilBERT:
		return distilBERT{}
	case GTE:
		return gte{}
	case ModernBERT:
		return modernBERT{}
	default:
		return bert{}
	}
}
