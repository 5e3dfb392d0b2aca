package notebook_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/notebook"
)

func ExampleRun() {
	o := notebook.Options{
		GoNB:       testOptions().GoNB, // bin/gonb, with bin/goimports beside it
		Repository: filepath.Join("..", ".."),
		CellTime:   5 * time.Minute,
	}
	report, err := notebook.Run(context.Background(), o, filepath.Join("testdata", "good.ipynb"), "")
	var failed *notebook.CellError
	if errors.As(err, &failed) {
		fmt.Println("cell", failed.Cell, "failed:", failed.Err)
	}
	fmt.Println(len(report.Cells), "cells", err)
	// Output: 3 cells <nil>
}

func ExampleCheck() {
	fmt.Println(notebook.Check(filepath.Join("testdata", "good.executed.ipynb")))
	// Output: <nil>
}

func ExampleInstall() {
	dir, err := os.MkdirTemp("", "jupyter-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	os.Setenv("JUPYTER_DATA_DIR", dir)
	defer os.Unsetenv("JUPYTER_DATA_DIR")
	path, err := notebook.Install(notebook.Options{GoNB: testOptions().GoNB, Repository: filepath.Join("..", ".."), Env: []string{"GOEXPERIMENT=simd"}})
	fmt.Println(filepath.Base(path), err)
	// Output: kernel.json <nil>
}
