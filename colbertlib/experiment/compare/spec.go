package compare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

// Spec says what is compared.
type Spec struct {
	Name  string    `yaml:"name"`  // of the experiment, and of its folder in results
	Rows  []Trained `yaml:"rows"`  // the trained ones; the others are always there
	Seeds int       `yaml:"seeds"` // how often each row is trained; with Ads, how often the folds are dealt
	Sizes []int     `yaml:"sizes"` // advertisements to train on, beside all of them, for the learning curve
	// LeaveOneLabelOut trains once more for each label, without its advertisements and without its description.
	LeaveOneLabelOut bool `yaml:"leave_one_label_out"`
	// Ads is a file of advertisements as JSON lines, to be judged by cross-validation in place of a data folder's splits. Labels is the file
	// of their labels, Folds the number of parts.
	Ads    string `yaml:"ads"`
	Labels string `yaml:"labels"`
	Folds  int    `yaml:"folds"`
}

// Trained is a row that is trained by a recipe. Its key names it in tables and folders.
type Trained struct {
	Key    string            `yaml:"key"`
	Recipe experiment.Recipe `yaml:"recipe"`
}

// Validate says everything that is wrong with the spec.
func (s Spec) Validate() error {
	var problems []error
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	add(len(s.Rows) == 0, "there is no recipe to compare")
	add(s.Seeds < 1, "%d seeds, want a number from 1", s.Seeds)
	for _, size := range s.Sizes {
		add(size < 1, "a training set of %d advertisements, want a number from 1", size)
	}
	add(s.Ads != "" && s.Folds < 2, "%d folds, want 2 or more", s.Folds)
	add(s.Ads != "" && s.Labels == "", "the labels of %s are missing", s.Ads)
	add(s.Ads != "" && (s.LeaveOneLabelOut || len(s.Sizes) > 0), "cross-validation has neither a learning curve nor labels left out: compare on a data folder for these")
	for i, row := range s.Rows {
		add(s.Ads != "" && row.Recipe.Evaluation.Patience > 0, "%s: cross-validation has no advertisements to choose an epoch by; evaluation.patience is %d", row.Key, row.Recipe.Evaluation.Patience)
		problems = append(problems, row.Recipe.Validate())
		add(slices.ContainsFunc(s.Rows[:i], func(r Trained) bool { return r.Key == row.Key }), "two rows are called %s", row.Key)
		first, own := s.Rows[0].Recipe, row.Recipe
		add(own.Data != first.Data, "%s and %s have different data, so that their scores cannot be compared", s.Rows[0].Key, row.Key)
		add(own.Data.Train != "train" || own.Data.Evaluate != "validate",
			"%s: comparisons train on train, choose on validate and judge on test; data.train is %s, data.evaluate is %s", row.Key, own.Data.Train, own.Data.Evaluate)
		add(own.Data.Labels != "" && s.Ads == "", "%s: comparisons take the labels of the data folder; data.labels is %s", row.Key, own.Data.Labels)
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	return nil
}

// Grid replaces each row by one for each combination of values: "train.learning_rate=1e-5,3e-5" makes two of one. train.lr is short
// for train.learning_rate.
func (s *Spec) Grid(axes ...string) error {
	for _, axis := range axes {
		key, values, ok := strings.Cut(axis, "=")
		if !ok || values == "" {
			return fmt.Errorf("compare: grid %q, want key=value,value, for example train.learning_rate=1e-5,3e-5", axis)
		}
		if key == "train.lr" {
			key = "train.learning_rate"
		}
		var rows []Trained
		for _, row := range s.Rows {
			for value := range strings.SplitSeq(values, ",") {
				variant := Trained{Key: row.Key + "," + key[strings.LastIndex(key, ".")+1:] + "=" + value, Recipe: row.Recipe}
				if err := variant.Recipe.Set(key + "=" + value); err != nil {
					return fmt.Errorf("compare: grid: %w", err)
				}
				rows = append(rows, variant)
			}
		}
		s.Rows = rows
	}
	return nil
}

// Variant is one way to choose what is trained on.
type Variant struct {
	Seed    int `json:"seed"`
	Size    int `json:"size,omitempty"`    // advertisements to train on; 0 for all
	Without int `json:"without,omitempty"` // the label that is left out
	Fold    int `json:"fold,omitempty"`    // the part, from 1, that is judged and not trained on
}

// String is the name of the variant's folder.
func (v Variant) String() string {
	name := fmt.Sprintf("seed-%d", v.Seed)
	for _, part := range []struct {
		name  string
		value int
	}{{"size", v.Size}, {"without", v.Without}, {"fold", v.Fold}} {
		if part.value != 0 {
			name += fmt.Sprintf("-%s-%d", part.name, part.value)
		}
	}
	return name
}

// Trial is a row with one way to choose what it is trained on.
type Trial struct {
	Row string `json:"row"`
	Variant
}

// String names the trial, and its folder below trials.
func (t Trial) String() string { return t.Row + "/" + t.Variant.String() }

// trials lists everything that the spec asks for: rows that nothing random is in have seed 1 only, rows that learn nothing no variations.
func (s Spec) trials(labels []Label) []Trial {
	var all []Trial
	for _, row := range s.allRows() {
		for _, variant := range s.variants(labels) {
			deterministic := row.recipe == nil && variant.Size == 0 && variant.Fold == 0
			if deterministic && variant.Seed > 1 || !row.learns() && variant.Size > 0 {
				continue
			}
			all = append(all, Trial{row.key, variant})
		}
	}
	return all
}

func (s Spec) variants(labels []Label) []Variant {
	var all []Variant
	for seed := 1; seed <= s.Seeds; seed++ {
		if s.Ads != "" {
			for fold := 1; fold <= s.Folds; fold++ {
				all = append(all, Variant{Seed: seed, Fold: fold})
			}
			continue
		}
		all = append(all, Variant{Seed: seed})
		for _, size := range s.Sizes {
			all = append(all, Variant{Seed: seed, Size: size})
		}
		if s.LeaveOneLabelOut {
			for _, label := range labels {
				all = append(all, Variant{Seed: seed, Without: label.ID})
			}
		}
	}
	return all
}
