package modelio_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// BenchmarkWeights opens a folder and reads every tensor as float32; the
// medium size is that of all-MiniLM-L6-v2 (90 MB), the large one that of gte-en-mlm-base (550 MB).
func BenchmarkWeights(b *testing.B) {
	for _, size := range []struct {
		name             string
		layers, elements int
	}{{"small", 2, 10_000}, {"medium", 100, 225_000}, {"large", 140, 982_000}} {
		b.Run(size.name, func(b *testing.B) {
			dir := b.TempDir()
			var tensors []modelio.Tensor
			for i := range size.layers {
				name := fmt.Sprintf("layer.%d", i)
				tensors = append(tensors, modelio.NewF32(name, []int{size.elements}, make([]float32, size.elements)))
			}
			file, err := os.Create(filepath.Join(dir, "model.safetensors"))
			if err != nil {
				b.Fatal(err)
			}
			if err := modelio.WriteSafetensors(file, tensors, nil); err != nil {
				b.Fatal(err)
			}
			if err := file.Close(); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(4 * size.layers * size.elements))
			b.ReportAllocs()
			for b.Loop() {
				readAll(b, dir)
			}
		})
	}
}

func readAll(b *testing.B, dir string) {
	w, err := modelio.OpenWeights(os.DirFS(dir), ".")
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	for _, name := range w.Names() {
		tensor, err := w.Read(name)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tensor.Float32s(); err != nil {
			b.Fatal(err)
		}
	}
}
