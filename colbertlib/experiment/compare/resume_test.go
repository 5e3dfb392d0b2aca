package compare

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

// A trial that was stopped goes on where it was, one whose run is damaged begins anew, and both end with the scores of one that was not stopped.
func TestTrialsGoOn(t *testing.T) {
	spec := tinySpec(t)
	spec.Seeds, spec.Sizes, spec.LeaveOneLabelOut = 1, nil, false
	spec.Rows[0].Recipe.Train.Epochs = 3 // of 3 micro-steps
	want := trialScores(t, spec, nil)
	for name, test := range map[string]struct {
		damage func(checkpoint string) error
		anew   bool // whether the untrained model is evaluated again
	}{
		"stopped":             {func(string) error { return nil }, false},
		"checkpoint damaged":  {func(path string) error { return os.Truncate(path, 10) }, true},
		"before a checkpoint": {os.Remove, true},
		"finished, not scored": {func(path string) error {
			return os.WriteFile(filepath.Join(filepath.Dir(path), "..", "DONE"), nil, 0o600)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			anew := false
			got := trialScores(t, spec, func(ctx context.Context, dir, trial string) error {
				stopped, stop := context.WithCancel(ctx)
				defer stop()
				err := RunTrial(stopped, dir, trial, "go", func(p experiment.Progress) {
					if p.Phase == experiment.Train && p.Step == 5 {
						stop()
					}
				})
				if !errors.Is(err, context.Canceled) {
					t.Errorf("stopped: %v", err)
				}
				checkpoints, err := filepath.Glob(filepath.Join(dir, "trials", trial, "work", "results", "*", "runs", "*", "checkpoint", "*"))
				if err != nil || len(checkpoints) != 1 {
					t.Fatalf("checkpoints %q, %v", checkpoints, err)
				}
				if err := test.damage(checkpoints[0]); err != nil {
					t.Fatal(err)
				}
				return RunTrial(ctx, dir, trial, "go", func(p experiment.Progress) {
					anew = anew || p.Phase == experiment.Evaluate && p.Epoch < 0
				})
			})
			if !bytes.Equal(got, want) {
				t.Errorf("the scores differ:\n%s\n%s", got, want)
			}
			if anew != test.anew {
				t.Errorf("begins anew: %v, want %v", anew, test.anew)
			}
		})
	}
}

// trialScores runs a comparison of one training and returns its scores.
func trialScores(t *testing.T, spec Spec, train func(ctx context.Context, dir, trial string) error) []byte {
	t.Helper()
	c, err := Execute(t.Context(), spec, Options{Results: t.TempDir(), Backend: "go", Train: train})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(c.Dir, "trials", "tiny", "seed-1", "test.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
