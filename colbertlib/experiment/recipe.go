package experiment

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/internal/nearest"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// Recipe is everything that decides what an experiment computes, and what is expected of it.
type Recipe struct {
	Name       string        `yaml:"name"`  // of the experiment, and of its folder in results
	About      string        `yaml:"about"` // one line, for headings
	Data       Data          `yaml:"data"`
	Model      Model         `yaml:"model"`
	Train      train.Options `yaml:"train"`
	Evaluation Evaluation    `yaml:"evaluation"`
	Published  Published     `yaml:"published"`
	Expected   []Expected    `yaml:"expected"`
}

// Data says what is trained on and what is evaluated on.
type Data struct {
	Source   string `yaml:"source"`   // a data folder, or "synthetic", the one that the program carries
	Labels   string `yaml:"labels"`   // a labels.json to use instead of the folder's; empty for that one
	Train    string `yaml:"train"`    // the split to train on: train, validate or test
	Evaluate string `yaml:"evaluate"` // the split to evaluate on
	Obtain   string `yaml:"obtain"`   // what to do where the folder is missing, for the error message
}

// Model says what training begins with. A base model that is one of late interaction already keeps its head (or that it has none),
// prefixes, lengths and similarity; all fields but Base are for the usual case, an encoder alone.
type Model struct {
	Base       string         `yaml:"base"`       // a model folder, one that the program carries or one on the Hub: see [ModelFS]
	Head       int            `yaml:"head"`       // dimensions of the head that training adds; 0: none, embeddings are the hidden states
	Similarity maxsim.Variant `yaml:"similarity"` // the rule of scoring
	Query      Role           `yaml:"query"`
	Document   Role           `yaml:"document"`
	Obtain     string         `yaml:"obtain"` // what to do where it is missing
}

// Role is how texts of one side are put to the model.
type Role struct {
	Prefix string `yaml:"prefix"`
	Length int    `yaml:"length"` // tokens at most, prefix and special tokens included
}

// Evaluation says how rankings are made and judged.
type Evaluation struct {
	Metrics    []eval.Metric `yaml:"metrics"`    // columns of the table, in this order
	Candidates Candidates    `yaml:"candidates"` // which labels are ranked
	// Patience is the number of epochs without a better value of the first metric after which training stops. The model is then that of the
	// best epoch, the first of equals. 0 trains all epochs and takes the last one's.
	Patience int `yaml:"patience,omitempty"` // omitted so that recipes without it keep their IDs
}

// Candidates names the labels that are ranked for a query.
type Candidates string

// The ways to choose candidates.
const (
	Exhaustive Candidates = "exhaustive" // all labels
	BM25       Candidates = "bm25"       // those that the BM25 of the reported experiment finds, which can miss the right one
)

// Published holds the values that others reported for this experiment.
type Published struct {
	Source string  `yaml:"source"` // who, when, with which model and data
	Scores []Score `yaml:"scores"`
}

// Score is a metric's value after an epoch, counted from 0.
type Score struct {
	Epoch  int         `yaml:"epoch" json:"epoch"`
	Metric eval.Metric `yaml:"metric" json:"metric"`
	Value  float64     `yaml:"value" json:"value"`
}

// Expected is a value that the run should reach.
type Expected struct {
	Score     `yaml:",inline"`
	Tolerance float64 `yaml:"tolerance" json:"tolerance"`
}

// splits are the names of a data folder's splits.
var splits = []string{"train", "validate", "test"}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// Validate says everything that is wrong with the recipe. What only the data or the model can tell is found by [Execute].
func (r Recipe) Validate() error {
	problems := []error{r.Train.Validate()}
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	add(!nameForm.MatchString(r.Name), "name %q names a folder: use small letters, digits and hyphens", r.Name)
	add(strings.Contains(r.About, "\n"), "about is one line")
	add(r.Data.Source == "", "data.source is missing: a data folder, or synthetic")
	for _, split := range []string{r.Data.Train, r.Data.Evaluate} {
		add(!slices.Contains(splits, split), "data: unknown split %q, want one of %s; the nearest is %s", split, strings.Join(splits, ", "), nearest.Name(split, splits))
	}
	add(r.Data.Train == r.Data.Evaluate, "data.train and data.evaluate are both %q: scores on what was trained on say nothing", r.Data.Train)
	add(r.Model.Base == "", "model.base is missing: a model folder, a model on the Hub, or %s", StarterBase)
	add(r.Model.Head < 0, "model.head is %d, want a number of dimensions, or 0 for none", r.Model.Head)
	if _, err := maxsim.ParseVariant(string(r.Model.Similarity)); err != nil {
		problems = append(problems, fmt.Errorf("model.similarity: %w", err))
	}
	add(r.Model.Query.Length < 3, "model.query.length is %d, want a number from 3", r.Model.Query.Length)
	add(r.Model.Document.Length < 3, "model.document.length is %d, want a number from 3", r.Model.Document.Length)
	add(len(r.Evaluation.Metrics) == 0, "evaluation.metrics is empty: name some, for example [ndcg@10, hits@1, hits@5]")
	add(r.Evaluation.Candidates != Exhaustive && r.Evaluation.Candidates != BM25, "evaluation.candidates %q, want %s or %s", r.Evaluation.Candidates, Exhaustive, BM25)
	add(r.Evaluation.Patience < 0, "evaluation.patience is %d, want a number from 1, or 0 for all epochs", r.Evaluation.Patience)
	add(r.Evaluation.Patience > 0 && r.Data.Evaluate == "test", "evaluation.patience chooses an epoch by data.evaluate, which is test: choose on validate, and judge on test afterwards")
	for i, published := range r.Published.Scores {
		problems = append(problems, r.checkScore("published", published))
		add(slices.ContainsFunc(r.Published.Scores[:i], func(s Score) bool { return s.Epoch == published.Epoch && s.Metric == published.Metric }),
			"published: %s of epoch %d stands there twice", published.Metric, published.Epoch)
	}
	for _, expected := range r.Expected {
		problems = append(problems, r.checkScore("expected", expected.Score))
		add(!(expected.Tolerance >= 0), "expected %s: tolerance %g, want 0 or more", expected.Metric, expected.Tolerance)
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("experiment: recipe %s: %w", r.Name, err)
	}
	return nil
}

// checkScore makes sure that the run will have the score. Epochs beyond the run's own are no error, so that
// train.epochs can be lowered for a try-out.
func (r Recipe) checkScore(list string, s Score) error {
	switch {
	case !slices.Contains(r.Evaluation.Metrics, s.Metric):
		return fmt.Errorf("%s: %s is not among evaluation.metrics: add it there, or remove it here", list, s.Metric)
	case s.Epoch < 0:
		return fmt.Errorf("%s %s: epoch %d, want a number from 0", list, s.Metric, s.Epoch)
	}
	return nil
}
