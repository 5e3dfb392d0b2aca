package tokenize

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// wordPiece splits words by greedy longest match (Wu et al. 2016, as in BERT).
//
// The vocabulary is the one that sugarme's reader made. The match is done here: sugarme's WordPiece.Tokenize knows no
// continuation prefix but "##", reports rune offsets and formats a new string for every candidate.
type wordPiece struct {
	vocab    map[string]int
	prefix   string // of a piece that continues a word: "##"
	unknown  int32
	maxRunes int // longer words are unknown
	maxBytes int // length of the longest entry of the vocabulary, which bounds the search
}

// newWordPiece takes the settings from the "model" of a tokenizer.json.
func newWordPiece(vocab map[string]int, config map[string]any) (*wordPiece, error) {
	const (
		defaultUnknown, defaultPrefix = "[UNK]", "##"
		defaultMaxRunes               = 100
	)
	unknown, err := setting(config, "unk_token", defaultUnknown)
	if err != nil {
		return nil, err
	}
	prefix, err := setting(config, "continuing_subword_prefix", defaultPrefix)
	if err != nil {
		return nil, err
	}
	maxRunes, err := setting(config, "max_input_chars_per_word", float64(defaultMaxRunes))
	if err != nil {
		return nil, err
	}
	id, ok := vocab[unknown]
	if !ok {
		return nil, fmt.Errorf("unk_token %q is not in the vocabulary", unknown)
	}
	w := &wordPiece{vocab: vocab, prefix: prefix, unknown: int32(id), maxRunes: int(min(maxRunes, math.MaxInt32))}
	for token := range vocab {
		w.maxBytes = max(w.maxBytes, len(token))
	}
	return w, nil
}

// setting returns a value of the "model", or the default if it is absent or null.
func setting[T any](config map[string]any, key string, byDefault T) (T, error) {
	switch value := config[key].(type) {
	case nil:
		return byDefault, nil
	case T:
		return value, nil
	default:
		return byDefault, fmt.Errorf("%s is %v, want a %T", key, value, byDefault)
	}
}

func (w *wordPiece) id(token string) (int32, bool) {
	id, ok := w.vocab[token]
	return int32(id), ok
}

func (w *wordPiece) pieces(dst []piece, word []byte) []piece {
	before := len(dst)
	unknown := piece{w.unknown, 0, len(word)}
	if utf8.RuneCount(word) > w.maxRunes {
		return append(dst, unknown)
	}
	// buffer is prefix + word. Before each further piece the prefix is written over what has been matched already.
	buffer := append([]byte(w.prefix), word...)
	key := len(w.prefix) // where in buffer the candidates begin
	for start := 0; start < len(word); {
		id, end := int32(0), min(len(word), start+w.maxBytes)
		for ; end > start; end-- {
			if end < len(word) && !utf8.RuneStart(word[end]) {
				continue
			}
			if known, ok := w.vocab[string(buffer[key:len(w.prefix)+end])]; ok {
				id = int32(known)
				break
			}
		}
		if end == start {
			return append(dst[:before], unknown)
		}
		dst = append(dst, piece{id, start, end})
		start = end
		key = start
		copy(buffer[key:], w.prefix)
	}
	return dst
}
