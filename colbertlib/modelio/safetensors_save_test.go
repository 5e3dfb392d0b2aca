package modelio_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

func TestSaveSafetensorsIsAllOrNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.safetensors")
	tensor := modelio.NewF32("0", []int{2}, []float32{1, 2})
	if err := modelio.SaveSafetensors(path, []modelio.Tensor{tensor}, nil); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := modelio.WriteSafetensors(&want, []modelio.Tensor{tensor}, nil); err != nil || !bytes.Equal(before, want.Bytes()) {
		t.Errorf("the file differs from what WriteSafetensors writes: %v", err)
	}
	if err := modelio.SaveSafetensors(path, []modelio.Tensor{tensor, tensor}, nil); err == nil {
		t.Error("saved two tensors of one name")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("a failed save changed the file: %v", err)
	}
}
