package nb_test

import (
	"path/filepath"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/notebook"
)

// The committed notebooks keep to the rules: short cells, no functions, small outputs, none that failed, no paths of a machine.
func TestNotebooksKeepToTheRules(t *testing.T) {
	files, err := filepath.Glob("../*.ipynb")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d notebooks, %v", len(files), err)
	}
	for _, file := range files {
		if err := notebook.Check(file); err != nil {
			t.Error(err)
		}
	}
}
