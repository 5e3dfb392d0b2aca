package backend

import "strings"

// OutOfMemory tells whether err comes from ONNX Runtime or XLA and says that memory ran out. (With the Go backend, it is Go that ends the
// program.)
func OutOfMemory(err error) bool {
	if err == nil {
		return false
	}
	for _, words := range []string{"Failed to allocate memory", "std::bad_alloc", "RESOURCE_EXHAUSTED", "PJRT error (code=8)"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}
