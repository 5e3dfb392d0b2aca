package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/results"
	"github.com/spf13/cobra"
)

// trainFlags change a recipe.
type trainFlags struct {
	runFlags
	recipe, name, data, labels, model string
}

func (a *app) train() *cobra.Command {
	var flags trainFlags
	command := &cobra.Command{
		Use:   "train --data FOLDER",
		Short: "Train a tagger on your own labels and advertisements",
		Long: `Trains a model on a data folder and writes a run folder like reproduce. The
data folder holds
  labels.json                         [{"id": 1, "name": "Water", "description": "Wells, pumps and latrines."}, …]
  job_tagger_training_train.json      [{"query": "ad", "positive": "its description", "negative": "another description"}, …]
  job_tagger_training_validate.json   the same, of other advertisements
The settings are those of the recipe listwise, which suit the small encoder that
the program carries; for one of usual size, begin with --recipe minilm, whose
settings suit those. A model that has a projection head is trained further, any
other gets a new one from listwise, none from minilm (model.head says).

With --set evaluation.patience=N training stops after N epochs that were no
better on the validation advertisements, and keeps the best epoch's model.

Where memory runs out the system may end the program without advice, which is:
jobtagger model check estimates what a model needs; train.activations=recompute,
a smaller train.batch_size and a shorter model.query.length need less; a run goes
on from its last checkpoint with --resume where there is more.`,
		Example: `  jobtagger train --data my/data
  jobtagger train --data my/data --recipe minilm --model my/encoder --set model.query.length=128
  jobtagger train --data my/data --recipe minilm --model my/encoder --set model.query.length=128 --set evaluation.patience=1 --set train.frozen_layers=1
  jobtagger train --data my/data --recipe minilm --model Alibaba-NLP/gte-en-mlm-base
  jobtagger train --recipe my/recipe.yaml
  jobtagger train --resume results/own/runs/0a1b2c3d-1`,
		Args: arguments(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			recipe, err := flags.change()
			if err != nil {
				return err
			}
			run, err := a.execute(command.Context(), recipe, flags.runFlags)
			if err != nil {
				return err
			}
			if !flags.json {
				a.suggest(run)
			}
			return judge(run)
		},
	}
	flags.add(command)
	own := command.Flags()
	own.StringVar(&flags.recipe, "recipe", "", "the recipe: a name or a `FILE` (default: listwise)")
	own.StringVar(&flags.name, "name", "", "the experiment's `NAME` (default: the recipe's, or own)")
	own.StringVar(&flags.data, "data", "", "the data `FOLDER`")
	own.StringVar(&flags.labels, "labels", "", "a labels.json `FILE` in place of the data folder's")
	own.StringVar(&flags.model, "model", "", "`MODEL` to begin with (default: the recipe's)")
	return command
}

// change returns the recipe with the flags' changes.
func (f trainFlags) change() (experiment.Recipe, error) {
	var arguments []string
	switch {
	case f.recipe != "":
		arguments = []string{f.recipe}
	case f.resume != "": // by its own recipe
	case f.data != "":
		arguments = []string{listwise}
	default:
		return experiment.Recipe{}, usageError{errors.New("say what to train on, with --data or --recipe")}
	}
	recipe, err := f.find(arguments)
	if err != nil {
		return experiment.Recipe{}, err
	}
	if f.data != "" && slices.Contains(results.Names(), cmp.Or(f.recipe, listwise)) { // only the settings are that recipe's
		recipe.Name, recipe.About = "own", "A model of one's own."
		recipe.Published, recipe.Expected = experiment.Published{}, nil
	}
	for _, change := range []struct {
		value string
		field *string
	}{{f.name, &recipe.Name}, {f.data, &recipe.Data.Source}, {f.labels, &recipe.Data.Labels}, {f.model, &recipe.Model.Base}} {
		if change.value != "" {
			*change.field = change.value
		}
	}
	return recipe, nil
}

// suggest says what to do with the trained model.
func (a *app) suggest(run *experiment.Run) {
	model := quote(run.ModelDir())
	fmt.Fprintf(a.stdout, "\nTag an advertisement:\n  jobtagger tag --model %s ad.txt\n", model)
	source := run.Recipe.Data.Source
	if source == experiment.Synthetic {
		return // the test split is inside the program
	}
	fmt.Fprintf(a.stdout, "Evaluate on advertisements that training has not seen:\n  jobtagger eval --model %s --data %s\n", model, quote(filepath.Join(source, dataset.TestFile)))
}

// quote writes a path for a shell.
func quote(path string) string {
	path = filepath.ToSlash(path)
	if strings.ContainsAny(path, " '\"$&;()<>|*?`\\") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
