package tokenize

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fragments are what random texts are made of: what normalising, cutting and added tokens treat in a special way.
var fragments = []string{
	" ", "  ", "\t", "\r\n", "\v", "\f", "\u00a0", "\u3000", "\u200b", "\u00ad", "\ufeff", "\x00", "\x7f", "\ufffd",
	"\xff", "\xc3", "\xe4\xb8", "\u0301", "\u0327", "e\u0301", "é", "Ü", "İ", "ß", "Σ", "K", "ﬁ", "한", "か", "\u3099", "中", "国", "😀",
	"\u302e", "=\u0338", "[MASK]", "[MASK", "[SEP]", "[Q] ", "[q]", "[d]\t", "<m>", " <m> ", "ab", "AB", "x,", "X ",
	"'s", "'S", "''", "\n\n", "\u00a0\u00a0", "q\u0323\u0307", "q\u0307\u0323", "\u1112\u1161\u11ab", "\u0f73\u0f74", "½", "٣",
	"|||EMAIL_ADDRESS|||", "[unused0]", "<|endoftext|>", "a", "z", "Officer", "programme", "WASH", "unbelievably", "12", ".", ",", "-", "_", "don't", "(", "|||",
}

func randomText(random *rand.Rand) string {
	var text strings.Builder
	for range random.IntN(25) {
		text.WriteString(fragments[random.IntN(len(fragments))])
	}
	return text.String()
}

// subject is a tokenizer that properties are checked on, and the same without cutting texts into chunks.
type subject struct{ tokenizer, uncut *Tokenizer }

// subjects are BERT's tokenizer and a byte-level one, and the same with added tokens that lie across words.
func subjects(t testing.TB) []subject {
	added := []object{
		{"id": 30522, "content": "[Q] ", "normalized": true},
		{"id": 30523, "content": "x,", "normalized": true},
		{"id": 30524, "content": "AB\u00e9", "normalized": true},
		{"id": 30525, "content": "<m>", "lstrip": true, "rstrip": true},
	}
	var all []subject
	for _, read := range []func(testing.TB) object{bertConfig, bpeConfig} {
		config := read(t)
		plain := mustNew(t, config)
		addTokens(config, added...)
		adding := mustNew(t, config)
		all = append(all, subject{plain, uncut(plain)}, subject{adding, uncut(adding)})
	}
	return all
}

// uncut returns a tokenizer that takes every text as one chunk, as the library that is followed does.
func uncut(tokenizer *Tokenizer) *Tokenizer {
	return &Tokenizer{
		model: tokenizer.model, added: tokenizer.added, prefix: tokenizer.prefix, suffix: tokenizer.suffix,
		raw: tokenizer.raw, normalized: tokenizer.normalized, splitter: tokenizer.splitter,
		cut:   func(text string) (start, end int) { return 0, len(text) },
		cache: cache{seed: tokenizer.cache.seed},
	}
}

// checkEncoding checks what holds for every text and limit.
func (s subject) check(t *testing.T, text string, maxLength int) {
	t.Helper()
	full, got := s.tokenizer.Encode(text, 0), s.tokenizer.Encode(text, maxLength)
	if diff := cmp.Diff(s.uncut.Encode(text, 0), full); diff != "" {
		t.Errorf("%q: in one chunk (-) and cut into several (+):\n%s", text, diff)
	}
	before := [2]int{}
	for i, span := range full.Offsets[1 : len(full.IDs)-1] {
		if span[0] < before[0] || span[1] < before[1] || span[0] >= span[1] || span[1] > len(text) {
			t.Errorf("%q: token %d has the span %v after %v", text, i, span, before)
		}
		before = span
	}
	if maxLength <= 0 {
		maxLength = len(full.IDs)
	}
	const specials = 2
	room := max(maxLength-specials, 0)
	if got.Truncated != (len(full.IDs)-specials > room) || len(got.IDs) != min(len(full.IDs), maxLength) {
		t.Errorf("%q: %d of %d tokens, Truncated %v, with at most %d", text, len(got.IDs), len(full.IDs), got.Truncated, maxLength)
	}
	if maxLength < specials {
		return
	}
	kept := len(got.IDs) - 1
	if !slices.Equal(got.IDs[:kept], full.IDs[:kept]) || !slices.Equal(got.Offsets[:kept], full.Offsets[:kept]) {
		t.Errorf("%q: with at most %d tokens it is no prefix of the whole", text, maxLength)
	}
}

func TestProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	for _, s := range subjects(t) {
		for range 1000 {
			s.check(t, randomText(random), random.IntN(12)-1)
		}
	}
}

