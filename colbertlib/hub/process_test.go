package hub

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/hub/fakehub"
)

// TestMain makes this program also one that fetches a model and ends.
func TestMain(m *testing.M) {
	if os.Getenv("HUB_TEST_FETCH") == "" {
		os.Exit(m.Run())
	}
	c, err := FromEnvironment()
	if err == nil {
		_, err = c.Snapshot(context.Background(), Ref{repo, "main"})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fetching is a process that fetches the model into the cache of the test's environment.
func fetching(t *testing.T) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(program)
	process.Env = append(os.Environ(), "HUB_TEST_FETCH=1")
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	return process
}

// downloads are the ranges in which the Hub was asked for the weights.
func downloads(h *fakehub.Hub) []string {
	var ranges []string
	for _, request := range h.Requests {
		if path, byteRange, _ := strings.Cut(request, " "); strings.HasSuffix(path, "model.safetensors") {
			ranges = append(ranges, byteRange)
		}
	}
	return ranges
}

func TestTwoProcesses(t *testing.T) {
	h, c := start(t, nil)
	for _, process := range []*exec.Cmd{fetching(t), fetching(t)} {
		if err := process.Wait(); err != nil {
			t.Error(err)
		}
	}
	c.Offline = true
	dir, err := c.Snapshot(t.Context(), ref(t, repo))
	if err != nil || read(t, dir, "model.safetensors") != weights {
		t.Errorf("got %v", err)
	}
	if got := downloads(h); !slices.Equal(got, []string{""}) {
		t.Errorf("the weights were fetched in ranges %q, want once", got)
	}
}

func TestKilledProcess(t *testing.T) {
	h, c := start(t, nil)
	const half = 100_000
	first := true
	h.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		if !first || !strings.HasSuffix(r.URL.Path, "model.safetensors") || strings.Contains(r.URL.Path, "resolve") {
			return false
		}
		first = false
		w.Header().Set("Content-Length", strconv.Itoa(len(weights)))
		io.WriteString(w, weights[:half])
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-r.Context().Done() // the process is killed
		return true
	}
	killed := fetching(t)
	for size := int64(0); size < half; time.Sleep(time.Millisecond) {
		if partial, _ := filepath.Glob(filepath.Join(c.Cache, "*", "blobs", "*.incomplete")); len(partial) > 0 {
			if info, err := os.Stat(partial[0]); err == nil {
				size = info.Size()
			}
		}
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if killed.Wait() == nil {
		t.Fatal("the process ended by itself")
	}
	if err := fetching(t).Wait(); err != nil {
		t.Fatal(err)
	}
	dir, err := c.Snapshot(t.Context(), ref(t, repo))
	if err != nil || read(t, dir, "model.safetensors") != weights {
		t.Errorf("got %v", err)
	}
	if got := downloads(h); !slices.Equal(got, []string{"", fmt.Sprintf("bytes=%d-", half)}) {
		t.Errorf("the weights were fetched in ranges %q, want the second to begin where the first ended", got)
	}
}
