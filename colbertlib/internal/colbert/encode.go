package colbert

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/tokenize"
)

// batchTokens bounds the tokens of a batch, padding included, and with them the memory of a forward pass.
const batchTokens = 4096

// Text is an encoded text.
type Text struct {
	maxsim.Embedding
	Tokens    tokenize.Encoding // those that have a row in Embedding
	Truncated bool
}

// Encode computes the token embeddings of texts in their order. Texts of similar length are computed together. progress, if not nil, is
// called with the number of texts done so far. The context is looked at between batches.
func (m *Model) Encode(ctx context.Context, role modelio.Role, texts []string, progress func(done int)) ([]Text, error) {
	result := make([]Text, len(texts))
	err := m.inBatches(ctx, role, texts, progress, func(tokens []Tokens, chosen []int) error {
		return m.encodeBatch(role, tokens, chosen, result)
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// inBatches tokenises texts and hands them over in batches: all tokens, and which texts are the batch.
func (m *Model) inBatches(ctx context.Context, role modelio.Role, texts []string, progress func(done int), compute func(tokens []Tokens, chosen []int) error) error {
	tokens := make([]Tokens, len(texts))
	order := make([]int, len(texts))
	for i, text := range texts {
		tokens[i] = m.Tokenize(role, text)
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(tokens[a].IDs), len(tokens[b].IDs)) })
	done := 0
	for len(order) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := m.batchSize(tokens, order)
		if err := compute(tokens, order[:n]); err != nil {
			return err
		}
		order = order[n:]
		done += n
		if progress != nil {
			progress(done)
		}
	}
	return nil
}

// encodeStep is what lengths are rounded up to in batches to be encoded.
func (m *Model) encodeStep() int {
	if backend.OpenAxes(m.backend) {
		return 1
	}
	return m.lengthStep()
}

// batchSize is how many of the texts, in order of length, go into the next batch: as many as fit, but on backends that compile for each
// shape a power of two, so that there are few shapes.
func (m *Model) batchSize(texts []Tokens, order []int) int {
	n := 1
	for n < len(order) && (n+1)*m.roundUp(len(texts[order[n]].IDs), m.encodeStep()) <= batchTokens {
		n++
	}
	if backend.DearShapes(m.backend) && !backend.OpenAxes(m.backend) {
		n = 1 << (bits.Len(uint(n)) - 1)
	}
	return n
}

func (m *Model) encodeBatch(role modelio.Role, texts []Tokens, chosen []int, result []Text) error {
	tokens := choose(texts, chosen)
	batch := m.pad(tokens, 0, m.encodeStep())
	output, err := m.exec.Call1(batch.IDs, batch.Attended, batch.Scored)
	if err != nil {
		return fmt.Errorf("colbert: encode: %w", err)
	}
	defer output.FinalizeAll()
	length, dim := output.Shape().Dim(1), output.Shape().Dim(2)
	return tensors.ConstFlatData(output, func(flat []float32) {
		for i, text := range chosen {
			rows := flat[i*length*dim:][:len(tokens[i].IDs)*dim]
			embedding := maxsim.Embedding{Values: make([]float32, 0, len(rows)), Dim: dim, Padded: Padded(role, tokens[i])}
			for j := range tokens[i].IDs {
				if tokens[i].Skipped == nil || !tokens[i].Skipped[j] {
					embedding.Values = append(embedding.Values, rows[j*dim:(j+1)*dim]...)
				}
			}
			result[text] = Text{Embedding: embedding, Tokens: tokens[i].scored().Encoding, Truncated: tokens[i].Truncated}
		}
	})
}

func choose(texts []Tokens, chosen []int) []Tokens {
	tokens := make([]Tokens, len(chosen))
	for i, text := range chosen {
		tokens[i] = texts[text]
	}
	return tokens
}
