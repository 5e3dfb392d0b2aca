package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

// writable finds out whether files can be written to a folder, which need not be there yet. Verbs whose work takes long ask before they begin. It
// leaves nothing behind.
func writable(folder string) error {
	if folder == "" {
		return nil // a verb that needs one says so
	}
	existing, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	for !there(existing) {
		existing = filepath.Dir(existing)
	}
	probe, err := os.CreateTemp(existing, ".jobtagger.*.tmp")
	if reason := new(fs.PathError); errors.As(err, &reason) { // whose path is the probe's
		return fmt.Errorf("%s: no file can be made in %s: %w", folder, existing, reason.Err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", folder, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// resultsWritable finds out whether a run's files and the page of results can be written to folder.
func resultsWritable(folder string) error {
	if err := writable(folder); err != nil {
		return err
	}
	return experiment.CheckReadme(folder)
}

// there tells whether a path exists, or is the root.
func there(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist) || filepath.Dir(path) == path
}
