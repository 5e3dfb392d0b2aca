package notebook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/notebook"
)

var regen = flag.Bool("regen", false, "write testdata/good.executed.ipynb anew")

// kernelFolder is where testOptions builds the kernel, on the first call, from the versions in go.mod.
var kernelFolder string

var buildKernel = sync.OnceValue(func() error {
	build := exec.Command("go", "build", "-o", kernelFolder+string(os.PathSeparator), "github.com/janpfeifer/gonb", "golang.org/x/tools/cmd/goimports")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the kernel: %w\n%s", err, out)
	}
	return nil
})

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gonb-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	kernelFolder = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// testOptions run notebooks that import this repository's packages.
func testOptions() notebook.Options {
	if err := buildKernel(); err != nil {
		panic(err)
	}
	return notebook.Options{GoNB: filepath.Join(kernelFolder, "gonb"), Repository: filepath.Join("..", "..")}
}

// setup is the first cell of notebooks in Go.
const setup = "%noautoget\nimport \"fmt\""

// write makes a notebook of code cells and returns its path.
func write(t *testing.T, cells ...string) string {
	t.Helper()
	type cell map[string]any
	var list []cell
	for _, source := range cells {
		list = append(list, cell{"cell_type": "code", "metadata": cell{}, "source": source, "outputs": []cell{}, "execution_count": nil})
	}
	content, err := json.Marshal(cell{"cells": list, "metadata": cell{}, "nbformat": 4, "nbformat_minor": 5})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.ipynb")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRunWritesTheExecutedNotebook(t *testing.T) {
	temp := privateTemp(t)
	var first []byte
	out := filepath.Join(t.TempDir(), "out.ipynb")
	for range 2 {
		report, err := notebook.Run(t.Context(), testOptions(), filepath.Join("testdata", "good.ipynb"), out)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Cells) != 3 || report.Start <= 0 || report.Cells[2].Cell != 3 || report.Cells[2].Elapsed <= 0 {
			t.Errorf("report %+v, want the times of the start and of 3 cells", report)
		}
		got, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(first, got) {
			t.Errorf("the second run wrote something else:\n%s", cmp.Diff(string(first), string(got)))
		}
		first = got
	}
	golden := filepath.Join("testdata", "good.executed.ipynb")
	if *regen {
		if err := os.WriteFile(golden, first, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(first)); diff != "" {
		t.Errorf("executed notebook differs from %s (-want +got):\n%s", golden, diff)
	}
	if err := notebook.Check(out); err != nil {
		t.Errorf("the executed notebook does not pass Check: %v", err)
	}
	wantEmpty(t, temp)
}

// privateTemp is a temporary folder of the test's own, where anything left behind shows.
func privateTemp(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return dir
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		t.Errorf("left behind: %s", entry.Name())
	}
}

func TestRunFailsWithTheCellAndTheReason(t *testing.T) {
	for _, c := range []struct {
		name   string
		cells  []string
		cell   int
		reason string // part of the error
		output string // part of the output that it quotes
	}{
		{"panic", []string{"%%\nfmt.Println(1)", "%%\nvar m map[string]int\nfmt.Println(2)\nm[\"a\"] = 1"}, 3, "exit status 2", "assignment to entry in nil map"},
		{"exit", []string{"%%\nfmt.Println(1)\nos.Exit(3)", "%%\nfmt.Println(2)"}, 2, "exit status 3", "1"},
		{"exit after half a line", []string{"%%\nfmt.Fprint(os.Stderr, \"half\")\nos.Exit(4)"}, 2, "exit status 4", "half"},
		{"signal", []string{"%%\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)"}, 2, "signal: killed", ""},
		{"command", []string{"!false\n!echo went on"}, 2, "exit status 1", "went on"},
		{"compile error", []string{"%%\nfmt.Println(undefinedName)"}, 2, "undefined: undefinedName", ""},
		{"syntax error", []string{"%%\nfmt.Println("}, 2, "tmp/gonb_", ""},
		{"expectation", []string{"%%\n// expect: 4 updates\n// expect: 3 updates\n//expect: more\nfmt.Println(\"3 updates\")"}, 2,
			"the output lacks \"4 updates\", which the cell says to expect\nthe output lacks \"more\"", "3 updates"},
		{"value", []string{"%%\n// expect: loss 0.40 ± 0.1\n// expect: loss 0.4 ± 0.05\nfmt.Println(\"loss  of\\nloss\\n0.47, and so on\")"}, 2,
			"the output has 0.47 where the cell says to expect \"loss 0.4 ± 0.05\"", "0.47"},
	} {
		t.Run(c.name, func(t *testing.T) {
			temp := privateTemp(t)
			in := write(t, append([]string{setup}, c.cells...)...)
			before, err := os.ReadFile(in)
			if err != nil {
				t.Fatal(err)
			}
			_, err = notebook.Run(t.Context(), testOptions(), in, in)
			var failed *notebook.CellError
			if !errors.As(err, &failed) {
				t.Fatalf("got error %v, want a CellError", err)
			}
			if failed.Cell != c.cell || failed.Notebook != in || !strings.Contains(err.Error(), c.reason) || !strings.Contains(failed.Output, c.output) {
				t.Errorf("got cell %d of %s: %v, want cell %d: %q, output with %q", failed.Cell, failed.Notebook, err, c.cell, c.reason, c.output)
			}
			if after, err := os.ReadFile(in); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the notebook was changed (error %v)", err)
			}
			wantEmpty(t, temp)
		})
	}
}

