package maxsim

import (
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// eachMatchPlain hands over the matches of all query tokens, document by document. It is what [eachMatch] does, by gonum's products of a matrix and a vector.
func eachMatchPlain(query Embedding, documents []Embedding, use func(document int, matches []Match)) {
	var similarities []float32 // [Ld] of one query token
	matches := make([]Match, query.Tokens())
	for i, document := range documents {
		if document.Tokens() == 0 {
			continue
		}
		rows := blas32.General{Rows: document.Tokens(), Cols: document.Dim, Stride: document.Dim, Data: document.Values}
		similarities = slices.Grow(similarities[:0], rows.Rows)[:rows.Rows]
		for token := range matches {
			blas32.Gemv(blas.NoTrans, 1, rows, vector(query.Row(token)), 0, vector(similarities))
			matches[token] = best(similarities)
		}
		use(i, matches)
	}
}

func vector(values []float32) blas32.Vector {
	return blas32.Vector{N: len(values), Inc: 1, Data: values}
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
