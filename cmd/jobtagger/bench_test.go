package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/benchmark"
)

func TestBench(t *testing.T) {
	workplace(t)
	var got benchmarks
	if err := json.Unmarshal([]byte(must(t, "", "bench", "--model", "my/encoder", "--ads", "5", "--rounds", "1", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Reports) != 1 || got.Reports[0].Backend != "Go Backend" || len(got.Reports[0].Stages) != benchmark.Stages || got.Reports[0].Tokens < 10 {
		t.Errorf("%+v", got.Reports)
	}
	table := must(t, "", "bench", "--size", "1x64", "--ads", "5", "--rounds", "1")
	if lines := strings.Count(table, "\n"); lines != benchmark.Stages+2 || !strings.Contains(table, "train step") || !strings.Contains(table, "100 %") {
		t.Errorf("bench prints\n%s", table)
	}
}

// Whether one backend is measured here or all are in processes of their own, a wrong flag is one.
func TestBenchRefuses(t *testing.T) {
	workplace(t)
	for _, name := range []string{"go", ""} {
		t.Setenv(backend.Environment, name)
		for _, args := range [][]string{{"--ads", "0"}, {"--rounds", "0"}, {"--size", "big"}, {"--ads", "100000"}} {
			if status, _, stderr := jobtagger(t, "", append([]string{"bench"}, args...)...); status != usage {
				t.Errorf("backend %q, %q: status %d\n%s", name, args, status, stderr)
			}
		}
	}
}

// Without a name, every backend is measured by a process of its own; one that fails leaves the others.
func TestBenchMeasuresBackendsApart(t *testing.T) {
	workplace(t)
	t.Setenv(backend.Environment, "")
	t.Setenv("ONNXRUNTIME_SHARED_LIBRARY_PATH", "/no/such/library.so")
	status, stdout, stderr := jobtagger(t, "", "bench", "--model", "my/encoder", "--ads", "5", "--rounds", "1", "--json")
	var got benchmarks
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || status != fine || len(got.Reports) == 0 || got.Reports[len(got.Reports)-1].Backend != "Go Backend" {
		t.Errorf("status %d, %v\n%s\n%s", status, err, stdout, stderr)
	}
}

func TestExportNeedsONNXRuntime(t *testing.T) {
	workplace(t)
	if status, _, stderr := jobtagger(t, "", "model", "export", "my/encoder", "model.txt"); status != usage || !strings.Contains(stderr, ".onnx") {
		t.Errorf("another name: status %d\n%s", status, stderr)
	}
	if status, _, stderr := jobtagger(t, "", "model", "export", "my/encoder", "model.onnx", "--backend", "go"); status != failure || !strings.Contains(stderr, "only the backend onnx") {
		t.Errorf("another backend: status %d\n%s", status, stderr)
	}
	if files, _ := filepath.Glob("*.onnx*"); len(files) > 0 {
		t.Errorf("it left %q", files)
	}
}
