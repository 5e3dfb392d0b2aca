package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/spf13/cobra"
)

// modelFlags choose a model.
type modelFlags struct {
	name    string
	options colbertlib.Options
}

func (f *modelFlags) add(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.name, "model", experiment.Starter, "`MODEL`: a folder, starter or starter-base")
	addBackend(command, &f.options.Backend)
	flags.IntVar(&f.options.QueryLength, "query-length", 0, "`TOKENS` of a query at the most (default: the model's)")
	flags.IntVar(&f.options.DocumentLength, "document-length", 0, "`TOKENS` of a document at the most (default: the model's)")
}

// open loads the model and says what its user should know.
func (a *app) open(f modelFlags) (*colbertlib.Model, error) {
	var err error
	if f.options.Backend, err = a.prepareToCompute(f.options.Backend); err != nil {
		return nil, err
	}
	model, err := experiment.OpenModel(f.name, &f.options)
	if err != nil {
		return nil, err
	}
	for _, warning := range model.Warnings() {
		a.warn("%s: %s", filepath.Base(f.name), warning)
	}
	return model, nil
}

// withModel loads the model, uses it and closes it.
func (a *app) withModel(f modelFlags, use func(*colbertlib.Model) error) error {
	model, err := a.open(f)
	if err != nil {
		return err
	}
	return errors.Join(use(model), model.Close())
}

// labels reads the file, or else the labels that the model was trained on.
func labels(file, model string) ([]dataset.Label, error) {
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return dataset.ReadLabels(f, file)
	}
	fsys, err := experiment.ModelFS(model)
	if err != nil {
		return nil, err
	}
	f, err := fsys.Open(dataset.LabelsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{fmt.Errorf("model %s has no %s of its own: name the labels with --labels", model, dataset.LabelsFile)}
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return dataset.ReadLabels(f, model+"/"+dataset.LabelsFile)
}
