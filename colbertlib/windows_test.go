package colbertlib_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib"
)

// Every token of a long text must be there once, in order, as if the model had no limit.
func TestWindowsCoverTheWholeText(t *testing.T) {
	for name, tagger := range taggers(t) {
		for _, text := range []string{
			strings.Repeat("Keeps accounts, pays suppliers & counts the cash of naïve offices. ", 40),
			strings.Repeat("事務所の会計を担当する", 60),
			strings.Repeat("x", 500) + " " + strings.Repeat("budget-", 300),
		} {
			e, err := tagger.WithWindows().Explain(t.Context(), text, 1, 2)
			if err != nil {
				t.Fatal(err)
			}
			if e.Truncated {
				t.Errorf("%s, %.10q: truncated", name, text)
			}
			at := 0
			for _, token := range e.Tokens {
				if token.Span[1] == 0 {
					continue
				}
				if missing := strings.Trim(text[at:token.Span[0]], " ,.&-"); missing != "" || token.Span[0] < at { // the skiplists hold punctuation
					t.Fatalf("%s, %.10q: %q is missing before byte %d, or comes again", name, text, missing, token.Span[0])
				}
				at = token.Span[1]
			}
			if rest := strings.Trim(text[at:], " ,.&-"); rest != "" {
				t.Errorf("%s, %.10q: the end is missing: %.20q", name, text, rest)
			}
		}
	}
}

func TestWindowsLeaveShortTextsAlone(t *testing.T) {
	model := tiny(t, nil)
	texts := []string{"Finance Officer", "", strings.Repeat("long ", 300), "Driver"}
	plain, err := model.EncodeQueries(t.Context(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	var progress []int
	long, err := model.EncodeLongQueries(t.Context(), texts, func(done int) { progress = append(progress, done) })
	if err != nil {
		t.Fatal(err)
	}
	for i := range texts {
		if same := sameEmbedding(plain[i], long[i]); same != (i != 2) {
			t.Errorf("text %d: equal is %v", i, same)
		}
	}
	if !plain[2].Truncated || long[2].Truncated || long[2].Tokens() != len(long[2].Spans) || long[2].Tokens() < 300 {
		t.Errorf("the long text has %d tokens and %d spans in windows", long[2].Tokens(), len(long[2].Spans))
	}
	if !slices.IsSorted(progress) || progress[len(progress)-1] != len(texts) {
		t.Errorf("progress %v", progress)
	}
}

func sameEmbedding(a, b colbertlib.Embedding) bool {
	return slices.Equal(a.Spans, b.Spans) && slices.EqualFunc(a.Values, b.Values, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-4 })
}

// What stands beyond the model's length must count in windows, and only there.
func TestWindowsReadTheEnd(t *testing.T) {
	tagger := newTagger(t, tiny(t, nil))
	start := strings.Repeat("Works in the office. ", 100)
	for windows, want := range map[bool]bool{false: true, true: false} {
		reader := tagger
		if windows {
			reader = tagger.WithWindows()
		}
		one, other := tag(t, reader, start+"Trucks and warehouses."), tag(t, reader, start+"Press and campaigns!!")
		if same := one.Tags[0].Score == other.Tags[0].Score; same != want {
			t.Errorf("windows %v: the end makes no difference is %v", windows, same)
		}
	}
}
