package maxsim

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Both ways of matching find the same tokens and similarities. Values are small integers, so that sums are exact in any order, and ties and
// negative similarities are frequent; some are zeros with a sign, infinite or no numbers.
func TestMatchesAreThoseOfTheProduct(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	usual := []float32{-2, -1, -1, 0, 0, 1, 1, 2, float32(math.Copysign(0, -1))}
	rare := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))}
	random := func(tokens, dim int, broken bool) Embedding {
		e := Embedding{Values: make([]float32, tokens*dim), Dim: dim}
		for i := range e.Values {
			e.Values[i] = usual[rng.IntN(len(usual))]
			if broken && rng.IntN(10*dim) == 0 {
				e.Values[i] = rare[rng.IntN(len(rare))]
			}
		}
		return e
	}
	check := func(queryTokens, documentTokens, dim int) {
		t.Helper()
		broken := rng.IntN(2) == 0
		query := random(queryTokens, dim, broken)
		documents := []Embedding{random(documentTokens, dim, broken), {}, random(1+rng.IntN(9), dim, broken)}
		got, want := gather(eachMatch, query, documents), gather(eachMatchPlain, query, documents)
		for i := range documents {
			if !slices.EqualFunc(got[i], want[i], identical) {
				t.Errorf("query of %d, document of %d, %d values: %v, want %v", queryTokens, documents[i].Tokens(), dim, got[i], want[i])
			}
		}
	}
	for queryTokens := range 41 {
		for documentTokens := range 41 {
			check(queryTokens, documentTokens, 1+rng.IntN(130))
		}
	}
	for dim := 1; dim <= 130; dim++ {
		check(1+rng.IntN(40), 1+rng.IntN(40), dim)
	}
	for range 20 {
		check(1+rng.IntN(40), 1+rng.IntN(40), 384)
	}
}

type matcher func(query Embedding, documents []Embedding, use func(document int, matches []Match))

// gather returns each document's matches.
func gather(each matcher, query Embedding, documents []Embedding) [][]Match {
	all := make([][]Match, len(documents))
	each(query, documents, func(document int, matches []Match) { all[document] = append(all[document], matches...) })
	return all
}

func identical(a, b Match) bool {
	sameNumber := math.Float32bits(a.Similarity) == math.Float32bits(b.Similarity)
	return a.Token == b.Token && (sameNumber || a.Similarity != a.Similarity && b.Similarity != b.Similarity)
}

// The plain way is the definition: of equal tokens the first wins, whatever is no number never wins and is never replaced.
func TestPlainMatch(t *testing.T) {
	nan := float32(math.NaN())
	query := Embedding{Values: []float32{1}, Dim: 1}
	for _, test := range []struct {
		document []float32
		token    int
	}{
		{[]float32{1, 2, 3, 3, 2}, 2}, {[]float32{-3, -1, -2, -1}, 1}, {[]float32{1, nan, 2}, 2}, {[]float32{nan, 1, 2}, 0},
		{[]float32{float32(math.Copysign(0, -1)), 0}, 0}, {[]float32{0, float32(math.Inf(1))}, 1},
	} {
		got := gather(eachMatchPlain, query, []Embedding{{Values: test.document, Dim: 1}})[0]
		if len(got) != 1 || got[0].Token != test.token {
			t.Errorf("%v: %v, want token %d", test.document, got, test.token)
		}
	}
}
