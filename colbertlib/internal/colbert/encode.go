package colbert

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/tokenize"
)

// batchTokens bounds the tokens of a batch, padding included, and with them the memory of a forward pass.
const batchTokens = 4096

// Text is an encoded text.
type Text struct {
	maxsim.Embedding
	Tokens    tokenize.Encoding
	Truncated bool
}

// Encode computes the token embeddings of texts in their order. Texts of similar length are computed together. progress, if not nil, is
// called with the number of texts done so far. The context is looked at between batches.
func (m *Model) Encode(ctx context.Context, role modelio.Role, texts []string, progress func(done int)) ([]Text, error) {
	result := make([]Text, len(texts))
	order := make([]int, len(texts))
	for i, text := range texts {
		encoding := m.Tokenize(role, text)
		result[i] = Text{Tokens: encoding, Truncated: encoding.Truncated}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(result[a].Tokens.IDs), len(result[b].Tokens.IDs)) })
	done := 0
	for len(order) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := batchSize(result, order)
		if err := m.encodeBatch(role, result, order[:n]); err != nil {
			return nil, err
		}
		order = order[n:]
		done += n
		if progress != nil {
			progress(done)
		}
	}
	return result, nil
}

// batchSize is how many of the texts, in order of length, go into the next batch.
func batchSize(texts []Text, order []int) int {
	n := 1
	for n < len(order) && (n+1)*len(texts[order[n]].Tokens.IDs) <= batchTokens {
		n++
	}
	return n
}

func (m *Model) encodeBatch(role modelio.Role, texts []Text, batch []int) error {
	encodings := make([]tokenize.Encoding, len(batch))
	for i, text := range batch {
		encodings[i] = texts[text].Tokens
	}
	ids, mask := m.Pad(encodings, 0)
	output, err := m.exec.Call1(ids, mask)
	if err != nil {
		return fmt.Errorf("colbert: encode: %w", err)
	}
	defer output.FinalizeAll()
	length, dim := output.Shape().Dim(1), output.Shape().Dim(2)
	return tensors.ConstFlatData(output, func(flat []float32) {
		for i, text := range batch {
			rows := flat[i*length*dim:][:len(encodings[i].IDs)*dim]
			texts[text].Embedding = maxsim.Embedding{Values: slices.Clone(rows), Dim: dim, Padded: Padded(role, encodings[i])}
		}
	})
}
