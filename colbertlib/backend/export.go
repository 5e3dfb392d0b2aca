package backend

import (
	"errors"
	"io"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/ml/model"
)

// Graph is a computation to be exported.
type Graph struct {
	Exec    *model.Exec    // on ONNX Runtime, its axes as open as the exported file's shall be
	Inputs  []shapes.Shape // of what it takes
	Names   []string       // of these inputs
	Outputs []string       // names of what it returns
}

// ExportONNX writes a graph as a file of the ONNX format, variables' values included. Nothing else may use the graph's store meanwhile. It
// needs ONNX Runtime, whose backend writes its graphs in that format; opened is it.
func ExportONNX(opened Backend, graph Graph, w io.Writer) error {
	if opened.Name() != onnxRuntime || exportONNX == nil {
		return errors.New("backend: only the backend onnx can export to ONNX; open the model with it")
	}
	return exportONNX(opened, graph, w)
}

// exportONNX is there where ONNX Runtime is compiled in.
var exportONNX func(opened Backend, graph Graph, w io.Writer) error
