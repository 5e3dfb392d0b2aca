package tokenize

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func train(t testing.TB, texts []string, size int) *Tokenizer {
	t.Helper()
	data, err := TrainWordPiece(slices.Values(texts), size)
	if err != nil {
		t.Fatal(err)
	}
	tokenizer, err := New(data)
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

// vocabulary returns the tokens by id.
func vocabulary(tokenizer *Tokenizer) (tokens []string) {
	for id := range int32(tokenizer.VocabSize()) {
		tokens = append(tokens, tokenizer.Token(id))
	}
	return tokens
}

// "ab" occurs five times, "abc" three times, "cab" once; "x" is followed by nothing.
func TestTrainMergesTheMostFrequentPair(t *testing.T) {
	tokenizer := train(t, []string{"AB ab áb, abc", "ab ab abc abc", "cab x"}, 100)
	want := []string{
		"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
		",", "a", "b", "c", "x", "##a", "##b", "##c",
		"ab",  // 8
		"abc", // 3; the pairs of "cab" occur once and are left alone
	}
	if diff := cmp.Diff(want, vocabulary(tokenizer)); diff != "" {
		t.Errorf("vocabulary (-want +got):\n%s", diff)
	}
}

// naive is the same algorithm in its plainest form: it counts all pairs anew for every merge.
func naive(counts map[string]int, size int) []string {
	t := newTrainer(counts)
	for len(t.names) < size {
		pairs := map[pair]int{}
		for _, w := range t.words {
			for i := range len(w.pieces) - 1 {
				pairs[pair{w.pieces[i], w.pieces[i+1]}] += w.count
			}
		}
		var best candidate
		for p, count := range pairs {
			if c := (candidate{p, count}); best.count == 0 || t.before(c, best) {
				best = c
			}
		}
		if best.count < minFrequency {
			break
		}
		merged := t.id(t.names[best.pair.left] + strings.TrimPrefix(t.names[best.pair.right], continuation))
		for i := range t.words {
			t.words[i].merge(best.pair, merged)
		}
	}
	return t.names
}

func TestTrainEqualsCountingAnew(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	for range 300 {
		counts := map[string]int{}
		for range 1 + random.IntN(30) {
			word := make([]byte, 1+random.IntN(8))
			for i := range word {
				word[i] = "aab"[random.IntN(3)] // few letters: overlapping pairs, and the same token by several ways
			}
			counts[string(word)] += 1 + random.IntN(5)
		}
		size := 10 + random.IntN(30)
		fast := newTrainer(counts)
		fast.merge(size)
		if diff := cmp.Diff(naive(counts, size), fast.names); diff != "" {
			t.Fatalf("%v, size %d: (-naive +incremental)\n%s", counts, size, diff)
		}
	}
}

func TestTrainedTokenizer(t *testing.T) {
	texts := strings.Split(strings.Repeat(advertisement, 3), "\n")
	tokenizer := train(t, texts, 400)
	if size := tokenizer.VocabSize(); size != 400 {
		t.Errorf("%d tokens, want 400", size)
	}
	for want, token := range []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} {
		if id, ok := tokenizer.ID(token); !ok || id != int32(want) {
			t.Errorf("%s has the id %d, %v; want %d", token, id, ok, want)
		}
	}
	for _, word := range []string{"and", "the", "WASH", "water", "with"} {
		if got := tokenizer.Encode(word, 0); len(got.IDs) != 3 {
			t.Errorf("%q is split into %q", word, tokensOf(tokenizer, got.IDs))
		}
	}
	unknown, _ := tokenizer.ID("[UNK]")
	for _, text := range texts {
		if slices.Contains(tokenizer.Encode(text, 0).IDs, unknown) {
			t.Errorf("%q, of the training texts, has unknown words", text)
		}
	}
}

func TestTrainIsDeterministic(t *testing.T) {
	texts := strings.Split(advertisement, "\n")
	want, err := TrainWordPiece(slices.Values(texts), 300)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(9, 9))
	for range 5 {
		random.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		got, err := TrainWordPiece(slices.Values(texts), 300)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("the same texts in another order give other bytes, error %v", err)
		}
	}
}

func TestTrainLimitsTheAlphabet(t *testing.T) {
	var texts []string
	for i := range alphabetLimit + 50 {
		c := string(rune('一' + i))
		texts = append(texts, strings.Repeat(c+" ", 1+i%2)) // every second one occurs twice
	}
	tokenizer := train(t, texts, 5000)
	if size := tokenizer.VocabSize(); size != len(specialTokens)+alphabetLimit {
		t.Errorf("%d tokens, want %d", size, len(specialTokens)+alphabetLimit)
	}
	for i := range alphabetLimit + 50 {
		if _, ok := tokenizer.ID(string(rune('一' + i))); !ok && i%2 == 1 {
			t.Errorf("%c was dropped, though it is among the more frequent", rune('一'+i))
		}
	}
}

func TestTrainErrors(t *testing.T) {
	for name, test := range map[string]struct {
		texts []string
		size  int
		want  string
	}{
		"no texts":   {nil, 100, "hold no words"},
		"no words":   {[]string{" ", "\x00"}, 100, "hold no words"},
		"small size": {[]string{"abc"}, 9, "a vocabulary of 9 has no room for the 10 special tokens and characters"},
	} {
		if _, err := TrainWordPiece(slices.Values(test.texts), test.size); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, test.want)
		}
	}
}

func FuzzTrainWordPiece(f *testing.F) {
	f.Add("the theatre of the thespian", 40)
	f.Add("[MASK] \"<&>\" ##a \\ \u2028 \xff", 60)
	f.Add("aaaa aaa aa a", 10)
	f.Fuzz(func(t *testing.T, text string, size int) {
		data, err := TrainWordPiece(slices.Values([]string{text, text}), size)
		if err != nil {
			return
		}
		tokenizer, err := New(data)
		if err != nil {
			t.Fatalf("%q: New does not read what TrainWordPiece wrote: %v", text, err)
		}
		if got := tokenizer.VocabSize(); got > size {
			t.Errorf("%q: %d tokens, asked for %d", text, got, size)
		}
	})
}
