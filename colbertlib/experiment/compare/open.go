package compare

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

// Comparison is what a comparison's folder holds.
type Comparison struct {
	Dir         string
	Spec        Spec
	Environment experiment.Environment // of the untrained model's rows
	Inputs      Inputs

	labels  []dataset.Label
	rows    []row
	sets    map[string][]dataset.Query
	scores  map[Trial]map[string]Scores // by set
	weights map[string][]float64        // of BM25, seed by seed, by the keys of mixed rows
}

// ErrUnfinished is part of the error of [Open] for a comparison whose trials are not all finished.
var ErrUnfinished = errors.New("there is no DONE: the comparison is going on or was stopped")

// Open reads a finished comparison.
func Open(dir string) (*Comparison, error) {
	c, err := openFS(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("compare: %s: %w", filepath.ToSlash(dir), err)
	}
	c.Dir = dir
	return c, nil
}

func openFS(fsys fs.FS) (*Comparison, error) {
	if _, err := fs.Stat(fsys, doneFile); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrUnfinished, err)
	}
	c := &Comparison{scores: map[Trial]map[string]Scores{}}
	var err error
	if c.Spec, err = readSpec(fsys); err != nil {
		return nil, err
	}
	if err := errors.Join(readJSON(fsys, environmentFile, &c.Environment), readJSON(fsys, inputsFile, &c.Inputs)); err != nil {
		return nil, err
	}
	if c.sets, err = readSets(fsys); err != nil {
		return nil, err
	}
	c.rows = c.Spec.allRows()
	for _, label := range c.Inputs.Labels {
		c.labels = append(c.labels, dataset.Label{ID: label.ID, Name: label.Name})
	}
	for _, trial := range c.Spec.trials(c.Inputs.Labels) {
		c.scores[trial] = map[string]Scores{}
		for set := range c.sets {
			scores, err := readScores(fsys, path.Join(trialsFolder, trial.String(), set+".csv"), len(c.labels))
			if errors.Is(err, fs.ErrNotExist) && set != Test {
				continue // variations score the test set only
			}
			if err != nil {
				return nil, err
			}
			c.scores[trial][set] = scores
		}
	}
	c.hybrids()
	return c, nil
}

// Latest opens the comparison of an experiment that was begun last, in the folder of results that [Execute] was given.
func Latest(results, name string) (*Comparison, error) {
	dirs, err := filepath.Glob(filepath.Join(results, name, "comparisons", "*"))
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	var latest *Comparison
	for _, dir := range dirs {
		c, err := Open(dir)
		if errors.Is(err, ErrUnfinished) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if latest == nil || c.Environment.Started.After(latest.Environment.Started) {
			latest = c
		}
	}
	if latest == nil {
		return nil, fmt.Errorf("compare: there is no finished comparison of %s in %s; jobtagger compare %s makes one", name, filepath.ToSlash(results), name)
	}
	return latest, nil
}

// runs are the rankings of a row on a set, one for each seed; variant says what it was trained on, but for seed and fold.
func (c *Comparison) runs(r row, set string, variant Variant) []Scores {
	var all []Scores
	for seed := 1; seed <= c.Spec.Seeds; seed++ {
		variant.Seed = seed
		if c.Spec.Ads == "" {
			if scores := c.scores[Trial{r.key, variant}][set]; scores != nil {
				all = append(all, scores)
			}
			continue
		}
		joined := Scores{}
		for fold := 1; fold <= c.Spec.Folds; fold++ {
			variant.Fold = fold
			for id, scores := range c.scores[Trial{r.key, variant}][set] {
				joined[id] = scores
			}
		}
		all = append(all, joined)
	}
	return all
}

// rankings orders the labels for each query.
func (c *Comparison) rankings(all []Scores) ([]eval.Run, error) {
	runs := make([]eval.Run, len(all))
	for i, scores := range all {
		runs[i] = eval.Run{}
		for id, values := range scores {
			ranking, err := eval.RankLabels(c.labels, values)
			if err != nil {
				return nil, err
			}
			runs[i][id] = ranking
		}
	}
	return runs, nil
}

// queries are those of a set that a condition holds for; nil is no condition.
func (c *Comparison) queries(set string, holds func(dataset.Query) bool) []dataset.Query {
	var chosen []dataset.Query
	for _, query := range c.sets[set] {
		if holds == nil || holds(query) {
			chosen = append(chosen, query)
		}
	}
	return chosen
}

// place is the index of a label.
func (c *Comparison) place(label int) int {
	for i, l := range c.labels {
		if l.ID == label {
			return i
		}
	}
	return -1
}

// meanOf averages what a function says of each seed; NaN where there is none.
func meanOf(all []Scores, f func(Scores) (float64, error)) (values []float64, mean float64, err error) {
	for _, scores := range all {
		value, err := f(scores)
		if err != nil {
			return nil, 0, err
		}
		values = append(values, value)
		mean += value / float64(len(all))
	}
	if len(all) == 0 {
		return nil, math.NaN(), nil
	}
	return values, mean, nil
}
