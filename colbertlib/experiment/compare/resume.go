package compare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

// goOn trains by a recipe: it goes on with the run that an interrupted trial left in options.Results. A run that cannot be resumed, for example
// because it was already finished or its checkpoint is damaged, is removed and made anew.
func goOn(ctx context.Context, recipe experiment.Recipe, options experiment.Options) (*experiment.Run, error) {
	dirs, err := filepath.Glob(filepath.Join(options.Results, "*", "runs", "*"))
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	for _, dir := range dirs {
		resumed := options
		resumed.Resume = dir
		run, err := experiment.Execute(ctx, recipe, resumed)
		begun := new(experiment.UnfinishedError)
		if err == nil || errors.As(err, &begun) || ctx.Err() != nil {
			return run, err
		}
	}
	if err := os.RemoveAll(options.Results); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return experiment.Execute(ctx, recipe, options)
}
