package main

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// A bayes is a multinomial naive Bayes classifier on words, with one added to every count.
type bayes struct {
	words  map[int]map[string]float64 // class -> word -> count
	totals map[int]float64
	ads    map[int]float64
	types  map[string]bool
}

func train(texts []string, classes []int) *bayes {
	b := &bayes{words: map[int]map[string]float64{}, totals: map[int]float64{}, ads: map[int]float64{}, types: map[string]bool{}}
	for i, text := range texts {
		c := classes[i]
		if b.words[c] == nil {
			b.words[c] = map[string]float64{}
		}
		b.ads[c]++
		for _, t := range tokens(text) {
			b.words[c][t]++
			b.totals[c]++
			b.types[t] = true
		}
	}
	return b
}

// classify returns the likeliest class. Classes count as equally frequent; words never met say nothing.
func (b *bayes) classify(text string) int {
	best, bestScore := 0, math.Inf(-1)
	classes := []int{}
	for c := range b.words {
		classes = append(classes, c)
	}
	slices.Sort(classes)
	for _, c := range classes {
		score := 0.0
		for _, t := range tokens(text) {
			if b.types[t] {
				score += math.Log((b.words[c][t] + 1) / (b.totals[c] + float64(len(b.types))))
			}
		}
		if score > bestScore {
			best, bestScore = c, score
		}
	}
	return best
}

// reportBayes prints how well words alone tell the labels, and synthetic from real.
func reportBayes(out io.Writer, splits map[string][]dataset.Query) error {
	texts, labels := columns(splits["train"])
	labelled := train(texts, labels)
	for _, name := range []string{"validate", "test", "natural", "real"} {
		if queries := splits[name]; len(queries) > 0 {
			right := 0
			for _, q := range queries {
				if labelled.classify(q.Text) == q.Label {
					right++
				}
			}
			fmt.Fprintf(out, "naive Bayes trained on train, %s: hits@1 %.3f (n = %d)\n", name, float64(right)/float64(len(queries)), len(queries))
		}
	}
	if len(splits["real"]) == 0 {
		return nil
	}
	known, all := 0, 0
	for _, q := range splits["real"] {
		for _, t := range tokens(q.Text) {
			if all++; labelled.types[t] {
				known++
			}
		}
	}
	fmt.Fprintf(out, "words of the real advertisements that train also has: %.1f %% of all running words\n", 100*float64(known)/float64(all))
	fmt.Fprintf(out, "naive Bayes, synthetic or real, 9-fold: %.3f right (chance .5)\n", realOrNot(splits["real"], splits["natural"], 9))
	return nil
}

func columns(queries []dataset.Query) (texts []string, labels []int) {
	for _, q := range queries {
		texts = append(texts, q.Text)
		labels = append(labels, q.Label)
	}
	return texts, labels
}

// realOrNot cross-validates a classifier on the real advertisements and as many synthetic ones in English.
func realOrNot(real, synthetic []dataset.Query, folds int) float64 {
	var texts []string
	var classes []int
	for i := range real {
		texts, classes = append(texts, real[i].Text), append(classes, 1)
	}
	for _, q := range synthetic {
		if q.Language == "en" && len(texts) < 2*len(real) {
			texts, classes = append(texts, q.Text), append(classes, 0)
		}
	}
	right := 0
	for fold := range folds {
		var in []string
		var inClasses []int
		for i := range texts {
			if i%folds != fold {
				in, inClasses = append(in, texts[i]), append(inClasses, classes[i])
			}
		}
		b := train(in, inClasses)
		for i := fold; i < len(texts); i += folds {
			if b.classify(texts[i]) == classes[i] {
				right++
			}
		}
	}
	return float64(right) / float64(len(texts))
}
