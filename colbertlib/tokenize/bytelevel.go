package tokenize

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// byteLevel is the splitter of GPT-2's family, to which ModernBERT belongs: the normalizer NFC, or none, and the
// pre-tokenizer ByteLevel.
type byteLevel struct{ nfc bool }

func (b *byteLevel) normalize(n *normal) {
	if b.nfc {
		n.compose()
	}
}

// words splits the way of GPT-2's regular expression
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// which Go's regexp cannot express: it has no look-ahead.
func (b *byteLevel) words(text []byte, yield func(start, end int) bool) {
	for at := 0; at < len(text); {
		end := at + firstWord(text[at:])
		if !yield(at, end) {
			return
		}
		at = end
	}
}

// firstWord returns the length of the first match of that expression; every text begins with one.
func firstWord(text []byte) int {
	for _, contraction := range contractions {
		if bytes.HasPrefix(text, contraction) {
			return len(contraction)
		}
	}
	blank := 0
	if text[0] == ' ' {
		blank = 1
	}
	if kind := kindOf(text[blank:]); kind != spaces && kind != nothing {
		return blank + run(text[blank:], kind)
	}
	white := run(text, spaces)
	if white == len(text) {
		return white
	}
	// White space before a word leaves its last character to the word, unless it is the only one.
	_, size := utf8.DecodeLastRune(text[:white])
	if size < white {
		return white - size
	}
	return white
}

var contractions = [][]byte{
	[]byte("'s"), []byte("'t"), []byte("'re"), []byte("'ve"), []byte("'m"), []byte("'ll"), []byte("'d"),
}

type kind int

const (
	nothing kind = iota
	spaces
	letters
	numbers
	others
)

// kindOf returns the kind of the first rune.
func kindOf(text []byte) kind {
	r, _ := utf8.DecodeRune(text)
	switch {
	case len(text) == 0:
		return nothing
	case unicode.IsSpace(r):
		return spaces
	case unicode.IsLetter(r):
		return letters
	case unicode.IsNumber(r):
		return numbers
	}
	return others
}

// run returns how many bytes at the beginning of text are of that kind.
func run(text []byte, kind kind) int {
	end := 0
	for end < len(text) && kindOf(text[end:]) == kind {
		_, size := utf8.DecodeRune(text[end:])
		end += size
	}
	return end
}
