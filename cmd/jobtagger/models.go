package main

import (
	"context"
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
	flags.StringVar(&f.name, "model", experiment.Starter, modelUsage)
	addBackend(command, &f.options.Backend)
	flags.IntVar(&f.options.QueryLength, "query-length", 0, "`TOKENS` of a query at the most (default: the model's)")
	flags.IntVar(&f.options.DocumentLength, "document-length", 0, "`TOKENS` of a document at the most (default: the model's)")
}

// modelUsage is the help text of a flag that names a model.
const modelUsage = "`MODEL`: a folder, a model on the Hub (org/name), starter or starter-base"

// modelFS finds the model. One on the Hub is downloaded where the cache lacks it, under a bar.
func (a *app) modelFS(ctx context.Context, name string) (fs.FS, error) {
	report, end := a.fetching()
	defer end()
	return experiment.ModelFS(ctx, name, report)
}

// open loads the model and says what its user should know.
func (a *app) open(ctx context.Context, f modelFlags) (*colbertlib.Model, error) {
	var err error
	if f.options.Backend, err = a.prepareToCompute(f.options.Backend); err != nil {
		return nil, err
	}
	report, end := a.fetching()
	defer end()
	model, err := experiment.OpenModel(ctx, f.name, &f.options, report)
	if err != nil {
		return nil, err
	}
	for _, warning := range model.Warnings() {
		a.warn("%s: %s", filepath.Base(f.name), warning)
	}
	return model, nil
}

// withModel loads the model, uses it and closes it.
func (a *app) withModel(ctx context.Context, f modelFlags, use func(*colbertlib.Model) error) error {
	model, err := a.open(ctx, f)
	if err != nil {
		return err
	}
	return errors.Join(use(model), model.Close())
}

func readLabels(path string) ([]dataset.Label, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return dataset.ReadLabels(file, path)
}

// labels reads the file, or else the labels that the model was trained on.
func (a *app) labels(ctx context.Context, file, model string) ([]dataset.Label, error) {
	if file != "" {
		return readLabels(file)
	}
	fsys, err := a.modelFS(ctx, model)
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
