package compare

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Rows may begin with different models. The untrained rows are of the first one; the table names all, and a change of any makes another comparison.
func TestTwoBaseModels(t *testing.T) {
	spec, results := tinySpec(t), t.TempDir()
	spec.Sizes, spec.Seeds, spec.LeaveOneLabelOut = nil, 1, false
	first, second := spec.Rows[0].Recipe.Model.Base, t.TempDir()
	if err := os.CopyFS(second, os.DirFS(first)); err != nil {
		t.Fatal(err)
	}
	if err := spec.Grid("model.base=" + first + "," + second); err != nil {
		t.Fatal(err)
	}
	spec.Rows[0].Key, spec.Rows[1].Key = "a", "b"
	options := Options{Results: results, Backend: "go"}
	c, err := Execute(t.Context(), spec, options)
	if err != nil {
		t.Fatal(err)
	}
	report, err := c.Report()
	for _, want := range []string{"of all rows but ColBERT's: " + filepath.ToSlash(first) + ".", "ColBERT a: from " + filepath.ToSlash(first) + "; loss", "ColBERT b: from " + filepath.ToSlash(second) + "; loss"} {
		if err != nil || !strings.Contains(report, want) {
			t.Errorf("%v: no %q in\n%s", err, want, report)
		}
	}
	if files := c.Inputs.OtherModels[second]; len(c.Inputs.OtherModels) != 1 || len(files) != 3 || !slices.Equal(files, c.Inputs.Model) {
		t.Errorf("the second model's files are %v, want those of its copy, %v", files, c.Inputs.Model)
	}
	if err := os.WriteFile(filepath.Join(second, "config.json"), append(readFile(t, filepath.Join(second, "config.json")), '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := Execute(t.Context(), spec, options); err != nil || again.Dir == c.Dir {
		t.Errorf("%v: with another second model, the folder is the same: %s", err, again.Dir)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
