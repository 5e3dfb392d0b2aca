// Package backend opens the GoMLX backend that computes graphs. It is the only package that imports backends.
//
// The pure Go backend is always there, on every platform, without cgo. Nothing is ever downloaded: before a backend is
// opened, the environment variable GOMLX_NO_AUTO_INSTALL is set, which GoMLX's installers respect.
package backend

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
)

// Backend computes the graphs of this module. It is GoMLX's own type, safe for concurrent use.
type Backend = compute.Backend

// Environment is the variable that names a backend when the caller does not.
const Environment = compute.ConfigEnvVar

const noAutoInstall = "GOMLX_NO_AUTO_INSTALL"

// Open returns the backend that config names: "go", "onnx" for ONNX Runtime where it is compiled in, or "" for what the
// environment variable [Environment] names, and "go" where it is unset. GoMLX's own options may follow a colon, as in
// "go:ops_sequential"; for "onnx" that is the path of the library.
//
// The Go backend runs with unbounded parallelism unless told otherwise: its default, a bounded pool of workers, can
// deadlock while training (compute v0.1.6: operations inside the pool wait for further workers of it).
//
// The caller ends the backend's use with its Finalize method.
func Open(config string) (Backend, error) {
	if config == "" {
		config = os.Getenv(Environment)
	}
	name, options, _ := strings.Cut(config, ":")
	open, ok := openers[cmp.Or(name, gobackend.BackendName)]
	if !ok {
		return nil, fmt.Errorf("backend: %q is not compiled in; there is %s", config, strings.Join(slices.Sorted(maps.Keys(openers)), ", "))
	}
	if err := os.Setenv(noAutoInstall, "1"); err != nil {
		return nil, fmt.Errorf("backend: set %s: %w", noAutoInstall, err)
	}
	return open(options)
}

// openers are the backends that are compiled in.
var openers = map[string]func(options string) (Backend, error){gobackend.BackendName: openGo}

// openGo opens the Go backend. GoMLX prints a line to standard output when its option "parallelism" is set, and
// standard output belongs to our callers' data; so the same setting is made on the opened backend.
func openGo(options string) (Backend, error) {
	parallelism := -1
	var rest []string
	for option := range strings.SplitSeq(options, ",") {
		if value, ok := strings.CutPrefix(option, "parallelism="); ok {
			if _, err := fmt.Sscan(value, &parallelism); err != nil {
				return nil, fmt.Errorf("backend: %q: parallelism is not a number", options)
			}
			continue
		}
		rest = append(rest, option)
	}
	opened, err := gobackend.New(strings.Join(rest, ","))
	if err != nil {
		return nil, fmt.Errorf("backend: open Go backend: %w", err)
	}
	if err := setParallelism(opened, parallelism); err != nil {
		opened.Finalize()
		return nil, err
	}
	return opened, nil
}

var errNoPool = errors.New("backend: this version of the Go backend has no worker pool to configure; use the pinned version of compute")
