package nb_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/notebook"
)

// cell is what these tests want to know of a notebook's cell.
type cell struct {
	Type    string            `json:"cell_type"`
	Lines   []string          `json:"source"`
	Outputs []json.RawMessage `json:"outputs"`
}

func (c cell) source() string { return strings.Join(c.Lines, "") }

// committed are the cells of all notebooks of this repository, by path.
func committed(t *testing.T) map[string][]cell {
	t.Helper()
	paths, err := filepath.Glob("../*.ipynb")
	if err != nil || len(paths) == 0 {
		t.Fatalf("found %d notebooks, %v", len(paths), err)
	}
	all := map[string][]cell{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Cells []cell }
		if err := json.Unmarshal(content, &file); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all[path] = file.Cells
	}
	return all
}

// The committed notebooks keep to the rules: short cells, no functions, small outputs, none that failed, no paths of a machine; they say
// what they are about, show what they compute, and state some of it, so that a run notices when it changes.
func TestNotebooksKeepToTheRules(t *testing.T) {
	comparisons, _ := filepath.Glob("../../results/*/comparisons/*/DONE")
	for path, cells := range committed(t) {
		if err := notebook.Check(path); err != nil {
			t.Error(err)
		}
		for _, want := range []string{"# ", "\n**What it shows**: ", "\n**Takes** ", " **Needs** "} {
			if !strings.Contains(cells[0].source(), want) {
				t.Errorf("%s begins without %q", path, want)
			}
		}
		if strings.Contains(path, "evaluation") && len(comparisons) == 0 {
			continue // there is nothing that it could show
		}
		expects := false
		for i, cell := range cells {
			expects = expects || strings.Contains(cell.source(), "// expect: ")
			if strings.Contains(cell.source(), "nb.Show(") && cell.Type == "code" && len(cell.Outputs) == 0 {
				t.Errorf("%s, cell at position %d has no output", path, i+1)
			}
		}
		if !expects {
			t.Errorf("%s states no value that must come out: // expect: …", path)
		}
	}
}

// In a kernel that knows nothing of this module, the first cell says what to do, whatever else the compiler says.
func TestTheFirstCellKnowsAnotherKernel(t *testing.T) {
	o := kernel(t)
	o.Repository = t.TempDir()
	if err := os.WriteFile(filepath.Join(o.Repository, "go.mod"), []byte("module example.org/other\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, cells := range committed(t) {
		var first cell
		for _, first = range cells {
			if first.Type == "code" {
				break
			}
		}
		alone := filepath.Join(t.TempDir(), "alone.ipynb")
		content, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}, "cells": []any{
			map[string]any{"cell_type": "code", "metadata": map[string]any{}, "outputs": []any{}, "source": first.Lines},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(alone, content, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err = notebook.Run(t.Context(), o, alone, "")
		var failed *notebook.CellError
		if !errors.As(err, &failed) || !strings.Contains(failed.Output, "in the repository: jobtagger notebook install") {
			t.Errorf("%s in another kernel: %v", path, err)
		}
	}
}
