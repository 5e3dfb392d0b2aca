// Package backend finds and opens the GoMLX backend that computes graphs. It is the only package that imports backends.
//
// The pure Go backend is always there, on every platform, without cgo. ONNX Runtime is compiled in with cgo on Linux and macOS, XLA with
// the build tag xla; both are used when their library is found, see [Candidates]. Nothing is ever downloaded: before a backend is
// opened, the environment variable GOMLX_NO_AUTO_INSTALL is set, which GoMLX's installers respect.
//
// # Which results are equal
//
// One backend gives the same bits every time, for the same inputs, seed, version of its library, and kind and number of processors (not
// tried on GPUs). Another backend adds in another order. Token embeddings then differ by about 1e-6 and scores by about 1e-5, so that
// rankings are the same but for ties; a training run drifts apart slowly, as rounding is fed back, and ends with metrics that
// are as good but not the same. What all backends must agree on, and how closely, is the test Compliance in package train.
package backend

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gomlx/compute"
)

// Backend computes the graphs of this module. It is GoMLX's own type, safe for concurrent use.
type Backend = compute.Backend

// Environment is the variable that names a backend when the caller does not.
const Environment = compute.ConfigEnvVar

// Auto is the name of the backend that suits this machine best: the first of [Candidates] that works.
const Auto = "auto"

// Names lists what [Open] takes, for help texts.
const Names = "auto, go, onnx, xla:cpu, xla:cuda, onnx:LIBRARY or xla:LIBRARY"

const noAutoInstall = "GOMLX_NO_AUTO_INSTALL"

// Open returns the backend that config names: one of [Names], where LIBRARY is the path of ONNX Runtime or of a PJRT plugin and a
// name without one takes the first that is found. "" is what the environment variable [Environment] names, and "go" where it is unset.
// GoMLX's own options may follow, as in "go:ops_sequential" or "xla:cuda,tf32=true", which is faster than float32 and less exact.
//
// The Go backend runs with unbounded parallelism unless told otherwise: its default, a bounded pool of workers, can
// deadlock while training (compute v0.1.6: operations inside the pool wait for further workers of it).
//
// A process can use one library of ONNX Runtime: the first that was opened stays. The caller ends the backend's use with its Finalize method.
func Open(config string) (Backend, error) {
	asked := config != ""
	config = cmp.Or(config, os.Getenv(Environment), goName)
	if err := os.Setenv(noAutoInstall, "1"); err != nil {
		return nil, fmt.Errorf("backend: set %s: %w", noAutoInstall, err)
	}
	if config == Auto {
		opened, _, _, err := openFirst(Candidates())
		return opened, err
	}
	opened, err := openNamed(config, Candidates)
	if err != nil && !asked {
		return nil, fmt.Errorf("%w (%s says %s; without it, Go computes)", err, Environment, config)
	}
	return opened, err
}

// Choice is what [Auto] stands for on this machine.
type Choice struct {
	Config      string  // for [Open]
	Description string  // what that opens, see [Describe]
	Skipped     []error // why backends that come before it cannot be used, as far as their library or hardware is there or the environment names it
}

// Choose finds out what [Auto] stands for.
func Choose() (Choice, error) {
	if err := os.Setenv(noAutoInstall, "1"); err != nil {
		return Choice{}, fmt.Errorf("backend: set %s: %w", noAutoInstall, err)
	}
	opened, candidate, skipped, err := openFirst(Candidates())
	if err != nil {
		return Choice{}, err
	}
	defer opened.Finalize()
	return Choice{candidate.Config(), Describe(opened), skipped}, nil
}

// openFirst opens the first candidate that works, and says which of those before it one would have expected to work, and why they do not. The
// Go backend is one of them, so that an error is no usual one.
func openFirst(candidates []Candidate) (_ Backend, _ Candidate, skipped []error, _ error) {
	var problems []error
	for _, candidate := range candidates {
		opened, err := candidate.open("")
		if err == nil {
			return opened, candidate, skipped, nil
		}
		problems = append(problems, err)
		if candidate.expected || candidate.Library != "" {
			skipped = append(skipped, err)
		}
	}
	return nil, Candidate{}, nil, errors.Join(problems...)
}

// openNamed opens the backend that config names, looking for a library where config has none.
func openNamed(config string, candidates func() []Candidate) (Backend, error) {
	kind, rest, _ := strings.Cut(config, ":")
	library, options, _ := strings.Cut(rest, ",")
	switch {
	case kind == goName:
		return Candidate{Name: goName}.open(rest)
	case kind != onnxName && kind != xlaName:
		return nil, fmt.Errorf("backend: there is no backend %q; there are %s", config, Names)
	case strings.ContainsAny(library, `/\.`):
		return Candidate{Name: kind, Library: library, Err: notCompiled(kind)}.open(options)
	}
	wanted := kind
	if kind == xlaName && library != "" || kind == onnxName && library != "" && library != "cpu" {
		wanted += ":" + library
	}
	var problems []error
	for _, candidate := range candidates() {
		if candidate.Name != wanted && !strings.HasPrefix(candidate.Name, wanted+":") {
			continue
		}
		opened, err := candidate.open(options)
		if err == nil {
			return opened, nil
		}
		problems = append(problems, err)
	}
	if len(problems) == 0 {
		return nil, fmt.Errorf("backend: there is no backend %q; there are %s", config, Names)
	}
	return nil, errors.Join(problems...)
}

// Describe says what an opened backend is, in a few words and without paths.
func Describe(opened Backend) string {
	switch versioned, ok := opened.(interface{ Version() string }); {
	case ok:
		return "ONNX Runtime " + versioned.Version()
	case opened.Name() == xlaName:
		device, _, _ := strings.Cut(opened.DeviceDescription(0), " [")
		return "XLA on " + device
	}
	return opened.Name()
}
