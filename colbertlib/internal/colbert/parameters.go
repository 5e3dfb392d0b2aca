package colbert

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/internal/nearest"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// scope is where the store keeps parameters, under their canonical names.
const scope = "/weights/"

// Parameters are named float32 tensors in a GoMLX store, which graphs read and training changes.
type Parameters struct {
	Store   *model.Store
	backend backend.Backend // in whose memory they are made, so that there is one copy only
	names   []string        // in the order of creation
}

// NewParameters returns an empty set for graphs on that backend.
func NewParameters(opened backend.Backend) *Parameters {
	return &Parameters{Store: model.NewStore(), backend: opened}
}

// Add creates a parameter. It copies values.
func (p *Parameters) Add(name string, shape []int, values []float32) error {
	return p.create(name, shape, func(buffer []byte) error {
		if len(buffer) != 4*len(values) {
			return fmt.Errorf("%d values for shape %v", len(values), shape)
		}
		copy(buffer, dtypes.UnsafeByteSliceFromAny(values))
		return nil
	})
}

// create makes a parameter whose little-endian float32 values fill writes.
func (p *Parameters) create(name string, shape []int, fill func(buffer []byte) error) error {
	tensor, err := tensors.FromShapeForBackend(p.backend, 0, shapes.Make(dtypes.Float32, shape...))
	if err == nil {
		var filled error
		err = tensor.MutableBytes(func(buffer []byte) { filled = fill(buffer) })
		err = errors.Join(filled, err)
	}
	if err != nil {
		return fmt.Errorf("parameter %s: %w", name, err)
	}
	if _, err := p.Store.CreateVariable(scope+name, tensor); err != nil {
		return fmt.Errorf("parameter %s: %w", name, err)
	}
	p.names = append(p.names, name)
	return nil
}

// Tensors copies the parameters' values, in the order of their creation.
func (p *Parameters) Tensors() ([]modelio.Tensor, error) {
	list := make([]modelio.Tensor, len(p.names))
	for i, name := range p.names {
		value, err := p.Store.GetVariable(scope + name).Value()
		if err != nil {
			return nil, fmt.Errorf("colbert: parameter %s: %w", name, err)
		}
		values, err := tensors.CopyFlatData[float32](value)
		if err != nil {
			return nil, fmt.Errorf("colbert: parameter %s: %w", name, err)
		}
		list[i] = modelio.NewF32(name, value.Shape().Dimensions, values)
	}
	return list, nil
}

// Set replaces the value of an existing parameter by one of the same shape.
func (p *Parameters) Set(tensor modelio.Tensor) error {
	variable := p.Store.GetVariable(scope + tensor.Name)
	if variable == nil {
		return fmt.Errorf("colbert: the model has no parameter %s; the nearest is %s", tensor.Name, nearest.Name(tensor.Name, p.names))
	}
	values, err := tensor.Float32s()
	if err != nil {
		return fmt.Errorf("colbert: %w", err)
	}
	if !slices.Equal(variable.Shape().Dimensions, tensor.Shape) {
		return fmt.Errorf("colbert: parameter %s has shape %v, want %v", tensor.Name, tensor.Shape, variable.Shape().Dimensions)
	}
	if err := variable.SetValue(tensors.FromFlatDataAndDimensions(values, tensor.Shape...)); err != nil {
		return fmt.Errorf("colbert: parameter %s: %w", tensor.Name, err)
	}
	return nil
}

// AddEncoder creates the encoder's parameters from a checkpoint, with or without the masked language modelling head, and returns
// the names of the checkpoint's tensors that have no place in it. Tensors that are missing or of another shape are an error.
func (p *Parameters) AddEncoder(config encoder.Config, checkpoint *modelio.Weights, mlm bool) (unused []string, err error) {
	if names := len(checkpoint.Names()); config.Layers > names { // a hostile number would make a list of as many parameters
		return nil, fmt.Errorf("colbert: config.json says %d layers, but the weights are %d tensors only", config.Layers, names)
	}
	fileNames := map[string]string{} // by canonical name
	for _, name := range checkpoint.Names() {
		fileNames[config.CanonicalName(name)] = name
	}
	var problems []string
	for _, param := range config.Params() {
		if param.MLM && !mlm {
			continue
		}
		files, problem := findParam(param, checkpoint, fileNames)
		if problem != "" {
			problems = append(problems, problem)
			continue
		}
		if err := p.read(param, checkpoint, files); err != nil {
			return nil, fmt.Errorf("colbert: %w", err)
		}
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("colbert: the weights do not fit config.json (%s): %s", config.Family, summary(problems))
	}
	for _, fileName := range fileNames {
		unused = append(unused, fileName)
	}
	slices.Sort(unused)
	return unused, nil
}

