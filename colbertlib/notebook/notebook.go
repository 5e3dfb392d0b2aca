// Package notebook runs Jupyter notebooks in Go headless, through the GoNB kernel and without Python, and checks the style
// of notebooks before they are committed.
//
// A notebook that a person runs in JupyterLab and the one that a machine runs here go through the same kernel, so that
// documentation is executed as it stands. Other runners take a cell for successful whose program panicked or ended with a
// non-zero status, because the kernel says so on standard error only; [Run] fails on these, and on more: see [CellError].
//
// A cell states what it must show in comments, which readers of the notebook see too:
//
//	// expect: 14 updates
//	// expect: Hits@1 0.63 ± 0.05
//
// The text after "expect:" must occur in what the cell prints or displays, HTML without its markup, whatever the white space.
// A number with a tolerance, as in the second, stands for all numbers within it. A cell may have several.
package notebook

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// Options says how notebooks are run.
type Options struct {
	// GoNB is the kernel's binary (github.com/janpfeifer/gonb). Its folder is searched for goimports, which the kernel
	// needs, before PATH is; the Go toolchain must be in PATH.
	GoNB string
	// Repository is the folder of the Go module whose packages, and whose dependencies, cells can import without any
	// download. Cells say %noautoget, or an import that is not among them is looked for on the network.
	Repository string
	// CellTime is the time that one cell may take; 0 stands for ten minutes.
	CellTime time.Duration
	// Env is added to the environment of the kernel, as KEY=VALUE. GOEXPERIMENT and the like should have the values that
	// the module is built with elsewhere: each has its own part of the build cache.
	Env []string
}

const defaultCellTime = 10 * time.Minute

// CellTime is the time that a cell took, compiling included.
type CellTime struct {
	Cell    int // as Jupyter numbers it, In [1] first
	Elapsed time.Duration
}

// Report says how long a run took.
type Report struct {
	Start time.Duration // of the kernel
	Cells []CellTime    // in order, as far as the run came
}

// CellError says which cell failed and why: it does not compile, panicked, ended with a status other than zero or by a
// signal, ran out of time (then it wraps [context.DeadlineExceeded]), or lacks an output that it must show.
type CellError struct {
	Notebook string
	Cell     int    // as Jupyter numbers it, In [1] first
	Output   string // the end of what the cell printed
	Err      error
}

// Error names the cell and the reason, and quotes the end of the output.
func (e *CellError) Error() string {
	message := fmt.Sprintf("notebook: %s, cell %d: %v", e.Notebook, e.Cell, e.Err)
	if e.Output != "" {
		message += "\n" + e.Output
	}
	return message
}

// Unwrap returns the reason.
func (e *CellError) Unwrap() error { return e.Err }

// Run executes every code cell of the notebook in, in order, from the notebook's own folder, and writes the notebook with
// its outputs to out, which may be the same file. Nothing is written if out is empty or a cell fails; the error is then a
// [*CellError].
//
// What is written is nbformat 4.5 and the same for every run of cells that print the same: outputs carry no kernel
// identifiers, updated displays keep their last content, lines that a progress bar overwrote are dropped, and the paths of
// the repository, of temporary folders and of the home folder become ".", "tmp" and "~".
//
// When ctx ends, the kernel and the processes that it started are killed. No process and no temporary file is left behind.
func Run(ctx context.Context, o Options, in, out string) (report Report, err error) {
	o, err = o.checked()
	if err != nil {
		return Report{}, err
	}
	nb, err := read(in)
	if err != nil {
		return Report{}, err
	}
	temp, err := os.MkdirTemp("", "notebook-")
	if err != nil {
		return Report{}, fmt.Errorf("notebook: make temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, removeAll(temp)) }()
	begin := time.Now()
	k, err := startKernel(ctx, o, filepath.Dir(in), temp)
	if err != nil {
		return Report{}, fmt.Errorf("notebook: start kernel for %s: %w", in, err)
	}
	defer func() {
		if err == nil {
			k.shutdown()
		}
		k.kill()
	}()
	report.Start = time.Since(begin)
	if err := runCells(ctx, k, o, nb, &report, newCleaner(o.Repository, temp)); err != nil {
		var failed *CellError
		if errors.As(err, &failed) {
			failed.Notebook = in
		}
		return report, err
	}
	if out == "" {
		return report, nil
	}
	if err := atomicfile.Write(out, nb.write); err != nil {
		return report, fmt.Errorf("notebook: write %s: %w", out, err)
	}
	return report, nil
}

// runCells executes the cells and puts their outputs into nb.
func runCells(ctx context.Context, k *kernel, o Options, nb *file, report *Report, clean cleaner) error {
	for _, c := range nb.Cells {
		if !c.isCode() {
			continue
		}
		source := c.source()
		if strings.TrimSpace(source) == "" {
			c.setOutputs(nil, nil)
			continue
		}
		number := len(report.Cells) + 1
		begin := time.Now()
		cellContext, cancel := context.WithTimeoutCause(ctx, o.CellTime,
			fmt.Errorf("no result within %v: %w", o.CellTime, context.DeadlineExceeded))
		outputs, err := k.execute(cellContext, source)
		cancel()
		report.Cells = append(report.Cells, CellTime{number, time.Since(begin)})
		outputs = clean.outputs(outputs)
		if err == nil {
			err = errors.Join(failure(outputs), missing(source, outputs))
		}
		if err != nil {
			return &CellError{Cell: number, Output: lastLines(outputs), Err: err}
		}
		c.setOutputs(&number, outputs)
	}
	return nil
}

// checked returns o with absolute paths and defaults, or an error that says what is wrong with it.
func (o Options) checked() (Options, error) {
	var err error
	if o.GoNB, err = filepath.Abs(o.GoNB); err != nil {
		return o, fmt.Errorf("notebook: %w", err)
	}
	if info, err := os.Stat(o.GoNB); err != nil || info.IsDir() {
		return o, fmt.Errorf("notebook: %s is not the GoNB binary; build it with: go build -o bin/ "+
			"github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports", o.GoNB)
	}
	if o.Repository, err = filepath.Abs(o.Repository); err != nil {
		return o, fmt.Errorf("notebook: %w", err)
	}
	if _, err := os.Stat(filepath.Join(o.Repository, "go.mod")); err != nil {
		return o, fmt.Errorf("notebook: %s is not the folder of a Go module: %w", o.Repository, err)
	}
	if _, err := exec.LookPath("go"); err != nil {
		return o, fmt.Errorf("notebook: the kernel compiles cells with Go, which is not in PATH: install it (https://go.dev/dl) or add its folder bin to PATH: %w", err)
	}
	if o.CellTime == 0 {
		o.CellTime = defaultCellTime
	}
	return o, nil
}

// removeAll removes a folder in which killed processes may be writing for a moment longer.
func removeAll(dir string) error {
	var err error
	for range 20 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("notebook: remove temporary folder: %w", err)
}
