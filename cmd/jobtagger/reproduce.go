package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/results"
	"github.com/spf13/cobra"
)

// recipeFlags are those of all verbs that train by a recipe.
type recipeFlags struct {
	results string
	set     []string
	backend string
	json    bool
}

// add adds them; folder is what a verb makes in the folder of results.
func (f *recipeFlags) add(command *cobra.Command, folder string) {
	flags := command.Flags()
	flags.StringVar(&f.results, "results", "results", "the `FOLDER` of results; "+folder+" in it")
	flags.StringArrayVar(&f.set, "set", nil, "change the recipe by `KEY=VALUE`, for example train.epochs=2 (may be repeated)")
	addBackend(command, &f.backend)
	flags.BoolVar(&f.json, "json", false, "print the scores as JSON")
}

// runFlags are those of the verbs that run one experiment.
type runFlags struct {
	recipeFlags
	resume     string
	checkpoint time.Duration
}

func (f *runFlags) add(command *cobra.Command) {
	f.recipeFlags.add(command, "the run goes to NAME/runs/ID")
	command.PreRunE = func(*cobra.Command, []string) error {
		if f.resume != "" {
			return writable(f.resume)
		}
		return resultsWritable(f.results)
	}
	flags := command.Flags()
	flags.StringVar(&f.resume, "resume", "", "go on with the unfinished run in the folder `RUN`")
	flags.DurationVar(&f.checkpoint, "checkpoint", 0, "write a checkpoint at most every `DURATION` (default 1m, more rarely where writing takes long)")
}

func (a *app) reproduce() *cobra.Command {
	var flags runFlags
	command := &cobra.Command{
		Use:   "reproduce [EXPERIMENT]",
		Short: "Run an experiment: data, training, evaluation, table and verdict",
		Long: `Runs an experiment from its data to its verdict: evaluates the untrained model,
trains, evaluates after each epoch, writes a run folder with scores, rankings,
plots and the trained model, and prints the table. EXPERIMENT is starter (the
default), another of those below, or the path of a recipe file. The exit status
is 3 if a score is below what the recipe expects.

A run that was interrupted, by Ctrl-C or by anything else, goes on from its last
checkpoint with --resume and ends with the same files as without interruption.
Its recipe, data and base model must be those that it began with.

The experiments that the program knows: ` + strings.Join(results.Names(), ", ") + `.`,
		Example: `  jobtagger reproduce
  jobtagger reproduce starter --set train.seed=2
  jobtagger reproduce reported --set data.source=data/processed
  jobtagger reproduce my/recipe.yaml --results try --json
  jobtagger reproduce --resume results/starter/runs/d61069da-2`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(command *cobra.Command, args []string) error {
			recipe, err := flags.find(args)
			if err != nil {
				return err
			}
			run, err := a.execute(command.Context(), recipe, flags)
			if err != nil {
				return err
			}
			return judge(run)
		},
	}
	flags.add(command)
	return command
}

// find returns the recipe that args name, or else that of the run to resume, or the default.
func (f *runFlags) find(args []string) (experiment.Recipe, error) {
	switch {
	case len(args) > 0:
		return findRecipe(args[0])
	case f.resume != "":
		return experiment.RunRecipe(f.resume)
	}
	return findRecipe(experiment.Starter)
}

// listwise is the recipe to train by where none is named.
const listwise = "listwise"

// findRecipe returns one of the program's own recipes, or reads a file.
func findRecipe(name string) (experiment.Recipe, error) {
	if ext := filepath.Ext(name); ext == ".yaml" || ext == ".yml" {
		content, err := os.ReadFile(name)
		if err != nil {
			return experiment.Recipe{}, err
		}
		return experiment.ReadRecipe(content, name)
	}
	recipe, err := results.Recipe(name)
	if err != nil {
		return recipe, usageError{fmt.Errorf("%w, or the path of a recipe file (.yaml)", err)}
	}
	return recipe, nil
}

// execute runs the recipe and prints its report.
func (a *app) execute(ctx context.Context, recipe experiment.Recipe, flags runFlags) (*experiment.Run, error) {
	if err := recipe.Set(flags.set...); err != nil {
		return nil, usageError{err}
	}
	config, err := a.prepareToCompute(flags.backend)
	if err != nil {
		return nil, err
	}
	bar := newProgress(a.stderr, "passes")
	fetching, end := a.fetching()
	run, err := experiment.Execute(ctx, recipe, experiment.Options{
		Results: flags.results, Backend: config, Progress: bar.experiment, Fetching: fetching, Resume: flags.resume, Save: flags.checkpoint,
	})
	end()
	bar.close()
	if err != nil {
		return nil, err
	}
	if err := experiment.WriteReadme(filepath.Join(run.Dir, "..", "..", "..")); err != nil {
		return nil, err
	}
	if flags.json {
		return run, a.printJSON(outcome{run.Dir, run.Scores, run.Verdicts(), run.Verdict()})
	}
	fmt.Fprint(a.stdout, run.Report())
	fmt.Fprintf(a.stdout, "\nRun folder: %s\n", filepath.ToSlash(run.Dir))
	return run, nil
}

// outcome is a run in JSON.
type outcome struct {
	Dir      string               `json:"dir"`
	Scores   experiment.Scores    `json:"scores"`
	Verdicts []experiment.Verdict `json:"verdicts"`
	Verdict  experiment.Word      `json:"verdict"`
}

func judge(run *experiment.Run) error {
	if run.Verdict() == experiment.Fail {
		return errVerdict
	}
	return nil
}

// printJSON writes a value as one line.
func (a *app) printJSON(value any) error {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