// findParam finds the tensors that hold a parameter, whole or in parts, and takes them out of fileNames, which are by canonical name. A
// problem says what is missing or of another shape.
func findParam(param encoder.Param, checkpoint *modelio.Weights, fileNames map[string]string) (files []modelio.Tensor, problem string) {
	names := []string{param.Name}
	if _, whole := fileNames[param.Name]; !whole && len(param.Parts) > 0 && fileNames[param.Parts[0]] != "" {
		names = param.Parts
	}
	shape := slices.Clone(param.Shape)
	shape[0] /= len(names)
	for _, name := range names {
		fileName, ok := fileNames[name]
		if !ok {
			return nil, fmt.Sprintf("%s %v is missing (the nearest is %s)", name, shape, nearest.Name(name, checkpoint.Names()))
		}
		delete(fileNames, name)
		part, _ := checkpoint.Info(fileName)
		if !slices.Equal(part.Shape, shape) {
			return nil, fmt.Sprintf("%s has shape %v, want %v", fileName, part.Shape, shape)
		}
		files = append(files, part)
	}
	return files, ""
}

// read creates a parameter from the tensors that hold it, one behind the other.
func (p *Parameters) read(param encoder.Param, checkpoint *modelio.Weights, files []modelio.Tensor) error {
	return p.create(param.Name, param.Shape, func(buffer []byte) error {
		size := len(buffer) / len(files)
		for i, file := range files {
			part := buffer[i*size : (i+1)*size]
			if file.DType == "F32" { // from the disk to its place, without a copy on the way
				if err := checkpoint.ReadInto(file.Name, part); err != nil {
					return err
				}
				continue
			}
			tensor, err := checkpoint.Read(file.Name)
			if err != nil {
				return err
			}
			values, err := tensor.Float32s()
			if err != nil {
				return err
			}
			copy(part, dtypes.UnsafeByteSliceFromAny(values))
		}
		return nil
	})
}

func (p *Parameters) addTensor(name string, tensor modelio.Tensor) error {
	values, err := tensor.Float32s()
	if err != nil {
		return err
	}
	return p.Add(name, tensor.Shape, values)
}

// summary joins the first few problems and counts the others.
func summary(problems []string) string {
	const shown = 5
	text := strings.Join(problems[:min(shown, len(problems))], "; ")
	if more := len(problems) - shown; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// initializerRange is the standard deviation of initial weights, BERT's.
const initializerRange = 0.02

// AddRandomEncoder creates the encoder's parameters for training from nothing, as BERT does: weights drawn from a normal
// distribution of standard deviation 0.02, biases 0, LayerNorm gains 1. Position embeddings begin as waves.
func (p *Parameters) AddRandomEncoder(config encoder.Config, mlm bool, seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 0))
	for _, param := range config.Params() {
		if param.MLM && !mlm {
			continue
		}
		size := 1
		for _, dim := range param.Shape {
			size *= dim
		}
		values := make([]float32, size)
		if strings.HasSuffix(param.Name, "position_embeddings.weight") {
			fillWithWaves(values, param.Shape[1])
		} else if len(param.Shape) > 1 {
			for i := range values {
				values[i] = float32(initializerRange * rng.NormFloat64())
			}
		} else if strings.HasSuffix(param.Name, ".weight") { // the only vectors called weight are gains
			for i := range values {
				values[i] = 1
			}
		}
		if err := p.Add(param.Name, param.Shape, values); err != nil {
			return fmt.Errorf("colbert: %w", err)
		}
	}
	return nil
}

// fillWithWaves sets a table of position embeddings [positions, H] to sines and cosines of the position (Vaswani et al. 2017, section 3.5),
// so that a linear map can say "the token before": attention to neighbours need not be learnt for each position.
func fillWithWaves(values []float32, hidden int) {
	for i := range values {
		position, dim := i/hidden, i%hidden
		angle := float64(position) * math.Pow(10_000, -float64(dim/2*2)/float64(hidden))
		wave := math.Sin(angle)
		if dim%2 == 1 {
			wave = math.Cos(angle)
		}
		values[i] = float32(initializerRange * math.Sqrt2 * wave) // whose mean square is that of the other weights
	}
}
