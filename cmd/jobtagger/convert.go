package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib/modelcard"
	"github.com/jobtagger/jobtagger/colbertlib/modelcheck"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/spf13/cobra"
)

// targets are the formats that convert writes.
var targets = []modelio.Format{modelio.SentenceTransformers, modelio.PyLate}

func (a *app) convert() *cobra.Command {
	var to string
	command := &cobra.Command{
		Use:   "convert MODEL FOLDER --to sentence-transformers|pylate",
		Short: "Write a model so that a Python library loads it",
		Long: `Writes MODEL, of any kind that is read here (sentence-transformers, PyLate,
neural-cherche, Stanford's ColBERT), into FOLDER, as sentence-transformers 6 or
PyLate 1.6 loads it. Token embeddings are the same there. What the library
cannot express is printed as a warning where scores differ, and is an error
where embeddings would.

This program reads FOLDER as well, and loses nothing: jobtagger.json holds what
the library cannot express. The model card of MODEL is kept.`,
		Example: `  jobtagger model convert starter my/sentence-transformers --to sentence-transformers
  jobtagger model convert my/model my/pylate --to pylate`,
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(command *cobra.Command, args []string) error {
			for _, target := range targets {
				if to == string(target) {
					return a.convertModel(command.Context(), args[0], args[1], target)
				}
			}
			return usageError{fmt.Errorf("--to is %q, want %s or %s", to, targets[0], targets[1])}
		},
	}
	command.Flags().StringVar(&to, "to", "", "the `FORMAT` to write: sentence-transformers or pylate")
	return command
}

func (a *app) convertModel(ctx context.Context, model, folder string, to modelio.Format) (err error) {
	fsys, err := a.modelFS(ctx, model)
	if err != nil {
		return err
	}
	if report := modelcheck.Check(model, fsys); report.Verdict == modelcheck.Unsupported {
		return fmt.Errorf("%s: %s", model, report.Reason)
	}
	read, err := modelio.Open(fsys, ".")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, read.Close()) }()
	for _, warning := range read.Warnings {
		a.warn("%s: %s", model, warning)
	}
	card, err := modelcard.Read(fsys)
	if err != nil {
		return fmt.Errorf("%s: %w", model, err)
	}
	read.Card = func(warnings []string) ([]byte, error) { return modelcard.Converted(card, model, to, warnings) }
	warnings, err := modelio.Write(folder, read, to)
	if err != nil {
		return err
	}
	for _, warning := range warnings {
		a.warn("%s: %s", folder, warning)
	}
	fmt.Fprintf(a.stdout, "wrote %s; in Python:\n\n%s", folder, modelcard.Python(to, folder))
	return nil
}
