package tokenize

import (
	"errors"
	"fmt"
	"math"

	sugarme "github.com/sugarme/tokenizer"
	"github.com/sugarme/tokenizer/model/bpe"
	"github.com/sugarme/tokenizer/pretrained"
)

// readModel reads the "model" of a tokenizer.json and returns its vocabulary.
func (t *Tokenizer) readModel(config map[string]any) (map[string]int, error) {
	if config == nil {
		return nil, errors.New("missing")
	}
	kind, _ := config["type"].(string)
	if kind == "" { // files from before 2021 have no type; merges are what only BPE has
		kind = "WordPiece"
		if _, ok := config["merges"]; ok {
			kind = "BPE"
		}
	}
	if kind != "WordPiece" && kind != "BPE" {
		return nil, fmt.Errorf("type %q is not supported: WordPiece and BPE are", kind)
	}
	if err := checkVocab(config["vocab"]); err != nil {
		return nil, fmt.Errorf("vocab: %w", err)
	}
	read, err := readSugarme(map[string]any{"type": kind, "vocab": config["vocab"], "merges": config["merges"]})
	if err != nil {
		return nil, err
	}
	if pairs, ok := read.(*bpe.BPE); ok {
		t.model, err = newBytePairs(pairs, config)
	} else {
		t.model, err = newWordPiece(read.GetVocab(), config)
	}
	return read.GetVocab(), err
}

// readSugarme lets sugarme/tokenizer build the model. It panics on values of an unexpected type, and is given only what
// it makes right use of.
func readSugarme(config map[string]any) (read sugarme.Model, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("malformed: %v", r)
		}
	}()
	return pretrained.CreateModel(&sugarme.Config{Model: config})
}

// checkVocab reports what sugarme would panic on, or turn into another id without a word.
func checkVocab(value any) error {
	vocab, ok := value.(map[string]any)
	if !ok || len(vocab) == 0 {
		return errors.New("want an object of tokens and ids")
	}
	for token, value := range vocab {
		id, ok := value.(float64)
		if !ok || id < 0 || id > math.MaxInt32 || id != math.Trunc(id) {
			return fmt.Errorf("%q has the id %v, which is no whole number from 0 to 2^31-1", token, value)
		}
	}
	return nil
}
