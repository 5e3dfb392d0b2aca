package nb_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/notebook"
)

// kernel is GoNB in the version of go.mod, for cells that import this repository's packages.
func kernel(t *testing.T) notebook.Options {
	t.Helper()
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin+string(os.PathSeparator), "github.com/janpfeifer/gonb", "golang.org/x/tools/cmd/goimports")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the kernel: %v\n%s", err, out)
	}
	return notebook.Options{GoNB: filepath.Join(bin, "gonb"), Repository: filepath.Join("..", "..")}
}

// TestInNotebooks runs cells that use every function of this package, and looks at what is saved.
func TestInNotebooks(t *testing.T) {
	o := kernel(t)
	out := filepath.Join(t.TempDir(), "out.ipynb")
	if _, err := notebook.Run(t.Context(), o, filepath.Join("testdata", "all.ipynb"), out); err != nil {
		t.Fatal(err)
	}
	got := outputs(t, out)
	want := []map[string]string{
		{"text/markdown": "**bold**"},
		{"text/html": "<table>\n<tr><th align=\"left\" style=\"text-align: left\">label</th><th align=\"right\" style=\"text-align: right\">ads</th></tr>\n<tr><td align=\"left\" style=\"text-align: left\">Finance</td><td align=\"right\" style=\"text-align: right; white-space: nowrap\">20</td></tr>\n</table>"},
		{"text/html": "<pre>[1 2]\n</pre>"},
		{"image/png": "iVBORw0KGgo"}, // the signature of PNG in base 64
		{"text/html": "steps &amp; more: done"},
		{"text/html": "experiment: done"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("saved outputs differ (-want +got):\n%s", diff)
	}
	_, err := notebook.Run(t.Context(), o, filepath.Join("testdata", "fails.ipynb"), "")
	var failed *notebook.CellError
	if !errors.As(err, &failed) || failed.Cell != 2 || failed.Err.Error() != "exit status 1" ||
		!strings.HasPrefix(failed.Output, "testdata: no such luck\nexit status 1") || strings.Contains(failed.Output, "goroutine") {
		t.Errorf("got error %v, want cell 2 to end with status 1 and the error, but no stack", err)
	}
}

// outputs lists the displayed data of all cells, pictures shortened.
func outputs(t *testing.T, path string) []map[string]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cells []struct {
			Outputs []struct{ Data map[string]any }
		}
	}
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for _, cell := range file.Cells {
		for _, output := range cell.Outputs {
			data := map[string]string{}
			for mime, value := range output.Data {
				switch v := value.(type) {
				case string:
					data[mime] = v[:11]
				case []any:
					for _, line := range v {
						data[mime] += line.(string)
					}
				}
			}
			all = append(all, data)
		}
	}
	return all
}

func TestTheseNotebooksPassCheck(t *testing.T) {
	for _, name := range []string{"all.ipynb", "fails.ipynb"} {
		if err := notebook.Check(filepath.Join("testdata", name)); err != nil {
			t.Error(err)
		}
	}
}
