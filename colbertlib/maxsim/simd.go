//go:build goexperiment.simd && amd64

package maxsim

import "simd/archsimd"

// eachMatch hands over the best document token of every query token: for each document with tokens all query tokens in their order, in one or
// several pieces that are valid during the call only. Dimensions have been checked.
func eachMatch(query Embedding, documents []Embedding, use func(document int, matches []Match)) {
	if archsimd.X86.AVX2() && archsimd.X86.FMA() {
		eachMatchFused(query, documents, use)
	} else {
		eachMatchPlain(query, documents, use)
	}
}

// blockRows is how many query tokens are matched at a time: two registers of eight.
const blockRows = 16

// panel holds up to 16 query tokens, transposed [D, 16], so that one instruction works on eight of them.
type panel [][blockRows]float32

// eachMatchFused needs AVX2 and FMA. The similarities of 16 query tokens and four document tokens are summed up in registers, and only the
// best are kept, so that there is never a matrix [Lq, Ld].
func eachMatchFused(query Embedding, documents []Embedding, use func(document int, matches []Match)) {
	queries := make(panel, query.Dim)
	var matches [blockRows]Match
	for first := 0; first < query.Tokens(); first += blockRows {
		rows := min(blockRows, query.Tokens()-first)
		queries.fill(query.Values[first*query.Dim:][:rows*query.Dim])
		for i, document := range documents {
			if document.Tokens() > 0 {
				queries.match(document.Values[:document.Tokens()*document.Dim], &matches)
				use(i, matches[:rows])
			}
		}
	}
}

// fill transposes rows [L, D], of which there are 16 at the most. Where there are fewer, the last stands for those that are missing.
func (p panel) fill(rows []float32) {
	last := len(rows)/len(p) - 1
	row := func(i int) []float32 { return rows[min(i, last)*len(p):][:len(p)] }
	for i := 0; i < blockRows; i += 4 { // four at a time, as writing through the whole panel is slow
		r0, r1, r2, r3 := row(i), row(i+1), row(i+2), row(i+3)
		for k := range p {
			to := p[k][i : i+4]
			to[0], to[1], to[2], to[3] = r0[k], r1[k], r2[k], r3[k]
		}
	}
}

// match finds the best tokens of a document [Ld, D], the first of equals.
func (p panel) match(document []float32, matches *[blockRows]Match) {
	var similarities [4][blockRows]float32
	var low, high archsimd.Float32x8         // the best similarities
	var lowToken, highToken archsimd.Int32x8 // and whose they are
	last := len(document)/len(p) - 1
	for first := 0; first <= last; first += len(similarities) {
		rows := func(i int) []float32 { return document[min(first+i, last)*len(p):] } // the last token again changes nothing
		p.multiply(rows(0), rows(1), rows(2), rows(3), &similarities)
		if first == 0 {
			low, high = load(&similarities[0])
		}
		for i := range similarities {
			nextLow, nextHigh := load(&similarities[i])
			token := archsimd.BroadcastInt32x8(int32(first + i))
			better := nextLow.Greater(low)
			low, lowToken = nextLow.Merge(low, better), token.Merge(lowToken, better)
			better = nextHigh.Greater(high)
			high, highToken = nextHigh.Merge(high, better), token.Merge(highToken, better)
		}
	}
	var tokens [blockRows]int32
	lowToken.StoreSlice(tokens[:8])
	highToken.StoreSlice(tokens[8:])
	store(low, high, &similarities[0])
	archsimd.ClearAVXUpperBits() // what follows is not AVX
	for i := range matches {
		matches[i] = Match{Token: int(tokens[i]), Similarity: similarities[0][i]}
	}
}

// multiply sets similarities [4, 16] to those of four document tokens, each [D].
func (p panel) multiply(d0, d1, d2, d3 []float32, similarities *[4][blockRows]float32) {
	d0, d1, d2, d3 = d0[:len(p)], d1[:len(p)], d2[:len(p)], d3[:len(p)]
	var low0, high0, low1, high1, low2, high2, low3, high3 archsimd.Float32x8
	for k := range p {
		low, high := load(&p[k])
		x0, x1, x2, x3 := archsimd.BroadcastFloat32x8(d0[k]), archsimd.BroadcastFloat32x8(d1[k]), archsimd.BroadcastFloat32x8(d2[k]), archsimd.BroadcastFloat32x8(d3[k])
		low0, high0 = x0.MulAdd(low, low0), x0.MulAdd(high, high0)
		low1, high1 = x1.MulAdd(low, low1), x1.MulAdd(high, high1)
		low2, high2 = x2.MulAdd(low, low2), x2.MulAdd(high, high2)
		low3, high3 = x3.MulAdd(low, low3), x3.MulAdd(high, high3)
	}
	store(low0, high0, &similarities[0])
	store(low1, high1, &similarities[1])
	store(low2, high2, &similarities[2])
	store(low3, high3, &similarities[3])
}

func load(row *[blockRows]float32) (low, high archsimd.Float32x8) {
	return archsimd.LoadFloat32x8Slice(row[:8]), archsimd.LoadFloat32x8Slice(row[8:])
}

func store(low, high archsimd.Float32x8, row *[blockRows]float32) {
	low.StoreSlice(row[:8])
	high.StoreSlice(row[8:])
}
