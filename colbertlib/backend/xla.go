//go:build xla && cgo

package backend

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/go-xla/compute/xla"
)

func init() { openers[xlaName] = openXLA } // fills a table that is never changed afterwards

func openXLA(library, options string) (Backend, error) {
	if err := findCUDATools(library); err != nil {
		return nil, err
	}
	if strings.Contains(filepath.Base(library), "cuda") && !strings.Contains(options, "tf32") {
		// By default GPUs multiply with 10 bits of mantissa, and scores would differ from other backends' in the fourth digit.
		options = strings.TrimPrefix(options+",tf32=false", ",")
	}
	if options != "" {
		library += "," + options
	}
	return xla.New(library)
}

// findCUDATools tells XLA where NVIDIA's compiler is when the plugin lies among Python's packages, as PACKAGES/jax_plugins/xla_cuda13/: in
// PACKAGES/nvidia. go-xla knows its own layout only.
func findCUDATools(plugin string) error {
	packages := filepath.Dir(filepath.Dir(filepath.Dir(plugin)))
	tools, _ := filepath.Glob(packages + "/nvidia/cu1[23]") // the only error is one in the pattern
	flags := os.Getenv("XLA_FLAGS")
	if len(tools) == 0 || !strings.Contains(filepath.Base(plugin), "cuda") || strings.Contains(flags, "xla_gpu_cuda_data_dir") {
		return nil
	}
	if err := os.Setenv("GOPJRT_CUDA_CHECKS", "no"); err != nil { // or go-xla warns that it does not find them
		return err
	}
	return os.Setenv("XLA_FLAGS", strings.TrimSpace(flags+" --xla_gpu_cuda_data_dir="+tools[0]))
}
