// Package wordmodel is multinomial logistic regression on words: log term frequency times inverse document frequency, at unit
// length. It is the plainest classifier worth comparing with, and a second opinion on labels.
//
// Nothing in it is random beyond a fixed seed: the same texts and classes give the same model.
package wordmodel

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
)

const (
	epochs       = 30 // few enough passes stand in for regularisation
	learningRate = 2.0
)

// Model is a fitted classifier, safe for concurrent use.
type Model struct {
	Classes []int            // ascending; the order of probabilities
	words   map[string]int32 // -> the row in idf and weights, in alphabetical order
	idf     []float64        // 0 for a word that every text has
	weights [][]float64      // [word][class]
}

// Fit learns from texts and their classes by stochastic gradient descent. There must be at least one text, and a class for each.
func Fit(texts []string, classes []int) (*Model, error) {
	if len(texts) == 0 || len(texts) != len(classes) {
		return nil, errors.New("wordmodel: there must be texts, and a class for each")
	}
	m := &Model{Classes: slices.Compact(slices.Sorted(slices.Values(classes)))}
	m.count(texts)
	rows := make([][]feature, len(texts))
	for i, text := range texts {
		rows[i] = m.features(text)
	}
	m.descend(rows, classes)
	return m, nil
}

// count makes the list of words with their inverse document frequencies.
func (m *Model) count(texts []string) {
	inTexts := map[string]int{}
	for _, text := range texts {
		for word := range frequencies(text) {
			inTexts[word]++
		}
	}
	list := make([]string, 0, len(inTexts))
	for word := range inTexts {
		list = append(list, word)
	}
	slices.Sort(list)
	m.words, m.idf, m.weights = make(map[string]int32, len(list)), make([]float64, len(list)), make([][]float64, len(list))
	for i, word := range list {
		m.words[strings.Clone(word)] = int32(i) // a clone, or the word would keep its text in memory
		m.idf[i] = math.Log(float64(1+len(texts)) / float64(1+inTexts[word]))
		m.weights[i] = make([]float64, len(m.Classes))
	}
}

// descend goes over the texts' features, in another order each time, with a rate that falls.
func (m *Model) descend(rows [][]feature, classes []int) {
	rng := rand.New(rand.NewPCG(1, 1))
	for epoch := range epochs {
		rate := learningRate / (1 + float64(epoch)/5)
		for _, i := range rng.Perm(len(rows)) {
			gradient := m.probabilities(rows[i])
			at, _ := slices.BinarySearch(m.Classes, classes[i])
			gradient[at]--
			for _, f := range rows[i] {
				for c, g := range gradient {
					m.weights[f.word][c] -= rate * g * f.value
				}
			}
		}
	}
}

// Probabilities gives each class's, in the order of Classes. A text without a known word has all classes equal.
func (m *Model) Probabilities(text string) []float64 { return m.probabilities(m.features(text)) }

// Classify gives the most probable class, the first of equals.
func (m *Model) Classify(text string) int {
	p := m.Probabilities(text)
	return m.Classes[slices.Index(p, slices.Max(p))]
}

// Knows says whether a word, in lower case, occurred in the texts that the model was fitted to.
func (m *Model) Knows(word string) bool {
	_, ok := m.words[word]
	return ok
}

// feature is a word of a text and its weight in it.
type feature struct {
	word  int32
	value float64
}

// features are in the order of words, so that sums have one order and the same input gives the same numbers.
func (m *Model) features(text string) []feature {
	var list []feature
	for word, n := range frequencies(text) {
		if at, ok := m.words[word]; ok && m.idf[at] > 0 {
			list = append(list, feature{at, (1 + math.Log(n)) * m.idf[at]})
		}
	}
	slices.SortFunc(list, func(a, b feature) int { return cmp.Compare(a.word, b.word) })
	norm := 0.0
	for _, f := range list {
		norm += f.value * f.value
	}
	for i := range list {
		list[i].value /= math.Sqrt(norm)
	}
	return list
}

func (m *Model) probabilities(features []feature) []float64 {
	p := make([]float64, len(m.Classes))
	for _, f := range features {
		for c, weight := range m.weights[f.word] {
			p[c] += weight * f.value
		}
	}
	highest, total := slices.Max(p), 0.0
	for c := range p {
		p[c] = math.Exp(p[c] - highest)
		total += p[c]
	}
	for c := range p {
		p[c] /= total
	}
	return p
}

func frequencies(text string) map[string]float64 {
	counts := map[string]float64{}
	for _, word := range Words(text) {
		counts[word]++
	}
	return counts
}

// Words are a text's runs of letters, digits and apostrophes, in lower case.
func Words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’'
	})
}
