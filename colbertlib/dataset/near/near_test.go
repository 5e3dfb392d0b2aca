package near_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset/near"
)

// text is n made-up words; the same seed gives the same text.
func text(seed uint64, n int) []string {
	rng := rand.New(rand.NewPCG(seed, 1))
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("w%d", rng.IntN(5000))
	}
	return list
}

// jaccard is the exact index of the sets of word quintuples.
func jaccard(a, b []string) float64 {
	set := func(list []string) map[string]bool {
		s := map[string]bool{}
		for i := 0; i+5 <= len(list); i++ {
			s[strings.Join(list[i:i+5], " ")] = true
		}
		return s
	}
	x, y := set(a), set(b)
	both := 0
	for shingle := range x {
		if y[shingle] {
			both++
		}
	}
	return float64(both) / float64(len(x)+len(y)-both)
}

func TestSimilarityEstimatesTheJaccardIndex(t *testing.T) {
	for changed := 0; changed <= 60; changed += 4 {
		var sum, exact float64
		const pairs = 40
		for seed := range uint64(pairs) {
			a := text(seed, 300)
			b := append([]string{}, a...)
			for i := range changed {
				b[(i*37+int(seed))%300] = fmt.Sprintf("new%d", i)
			}
			s, other := near.Sign(strings.Join(a, " ")), near.Sign(strings.Join(b, " "))
			sum += s.Similarity(&other) / pairs
			exact += jaccard(a, b) / pairs
		}
		if math.Abs(sum-exact) > 0.025 { // four standard errors of the mean at most
			t.Errorf("%d words changed: estimated %.3f, exact %.3f", changed, sum, exact)
		}
	}
}

func TestWhatDoesNotCount(t *testing.T) {
	a, b := "Finance Officer: prepares the monthly accounts, Nairobi.", "FINANCE officer\n prepares (the) monthly accounts - NAIROBI"
	s, other := near.Sign(a), near.Sign(b)
	if s.Similarity(&other) != 1 || near.Words(a) != near.Words(b) {
		t.Errorf("similarity %v", s.Similarity(&other))
	}
	if near.Words("a b c") == near.Words("a c b") || near.Words("ab c") == near.Words("a bc") || near.Words("") == near.Words("a") {
		t.Error("other words or another order have the same hash")
	}
}

func TestShortTexts(t *testing.T) {
	var index near.Index
	for _, short := range []string{"", "one", "one two three four", "one two three four five"} {
		if _, _, ok := index.Find(0, near.Sign(short), 0.8); ok {
			t.Errorf("%q is similar to another", short)
		}
		index.Add(0, near.Sign(short))
	}
	if at, similarity, ok := index.Find(0, near.Sign("ONE two three four!"), 0.8); !ok || at != 2 || similarity != 1 {
		t.Errorf("found %d, %v, %v", at, similarity, ok)
	}
}

func TestIndexFindsWhatComparingAllPairsFinds(t *testing.T) {
	var index near.Index
	var signatures []near.Signature
	missed, wrong, similar := 0, 0, 0
	for i := range 400 {
		words := text(uint64(i/4), 200) // in fours, the later ones changed
		for k := range (i % 4) * 3 {
			words[k*31%200] = fmt.Sprintf("x%d", i)
		}
		s := near.Sign(strings.Join(words, " "))
		best := 0.0
		for k := range signatures {
			best = max(best, s.Similarity(&signatures[k]))
		}
		_, similarity, ok := index.Find(0, s, 0.7)
		switch {
		case best >= 0.7:
			similar++
			if !ok || similarity != best {
				missed++
			}
		case ok:
			wrong++
		}
		signatures = append(signatures, s)
		index.Add(0, s)
	}
	if similar < 150 || missed > similar/50 || wrong > 0 {
		t.Errorf("of %d similar texts %d were missed, %d found that are none", similar, missed, wrong)
	}
}

func TestSpacesAreSeparate(t *testing.T) {
	var index near.Index
	s := near.Sign("the same text of more than five words")
	index.Add(1, s)
	if _, _, ok := index.Find(2, s, 0.1); ok {
		t.Error("found in another space")
	}
	if _, _, ok := index.Find(1, s, 1); !ok {
		t.Error("not found in its own space")
	}
}

func ExampleSign() {
	a := near.Sign("The Finance Officer prepares the monthly accounts and reports to the Head of Office in Nairobi")
	b := near.Sign("The Finance Officer prepares the monthly accounts and reports to the Head of Office in Kampala")
	c := near.Sign("The Driver keeps the vehicle in good order and reports to the Fleet Manager in Nairobi")
	fmt.Println(a.Similarity(&b) > 0.8, a.Similarity(&c) < 0.1)
	// Output: true true
}

func ExampleIndex() {
	var index near.Index
	index.Add(0, near.Sign("The Driver keeps the vehicle in good order"))
	index.Add(0, near.Sign("The Nurse keeps the ward in good order"))
	number, similarity, ok := index.Find(0, near.Sign("THE NURSE keeps the ward in good order!"), 0.8)
	fmt.Println(number, similarity, ok)
	// Output: 1 1 true
}

func BenchmarkSign(b *testing.B) {
	for _, n := range []int{100, 500, 2000} {
		b.Run(fmt.Sprintf("%d_words", n), func(b *testing.B) {
			body := strings.Join(text(1, n), " ")
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				near.Sign(body)
			}
		})
	}
}

func BenchmarkIndex(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("%d_texts", n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			signatures := make([]near.Signature, n)
			for i := range signatures {
				for k := range signatures[i] {
					signatures[i][k] = rng.Uint32()
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				var index near.Index
				for _, s := range signatures {
					if _, _, ok := index.Find(0, s, 0.8); !ok {
						index.Add(0, s)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/text")
		})
	}
}
