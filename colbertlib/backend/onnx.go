//go:build cgo && linux && amd64

package backend

import (
	"fmt"

	onnxruntime "github.com/gomlx/compute-onnx"
)

// ONNX Runtime is compiled in wherever cgo is, and used when its library is found: as "onnx:/path/to/libonnxruntime.so.1.x.y", or through
// the environment variable ONNXRUNTIME_SHARED_LIBRARY_PATH. Version 1.22 or later; the official Python wheel carries it.
func init() { // fills a table that is never changed afterwards
	openers["onnx"] = openONNX
}

func openONNX(options string) (Backend, error) {
	onnxruntime.EnableAutoInstall(false)
	config := "cpu"
	if options != "" && options != "cpu" {
		config += "," + options
	}
	opened, err := onnxruntime.New(config)
	if err != nil {
		return nil, fmt.Errorf("backend: open ONNX Runtime: %w", err)
	}
	return opened, nil
}
