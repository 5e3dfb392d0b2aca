package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/experiment/compare"
	"github.com/spf13/cobra"
)

// compareFlags choose what is compared.
type compareFlags struct {
	recipeFlags
	spec  compare.Spec
	grid  []string
	trial string
}

func (a *app) compare() *cobra.Command {
	var flags compareFlags
	command := &cobra.Command{
		Use:   "compare [EXPERIMENT...]",
		Short: "Put experiments beside baselines, with seeds, intervals and significance",
		Long: `Judges, on the same splits: the most frequent label, BM25, logistic regression
on words and on mean-pooled embeddings, mean-pooled cosine, the untrained model
with and without one fitted bias for each label, and models trained by each
EXPERIMENT's recipe (if none is named, starter, which has the reported loss, and
listwise), each with several seeds; and what the untrained and the trained models
say with a little BM25 added. Rows learn from the split train, a temperature and
the weight of BM25 are chosen on validate, and test judges, as does natural.jsonl
where the data folder has it. A difference that may be noise prints ~.

Each training is a process of its own. The same command after an interruption
goes on: a finished trial is not run again, and one that was stopped goes on from
its last checkpoint. jobtagger report makes tables and plots from a comparison's
folder without training.

--ads judges a file of few advertisements by cross-validation instead, each of
--seeds times with other folds, without validation advertisements and BM25's
weight.`,
		Example: `  jobtagger compare
  jobtagger compare starter listwise --seeds 5 --sizes 90,270
  jobtagger compare starter --grid train.lr=5e-4,1e-3,2e-3 --seeds 1
  jobtagger compare listwise --leave-one-label-out
  jobtagger compare my/recipe.yaml --seeds 1 --sizes 6`,
		Args:    cobra.ArbitraryArgs,
		PreRunE: func(*cobra.Command, []string) error { return resultsWritable(flags.folder()) },
		RunE: func(command *cobra.Command, args []string) error {
			if flags.trial != "" {
				return a.trial(command.Context(), flags.trial, flags.backend)
			}
			return a.compareAll(command, flags, args)
		},
	}
	flags.add(command, "the comparison goes to NAME/comparisons/ID")
	own := command.Flags()
	own.IntVar(&flags.spec.Seeds, "seeds", 3, "how often each recipe is trained, each time with another `NUMBER` as seed")
	own.StringArrayVar(&flags.grid, "grid", nil, "train each recipe with each of `KEY=VALUE,VALUE` (may be repeated: all combinations)")
	own.IntSliceVar(&flags.spec.Sizes, "sizes", nil, "learning curve: train also on fewer advertisements, so many (`N,N`)")
	own.BoolVar(&flags.spec.LeaveOneLabelOut, "leave-one-label-out", false, "train also without each label, and judge with it")
	own.StringVar(&flags.spec.Ads, "ads", "", "cross-validate on a `FILE` of labelled advertisements")
	own.StringVar(&flags.spec.Labels, "labels", "", "the labels.json `FILE` for --ads")
	own.IntVar(&flags.spec.Folds, "folds", 5, "`NUMBER` of folds for --ads")
	own.StringVar(&flags.trial, "trial", "", "run one trial of the comparison in FOLDER: `FOLDER#TRIAL`")
	if err := own.MarkHidden("trial"); err != nil {
		panic(err) // the flag is defined above
	}
	return command
}

// folder is where something is written.
func (f compareFlags) folder() string {
	if dir, _, ok := strings.Cut(f.trial, "#"); ok {
		return dir
	}
	return f.results
}

func (a *app) compareAll(command *cobra.Command, flags compareFlags, args []string) error {
	spec, err := flags.complete(args)
	if err != nil {
		return usageError{err}
	}
	config, err := a.prepareToCompute(flags.backend)
	if err != nil {
		return err
	}
	fetching, end := a.fetching()
	defer end()
	bar := newProgress(a.stderr, "ads")
	comparison, err := compare.Execute(command.Context(), spec, compare.Options{
		Results: flags.results, Backend: config, Fetching: fetching,
		Train: func(ctx context.Context, dir, trial string) error {
			bar.close()
			return a.trialProcess(ctx, dir, trial, config)
		},
		Progress: func(p compare.Progress) {
			bar.show(p.Done, p.Total, p.Stage, fmt.Sprintf(": %d of %d", p.Done, p.Total))
		},
	})
	bar.close()
	if err != nil {
		return err
	}
	if err := experiment.WriteReadme(flags.results); err != nil {
		return err
	}
	return a.printComparison(comparison, flags.json)
}

