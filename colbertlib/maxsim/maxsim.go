// Package maxsim scores a query's token embeddings against a document's: late interaction, in which every query token is matched
// with the most similar document token and the similarities are added up (Khattab and Zaharia 2020, ColBERT, equation 3).
//
// The libraries differ in what padding does to that sum, so the rule is always named: see [Variant].
package maxsim

import (
	"fmt"
	"strings"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
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
	matches, err := v.Matches(query, document)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, match := range matches {
		sum += float64(match.Similarity)
	}
	if v == Mean && len(matches) > 0 {
		sum /= float64(len(matches))
	}
	return sum, nil
}

// Scores is Score for several documents.
func (v Variant) Scores(query Embedding, documents []Embedding) ([]float64, error) {
	scores := make([]float64, len(documents))
	for i, document := range documents {
		var err error
		if scores[i], err = v.Score(query, document); err != nil {
			return nil, fmt.Errorf("document %d: %w", i, err)
		}
	}
	return scores, nil
}

// Matches returns the best document token of each query token. Their similarities add up to the score (times the number of
// query tokens for Mean). There are none if either text has no tokens.
func (v Variant) Matches(query, document Embedding) ([]Match, error) {
	queryTokens, documentTokens := query.Tokens(), document.Tokens()
	if queryTokens == 0 || documentTokens == 0 {
		return nil, nil
	}
	if query.Dim != document.Dim {
		return nil, fmt.Errorf("maxsim: the query's rows have %d values, the document's %d: they stem from different models", query.Dim, document.Dim)
	}
	similarities := blas32.General{Rows: queryTokens, Cols: documentTokens, Stride: documentTokens,
		Data: make([]float32, queryTokens*documentTokens)} // [Lq, Ld]
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, matrix(query), matrix(document), 0, similarities)
	matches := make([]Match, queryTokens)
	for i := range matches {
		matches[i] = best(similarities.Data[i*documentTokens : (i+1)*documentTokens])
		if v == ClipZero && document.Padded && matches[i].Similarity < 0 {
			matches[i] = Match{Token: -1}
		}
	}
	return matches, nil
}

func matrix(e Embedding) blas32.General {
	return blas32.General{Rows: e.Tokens(), Cols: e.Dim, Stride: e.Dim, Data: e.Values}
}

func best(row []float32) Match {
	match := Match{Similarity: row[0]}
	for token, similarity := range row {
		if similarity > match.Similarity {
			match = Match{Token: token, Similarity: similarity}
		}
	}
	return match
}
