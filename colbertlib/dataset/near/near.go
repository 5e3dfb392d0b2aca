// Package near finds texts that are nearly the same: MinHash signatures and locality-sensitive hashing.
//
// The similarity of two texts is the Jaccard index of their sets of word quintuples: 1 for the same words in the same order, .8 where
// an advertisement was posted again with a few words changed, almost 0 for two that only share a topic. A [Signature] estimates it within
// ±.04 (one standard deviation at .8), and an [Index] finds similar signatures without comparing all pairs.
//
// Sources: Broder, "On the resemblance and containment of documents" (1997); Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3.
// The Go libraries for this (ekzhu/minhash-lsh, dgryski/go-minhash) have not changed since 2017; what is needed is less than a hundred lines.
package near

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"unicode"
)

const (
	hashes = bands * rows
	bands  = 20 // signatures that agree in all rows of a band are compared:
	rows   = 6  // 99.8 % of the pairs of similarity .8, 0.1 % of those of similarity .2
	words  = 5  // in a shingle
)

// Signature is a text's MinHash values.
type Signature [hashes]uint32

// coefficients are those of the hash functions x -> (a x + b) >> 32, fixed for good, since signatures must be the same everywhere.
var coefficients = func() (c [hashes]struct{ a, b uint64 }) {
	rng := rand.New(rand.NewPCG(1997, 5))
	for i := range c {
		c[i].a, c[i].b = rng.Uint64()|1, rng.Uint64()
	}
	return c
}()

// Sign computes a text's signature. Case, punctuation and white space do not count. A text of fewer than five words is one shingle.
func Sign(text string) Signature {
	var s Signature
	for i := range s {
		s[i] = math.MaxUint32
	}
	list := wordHashes(text)
	for i := 0; i == 0 || i+words <= len(list); i++ {
		x := uint64(14695981039346656037)
		for _, word := range list[min(i, len(list)):min(i+words, len(list))] {
			x = (x ^ word) * 0x9E3779B97F4A7C15 // the order of words counts
			x ^= x >> 29
		}
		for k, c := range coefficients {
			s[k] = min(s[k], uint32((c.a*x+c.b)>>32))
		}
	}
	return s
}

// Words is a hash of a text's words in their order: that of two texts which differ in case, punctuation and white space only is the same.
func Words(text string) uint64 {
	x := uint64(1)
	for _, word := range wordHashes(text) {
		x = (x ^ word) * 0x9E3779B97F4A7C15
		x ^= x >> 29
	}
	return x
}

func wordHashes(text string) []uint64 {
	list := make([]uint64, 0, len(text)/6)
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }) {
		h := fnv.New64a()
		h.Write([]byte(strings.ToLower(word)))
		list = append(list, h.Sum64())
	}
	return list
}

// Similarity estimates the Jaccard index of two texts, from 0 to 1.
func (s *Signature) Similarity(t *Signature) float64 {
	same := 0
	for i := range s {
		if s[i] == t[i] {
			same++
		}
	}
	return float64(same) / hashes
}

// Index holds signatures and finds the similar ones among them. The zero value is empty and ready. It is not safe for concurrent use.
//
// A signature belongs to a space; only those of one space are compared. An index of 100,000 signatures takes about 150 MB.
type Index struct {
	heads   map[uint64]int32 // a band's hash -> the entry added last that has it
	entries []entry
}

type entry struct {
	signature Signature
	next      [bands]int32 // the entry added before that shares the band, or -1
}

// Add puts a signature into a space and returns its number: 0, 1, 2, ….
func (x *Index) Add(space uint64, s Signature) int {
	if x.heads == nil {
		x.heads = map[uint64]int32{}
	}
	e := entry{signature: s}
	at := int32(len(x.entries))
	for band := range bands {
		key := s.band(space, band)
		previous, ok := x.heads[key]
		if !ok {
			previous = -1
		}
		e.next[band], x.heads[key] = previous, at
	}
	x.entries = append(x.entries, e)
	return int(at)
}

// Find returns the number of the most similar signature of the space and the similarity, if it is at least that much; of equals, the first that was added.
func (x *Index) Find(space uint64, s Signature, least float64) (number int, similarity float64, ok bool) {
	number = -1
	for band := range bands {
		at, found := x.heads[s.band(space, band)]
		for ; found && at >= 0; at = x.entries[at].next[band] {
			same := s.Similarity(&x.entries[at].signature)
			if same >= least && (same > similarity || number < 0 || same == similarity && int(at) < number) {
				number, similarity = int(at), same
			}
		}
	}
	return number, similarity, number >= 0
}

// band hashes one band's values.
func (s *Signature) band(space uint64, band int) uint64 {
	x := space*0x9E3779B97F4A7C15 ^ uint64(band+1)
	for _, value := range s[band*rows:][:rows] {
		x = (x ^ uint64(value)) * 0xBF58476D1CE4E5B9
		x ^= x >> 31
	}
	return x
}
