package tokenize

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	continuation  = "##"
	maxWordRunes  = 100  // longer words are unknown to the model
	alphabetLimit = 1000 // characters that are kept, the most frequent ones
	minFrequency  = 2    // a pair that occurs less often is not merged
)

// specialTokens have the ids 0 to 4 in a trained vocabulary.
var specialTokens = []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}

// TrainWordPiece learns a vocabulary of at most size tokens and returns it as a tokenizer.json of bert-base-uncased's
// kind, which New and Hugging Face's libraries read. [PAD], [UNK], [CLS], [SEP] and [MASK] have the ids 0 to 4.
//
// It follows Hugging Face's WordPieceTrainer: beginning with the characters, it merges the pair of neighbouring pieces
// that occurs most often, and again, until the vocabulary is full or no pair occurs twice. Of pairs that occur equally
// often the first by name is taken, so that the same texts, in any order, give the same bytes. At most 1000 characters
// are kept; words with another character, which would be unknown as a whole, do not count.
//
// It fails if there is no word in texts or if size has no room for their characters.
func TrainWordPiece(texts iter.Seq[string], size int) ([]byte, error) {
	counts := countWords(texts)
	if len(counts) == 0 {
		return nil, errors.New("tokenize: train: the texts hold no words")
	}
	t := newTrainer(counts)
	if len(t.names) > size {
		return nil, fmt.Errorf("tokenize: train: a vocabulary of %d has no room for the %d special tokens and characters of the texts",
			size, len(t.names))
	}
	t.merge(size)
	return encodeWordPiece(t.names)
}

// countWords returns how often each normalised word occurs.
func countWords(texts iter.Seq[string]) map[string]int {
	b := &bert{CleanText: true, HandleChineseChars: true, Lowercase: true}
	chunks := map[string]int{} // raw, so that each is normalised once
	for text := range texts {
		for at := 0; at < len(text); {
			start, end := b.cut(text[at:])
			chunk := text[at+start : at+end]
			if _, ok := chunks[chunk]; !ok {
				chunk = strings.Clone(chunk) // lets go of the text
			}
			chunks[chunk]++
			at += end
		}
	}
	words := map[string]int{}
	var n normal
	for chunk, count := range chunks {
		n.reset(chunk)
		b.normalize(&n)
		b.words(n.text, func(start, end int) bool {
			if word := n.text[start:end]; utf8.RuneCount(word) <= maxWordRunes {
				words[string(word)] += count
			}
			return true
		})
	}
	return words
}

// pair is two neighbouring pieces of a word.
type pair struct{ left, right int32 }

// candidate is a pair and how often it occurred when it was put into the queue.
type candidate struct {
	pair  pair
	count int
}

// trainer merges pairs of pieces. Counts are kept up to date word by word instead of being made anew for each merge.
type trainer struct {
	names  []string // of the vocabulary, by id
	ids    map[string]int32
	words  []trainingWord
	counts map[pair]int
	where  map[pair][]int32 // words that hold the pair, or held it once
	queue  queue[candidate]
}

type trainingWord struct {
	pieces []int32
	count  int
}

// newTrainer splits the words into characters.
func newTrainer(counts map[string]int) *trainer {
	t := &trainer{ids: map[string]int32{}, counts: map[pair]int{}, where: map[pair][]int32{}}
	t.queue.before = t.before
	for _, token := range specialTokens {
		t.id(token)
	}
	kept := alphabet(counts)
	var words []string
	continued := map[rune]bool{}
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		if strings.ContainsFunc(word, func(r rune) bool { return !kept[r] }) {
			continue
		}
		words = append(words, word)
		for i, r := range word {
			continued[r] = continued[r] || i > 0
		}
	}
	characters := slices.Sorted(maps.Keys(kept))
	for _, r := range characters {
		t.id(string(r))
	}
	for _, r := range characters {
		if continued[r] {
			t.id(continuation + string(r))
		}
	}
	for _, word := range words {
		t.add(word, counts[word])
	}
	for pair, count := range t.counts {
		t.queue.push(candidate{pair, count})
	}
	return t
}

