package golden

import (
	"cmp"
	"os"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
)

// backendVariable names the backend on which tests of golden values compute. Those called Compliance are what every backend must pass:
// hidden states, logits, gradients, scores, and a whole training run.
//
//	JOBTAGGER_TEST_BACKEND=onnx go test -run Compliance ./colbertlib/...
const backendVariable = "JOBTAGGER_TEST_BACKEND"

// OpenBackend opens the backend that tests compute on, for the time of the test: the pure Go one, whatever else the machine has, unless
// the environment names another.
func OpenBackend(t testing.TB) backend.Backend {
	t.Helper()
	opened, err := backend.Open(cmp.Or(os.Getenv(backendVariable), "go"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(opened.Finalize)
	return opened
}
