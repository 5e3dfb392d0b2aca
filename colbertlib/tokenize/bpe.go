package tokenize

import (
	"fmt"

	"github.com/sugarme/tokenizer/model/bpe"
)

// bytePairs is byte pair encoding over bytes (Sennrich et al. 2016, in the manner of GPT-2): the pair of neighbours that
// comes first in the list of merges is merged, and again, until no merge applies.
//
// The vocabulary and the merges are those that sugarme's reader made. The merging is done here: of several
// equal pairs sugarme takes any instead of the leftmost; it copies the word for every byte, and prints and panics on a
// byte that it does not know.
type bytePairs struct {
	vocab  map[string]int
	merges map[bpe.Pair]bpe.PairVal
	bytes  [256]int // ids of the single bytes
}

// newBytePairs checks the settings of the "model" of a tokenizer.json.
func newBytePairs(read *bpe.BPE, config map[string]any) (*bytePairs, error) {
	for _, key := range []string{"dropout", "continuing_subword_prefix", "end_of_word_suffix", "ignore_merges"} {
		switch config[key] {
		case nil, false, "", 0.0:
		default:
			return nil, fmt.Errorf("%s %v is not supported", key, config[key])
		}
	}
	b := &bytePairs{vocab: *read.Vocab, merges: *read.Merges}
	for c, letter := range byteLetters() {
		id, ok := b.vocab[string(letter)]
		if !ok {
			return nil, fmt.Errorf("vocab: the byte %#02x, written %q, is missing: not a byte-level vocabulary", c, letter)
		}
		b.bytes[c] = id
	}
	return b, nil
}

// byteLetters returns the letters by which byte-level vocabularies write bytes: visible characters of Latin 1 stand for
// themselves, all others for the code points from 256 on (a blank is Ġ).
func byteLetters() (letters [256]rune) {
	next := rune(256)
	for c := range letters {
		letter := rune(c)
		if letter <= ' ' || letter >= 0x7f && letter <= 0xa0 || letter == 0xad {
			letter = next
			next++
		}
		letters[c] = letter
	}
	return letters
}

func (b *bytePairs) id(token string) (int32, bool) {
	id, ok := b.vocab[token]
	return int32(id), ok
}

// symbol is a piece in the making, a link in a list of them. A symbol that was merged into its left neighbour has no id.
type symbol struct {
	id, end    int // end counts bytes of the word
	prev, next int // -1 where there is none
}

const merged = -1

// step is a merge that was possible when it was put into the queue: of symbols[left] and the one after it.
type step struct {
	rank, left int
	id         int // of the result
}

func (b *bytePairs) pieces(dst []piece, word []byte) []piece {
	symbols := make([]symbol, len(word))
	for i, c := range word {
		symbols[i] = symbol{id: b.bytes[c], end: i + 1, prev: i - 1, next: i + 1}
	}
	symbols[len(word)-1].next = -1
	b.merge(symbols)
	start := 0
	for i := 0; i >= 0; i = symbols[i].next {
		dst = append(dst, piece{int32(symbols[i].id), start, symbols[i].end})
		start = symbols[i].end
	}
	return dst
}

func (b *bytePairs) merge(symbols []symbol) {
	steps := queue[step]{before: func(x, y step) bool {
		return x.rank < y.rank || x.rank == y.rank && x.left < y.left
	}}
	consider := func(left int) {
		if left < 0 || symbols[left].next < 0 {
			return
		}
		if m, ok := b.merges[bpe.Pair{C1: symbols[left].id, C2: symbols[symbols[left].next].id}]; ok {
			steps.push(step{m.Rank, left, m.NewId})
		}
	}
	for left := range symbols {
		consider(left)
	}
	for len(steps.items) > 0 {
		s := steps.pop()
		left := &symbols[s.left]
		if left.id == merged || left.next < 0 {
			continue
		}
		right := &symbols[left.next]
		if m, ok := b.merges[bpe.Pair{C1: left.id, C2: right.id}]; !ok || m.NewId != s.id {
			continue // one of the two has changed since
		}
		left.id, left.end, left.next = s.id, right.end, right.next
		right.id = merged
		if left.next >= 0 {
			symbols[left.next].prev = s.left
		}
		consider(left.prev)
		consider(s.left)
	}
}
