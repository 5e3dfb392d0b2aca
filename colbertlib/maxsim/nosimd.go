//go:build !(goexperiment.simd && amd64)

package maxsim

// eachMatch hands over the best document token of every query token: for each document with tokens all query tokens in their order, in one or
// several pieces that are valid during the call only. Dimensions have been checked.
func eachMatch(query Embedding, documents []Embedding, use func(document int, matches []Match)) {
	eachMatchPlain(query, documents, use)
}
