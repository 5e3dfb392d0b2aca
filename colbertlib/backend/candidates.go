package backend

import (
	"errors"
	"fmt"
	"strings"
)

// Names of the backends. Those of XLA's candidates go on with a colon and cpu or cuda.
const (
	goName   = "go"
	onnxName = "onnx"
	xlaName  = "xla"
	xlaCPU   = xlaName + ":cpu"
	xlaCUDA  = xlaName + ":cuda"
)

// openers open the backends that are compiled in, by the first part of their name. They are given the path of the library and options.
var openers = map[string]func(library, options string) (Backend, error){goName: openGo}

// Candidate is a backend that may compute on this machine.
type Candidate struct {
	Name    string // go, onnx, xla:cpu or xla:cuda
	Library string // path of what it needs; empty for go and where none was found
	Err     error  // why it cannot be used; nil if nothing speaks against it so far
	Remedy  string // the command that would help, if there is one
}

// Config is the candidate's name for [Open].
func (c Candidate) Config() string {
	kind, _, _ := strings.Cut(c.Name, ":")
	if c.Library == "" {
		return c.Name
	}
	return kind + ":" + c.Library
}

func (c Candidate) open(options string) (Backend, error) {
	if c.Err != nil {
		return nil, c.hint(c.Err)
	}
	kind, _, _ := strings.Cut(c.Name, ":")
	opened, err := openers[kind](c.Library, options)
	if err != nil && c.Library != "" {
		return nil, c.hint(fmt.Errorf("backend: open %s with %s: %w", c.Name, c.Library, err))
	}
	return opened, err
}

func (c Candidate) hint(err error) error {
	if c.Remedy == "" {
		return err
	}
	return fmt.Errorf("%w; this helps: %s", err, c.Remedy)
}

// Candidates lists the backends, the fastest first and go last, each kind with every library that was found for it, or once without one.
// Libraries are looked for in the environment (ONNXRUNTIME_SHARED_LIBRARY_PATH, PJRT_PLUGIN_LIBRARY_PATH), among the packages of the Python on
// the PATH, and in the system's folders. Nothing is opened or executed.
func Candidates() []Candidate {
	return thisMachine().candidates()
}

func (m machine) candidates() []Candidate {
	var all []Candidate
	all = append(all, m.withLibraries(xlaCUDA, m.cudaPlugins(), m.cudaProblem())...)
	all = append(all, m.withLibraries(onnxName, m.onnxLibraries(), nil)...)
	all = append(all, m.withLibraries(xlaCPU, m.cpuPlugins(), nil)...)
	return append(all, Candidate{Name: goName})
}

// withLibraries makes candidates of one kind. problem speaks against all of them.
func (m machine) withLibraries(name string, libraries []string, problem error) []Candidate {
	kind, _, _ := strings.Cut(name, ":")
	if err := notCompiled(kind); err != nil {
		return []Candidate{{Name: name, Err: err}}
	}
	if problem == nil && len(libraries) == 0 {
		return []Candidate{{Name: name, Err: fmt.Errorf("backend: found no library for %s", name), Remedy: remedy(name)}}
	}
	if len(libraries) == 0 {
		return []Candidate{{Name: name, Err: problem}}
	}
	var list []Candidate
	for _, library := range libraries {
		candidate := Candidate{Name: name, Library: library, Err: problem}
		if kind == onnxName {
			if candidate.Err = checkVersion(m.version(library)); candidate.Err != nil {
				candidate.Remedy = remedy(name)
			}
		}
		list = append(list, candidate)
	}
	return list
}

// notCompiled says how to build a program that has the backend, if this one has not.
func notCompiled(kind string) error {
	if _, ok := openers[kind]; ok {
		return nil
	}
	if kind == xlaName {
		return errors.New("backend: XLA is not compiled in; build with cgo and -tags xla")
	}
	return errors.New("backend: ONNX Runtime is not compiled in; build with cgo (CGO_ENABLED=1 and a C compiler) on Linux or macOS")
}
