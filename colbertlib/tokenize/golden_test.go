package tokenize

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// golden is one text as Hugging Face's tokenizers encodes it. Its offsets count code points.
type golden struct {
	Name      string
	Text      string
	MaxLength int `json:"max_length"`
	IDs       []int32
	Tokens    []string
	Offsets   [][2]int
	Mask      []int32 `json:"attention_mask"`
}

// check compares text, encoded with at most maxLength tokens, with g.
func (g golden) check(t *testing.T, tokenizer *Tokenizer, text string, maxLength int) {
	t.Helper()
	got := tokenizer.Encode(text, maxLength)
	if diff := cmp.Diff(g.IDs, got.IDs); diff != "" {
		t.Errorf("%q: ids (-want +got):\n%s\ntokens %q", text, diff, tokensOf(tokenizer, got.IDs))
		return
	}
	if diff := cmp.Diff(g.Offsets, runeOffsets(text, got.Offsets)); diff != "" {
		t.Errorf("%q: offsets (-want +got):\n%s", text, diff)
	}
	if tokens := tokensOf(tokenizer, got.IDs); g.Tokens != nil && !slices.Equal(tokens, g.Tokens) {
		t.Errorf("%q: tokens %q, want %q", text, tokens, g.Tokens)
	}
}

// unpadded returns g without the padding at its end, having checked that [PAD] is what fills it.
func (g golden) unpadded(t *testing.T, tokenizer *Tokenizer) golden {
	t.Helper()
	real := len(g.IDs)
	if pad := slices.Index(g.Mask, 0); pad >= 0 {
		real = pad
	}
	padID, ok := tokenizer.PadID()
	for _, id := range g.IDs[real:] {
		if !ok || id != padID {
			t.Errorf("%q is padded with %d, PadID returns %d, %v", g.Text, id, padID, ok)
		}
	}
	g.IDs, g.Offsets = g.IDs[:real], g.Offsets[:real]
	if g.Tokens != nil {
		g.Tokens = g.Tokens[:real]
	}
	return g
}

// The golden files are made with tokenizers 0.23.2 (native library through npm) and 0.23.3 (Python), bert-base-uncased's
// vocabulary, strip_accents null.
func TestGoldenTexts(t *testing.T) {
	tokenizer := newBert(t)
	var first, second struct{ Cases []golden }
	readJSON(t, "testdata/golden/bert_uncased_golden.json", &first)
	readJSON(t, "testdata/golden/tokenizer_extra.json", &second)
	if len(first.Cases) != 47 || len(second.Cases) != 74 {
		t.Fatalf("%d and %d golden texts, want 47 and 74", len(first.Cases), len(second.Cases))
	}
	for _, g := range slices.Concat(first.Cases, second.Cases) {
		g.check(t, tokenizer, g.Text, 0)
	}
}

func TestGoldenTruncatedAndPadded(t *testing.T) {
	tokenizer := newBert(t)
	var extra struct {
		Cases []golden `json:"truncated_and_padded"`
	}
	readJSON(t, "testdata/golden/tokenizer_extra.json", &extra)
	if len(extra.Cases) != 16 {
		t.Fatalf("%d golden cases, want 16", len(extra.Cases))
	}
	for _, g := range extra.Cases {
		g.unpadded(t, tokenizer).check(t, tokenizer, g.Text, g.MaxLength)
	}
}

// The files hf_tok_KIND_SET.json hold the texts of SET.json under max_length 8 (trunc), also padded to 12 (pad); under
// max_length 16, padded to a multiple of 8 (padm); and, which Encode does not offer, truncated on the left (trunc_left).
func TestGoldenVariants(t *testing.T) {
	tokenizer := newBert(t)
	maxLengths := map[string]int{"trunc": 8, "pad": 8, "padm": 16, "trunc_left": 0}
	for _, set := range []string{"c2", "c3"} {
		var texts []golden
		readJSON(t, "testdata/golden/"+set+".json", &texts)
		for kind, maxLength := range maxLengths {
			var want []struct {
				golden
				Mask []int32 `json:"mask"`
			}
			readJSON(t, "testdata/golden/hf_tok_"+kind+"_"+set+".json", &want)
			for i, text := range texts {
				g := want[i].golden
				g.Mask = want[i].Mask
				if kind == "trunc_left" {
					g.checkEnd(t, tokenizer, text.Text)
					continue
				}
				g.unpadded(t, tokenizer).check(t, tokenizer, text.Text, maxLength)
			}
		}
	}
}

// checkEnd compares the last tokens of text with g, which lost those at its beginning.
func (g golden) checkEnd(t *testing.T, tokenizer *Tokenizer, text string) {
	t.Helper()
	got := tokenizer.Encode(text, 0)
	rest := len(got.IDs) - (len(g.IDs) - 1)
	if !slices.Equal(got.IDs[rest:], g.IDs[1:]) {
		t.Errorf("%q: ids end %v, want %v", text, got.IDs[rest:], g.IDs[1:])
	}
	if offsets := runeOffsets(text, got.Offsets[rest:]); !slices.Equal(offsets, g.Offsets[1:]) {
		t.Errorf("%q: offsets end %v, want %v", text, offsets, g.Offsets[1:])
	}
}
