package modelcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// fit is how the tensors of a file fit a configuration.
type fit struct {
	tensors       map[string]modelio.Tensor // by canonical name
	encoder, head problems
	unused        []string // names in the file
}

// problems are the parameters that are missing or wrong, in the order of the architecture.
type problems struct {
	names []string
	first string // what is wrong with the first
	all   bool   // whether nothing else is there
}

func (p problems) String() string {
	if more := len(p.names) - 1; more > 0 {
		return fmt.Sprintf("%s, and %d more parameters", p.first, more)
	}
	return p.first
}

// match looks for every parameter, whole or in parts, by the rules by which models are loaded (see internal/colbert).
func match(config encoder.Config, tensors []modelio.Tensor) fit {
	f := fit{tensors: make(map[string]modelio.Tensor, len(tensors)), unused: []string{}}
	for _, tensor := range tensors {
		f.tensors[config.CanonicalName(tensor.Name)] = tensor
	}
	used := map[string]bool{}
	f.encoder.all, f.head.all = true, true
	for _, param := range config.Params() {
		list := &f.encoder
		if param.MLM {
			list = &f.head
		}
		for _, name := range f.find(param) {
			used[name] = true
			problem := f.problem(param, name)
			if problem == "" {
				list.all = false
				continue
			}
			if len(list.names) == 0 {
				list.first = problem
			}
			list.names = append(list.names, name)
		}
	}
	for name, tensor := range f.tensors {
		if !used[name] {
			f.unused = append(f.unused, tensor.Name)
		}
	}
	slices.Sort(f.unused)
	return f
}

// find returns the canonical names under which a parameter is kept: its own, or those of its parts.
func (f fit) find(param encoder.Param) []string {
	_, whole := f.tensors[param.Name]
	if !whole && len(param.Parts) > 0 {
		if _, split := f.tensors[param.Parts[0]]; split {
			return param.Parts
		}
	}
	return []string{param.Name}
}

// problem says what is wrong with the tensor called name that is a parameter, or one of its parts.
func (f fit) problem(param encoder.Param, name string) string {
	shape := slices.Clone(param.Shape)
	if name != param.Name {
		shape[0] /= len(param.Parts)
	}
	tensor, ok := f.tensors[name]
	switch {
	case !ok:
		return fmt.Sprintf("%s %v is missing", name, shape)
	case !slices.Equal(tensor.Shape, shape):
		return fmt.Sprintf("%s has shape %v, expected %v", tensor.Name, tensor.Shape, shape)
	case !slices.Contains(floats, tensor.DType):
		return fmt.Sprintf("%s has type %s, expected %s", tensor.Name, tensor.DType, strings.Join(floats, ", "))
	case name != param.Name && tensor.DType != f.tensors[param.Parts[0]].DType:
		return fmt.Sprintf("%s has type %s, unlike the other parts of %s", tensor.Name, tensor.DType, param.Name)
	}
	return ""
}

// floats are the types that weights may have.
var floats = []string{"F32", "F16", "BF16", "F64"}