func FuzzEncode(f *testing.F) {
	for _, fragment := range fragments {
		f.Add(fragment+" and "+fragment, 5)
	}
	f.Add(advertisement, 32)
	all := subjects(f)
	f.Fuzz(func(t *testing.T, text string, maxLength int) {
		for _, s := range all {
			s.check(t, text, maxLength)
		}
	})
}

// The tokens of ASCII text spell the text, but for case and white space.
func TestTokensSpellTheText(t *testing.T) {
	tokenizer := newBert(t)
	text := strings.Map(func(r rune) rune {
		if r >= 0x80 {
			return -1
		}
		return r
	}, advertisement)
	encoding := tokenizer.Encode(text, 0)
	end := 0
	for i := 1; i < len(encoding.IDs)-1; i++ {
		span := encoding.Offsets[i]
		if gap := text[end:span[0]]; strings.TrimSpace(gap) != "" {
			t.Fatalf("%q belongs to no token", gap)
		}
		end = span[1]
		token := strings.TrimPrefix(tokenizer.Token(encoding.IDs[i]), "##")
		if want := strings.ToLower(text[span[0]:span[1]]); token != want {
			t.Errorf("token %q stems from %q", token, want)
		}
	}
}

func TestConcurrentEqualsSequential(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	texts := make([]string, 200)
	for i := range texts {
		texts[i] = randomText(random)
	}
	for _, s := range subjects(t) {
		want := make([]Encoding, len(texts))
		for i, text := range texts {
			want[i] = s.uncut.Encode(text, 20)
		}
		var group sync.WaitGroup
		for g := range 8 {
			group.Go(func() {
				for i := range texts {
					i = (i + 25*g) % len(texts)
					if diff := cmp.Diff(want[i], s.tokenizer.Encode(texts[i], 20)); diff != "" {
						t.Errorf("%q: (-alone +with others)\n%s", texts[i], diff)
					}
				}
			})
		}
		group.Wait()
	}
}

// More words than the cache has room for, each met several times.
func TestCacheNeverChangesAResult(t *testing.T) {
	tokenizer := newBert(t)
	whole := uncut(tokenizer) // texts are too long to be remembered
	random := rand.New(rand.NewPCG(1, 1))
	vocab := bertVocab()
	for range 20 {
		var text strings.Builder
		for range 4000 {
			text.WriteString(vocab[1000+random.IntN(len(vocab)-1000)])
			text.WriteString([]string{" ", ", ", "", "s "}[random.IntN(4)])
		}
		got, want := tokenizer.Encode(text.String(), 0), whole.Encode(text.String(), 0)
		if !slices.Equal(got.IDs, want.IDs) || !slices.Equal(got.Offsets, want.Offsets) {
			t.Fatal("the cache changed a result")
		}
	}
}

// countingModel counts the words that reach the sub-word model.
type countingModel struct {
	model
	words int
}

func (c *countingModel) pieces(dst []piece, word []byte) []piece {
	c.words++
	return c.model.pieces(dst, word)
}

func TestLongTextStopsEarly(t *testing.T) {
	const size, maxLength = 1 << 20, 512
	random := rand.New(rand.NewPCG(2, 3))
	vocab := bertVocab()
	var words strings.Builder
	for words.Len() < size {
		words.WriteString(vocab[2000+random.IntN(20000)] + " ")
	}
	texts := map[string]string{
		"words":      words.String(),
		"ideographs": strings.Repeat("人道主义援助", size/18),
		"no blanks":  strings.Repeat("a-b", size/3),
		"kana":       strings.Repeat("カ。", size/6), // one chunk of words and punctuation beyond ASCII
	}
	for kind, config := range map[string]object{"WordPiece": bertConfig(t), "BPE": bpeConfig(t)} {
		data := marshal(t, config)
		for name, text := range texts {
			tokenizer, err := New(data)
			if err != nil {
				t.Fatal(err)
			}
			counting := &countingModel{model: tokenizer.model}
			tokenizer.model = counting
			got := tokenizer.Encode(text, maxLength)
			if len(got.IDs) != maxLength || !got.Truncated {
				t.Errorf("%s, %s: %d tokens, Truncated %v", kind, name, len(got.IDs), got.Truncated)
			}
			if counting.words > maxLength {
				t.Errorf("%s, %s: %d words were tokenised for %d tokens", kind, name, counting.words, maxLength)
			}
		}
	}
	blanks := "officer" + strings.Repeat(" \u00a0\u200b", size/6)
	if got := newBert(t).Encode(blanks, 3); got.Truncated || len(got.IDs) != 3 {
		t.Errorf("white space at the end counts as a token: %v", got)
	}
}
