package modelcheck

import "github.com/jobtagger/jobtagger/colbertlib/encoder"

// Memory is an estimate of the program's largest resident size, in bytes, on the Go backend, for texts of at most 512 tokens
// and labels of 64: good to about a fifth, for models of ten million parameters and more.
//
// With W the bytes of the encoder's parameters as float32, and S(T, L) = heads·L·T·4 those of the attention scores of T tokens
// in texts of length L, it is
//
//	training  100 MB + max(13 W, 8 W + layers·((14 H + 5 I)·T·4 + S))    5 triples a micro-batch; 10 I where the layers are gated
//	tagging   100 MB + 5 W + 5 S                                         4096 tokens a batch
//
// An update holds the weights, the sum of gradients, the optimizer's two moments and temporary values, and Go's collector lets
// that grow to the double; the factors were fitted to measurements, which are in this package's tests.
type Memory struct {
	Training int64 `json:"training"`
	Tagging  int64 `json:"tagging"`
}

const (
	batchSize      = 5    // triples of a micro-batch, each with two documents
	queryLength    = 512  // tokens
	documentLength = 64   //
	batchTokens    = 4096 // of a batch of queries that are tagged
	program        = 100_000_000
)

// estimate follows the formula of [Memory].
func estimate(config encoder.Config) Memory {
	return Memory{
		Training: trainingMemory(config, min(queryLength, config.MaxPositions), batchSize),
		Tagging:  taggingMemory(config, min(queryLength, config.MaxPositions)),
	}
}

func trainingMemory(config encoder.Config, length, triples int) int64 {
	weights := weightBytes(config)
	documents := min(documentLength, config.MaxPositions)
	wide := 5
	if config.InverseFrequencies != nil { // the architectures with rotary positions are those with gated layers
		wide = 10
	}
	perToken := int64(14*config.HiddenSize+wide*config.IntermediateSize) * 4
	activations := int64(triples*(length+2*documents))*perToken + scoreBytes(config, triples*length, length) + scoreBytes(config, 2*triples*documents, documents)
	return program + max(13*weights, 8*weights+int64(config.Layers)*activations)
}

func taggingMemory(config encoder.Config, length int) int64 {
	return program + 5*weightBytes(config) + 5*scoreBytes(config, batchTokens, length)
}

// weightBytes is the size of the encoder in float32, without its language model head.
func weightBytes(config encoder.Config) (bytes int64) {
	for _, param := range config.Params() {
		if param.MLM {
			continue
		}
		size := int64(4)
		for _, dim := range param.Shape {
			size *= int64(dim)
		}
		bytes += size
	}
	return bytes
}

// scoreBytes is the size of one layer's attention scores, for some tokens in texts of that length.
func scoreBytes(config encoder.Config, tokens, length int) int64 {
	return int64(config.Heads) * int64(tokens) * int64(length) * 4
}
