package pretrain

import (
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
)

// batch is B sequences of L tokens with K tokens to be guessed in each; every batch of a training has the same shape.
type batch struct {
	size, length int
	ids          []int32 // [B, L], as the model sees them
	rows         []int32 // [B·K], places of the tokens to be guessed in the flattened [B·L]
	targets      []int32 // [B·K], what stood there
}

func (b batch) inputs() []any {
	ones := make([]float32, len(b.ids))
	for i := range ones {
		ones[i] = 1
	}
	return []any{
		tensors.FromFlatDataAndDimensions(b.ids, b.size, b.length), tensors.FromFlatDataAndDimensions(ones, b.size, b.length),
		b.rows, b.targets,
	}
}

// batches cuts the texts' tokens, one text after the other, into sequences without padding, and masks them.
func (m *Model) batches(texts iter.Seq[string], options Options) iter.Seq[batch] {
	return func(yield func(batch) bool) {
		rng := rand.New(rand.NewPCG(options.Seed, 2))
		current := batch{size: options.BatchSize, length: options.Length}
		for sequence := range m.sequences(texts, options.Length) {
			m.mask(&current, sequence, options.MaskProbability, rng)
			if len(current.ids) < options.BatchSize*options.Length {
				continue
			}
			if !yield(current) {
				return
			}
			current = batch{size: options.BatchSize, length: options.Length}
		}
	}
}

// sequences yields [CLS] tokens [SEP], each of exactly length tokens. What one text leaves over begins the next sequence.
func (m *Model) sequences(texts iter.Seq[string], length int) iter.Seq[[]int32] {
	return func(yield func([]int32) bool) {
		var rest []int32
		for text := range texts {
			encoded := m.tokenizer.Encode(text, 0).IDs
			first, last := encoded[0], encoded[len(encoded)-1] // [CLS] and [SEP]
			rest = append(rest, encoded[1:len(encoded)-1]...)
			for len(rest) >= length-2 {
				sequence := slices.Concat([]int32{first}, rest[:length-2], []int32{last})
				rest = rest[length-2:]
				if !yield(sequence) {
					return
				}
			}
			rest = slices.Clone(rest) // lets go of what was used
		}
	}
}

// mask adds a sequence to the batch, in which a random choice of tokens, not [CLS] and [SEP], is to be guessed: 80 % of them are
// replaced by [MASK], 10 % by a random token, and 10 % stay (Devlin et al. 2019, appendix A.1).
func (m *Model) mask(b *batch, sequence []int32, probability float64, rng *rand.Rand) {
	maskID, _ := m.tokenizer.MaskID() // newModel made sure that there is one
	start := len(b.ids)
	b.ids = append(b.ids, sequence...)
	guessed := max(1, int(probability*float64(len(sequence)-2)))
	for _, place := range rng.Perm(len(sequence) - 2)[:guessed] {
		row := start + 1 + place
		b.rows = append(b.rows, int32(row))
		b.targets = append(b.targets, b.ids[row])
		switch draw := rng.Float64(); {
		case draw < 0.8:
			b.ids[row] = maskID
		case draw < 0.9:
			b.ids[row] = int32(rng.IntN(m.tokenizer.VocabSize()))
		}
	}
}
