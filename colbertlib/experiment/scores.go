package experiment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/figure"
)

// Scores is what a run measured, as scores.json keeps it.
type Scores struct {
	Experiment string  `json:"experiment"`
	Data       string  `json:"data"` // where the evaluated ads are from, as they say themselves: "synthetic", for example
	Definition string  `json:"definition"`
	Trained    int     `json:"trained"` // triples trained on
	Queries    int     `json:"queries"` // ads evaluated on
	Labels     []Label `json:"labels"`
	Points     []Point `json:"points"` // before training, then after each epoch
}

// definition is how the values of all runs are computed.
const definition = "metrics as ranx 0.3 computes them; low and high: 95 % percentile bootstrap over the evaluated ads"

// Label names one of the labels that were ranked.
type Label struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// Point is one evaluation.
type Point struct {
	Name    string         `json:"name"`    // "untrained", "epoch 0", "epoch 1", …
	Epoch   int            `json:"epoch"`   // -1 before training
	Updates int            `json:"updates"` // made so far
	Scores  []eval.Summary `json:"scores"`
	ranking eval.Run       // in rankings/
}

const untrained = figure.Untrained

// file is the name of the point's ranking.
func (p Point) file() string {
	if p.Epoch == untrained {
		return "rankings/untrained.trec"
	}
	return fmt.Sprintf("rankings/epoch%d.trec", p.Epoch)
}

func pointName(epoch int) string {
	if epoch == untrained {
		return "untrained"
	}
	return fmt.Sprintf("epoch %d", epoch)
}

// score finds a metric among the point's.
func (p Point) score(metric eval.Metric) (eval.Summary, bool) {
	for _, s := range p.Scores {
		if s.Metric == metric {
			return s, true
		}
	}
	return eval.Summary{}, false
}

func newScores(r Recipe, c corpus) Scores {
	s := Scores{Experiment: r.Name, Data: origin(c.queries), Definition: definition, Trained: len(c.triples), Queries: len(c.queries)}
	for _, label := range c.labels {
		s.Labels = append(s.Labels, Label{label.ID, label.Name})
	}
	return s
}

// origin joins the distinct sources of texts.
func origin(queries []dataset.Query) string {
	var sources []string
	for _, query := range queries {
		sources = append(sources, cmp.Or(query.Source, "unknown"))
	}
	slices.Sort(sources)
	return strings.Join(slices.Compact(sources), ", ")
}

// Verdict compares one expected value with what the run reached.
type Verdict struct {
	Expected
	Reached float64 `json:"reached"`
	Word    Word    `json:"verdict"`
}

// Word is Anserini's vocabulary of verdicts.
type Word string

// The verdicts.
const (
	OK    Word = "OK"    // inside the tolerance
	OKish Word = "OKish" // above it: better than expected, which can also mean that something leaked
	Fail  Word = "FAIL"  // below it
)

// Verdicts judges every expected value whose epoch the run has, in the recipe's order.
func (r *Run) Verdicts() []Verdict {
	var all []Verdict
	for _, expected := range r.Recipe.Expected {
		for _, point := range r.Scores.Points {
			if point.Epoch != expected.Epoch {
				continue
			}
			if reached, ok := point.score(expected.Metric); ok {
				all = append(all, Verdict{expected, reached.Value, judge(expected, reached.Value)})
			}
		}
	}
	return all
}

// rounding is what binary fractions may be off without being told apart from the decimal ones of a recipe.
const rounding = 1e-9

func judge(expected Expected, reached float64) Word {
	switch difference := reached - expected.Value; {
	case difference > expected.Tolerance+rounding:
		return OKish
	case difference < -expected.Tolerance-rounding:
		return Fail
	}
	return OK
}

// Verdict is the worst of all verdicts: FAIL, then OKish, then OK. It is empty where nothing was expected.
func (r *Run) Verdict() Word {
	var words []Word
	for _, verdict := range r.Verdicts() {
		words = append(words, verdict.Word)
	}
	for _, word := range []Word{Fail, OKish, OK} {
		if slices.Contains(words, word) {
			return word
		}
	}
	return ""
}
