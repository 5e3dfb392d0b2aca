package backend_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
)

func TestOpenComputes(t *testing.T) {
	for _, config := range []string{"go", "go:parallelism=2", "go:ops_sequential"} {
		t.Run(config, func(t *testing.T) {
			opened, err := backend.Open(config)
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Finalize()
			sum, err := graph.CallOnce(opened, func(x *graph.Node) *graph.Node { return graph.ReduceAllSum(x) }, []float32{1, 2, 3})
			if err != nil {
				t.Fatal(err)
			}
			if got := tensors.ToScalar[float32](sum); got != 6 {
				t.Errorf("1+2+3 = %v", got)
			}
		})
	}
}

// Standard output carries our callers' data, so opening a backend must not print there, as GoMLX does by itself.
func TestOpenPrintsNothing(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = writer
	opened, err := backend.Open("go")
	os.Stdout = stdout
	writer.Close()
	if err != nil {
		t.Fatal(err)
	}
	opened.Finalize()
	printed, err := io.ReadAll(reader)
	if err != nil || len(printed) != 0 {
		t.Errorf("printed %q, %v", printed, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for config, want := range map[string]string{
		"tpu":                 "there is no backend",
		"go:parallelism=many": "not a number",
		"go:no_such_option":   "no_such_option",
	} {
		if _, err := backend.Open(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%q) = %v; want an error with %q", config, err, want)
		}
	}
	t.Setenv(backend.Environment, "tpu")
	if _, err := backend.Open(""); err == nil || !strings.Contains(err.Error(), "GOMLX_BACKEND says tpu") {
		t.Errorf("Open with another backend in the environment: %v", err)
	}
	if len(compute.List()) == 0 {
		t.Error("no backend is registered")
	}
}

// The messages are those of ONNX Runtime 1.32 and XLA, seen when their address space was limited, and of XLA's status codes: 8 is RESOURCE_EXHAUSTED.
func TestOutOfMemoryIsRecognised(t *testing.T) {
	for message, want := range map[string]bool{
		"BFCArena::AllocateRawInternal(...) Failed to allocate memory for requested buffer of size 28387584": true,
		"RESOURCE_EXHAUSTED: Out of memory allocating 8589934592 bytes":                                      true,
		"PJRT error (code=8): Out of memory allocating 40391760 bytes.":                                      true,
		"PJRT error (code=3): Invalid buffer passed to Execute()":                                            false,
		"std::bad_alloc": true, "no such file": false,
	} {
		if got := backend.OutOfMemory(fmt.Errorf("colbert: encode: %w", errors.New(message))); got != want {
			t.Errorf("%s: %v", message, got)
		}
	}
	if backend.OutOfMemory(nil) {
		t.Error("no error")
	}
}
