package compare

import (
	"math"

	"github.com/jobtagger/jobtagger/colbertlib/bm25"
	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/internal/wordmodel"
	"gonum.org/v1/gonum/floats"
)

// The rows that are always there, by their keys.
const (
	Majority   = "majority"    // the most frequent label of the training advertisements first
	BM25       = "bm25"        // neural-cherche's, on the descriptions
	Words      = "words"       // TF-IDF and logistic regression
	MaxSim     = "maxsim"      // the untrained model
	MaxSimBias = "maxsim-bias" // the same with one bias for each label and a temperature, fitted
	Cosine     = "cosine"      // of the means of hidden states
	Pooled     = "pooled"      // logistic regression on the means
)

// row is one line of the tables.
type row struct {
	key, name string
	fit       fitter             // nil for trained rows and those that learn nothing but
	recipe    *experiment.Recipe // of trained rows
}

// fitter learns from a part of the training set and returns what scores an advertisement for each of all labels, in their order. Higher is
// better; the scale is the row's own.
type fitter func(f *features, all []dataset.Label, p part) (scorer, error)

type scorer func(query dataset.Query) ([]float64, error)

var baselines = []row{
	{key: Majority, name: "most frequent label", fit: fitMajority},
	{key: BM25, name: "BM25", fit: fitBM25},
	{key: Words, name: "TF-IDF + logistic regression", fit: fitWords},
	{key: Cosine, name: "mean-pooled cosine", fit: fitCosine},
	{key: Pooled, name: "mean-pooled + logistic regression", fit: fitPooled},
	{key: MaxSim, name: "zero-shot MaxSim", fit: fitMaxSim},
	{key: MaxSimBias, name: "zero-shot MaxSim + biases", fit: fitMaxSimBias},
}

// learns tells whether the training set makes a difference.
func (r row) learns() bool { return r.key != BM25 && r.key != MaxSim && r.key != Cosine }

// allRows are the baselines, then the trained ones.
func (s Spec) allRows() []row {
	rows := append([]row(nil), baselines...)
	for i := range s.Rows {
		rows = append(rows, row{key: s.Rows[i].Key, name: "ColBERT " + s.Rows[i].Key, recipe: &s.Rows[i].Recipe})
	}
	return rows
}

func constant(scores []float64) scorer {
	return func(dataset.Query) ([]float64, error) { return scores, nil }
}

func fitMajority(_ *features, all []dataset.Label, p part) (scorer, error) {
	scores := make([]float64, len(all))
	for i, label := range all {
		n := 0.5 // for a label that was never seen
		for _, triple := range p.train {
			if triple.Label == label.ID {
				n++
			}
		}
		scores[i] = math.Log(n)
	}
	return constant(scores), nil
}

// fitBM25 puts labels that the gate does not let through last.
func fitBM25(_ *features, all []dataset.Label, _ part) (scorer, error) {
	index := bm25.New(descriptions(all))
	return func(query dataset.Query) ([]float64, error) {
		scores, found := make([]float64, len(all)), index.Search(query.Text, len(all))
		lowest := 0.0
		for _, candidate := range found {
			lowest = min(lowest, candidate.Score)
		}
		for i := range scores {
			scores[i] = lowest - 1
		}
		for _, candidate := range found {
			scores[candidate.Document] = candidate.Score
		}
		return scores, nil
	}, nil
}

// unseen is the log probability of a label that a classifier has not seen: below all that it has.
const unseen = -30

func fitWords(_ *features, all []dataset.Label, p part) (scorer, error) {
	texts, classes := columns(p.train)
	model, err := wordmodel.Fit(texts, classes)
	if err != nil {
		return nil, err
	}
	return func(query dataset.Query) ([]float64, error) {
		return logarithms(all, model.Classes, model.Probabilities(query.Text)), nil
	}, nil
}

// logarithms spreads probabilities of classes over all labels.
func logarithms(all []dataset.Label, classes []int, probabilities []float64) []float64 {
	scores := make([]float64, len(all))
	for i, label := range all {
		scores[i] = unseen
		for c, class := range classes {
			if class == label.ID {
				scores[i] = math.Log(max(probabilities[c], math.SmallestNonzeroFloat64))
			}
		}
		scores[i] = max(scores[i], unseen)
	}
	return scores
}

func fitCosine(f *features, all []dataset.Label, _ part) (scorer, error) {
	return func(query dataset.Query) ([]float64, error) {
		scores := make([]float64, len(all))
		for i := range all {
			scores[i] = floats.Dot(wide(f.texts[query.Text].pooled), wide(f.labels[i]))
		}
		return scores, nil
	}, nil
}

func fitPooled(f *features, all []dataset.Label, p part) (scorer, error) {
	texts, classes := columns(p.train)
	rows := make([][]float64, len(texts))
	for i, text := range texts {
		rows[i] = wide(f.texts[text].pooled)
	}
	model, err := fitRegression(rows, classes)
	if err != nil {
		return nil, err
	}
	return func(query dataset.Query) ([]float64, error) {
		return logarithms(all, model.classes, model.probabilities(wide(f.texts[query.Text].pooled))), nil
	}, nil
}

func fitMaxSim(f *features, _ []dataset.Label, _ part) (scorer, error) {
	return func(query dataset.Query) ([]float64, error) { return f.texts[query.Text].similarities, nil }, nil
}

// fitMaxSimBias fits to the labels that the part knows. One that it does not know gets the mean bias, zero.
func fitMaxSimBias(f *features, all []dataset.Label, p part) (scorer, error) {
	var known []int // places in all
	place := map[int]int{}
	for i, label := range all {
		if _, ok := dataset.LabelByID(p.labels, label.ID); ok {
			place[label.ID] = len(known)
			known = append(known, i)
		}
	}
	scores, right := make([][]float64, len(p.train)), make([]int, len(p.train))
	for i, triple := range p.train {
		for _, k := range known {
			scores[i] = append(scores[i], f.texts[triple.Query].similarities[k])
		}
		right[i] = place[triple.Label]
	}
	fitted, err := calibrate.Fit(scores, right)
	if err != nil {
		return nil, err
	}
	biases := make([]float64, len(all))
	for i, k := range known {
		biases[k] = fitted.Bias[i]
	}
	return func(query dataset.Query) ([]float64, error) {
		logits := make([]float64, len(all))
		for i, similarity := range f.texts[query.Text].similarities {
			logits[i] = similarity/fitted.Temperature + biases[i]
		}
		return logits, nil
	}, nil
}

func columns(triples []dataset.Triple) (texts []string, classes []int) {
	for _, triple := range triples {
		texts, classes = append(texts, triple.Query), append(classes, triple.Label)
	}
	return texts, classes
}

func descriptions(labels []dataset.Label) []string {
	texts := make([]string, len(labels))
	for i, label := range labels {
		texts[i] = label.Description
	}
	return texts
}
