//go:build cgo && (linux || darwin) && (amd64 || arm64)

package backend

import onnxruntime "github.com/gomlx/compute-onnx"

func init() { openers[onnxName] = openONNX } // fills a table that is never changed afterwards

func openONNX(library, options string) (Backend, error) {
	onnxruntime.EnableAutoInstall(false)
	config := "cpu," + library
	if options != "" {
		config += "," + options
	}
	opened, err := onnxruntime.New(config)
	if err != nil {
		return nil, err
	}
	if versioned, ok := opened.(*onnxruntime.Backend); ok {
		if err := checkVersion(versioned.Version()); err != nil {
			opened.Finalize()
			return nil, err
		}
	}
	return opened, nil
}
