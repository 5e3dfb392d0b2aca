package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// A regression is multinomial logistic regression on words: log term frequency times inverse document frequency, unit length.
type regression struct {
	classes []int
	idf     map[string]float64
	weights []map[string]float64 // [class][word]
}

const (
	epochs       = 30
	learningRate = 2.0
)

// train fits by stochastic gradient descent; few enough passes stand in for regularisation.
func train(texts []string, labels []int) *regression {
	r := &regression{idf: map[string]float64{}}
	for i, text := range texts {
		for word := range frequencies(text) {
			r.idf[word]++
		}
		if !slices.Contains(r.classes, labels[i]) {
			r.classes = append(r.classes, labels[i])
		}
	}
	slices.Sort(r.classes)
	for word, n := range r.idf {
		r.idf[word] = math.Log(float64(1+len(texts)) / (1 + n))
	}
	features := make([][]feature, len(texts))
	for i, text := range texts {
		features[i] = r.features(text)
	}
	r.weights = make([]map[string]float64, len(r.classes))
	for c := range r.weights {
		r.weights[c] = map[string]float64{}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for epoch := range epochs {
		rate := learningRate / (1 + float64(epoch)/5)
		for _, i := range rng.Perm(len(texts)) {
			p := r.probabilities(features[i])
			for c, class := range r.classes {
				gradient := p[c]
				if class == labels[i] {
					gradient--
				}
				for _, f := range features[i] {
					r.weights[c][f.word] -= rate * gradient * f.value
				}
			}
		}
	}
	return r
}

type feature struct {
	word  string
	value float64
}

func frequencies(text string) map[string]float64 {
	counts := map[string]float64{}
	for _, word := range tokens(text) {
		counts[word]++
	}
	return counts
}

// features are sorted, so that sums have one order and the same input gives the same numbers.
func (r *regression) features(text string) []feature {
	var out []feature
	norm := 0.0
	for word, n := range frequencies(text) {
		if value := (1 + math.Log(n)) * r.idf[word]; value > 0 {
			out = append(out, feature{word, value})
		}
	}
	slices.SortFunc(out, func(a, b feature) int {
		if a.word < b.word {
			return -1
		}
		return 1
	})
	for _, f := range out {
		norm += f.value * f.value
	}
	for i := range out {
		out[i].value /= math.Sqrt(norm)
	}
	return out
}

func (r *regression) probabilities(features []feature) []float64 {
	p := make([]float64, len(r.classes))
	for c := range p {
		for _, f := range features {
			p[c] += r.weights[c][f.word] * f.value
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

func (r *regression) classify(text string) int {
	p := r.probabilities(r.features(text))
	return r.classes[slices.Index(p, slices.Max(p))]
}

// reportRegression prints how well words alone tell the labels, and synthetic from real.
func reportRegression(out io.Writer, splits map[string][]dataset.Query) {
	texts, labels := columns(splits["train"])
	labelled := train(texts, labels)
	for _, name := range setNames[1:] {
		if queries := splits[name]; len(queries) > 0 {
			texts, labels := columns(queries)
			fmt.Fprintf(out, "logistic regression on words, fitted to train, %s: hits@1 %.3f (n = %d)\n", name, labelled.accuracy(texts, labels), len(queries))
		}
	}
	if len(splits["real"]) == 0 {
		return
	}
	known, all := 0, 0
	for _, q := range splits["real"] {
		for _, word := range tokens(q.Text) {
			all++
			if _, ok := labelled.idf[word]; ok {
				known++
			}
		}
	}
	fmt.Fprintf(out, "running words of the real advertisements that train also has: %.1f %%\n", 100*float64(known)/float64(all))
	fmt.Fprintf(out, "logistic regression, synthetic or real, 9-fold: %.3f right (chance .5)\n", realOrNot(splits["real"], splits["natural"], 9))
}

func (r *regression) accuracy(texts []string, labels []int) float64 {
	right := 0
	for i, text := range texts {
		if r.classify(text) == labels[i] {
			right++
		}
	}
	return float64(right) / float64(len(texts))
}

func columns(queries []dataset.Query) (texts []string, labels []int) {
	for _, q := range queries {
		texts = append(texts, q.Text)
		labels = append(labels, q.Label)
	}
	return texts, labels
}

// realOrNot cross-validates the classifier on the real advertisements and as many synthetic ones in English.
func realOrNot(real, synthetic []dataset.Query, folds int) float64 {
	var texts []string
	var classes []int
	for _, q := range real {
		texts, classes = append(texts, q.Text), append(classes, 1)
	}
	for _, q := range synthetic {
		if q.Language == "en" && len(texts) < 2*len(real) {
			texts, classes = append(texts, q.Text), append(classes, 0)
		}
	}
	right := 0.0
	for fold := range folds {
		var in, out []string
		var inClasses, outClasses []int
		for i := range texts {
			if i%folds == fold {
				out, outClasses = append(out, texts[i]), append(outClasses, classes[i])
			} else {
				in, inClasses = append(in, texts[i]), append(inClasses, classes[i])
			}
		}
		right += train(in, inClasses).accuracy(out, outClasses) * float64(len(out))
	}
	return right / float64(len(texts))
}
