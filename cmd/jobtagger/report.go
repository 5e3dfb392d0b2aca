package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/experiment/compare"
	"github.com/spf13/cobra"
)

func (a *app) report() *cobra.Command {
	var folder string
	command := &cobra.Command{
		Use:   "report",
		Short: "Make tables and plots anew from run folders, without training",
		Long: `Makes every table and plot of the runs and comparisons in the folder of results,
and its README.md, from the scores that stand there. CI does this and compares.`,
		Example: `  jobtagger report
  jobtagger report --results results`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			run := func(dir string) (writer, error) { return experiment.Open(dir) }
			comparison := func(dir string) (writer, error) { return compare.Open(dir) }
			if err := errors.Join(a.rewrite(filepath.Join(folder, "*", "runs", "*"), run), a.rewrite(filepath.Join(folder, "*", "comparisons", "*"), comparison)); err != nil {
				return err
			}
			if err := experiment.WriteReadme(folder); err != nil {
				return err
			}
			fmt.Fprintln(a.stdout, filepath.ToSlash(filepath.Join(folder, "README.md")))
			return nil
		},
	}
	command.Flags().StringVar(&folder, "results", "results", "the `FOLDER` of results")
	return command
}

// writer makes its table and plots anew.
type writer interface{ Write() error }

// rewrite does it for every finished folder of a kind.
func (a *app) rewrite(pattern string, open func(dir string) (writer, error)) error {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		finished, err := open(dir)
		if errors.Is(err, compare.ErrUnfinished) || errors.Is(err, experiment.ErrUnfinished) {
			a.warn("%v", err)
			continue
		}
		if err == nil {
			err = finished.Write()
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, filepath.ToSlash(dir))
	}
	return nil
}