// alphabet returns the most frequent characters.
func alphabet(counts map[string]int) map[rune]bool {
	occurrences := map[rune]int{}
	for word, count := range counts {
		for _, r := range word {
			occurrences[r] += count
		}
	}
	characters := slices.Collect(maps.Keys(occurrences))
	slices.SortFunc(characters, func(a, b rune) int {
		return cmp.Or(cmp.Compare(occurrences[b], occurrences[a]), cmp.Compare(a, b))
	})
	kept := map[rune]bool{}
	for _, r := range characters[:min(alphabetLimit, len(characters))] {
		kept[r] = true
	}
	return kept
}

// id returns the id of a token, a new one if there is none yet.
func (t *trainer) id(name string) int32 {
	id, ok := t.ids[name]
	if !ok {
		id = int32(len(t.names))
		t.ids[name] = id
		t.names = append(t.names, name)
	}
	return id
}

// add takes up a word, split into characters.
func (t *trainer) add(word string, count int) {
	w := trainingWord{count: count}
	for i, r := range word {
		name := string(r)
		if i > 0 {
			name = continuation + name
		}
		w.pieces = append(w.pieces, t.ids[name])
	}
	index := int32(len(t.words))
	t.words = append(t.words, w)
	for i := range len(w.pieces) - 1 {
		p := pair{w.pieces[i], w.pieces[i+1]}
		t.counts[p] += count
		t.where[p] = append(t.where[p], index)
	}
}

// before puts frequent pairs first, and equally frequent ones in the order of their names.
func (t *trainer) before(a, b candidate) bool {
	if a.count != b.count {
		return a.count > b.count
	}
	if a.pair.left != b.pair.left {
		return t.names[a.pair.left] < t.names[b.pair.left]
	}
	return t.names[a.pair.right] < t.names[b.pair.right]
}

// merge makes one token after another until there are size of them.
func (t *trainer) merge(size int) {
	for len(t.names) < size && len(t.queue.items) > 0 {
		top := t.queue.pop()
		if count := t.counts[top.pair]; count != top.count {
			if count < top.count { // merges took some away; had they added some, a newer candidate would say so
				t.queue.push(candidate{top.pair, count})
			}
			continue
		}
		if top.count < minFrequency {
			return
		}
		t.mergePair(top.pair)
	}
}

func (t *trainer) mergePair(p pair) {
	merged := t.id(t.names[p.left] + strings.TrimPrefix(t.names[p.right], continuation))
	changes := map[pair]int{}
	for _, index := range t.where[p] {
		w := &t.words[index]
		for i := range len(w.pieces) - 1 {
			changes[pair{w.pieces[i], w.pieces[i+1]}] -= w.count
		}
		w.merge(p, merged)
		for i := range len(w.pieces) - 1 {
			neighbours := pair{w.pieces[i], w.pieces[i+1]}
			changes[neighbours] += w.count
			if neighbours.left == merged || neighbours.right == merged {
				t.where[neighbours] = append(t.where[neighbours], index)
			}
		}
	}
	delete(t.where, p)
	for neighbours, change := range changes {
		t.counts[neighbours] += change
		if change > 0 {
			t.queue.push(candidate{neighbours, t.counts[neighbours]})
		}
	}
}

// merge replaces each p in the word, from the left.
func (w *trainingWord) merge(p pair, merged int32) {
	pieces := w.pieces[:0]
	for i := 0; i < len(w.pieces); i++ {
		piece := w.pieces[i]
		if piece == p.left && i+1 < len(w.pieces) && w.pieces[i+1] == p.right {
			piece = merged
			i++
		}
		pieces = append(pieces, piece)
	}
	w.pieces = pieces
}
