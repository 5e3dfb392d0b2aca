//go:build cgo && (linux || darwin) && (amd64 || arm64)

package backend

import (
	"fmt"
	"io"

	onnxruntime "github.com/gomlx/compute-onnx"
)

func init() { // fills what is never changed afterwards
	openers[onnxName] = openONNX
	exportONNX = exportGraph
}

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

// exportGraph compiles the graph with variables as constants, and keeps what was compiled.
func exportGraph(opened Backend, graph Graph, w io.Writer) error {
	keeper, ok := opened.(*onnxruntime.Backend)
	if !ok {
		return fmt.Errorf("backend: %T keeps no ONNX graphs", opened)
	}
	keeper.SetKeepModelProto(true)
	defer keeper.SetKeepModelProto(false)
	store := graph.Exec.Store()
	store.WithVariableAsConst(true)
	defer store.WithVariableAsConst(false)
	compiled, err := graph.Exec.Compile(graph.Inputs...)
	if err != nil {
		return fmt.Errorf("backend: export: %w", err)
	}
	if err := onnxruntime.SaveModel(opened, compiled.Executable(), w, graph.Names, graph.Outputs); err != nil {
		return fmt.Errorf("backend: export: %w", err)
	}
	return nil
}
