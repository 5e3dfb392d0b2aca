package main

import (
	"fmt"
	"io"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/wordmodel"
)

// reportRegression prints how well words alone tell the labels, and synthetic from real.
func reportRegression(out io.Writer, splits map[string][]dataset.Query) error {
	texts, labels := columns(splits["train"])
	labelled, err := wordmodel.Fit(texts, labels)
	if err != nil {
		return err
	}
	for _, name := range setNames[1:] {
		if queries := splits[name]; len(queries) > 0 {
			texts, labels := columns(queries)
			fmt.Fprintf(out, "logistic regression on words, fitted to train, %s: hits@1 %.3f (n = %d)\n", name, accuracy(labelled, texts, labels), len(queries))
		}
	}
	if len(splits["real"]) == 0 {
		return nil
	}
	known, all := 0, 0
	for _, q := range splits["real"] {
		for _, word := range wordmodel.Words(q.Text) {
			all++
			if labelled.Knows(word) {
				known++
			}
		}
	}
	fmt.Fprintf(out, "running words of the real advertisements that train also has: %.1f %%\n", 100*float64(known)/float64(all))
	right, err := realOrNot(splits["real"], splits["natural"], 9)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "logistic regression, synthetic or real, 9-fold: %.3f right (chance .5)\n", right)
	return nil
}

func accuracy(m *wordmodel.Model, texts []string, labels []int) float64 {
	right := 0
	for i, text := range texts {
		if m.Classify(text) == labels[i] {
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
func realOrNot(real, synthetic []dataset.Query, folds int) (float64, error) {
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
		m, err := wordmodel.Fit(in, inClasses)
		if err != nil {
			return 0, err
		}
		right += accuracy(m, out, outClasses) * float64(len(out))
	}
	return right / float64(len(texts)), nil
}
