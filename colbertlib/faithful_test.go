package colbertlib_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/data"
)

const (
	deleted = 5 // words
	draws   = 4 // of random words, for each advertisement
)

// BenchmarkFaithfulness shows whether explanations name words that matter: how far the margin between the best and the second label moves when the
// five words that contribute most are deleted and the rest is encoded anew, and how far when five random words are. The figures are means over
// the synthetic validation advertisements.
//
//	GOEXPERIMENT=simd go test -run '^$' -bench Faithfulness -benchtime 1x ./colbertlib
func BenchmarkFaithfulness(b *testing.B) {
	set, err := dataset.ReadSet(data.Synthetic)
	if err != nil {
		b.Fatal(err)
	}
	queries, err := dataset.Queries(set.Validate)
	if err != nil {
		b.Fatal(err)
	}
	model := starter()
	defer model.Close()
	tagger, err := colbertlib.NewTagger(b.Context(), model, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		highest, random := 0.0, 0.0
		for i, query := range queries {
			moved := deletions(b, tagger, query.Text, uint64(i))
			highest += moved[0] / float64(len(queries))
			for _, distance := range moved[1:] {
				random += distance / float64(draws*len(queries))
			}
		}
		b.ReportMetric(highest, "margin-highest/ad")
		b.ReportMetric(random, "margin-random/ad")
		b.ReportMetric(highest/random, "highest/random")
		b.ReportMetric(0, "ns/op")
	}
}

// deletions is how far the margin moves without the highest words, and then without random ones.
func deletions(tb testing.TB, tagger *colbertlib.Tagger, text string, seed uint64) (moved []float64) {
	tagging, err := tagger.Tag(tb.Context(), text)
	if err != nil {
		tb.Fatal(err)
	}
	best, second := tagging.Tags[0].LabelID, tagging.Tags[1].LabelID
	why, err := tagger.Explain(tb.Context(), text, best, second)
	if err != nil {
		tb.Fatal(err)
	}
	texts := []string{without(text, why.Highest(deleted))}
	rng := rand.New(rand.NewPCG(seed, 0))
	for range draws {
		words := slices.Clone(why.Words)
		rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		texts = append(texts, without(text, words[:min(deleted, len(words))]))
	}
	taggings, err := tagger.TagAll(tb.Context(), texts, nil)
	if err != nil {
		tb.Fatal(err)
	}
	for _, tagging := range taggings {
		scores := map[int]float64{}
		for _, tag := range tagging.Tags {
			scores[tag.LabelID] = tag.Score
		}
		moved = append(moved, math.Abs(scores[best]-scores[second]-why.Margin))
	}
	return moved
}

// without deletes words from a text.
func without(text string, words []colbertlib.Word) string {
	slices.SortFunc(words, func(a, b colbertlib.Word) int { return cmp.Compare(b.Span[0], a.Span[0]) }) // from the end
	for _, word := range words {
		text = text[:word.Span[0]] + text[word.Span[1]:]
	}
	return text
}

func TestWithoutDeletesWords(t *testing.T) {
	words := []colbertlib.Word{{Span: [2]int{0, 3}}, {Span: [2]int{8, 11}}, {Span: [2]int{4, 7}}}
	if got := without("one two six end", words); got != "   end" {
		t.Errorf("got %q", got)
	}
}