// complete makes the spec of recipes and flags.
func (f compareFlags) complete(args []string) (compare.Spec, error) {
	spec := f.spec
	if len(args) == 0 {
		args = []string{experiment.Starter, listwise}
	}
	for _, name := range args {
		recipe, err := findRecipe(name)
		if err != nil {
			return spec, err
		}
		if err := recipe.Set(f.set...); err != nil {
			return spec, err
		}
		recipe.Published, recipe.Expected = experiment.Published{}, nil // of the recipe as it stands, with its own seed
		spec.Rows = append(spec.Rows, compare.Trained{Key: recipe.Name, Recipe: recipe})
	}
	spec.Name = spec.Rows[0].Recipe.Name
	if spec.Ads == "" {
		spec.Folds = 0
	}
	slices.Sort(spec.Sizes)
	if err := spec.Grid(f.grid...); err != nil {
		return spec, err
	}
	return spec, spec.Validate()
}

// trialProcess runs a trial in a process of its own, so that memory and compiled graphs go with it.
func (a *app) trialProcess(ctx context.Context, dir, trial, config string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	process := exec.CommandContext(ctx, program, "compare", "--backend", config, "--trial", dir+"#"+trial)
	process.Cancel = func() error { return process.Process.Signal(os.Interrupt) } // so that it can stop cleanly
	process.Stderr = a.stderr
	return process.Run()
}

// trial is what that process does.
func (a *app) trial(ctx context.Context, name, config string) error {
	dir, trial, ok := strings.Cut(name, "#")
	if !ok {
		return usageError{errors.New("--trial is FOLDER#TRIAL")}
	}
	bar := newProgress(a.stderr, "passes")
	defer bar.close()
	return compare.RunTrial(ctx, dir, trial, config, bar.experiment)
}

// printComparison prints the report, or its tables as JSON.
func (a *app) printComparison(c *compare.Comparison, asJSON bool) error {
	if !asJSON {
		report, err := c.Report()
		if err != nil {
			return err
		}
		fmt.Fprint(a.stdout, report)
		fmt.Fprintf(a.stdout, "\nComparison: %s\n", filepath.ToSlash(c.Dir))
		return nil
	}
	rows, err := c.Judge(compare.Test, nil)
	if err != nil {
		return err
	}
	unseen, err := c.Unseen()
	if err != nil {
		return err
	}
	out := comparisonJSON{Dir: c.Dir, Seeds: c.Spec.Seeds, Unseen: unseen}
	for _, row := range rows {
		out.Rows = append(out.Rows, newRowJSON(row, c.References()))
	}
	return a.printJSON(out)
}

// comparisonJSON is a comparison in JSON, judged by the test set.
type comparisonJSON struct {
	Dir    string           `json:"dir"`
	Seeds  int              `json:"seeds"`
	Rows   []rowJSON        `json:"rows"`
	Unseen []compare.Unseen `json:"unseen,omitempty"`
}

type rowJSON struct {
	Row              string             `json:"row"`
	Metrics          map[string]float64 `json:"metrics"`
	CalibrationError *float64           `json:"calibration_error"` // null where it cannot be known
	Against          []againstJSON      `json:"against"`
	Weights          []float64          `json:"bm25_weights,omitempty"` // seed by seed
}

type againstJSON struct {
	Row        string  `json:"row"`
	Difference float64 `json:"difference"` // of Hits@1
	P          float64 `json:"p"`
}

func newRowJSON(j compare.Judged, references []string) rowJSON {
	row := rowJSON{Row: j.Row, Metrics: map[string]float64{"macro_f1": j.MacroF1}, Weights: j.Weights}
	for i, name := range references {
		row.Against = append(row.Against, againstJSON{name, j.Against[i].Value, j.Against[i].P})
	}
	for _, s := range j.Scores {
		row.Metrics[s.Metric.String()] = s.Value
	}
	if !math.IsNaN(j.Error) {
		row.CalibrationError = &j.Error
	}
	return row
}
