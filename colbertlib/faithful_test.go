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

// BenchmarkFaithfulness shows whether explanations name words that matter: by how much the margin between the best and the second label falls when
// the five words that contribute most are deleted and the rest is encoded anew, and by how much when five random words are (comprehensiveness:
// DeYoung et al. 2020, section 4). The figures are means over the synthetic validation advertisements; "moved" is without regard to direction, so
// that for random words it does not average out.
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
		var highest, random change
		for i, query := range queries {
			fallen := deletions(b, tagger, query.Text, uint64(i))
			highest.add(fallen[0])
			for _, fall := range fallen[1:] {
				random.add(fall)
			}
		}
		b.ReportMetric(highest.fallen/highest.n, "fallen-highest/ad")
		b.ReportMetric(random.fallen/random.n, "fallen-random/ad")
		b.ReportMetric(highest.moved/highest.n, "moved-highest/ad")
		b.ReportMetric(random.moved/random.n, "moved-random/ad")
		b.ReportMetric(0, "ns/op")
	}
}

// change adds up how far margins change.
type change struct{ n, fallen, moved float64 }

func (c *change) add(fall float64) {
	c.n++
	c.fallen += fall
	c.moved += math.Abs(fall)
}

// deletions is how far the margin falls without the highest words, and then without random ones.
func deletions(tb testing.TB, tagger *colbertlib.Tagger, text string, seed uint64) (fallen []float64) {
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
		fallen = append(fallen, why.Margin-(scores[best]-scores[second]))
	}
	return fallen
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
