// Package maxsim scores a query's token embeddings against a document's: late interaction, in which every query token is matched
// with the most similar document token and the similarities are added up (Khattab and Zaharia 2020, ColBERT, equation 3).
//
// The libraries differ in what padding does to that sum, so the rule is always named: see [Variant].
package maxsim

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// Embedding holds the token embeddings of one text: L rows of Dim values, each row of unit length.
type Embedding struct {
	Values []float32 // [L, Dim], row after row
	Dim    int
	// Padded says that the text has fewer tokens than its role allows (or that some were left out of scoring), so that
	// neural-cherche, which pads every text to the maximum, would append rows of zeros. Only ClipZero looks at it.
	Padded bool
}

// Tokens is the number of rows.
func (e Embedding) Tokens() int {
	if e.Dim == 0 {
		return 0
	}
	return len(e.Values) / e.Dim
}

// Row is the embedding of one token; it shares memory with e.
func (e Embedding) Row(token int) []float32 { return e.Values[token*e.Dim : (token+1)*e.Dim] }

// Variant is a rule for MaxSim. Within a variant, padding, batching and the other candidates never change a score.
type Variant string

// The variants. PyLate multiplies similarities by the document's mask: in its training that is ClipZero; its rank.rerank clips only
// the documents that are shorter than the longest candidate, which no rule about one pair can reproduce, and its scores of
// single pairs are MaskMin.
const (
	// ClipZero adds a similarity of zero for a padded document, so that no query token counts less (neural-cherche 1.4).
	ClipZero Variant = "clip-zero"
	// MaskMin leaves padding out altogether (Stanford ColBERT 0.2, sentence-transformers 6 "maxsim").
	MaskMin Variant = "mask-min"
	// Mean is MaskMin divided by the number of query tokens (sentence-transformers 6 "meanmaxsim").
	Mean Variant = "mean"
)

// Variants lists all of them.
func Variants() []Variant { return []Variant{ClipZero, MaskMin, Mean} }

// ParseVariant returns the variant of that name.
func ParseVariant(name string) (Variant, error) {
	var names []string
	for _, v := range Variants() {
		if string(v) == name {
			return v, nil
		}
		names = append(names, string(v))
	}
	return "", fmt.Errorf("maxsim: unknown variant %q; there are %s", name, strings.Join(names, ", "))
}

// Match is what one query token found.
type Match struct {
	Token      int // the document token, the first of equals, or -1 where ClipZero's zero was higher
	Similarity float32
}

// Score is the MaxSim of a query and a document, whose rows must have the same Dim. It is zero if either has no tokens.
func (v Variant) Score(query, document Embedding) (float64, error) {
	if err := checkDims(query, document); err != nil {
		return 0, err
	}
	var score [1]float64
	v.score(query, []Embedding{document}, score[:])
	return score[0], nil
}

// Scores is Score for several documents, and faster. Where that pays, several processors share the documents; scores are the same.
func (v Variant) Scores(query Embedding, documents []Embedding) ([]float64, error) {
	work := 0
	for i, document := range documents {
		if err := checkDims(query, document); err != nil {
			return nil, fmt.Errorf("document %d: %w", i, err)
		}
		work += len(query.Values) * document.Tokens()
	}
	scores := make([]float64, len(documents))
	workers := min(runtime.GOMAXPROCS(0), len(documents), work/workForOne)
	if workers <= 1 {
		v.score(query, documents, scores)
		return scores, nil
	}
	var running sync.WaitGroup
	for i := range workers {
		start, end := i*len(documents)/workers, (i+1)*len(documents)/workers
		running.Go(func() { v.score(query, documents[start:end], scores[start:end]) })
	}
	running.Wait()
	return scores, nil
}

// workForOne is how many multiplications a processor must get before it is worth waking: about 0.1 ms.
const workForOne = 2 << 20

// score adds up the matches.
func (v Variant) score(query Embedding, documents []Embedding, scores []float64) {
	eachMatch(query, documents, func(document int, matches []Match) {
		for _, match := range matches {
			scores[document] += float64(v.clipped(match, documents[document]).Similarity)
		}
	})
	if v == Mean && query.Tokens() > 0 {
		for i := range scores {
			scores[i] /= float64(query.Tokens())
		}
	}
}

// Matches returns the best document token of each query token. Their similarities add up to the score (times the number of
// query tokens for Mean). There are none if either text has no tokens.
func (v Variant) Matches(query, document Embedding) ([]Match, error) {
	if err := checkDims(query, document); err != nil {
		return nil, err
	}
	var all []Match
	eachMatch(query, []Embedding{document}, func(_ int, matches []Match) {
		for _, match := range matches {
			all = append(all, v.clipped(match, document))
		}
	})
	return all, nil
}

// clipped is the match, or ClipZero's zero where that is higher.
func (v Variant) clipped(match Match, document Embedding) Match {
	if v == ClipZero && document.Padded && match.Similarity < 0 {
		return Match{Token: -1}
	}
	return match
}

// checkDims is nil for texts of the same model, and for those without tokens.
func checkDims(query, document Embedding) error {
	if query.Tokens() > 0 && document.Tokens() > 0 && query.Dim != document.Dim {
		return fmt.Errorf("maxsim: the query's rows have %d values, the document's %d: they stem from different models", query.Dim, document.Dim)
	}
	return nil
}
