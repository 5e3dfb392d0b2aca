package modelio

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

const (
	weightsFile = "model.safetensors"
	indexFile   = "model.safetensors.index.json"
)

// Weights is the tensors of a model folder, from one safetensors file or from several that an index file joins.
// Its methods are safe for concurrent use, Close excepted.
type Weights struct {
	names []string                // in the order of the files, then of the tensors in them
	where map[string]*Safetensors // by tensor name
	files []*Safetensors
	given map[string]Tensor // tensors in memory instead
}

// NewWeights returns weights that are in memory, in the given order; names that are given twice are an error when the
// weights are written. Close does nothing.
func NewWeights(tensors []Tensor) *Weights {
	w := &Weights{given: make(map[string]Tensor, len(tensors))}
	for _, t := range tensors {
		w.names = append(w.names, t.Name)
		w.given[t.Name] = t
	}
	return w
}

// OpenWeights opens the weights in a folder: model.safetensors, or the files that model.safetensors.index.json names.
// Only headers are read. PyTorch's pytorch_model.bin, which can run code when it is loaded, is refused with the way to
// convert it. The caller closes the result. Missing weights are an error that wraps [fs.ErrNotExist].
func OpenWeights(fsys fs.FS, dir string) (*Weights, error) {
	name := path.Join(dir, weightsFile)
	if exists(fsys, name) {
		file, err := OpenSafetensors(fsys, name)
		if err != nil {
			return nil, err
		}
		w := &Weights{where: map[string]*Safetensors{}}
		w.add(file, file.names)
		return w, nil
	}
	if exists(fsys, path.Join(dir, indexFile)) {
		return openShards(fsys, dir)
	}
	for _, pickled := range []string{"pytorch_model.bin", "pytorch_model.bin.index.json"} {
		if exists(fsys, path.Join(dir, pickled)) {
			return nil, fmt.Errorf("modelio: %s: only %s, which is not read because a pickle can run code; convert it in Python: "+
				"load it with the library that wrote it and save it again, for an encoder AutoModelForMaskedLM.from_pretrained(FOLDER).save_pretrained(FOLDER)", dir, pickled)
		}
	}
	return nil, fmt.Errorf("modelio: %s: no %s and no %s: %w", dir, weightsFile, indexFile, fs.ErrNotExist)
}

// openShards opens the files that the index names: {"weight_map": {tensor: file}, "metadata": {…}}.
func openShards(fsys fs.FS, dir string) (_ *Weights, err error) {
	name := path.Join(dir, indexFile)
	content, err := readBounded(fsys, name)
	if err != nil {
		return nil, err
	}
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(content, &index); err != nil {
		return nil, fmt.Errorf("modelio: %s: %w", name, err)
	}
	if len(index.WeightMap) == 0 {
		return nil, fmt.Errorf(`modelio: %s: "weight_map" is missing or empty`, name)
	}
	w := &Weights{where: map[string]*Safetensors{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	for _, shard := range slices.Compact(slices.Sorted(maps.Values(index.WeightMap))) {
		if shard == "" || strings.ContainsAny(shard, `/\`) || !fs.ValidPath(shard) {
			return nil, fmt.Errorf("modelio: %s: %q is not the name of a file in the same folder", name, shard)
		}
		file, err := OpenSafetensors(fsys, path.Join(dir, shard))
		if err != nil {
			return nil, fmt.Errorf("%w (named by %s)", err, indexFile)
		}
		w.add(file, slices.DeleteFunc(file.Names(), func(tensor string) bool { return index.WeightMap[tensor] != shard }))
	}
	for tensor, shard := range index.WeightMap {
		if _, ok := w.where[tensor]; !ok {
			return nil, fmt.Errorf("modelio: %s: tensor %q is not in %s", name, tensor, shard)
		}
	}
	return w, nil
}

func (w *Weights) add(file *Safetensors, names []string) {
	w.files = append(w.files, file)
	w.names = append(w.names, names...)
	for _, name := range names {
		w.where[name] = file
	}
}

// Names returns the tensors' names in the order of the files.
func (w *Weights) Names() []string { return slices.Clone(w.names) }

// Info returns the tensor of that name without its Data, and whether there is one.
func (w *Weights) Info(name string) (Tensor, bool) {
	if t, ok := w.given[name]; ok {
		t.Data = nil
		return t, true
	}
	file, ok := w.where[name]
	if !ok {
		return Tensor{}, false
	}
	return file.Info(name)
}

// Read returns the tensor of that name. Data from a file is the caller's own.
func (w *Weights) Read(name string) (Tensor, error) {
	if t, ok := w.given[name]; ok {
		return t, nil
	}
	file, ok := w.where[name]
	if !ok {
		return Tensor{}, fmt.Errorf("modelio: %s: no tensor %q among its %d", w.source(), name, len(w.names))
	}
	return file.Read(name)
}

// ReadInto fills data, which must have the size of the tensor of that name, with its bytes.
func (w *Weights) ReadInto(name string, data []byte) error {
	if t, ok := w.given[name]; ok {
		if len(t.Data) != len(data) {
			return fmt.Errorf("modelio: tensor %q has %d bytes, there is room for %d", name, len(t.Data), len(data))
		}
		copy(data, t.Data)
		return nil
	}
	file, ok := w.where[name]
	if !ok {
		return fmt.Errorf("modelio: %s: no tensor %q among its %d", w.source(), name, len(w.names))
	}
	return file.ReadInto(name, data)
}

// Metadata returns the notes of all files together.
func (w *Weights) Metadata() map[string]string {
	all := map[string]string{}
	for _, file := range w.files {
		maps.Copy(all, file.metadata)
	}
	return all
}

// Close closes the files. Tensors that were read stay valid.
func (w *Weights) Close() error {
	errs := make([]error, len(w.files))
	for i, file := range w.files {
		errs[i] = file.Close()
	}
	return errors.Join(errs...)
}

// hide takes a tensor away from Names, Info and Read.
func (w *Weights) hide(name string) {
	w.names = slices.DeleteFunc(w.names, func(n string) bool { return n == name })
	delete(w.where, name)
}

// source names the files, for messages.
func (w *Weights) source() string {
	if len(w.files) == 0 {
		return "weights in memory"
	}
	names := make([]string, len(w.files))
	for i, file := range w.files {
		names[i] = file.name
	}
	return strings.Join(names, ", ")
}
