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
	Remedy  string // the command that would help if it cannot be used, if there is one

	expected bool // the environment names its library or its hardware is there, so that it is a surprise if it cannot be used
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

// Candidates lists the backends in the order in which [Auto] tries them, each kind with every library that was found for it, or once without
// one: XLA on a GPU, ONNX Runtime, XLA on the processor, Go. On the processor XLA and ONNX Runtime are about as fast (README.md, Speed), but XLA
// compiles for seconds when it meets a new shape, so that few texts are done earlier by the other. Libraries are looked for in the environment
// (ONNXRUNTIME_SHARED_LIBRARY_PATH, PJRT_PLUGIN_LIBRARY_PATH), among the packages of the Python on the PATH, and in the system's folders.
// Nothing is opened or executed.
func Candidates() []Candidate {
	return thisMachine().candidates()
}

func (m machine) candidates() []Candidate {
	noGPU, cuda := m.cudaProblem(), m.cudaPlugins()
	var all []Candidate
	all = append(all, m.withLibraries(Candidate{Name: xlaCUDA, Err: noGPU, expected: noGPU == nil}, cuda)...)
	all = append(all, m.withLibraries(Candidate{Name: onnxName, expected: m.named(onnxName) != ""}, m.onnxLibraries())...)
	all = append(all, m.withLibraries(Candidate{Name: xlaCPU, expected: m.named(xlaCPU) != "" && len(cuda) == 0}, m.cpuPlugins())...)
	return append(all, Candidate{Name: goName})
}

// withLibraries makes candidates of one kind. If c has an error, that speaks against all of them, and no command helps.
func (m machine) withLibraries(c Candidate, libraries []string) []Candidate {
	kind, _, _ := strings.Cut(c.Name, ":")
	missing := notCompiled(kind)
	switch {
	case c.Err != nil:
	case missing != nil:
		c.Err, c.Remedy = missing, buildCommand(kind)
	case len(libraries) == 0:
		c.Err, c.Remedy = fmt.Errorf("backend: found no library for %s", c.Name), m.installCommand(c.Name, false)
	case c.Name != xlaCUDA: // where it may as well be driver or device that does not work
		c.Remedy = m.installCommand(c.Name, true)
	}
	if missing != nil || len(libraries) == 0 {
		return []Candidate{c}
	}
	var list []Candidate
	for _, library := range libraries {
		c.Library = library
		if kind == onnxName {
			c.Err = checkVersion(m.version(library))
		}
		list = append(list, c)
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
