package modelcheck

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/tokenize"
)

// Mask is how texts for [Fill] spell a masked token, whatever the model's own spelling.
const Mask = "[MASK]"

// Guess is a token for a masked place.
type Guess struct {
	Token       string  `json:"token"` // as in the vocabulary: "officer", "##s", "Ġofficer"
	Probability float64 `json:"probability"`
}

// Fill loads the model folder at the root of fsys and returns, for each [Mask] in text, the n most probable tokens, best first.
// A model whose head is missing, and a text without a mask, are errors. The backend stays the caller's.
func Fill(opened backend.Backend, fsys fs.FS, text string, n int) (_ [][]Guess, err error) {
	folder, err := modelio.Open(fsys, ".")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	config, err := encoder.ParseConfig(folder.Config)
	if err != nil {
		return nil, err
	}
	tokenizer, err := tokenize.New(folder.Tokenizer)
	if err != nil {
		return nil, err
	}
	if tokenizer.VocabSize() > config.VocabSize {
		return nil, fmt.Errorf("modelcheck: tokenizer.json has ids up to %d, the encoder %d rows of word embeddings: they belong to different models", tokenizer.VocabSize()-1, config.VocabSize)
	}
	ids, masks, err := masked(tokenizer, text, config.MaxPositions)
	if err != nil {
		return nil, err
	}
	parameters := colbert.NewParameters(opened)
	defer parameters.Store.Finalize()
	if _, err := parameters.AddEncoder(config, folder.Weights, true); err != nil {
		return nil, err
	}
	exec, err := model.NewExec1(opened, parameters.Store, func(_ *model.Scope, ids, rows *graph.Node) *graph.Node {
		return maskProbabilities(parameters.Encoder(config, ids.Graph()), ids, rows)
	})
	if err != nil {
		return nil, fmt.Errorf("modelcheck: %w", err)
	}
	defer exec.Finalize()
	output, err := exec.Call([][]int32{ids}, masks)
	if err != nil {
		return nil, fmt.Errorf("modelcheck: %w", err)
	}
	defer output.FinalizeAll()
	probabilities, err := tensors.CopyFlatData[float32](output)
	if err != nil {
		return nil, fmt.Errorf("modelcheck: %w", err)
	}
	guesses := make([][]Guess, len(masks))
	for i := range masks {
		guesses[i] = best(tokenizer, probabilities[i*config.VocabSize:(i+1)*config.VocabSize], n)
	}
	return guesses, nil
}

// masked tokenises the text and finds the places of its masks.
func masked(tokenizer *tokenize.Tokenizer, text string, positions int) (ids, masks []int32, err error) {
	mask, ok := tokenizer.MaskID()
	if !ok {
		return nil, nil, errors.New("modelcheck: the tokenizer has no mask token")
	}
	encoding := tokenizer.Encode(strings.ReplaceAll(text, Mask, tokenizer.Token(mask)), positions)
	for i, id := range encoding.IDs {
		if id == mask {
			masks = append(masks, int32(i))
		}
	}
	if len(masks) == 0 {
		return nil, nil, fmt.Errorf("modelcheck: the text has no %s among its first %d tokens; write one where the model is to guess", Mask, positions)
	}
	return encoding.IDs, masks, nil
}

// best returns the n most probable tokens; rows of the table beyond the vocabulary have no name and are left out.
func best(tokenizer *tokenize.Tokenizer, probabilities []float32, n int) []Guess {
	order := make([]int, min(len(probabilities), tokenizer.VocabSize()))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(probabilities[b], probabilities[a]) })
	guesses := make([]Guess, min(n, len(order)))
	for i := range guesses {
		guesses[i] = Guess{tokenizer.Token(int32(order[i])), float64(probabilities[order[i]])}
	}
	return guesses
}
