package backend

// OpenAxes tells whether graphs for inference may leave the sizes of axes open, so that one graph serves texts of all lengths: ONNX
// Runtime, where every fixed shape costs a session with memory of its own. (The Go backend says that it can, and fails.)
func OpenAxes(opened Backend) bool { return opened.Name() == onnxRuntime }

// DearShapes tells whether every shape for which a graph is made costs much: XLA compiles it for seconds, and ONNX Runtime keeps memory for it.
func DearShapes(opened Backend) bool { return opened.Name() == onnxRuntime || opened.Name() == xlaName }

// onnxRuntime is what ONNX Runtime's backend calls itself.
const onnxRuntime = "onnxruntime"
