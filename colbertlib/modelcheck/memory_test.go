package modelcheck

import (
	"math"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/encoder"
)

// Peak resident sizes in kB of the program on two processor cores of linux/amd64, Go 1.26, compute v0.1.6, as /usr/bin/time
// reports them: of training one epoch on 15 triples whose queries fill their length, and of tagging 16 such advertisements.
func TestMemoryAsMeasured(t *testing.T) {
	bert := func(layers, hidden int) encoder.Config {
		return encoder.Config{Family: encoder.BERT, ModelType: "bert", VocabSize: 30522, HiddenSize: hidden, Layers: layers, Heads: 12, IntermediateSize: 4 * hidden, MaxPositions: 512, TokenTypes: 2}
	}
	gte := encoder.Config{
		Family: encoder.GTE, ModelType: "new", VocabSize: 30528, HiddenSize: 768, Layers: 3, Heads: 12, IntermediateSize: 3072, MaxPositions: 8192,
		InverseFrequencies: make([]float64, 32),
	}
	for _, c := range []struct {
		name            string
		config          encoder.Config
		length, triples int // 0 triples: tagging
		measured        int64
	}{
		{"MiniLM-L6", bert(6, 384), 512, 5, 2_155_540},
		{"MiniLM-L6", bert(6, 384), 256, 5, 1_518_152},
		{"3 layers of BERT-base", bert(3, 768), 512, 5, 2_880_284},
		{"3 layers of BERT-base", bert(3, 768), 256, 5, 2_279_604},
		{"3 layers of BERT-base", bert(3, 768), 512, 1, 2_347_892},
		{"3 layers of gte-base", gte, 512, 5, 3_579_376},
		{"3 layers of gte-base", gte, 512, 1, 2_597_104},
		{"3 layers of gte-base", gte, 1024, 2, 3_786_444},
		{"BERT-base", bert(12, 768), 256, 2, 5_863_436},
		{"BERT-base", bert(12, 768), 512, 5, 7_457_612}, // measured after the formula was fitted to the others
		{"MiniLM-L6", bert(6, 384), 512, 0, 1_062_596},
		{"3 layers of BERT-base", bert(3, 768), 512, 0, 1_410_000},
		{"BERT-base", bert(12, 768), 512, 0, 2_925_964},
		{"3 layers of gte-base", gte, 512, 0, 1_585_436},
		{"3 layers of gte-base", gte, 2048, 0, 3_410_580},
	} {
		estimated := taggingMemory(c.config, c.length)
		if c.triples > 0 {
			estimated = trainingMemory(c.config, c.length, c.triples)
		}
		ratio := float64(estimated) / float64(1024*c.measured)
		if math.Abs(math.Log(ratio)) > math.Log(1.25) {
			t.Errorf("%s, length %d, %d triples: estimated %.2f of what was measured", c.name, c.length, c.triples, ratio)
		}
	}
}
