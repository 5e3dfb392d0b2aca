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
	var asJSON bool
	command := &cobra.Command{
		Use:   "convert MODEL FOLDER --to sentence-transformers|pylate",
		Short: "Write a model so that a Python library loads it",
		Long: `Writes MODEL, of any kind that is read here (sentence-transformers, PyLate,
neural-cherche, Stanford's ColBERT), into FOLDER, as sentence-transformers 6 or
PyLate 1.6 loads it. Token embeddings are the same there. What the library
cannot express is printed as a warning where scores differ, and is an error
where embeddings would.

This program reads FOLDER as well, and loses nothing: jobtagger.json holds what
the library cannot express. The model card of MODEL is kept.

With --json: {"model": …, "folder": …, "format": …, "warnings": […]}`,
		Example: `  jobtagger model convert starter my/sentence-transformers --to sentence-transformers
  jobtagger model convert my/model my/pylate --to pylate --json`,
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(command *cobra.Command, args []string) error {
			for _, target := range targets {
				if to == string(target) {
					done := converted{Model: args[0], Folder: args[1], Format: target}
					return a.convertModel(command.Context(), done, asJSON)
				}
			}
			return usageError{fmt.Errorf("--to is %q, want %s or %s", to, targets[0], targets[1])}
		},
	}
	command.Flags().StringVar(&to, "to", "", "the `FORMAT` to write: sentence-transformers or pylate")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

// converted is what convert did, in JSON.
type converted struct {
	Model    string         `json:"model"`
	Folder   string         `json:"folder"`
	Format   modelio.Format `json:"format"`
	Warnings []string       `json:"warnings"` // where scores differ in the library
}

func (a *app) convertModel(ctx context.Context, done converted, asJSON bool) (err error) {
	fsys, err := a.modelFS(ctx, done.Model)
	if err != nil {
		return err
	}
	if report := modelcheck.Check(done.Model, fsys); report.Verdict == modelcheck.Unsupported {
		return fmt.Errorf("%s: %s", done.Model, report.Reason)
	}
	read, err := modelio.Open(fsys, ".")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, read.Close()) }()
	for _, warning := range read.Warnings {
		a.warn("%s: %s", done.Model, warning)
	}
	card, err := modelcard.Read(fsys)
	if err != nil {
		return fmt.Errorf("%s: %w", done.Model, err)
	}
	read.Card = func(warnings []string) ([]byte, error) {
		return modelcard.Converted(card, done.Model, done.Format, warnings)
	}
	warnings, err := modelio.Write(done.Folder, read, done.Format)
	if err != nil {
		return err
	}
	for _, warning := range warnings {
		a.warn("%s: %s", done.Folder, warning)
	}
	if asJSON {
		done.Warnings = append([]string{}, warnings...) // [], not null
		return a.printJSON(done)
	}
	fmt.Fprintf(a.stdout, "wrote %s; in Python:\n\n%s", done.Folder, modelcard.Python(done.Format, done.Folder))
	return nil
}
