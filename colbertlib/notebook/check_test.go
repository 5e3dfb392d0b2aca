package notebook_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/notebook"
)

func TestCheckFindings(t *testing.T) {
	lines := func(n int) string { return strings.TrimSuffix(strings.Repeat("x++\\n", n), "\\n") }
	stream := func(name, text string) string {
		return fmt.Sprintf(`{"output_type":"stream","name":%q,"text":%q}`, name, text)
	}
	for _, c := range []struct {
		name, kind, source, outputs string
		want                        string // in the error; empty for none
	}{
		{"longest cell", "code", lines(15), "", ""},
		{"too long", "code", lines(16), "", "cell at position 2: 16 lines, want at most 15"},
		{"long text", "markdown", lines(40), "", ""},
		{"function", "code", `func helper() {}`, "", "it defines a function"},
		{"method", "code", `  func (a B) helper() {}`, "", "it defines a function"},
		{"function literal", "code", `f := func() {}`, "", "it defines a function"},
		{"after main", "code", `func main() { f := func() {} }`, "", "it defines a function"},
		{"main", "code", `func main() {`, "", ""},
		{"comment on func", "code", `x := 1 // a func would be too much`, "", ""},
		{"functional", "code", `functional := 1`, "", ""},
		{"small output", "code", "x", stream("stdout", strings.Repeat("a", 190_000)), ""},
		{"large output", "code", "x", stream("stdout", strings.Repeat("a", 200_000)), "bytes of outputs, want at most 200000"},
		{"exit status", "code", "x", stream("stderr", "a\nexit status 1\n"), "its outputs say that it failed: exit status 1"},
		{"exit status 0", "code", "x", stream("stderr", "exit status 0\n"), ""},
		{"talk of exit status", "code", "x", stream("stdout", "exit status 1\n"), ""},
		{"signal", "code", "x", stream("stderr", "signal: killed\n"), "signal: killed"},
		{"panic", "code", "x", stream("stderr", "panic: oh\n"), "its outputs show a panic"},
		{"error output", "code", "x", `{"output_type":"error","ename":"ERROR","evalue":"undefined: y","traceback":[]}`, "undefined: y"},
		{"path in source", "code", `Open(\"/home/someone/ads.json\")`, "", "the path /home/someone/ads.json belongs to one machine"},
		{"path in text", "markdown", "see /Users/someone/x", "", "the path /Users/someone/x"},
		{"path in output", "code", "x", stream("stdout", "wrote /tmp/abc\n"), "the path /tmp/abc in its outputs"},
		{"path in table", "code", "x", `{"output_type":"display_data","metadata":{},"data":{"text/html":["<td>","/root/x</td>"]}}`, "the path /root/x in its outputs"},
		{"picture", "code", "x", `{"output_type":"display_data","metadata":{},"data":{"image/png":"a /tmp/a"}}`, ""},
		{"address", "markdown", "https://example.org/tmp/a and results/work/b and ../home/x", "", ""},
	} {
		path := filepath.Join(t.TempDir(), "a.ipynb")
		extra := ""
		if c.kind == "code" {
			extra = fmt.Sprintf(`,"execution_count":1,"outputs":[%s]`, c.outputs)
		}
		content := fmt.Sprintf(`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"markdown","metadata":{},"source":""},
			{"cell_type":%q,"metadata":{},"source":"%s"%s}]}`, c.kind, c.source, extra)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		err := notebook.Check(path)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got error %v, want %q", c.name, err, c.want)
		}
	}
	if err := notebook.Check(filepath.Join(t.TempDir(), "missing.ipynb")); err == nil {
		t.Error("a missing notebook passes")
	}
}

func TestInstallIsIdempotentAndReplaces(t *testing.T) {
	dir, options := t.TempDir(), testOptions()
	t.Setenv("JUPYTER_DATA_DIR", dir)
	var first []byte
	for range 2 {
		path, err := notebook.Install(options)
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(dir, "kernels", "jobtagger", "kernel.json"); path != want {
			t.Fatalf("installed %s, want %s", path, want)
		}
		content, err := os.ReadFile(path)
		if err != nil || first != nil && string(content) != string(first) {
			t.Fatalf("the second installation wrote %s after %s (%v)", content, first, err)
		}
		first = content
	}
	repository, err := filepath.Abs(options.Repository)
	if err != nil {
		t.Fatal(err)
	}
	o := options
	o.Env = []string{"GOEXPERIMENT=simd", "A=b=c"}
	path, err := notebook.Install(o)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"argv":["` + options.GoNB + `","--kernel","{connection_file}","-go_work=` + repository + `"]`,
		`"GOEXPERIMENT":"simd"`, `"A":"b=c"`, `:${PATH}"`, `"language":"go"`} {
		if !strings.Contains(string(content), want) {
			t.Errorf("kernel.json lacks %s:\n%s", want, content)
		}
	}
	o.Env = []string{"GOEXPERIMENT"}
	if _, err := notebook.Install(o); err == nil || !strings.Contains(err.Error(), `environment "GOEXPERIMENT", want KEY=VALUE`) {
		t.Errorf("got error %v, want one about the environment", err)
	}
	t.Setenv("PATH", dir)
	if _, err := notebook.Install(options); err == nil || !strings.Contains(err.Error(), "go.dev/dl") {
		t.Errorf("got error %v, want one that says where Go is to be had", err)
	}
	if _, err := notebook.Install(notebook.Options{GoNB: filepath.Join(dir, "missing"), Repository: options.Repository}); err == nil {
		t.Error("a kernel that does not exist was installed")
	}
}
