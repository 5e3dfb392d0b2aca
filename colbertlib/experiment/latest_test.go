package experiment

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestLatestIsTheRunThatFinishedLast(t *testing.T) {
	results := t.TempDir()
	if _, err := Latest(results, "small"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no runs: got %v", err)
	}
	recipe := tinyRecipe(t, "train.epochs=1")
	first, err := Execute(t.Context(), recipe, Options{Results: results})
	if err != nil {
		t.Fatal(err)
	}
	second, err := Execute(t.Context(), recipe, Options{Results: results})
	if err != nil {
		t.Fatal(err)
	}
	// The times have seconds only, so the order is made clear by hand.
	if err := os.WriteFile(filepath.Join(first.Dir, doneFile), []byte("2026-01-02T03:04:05Z\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	latest, err := Latest(results, recipe.Name)
	if err != nil || latest.Dir != second.Dir {
		t.Errorf("got %v, %v; want %s", latest, err, second.Dir)
	}
	if err := os.Remove(filepath.Join(second.Dir, doneFile)); err != nil {
		t.Fatal(err)
	}
	if latest, err = Latest(results, recipe.Name); err != nil || latest.Dir != first.Dir {
		t.Errorf("got %v, %v; want %s, as the other run is not done", latest, err, first.Dir)
	}
}