func TestCellTimeEndsTheCellAndItsChildren(t *testing.T) {
	temp := privateTemp(t)
	o := testOptions()
	o.CellTime = 3 * time.Second
	begin := time.Now()
	_, err := notebook.Run(t.Context(), o, write(t, "!echo begun; sleep 987 & wait"), "")
	var failed *notebook.CellError
	if !errors.As(err, &failed) || !errors.Is(err, context.DeadlineExceeded) || failed.Cell != 1 || !strings.Contains(failed.Output, "begun") {
		t.Errorf("got error %v, want a CellError of cell 1 with its output that wraps DeadlineExceeded", err)
	}
	if elapsed := time.Since(begin); elapsed > time.Minute {
		t.Errorf("it took %v to end", elapsed)
	}
	wantNoSleepers(t)
	wantEmpty(t, temp)
}

func TestCancelEndsTheKernelAndItsChildren(t *testing.T) {
	temp := privateTemp(t)
	ctx, cancel := context.WithCancel(t.Context())
	in := write(t, setup, `%%
child := exec.Command("sleep", "987")
child.Start()
os.WriteFile("begun", nil, 0o644)
time.Sleep(time.Hour)`)
	go func() {
		defer cancel()
		for range 1200 {
			if _, err := os.Stat(filepath.Join(filepath.Dir(in), "begun")); err == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}()
	_, err := notebook.Run(ctx, testOptions(), in, "")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(in), "begun")); err != nil {
		t.Errorf("the cell had not begun when the run was cancelled: %v", err)
	}
	wantNoSleepers(t)
	wantEmpty(t, temp)
}

func TestBackgroundProcessesEndWithTheRun(t *testing.T) {
	temp := privateTemp(t)
	if _, err := notebook.Run(t.Context(), testOptions(), write(t, "!sleep 987 >/dev/null 2>&1 &"), ""); err != nil {
		t.Fatal(err)
	}
	wantNoSleepers(t)
	wantEmpty(t, temp)
}

// wantNoSleepers fails if a process that a cell of these tests started is still running a moment after the kernel was killed.
func wantNoSleepers(t *testing.T) {
	t.Helper()
	var out []byte
	for range 30 {
		out, _ = exec.Command("pgrep", "-f", "^sleep 987$").Output() // its status is 1 if it finds none
		if len(out) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("processes left behind: %s", out)
}

func TestRunRejectsWhatItCannotRun(t *testing.T) {
	dir, options := t.TempDir(), testOptions()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := filepath.Join("testdata", "good.ipynb")
	dies := file("dies", "#!/bin/sh\necho no such luck >&2\nexit 1\n")
	for _, c := range []struct {
		name string
		o    notebook.Options
		in   string
		want string
	}{
		{"no kernel", notebook.Options{GoNB: filepath.Join(dir, "missing"), Repository: options.Repository}, good, "missing is not the GoNB binary; build it with: go build"},
		{"no repository", notebook.Options{GoNB: options.GoNB, Repository: dir}, good, "is not the folder of a Go module"},
		{"no notebook", options, filepath.Join(dir, "missing.ipynb"), "missing.ipynb"},
		{"not JSON", options, file("a.ipynb", "{"), "not a notebook"},
		{"old format", options, file("b.ipynb", `{"nbformat":3,"cells":[]}`), "nbformat 3, want 4"},
		{"source of a wrong type", options, file("c.ipynb", `{"nbformat":4,"cells":[{"cell_type":"code","source":1}]}`), "cell at position 0: source"},
		{"kernel dies", notebook.Options{GoNB: dies, Repository: options.Repository}, good, "the kernel ended: exit status 1"},
		{"kernel says why", notebook.Options{GoNB: dies, Repository: options.Repository}, good, "no such luck"},
	} {
		_, err := notebook.Run(t.Context(), c.o, c.in, "")
		if err == nil || !strings.HasPrefix(err.Error(), "notebook: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one of package notebook with %q", c.name, err, c.want)
		}
	}
	t.Setenv("PATH", dir)
	if _, err := notebook.Run(t.Context(), options, good, ""); err == nil || !strings.Contains(err.Error(), "Go, which is not in PATH: install it") {
		t.Errorf("without Go: %v", err)
	}
}
