// Package bm25 is the candidate gate of the reported experiment: BM25 over character n-grams as neural-cherche 1.4.3 computes
// it with LeNLP 1.3, its peculiarities included.
//
// A text is normalised (transliterated to ASCII, lower case, no punctuation) and cut into all its n-grams of 3, 4 and 5
// characters, blanks and line breaks included. The n-grams of the documents are the vocabulary. With N documents, c how often
// the n-gram t occurs in document d, and L_d the number of n-grams of d,
//
//	tf(t,d)    = c (k1+1) / (c + k1 (1 - b + b L_d / mean L))        k1 = 1.5, b = 0.75
//	idf(t)     = ln((N - TF + 0.5) / (TF + 0.5) + 1)                 TF = how often t occurs in all documents together
//	score(q,d) = Σ over the n-grams of q of  sign(idf(t)) tf(t,d) / ‖tf(t,·)‖
//
// This is not the textbook's BM25 (Robertson and Zaragoza 2009). TF stands where the number of documents with t should, and
// each n-gram's row is then normalised to length 1 over the documents, so that of idf only the sign is left: an n-gram that
// occurs more than N times in all documents together votes against every document that has it.
//
// # The gate can drop the right label
//
// Only documents with a score above 0 are candidates. Documents that share long wording, as descriptions with the same
// closing sentence do, hold many n-grams that vote against them, and then the right one may be missing from the candidates:
// no ranking after the gate can bring it back. [Index.Recall] measures how often that happens; for tagging, rank all labels.
package bm25

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
)

const (
	k1       = 1.5
	b        = 0.75
	shortest = 3 // characters of an n-gram
	longest  = 5
)

// Index holds the n-grams of a fixed list of documents. It is safe for concurrent use.
type Index struct {
	documents int
	postings  map[string][]posting // n-gram -> documents that have it, in order
}

// posting is what one occurrence of an n-gram in a query adds to a document's score.
type posting struct {
	document int
	weight   float64
}

// Candidate is a document that a query matches.
type Candidate struct {
	Document int // index in the documents given to New
	Score    float64
}

// New indexes documents. A document without any n-gram is never a candidate.
func New(documents []string) *Index {
	x := &Index{documents: len(documents), postings: map[string][]posting{}}
	lengths := make([]float64, len(documents)) // n-grams of each document
	total := 0.0
	for d, text := range documents {
		for gram := range ngrams(normalize(text)) {
			list := x.postings[gram]
			if len(list) == 0 || list[len(list)-1].document != d {
				list = append(list, posting{document: d})
			}
			list[len(list)-1].weight++ // the count, until weigh
			x.postings[gram] = list
			lengths[d]++
			total++
		}
	}
	for d := range lengths {
		lengths[d] *= float64(len(documents)) / total // relative to their mean
	}
	for _, list := range x.postings {
		weigh(list, lengths)
	}
	return x
}

// weigh replaces the counts of one n-gram by its weights. lengths are relative to their mean.
func weigh(list []posting, lengths []float64) {
	occurrences, squares := 0.0, 0.0
	for i, p := range list {
		occurrences += p.weight
		tf := p.weight * (k1 + 1) / (p.weight + k1*(1-b+b*lengths[p.document]))
		list[i].weight = tf
		squares += tf * tf
	}
	norm := math.Sqrt(squares)
	if occurrences > float64(len(lengths))+0.5 { // idf < 0
		norm = -norm
	}
	for i := range list {
		list[i].weight /= norm
	}
}

// ngrams visits every n-gram of a text, at each place from the shortest to the longest. ASCII only: bytes are characters.
func ngrams(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for start := range text {
			for end := start + shortest; end <= min(start+longest, len(text)); end++ {
				if !yield(text[start:end]) {
					return
				}
			}
		}
	}
}

// Search lists the documents with a score above 0, the best first, at most k of them (0 or less: all). Equal scores keep the
// order of the documents. The reported experiment took 100.
func (x *Index) Search(query string, k int) []Candidate {
	scores := make([]float64, x.documents)
	for gram := range ngrams(normalize(query)) {
		for _, p := range x.postings[gram] {
			scores[p.document] += p.weight
		}
	}
	var candidates []Candidate
	for d, score := range scores {
		if score > 0 {
			candidates = append(candidates, Candidate{Document: d, Score: score})
		}
	}
	slices.SortStableFunc(candidates, func(a, b Candidate) int { return cmp.Compare(b.Score, a.Score) })
	if k > 0 {
		candidates = candidates[:min(k, len(candidates))]
	}
	return candidates
}

// Recall is the share of queries whose right document is among their candidates; right[i] is the index of query i's document.
// What is missing from 1 is lost before any model has seen it.
func (x *Index) Recall(queries []string, right []int, k int) (float64, error) {
	if len(queries) == 0 || len(queries) != len(right) {
		return 0, fmt.Errorf("bm25: recall: %d queries with %d right documents, expected one for each and at least one", len(queries), len(right))
	}
	kept := 0
	for i, query := range queries {
		if slices.ContainsFunc(x.Search(query, k), func(c Candidate) bool { return c.Document == right[i] }) {
			kept++
		}
	}
	return float64(kept) / float64(len(queries)), nil
}
