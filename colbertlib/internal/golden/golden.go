// Package golden gives tests the expected values that the Python originals computed. They stand in testdata, unchanged, and
// are never changed to make a test pass; testdata/README.md says what produced them and how close a result must come.
package golden

import (
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// FS is the folder testdata of this package, wherever the test that asks for it lives.
func FS(t testing.TB) fs.FS {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("golden: cannot find the source folder")
	}
	return os.DirFS(filepath.Join(filepath.Dir(file), "testdata"))
}

// Tensors reads a safetensors file of testdata.
func Tensors(t testing.TB, name string) map[string]modelio.Tensor {
	t.Helper()
	file, err := modelio.OpenSafetensors(FS(t), name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tensors := map[string]modelio.Tensor{}
	for _, name := range file.Names() {
		if tensors[name], err = file.Read(name); err != nil {
			t.Fatal(err)
		}
	}
	return tensors
}

// JSON reads a JSON file of testdata into value.
func JSON(t testing.TB, name string, value any) {
	t.Helper()
	content, err := fs.ReadFile(FS(t), path.Clean(name))
	if err == nil {
		err = json.Unmarshal(content, value)
	}
	if err != nil {
		t.Fatalf("golden: %s: %v", name, err)
	}
}

// Float32s are a tensor's values.
func Float32s(t testing.TB, tensor modelio.Tensor) []float32 {
	t.Helper()
	values, err := tensor.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// Distance is the largest absolute difference of two slices, infinite where their lengths differ or a value is not a number.
func Distance(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range a {
		difference := math.Abs(float64(a[i]) - float64(b[i]))
		if math.IsNaN(difference) {
			return math.Inf(1)
		}
		worst = max(worst, difference)
	}
	return worst
}

// Int64s are a tensor's values.
func Int64s(t testing.TB, tensor modelio.Tensor) []int64 {
	t.Helper()
	if tensor.DType != "I64" {
		t.Fatalf("golden: tensor %s is %s, want I64", tensor.Name, tensor.DType)
	}
	values := make([]int64, tensor.NumElements())
	for i := range values {
		values[i] = int64(binary.LittleEndian.Uint64(tensor.Data[8*i:]))
	}
	return values
}
