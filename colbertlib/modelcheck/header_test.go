package modelcheck_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// headerOnly is a folder whose safetensors files have the size and the header of real ones but no data: reading a tensor fails.
// It is what the Hub looks like through ranged requests.
type headerOnly struct {
	fstest.MapFS                   // the small files
	weights      map[string]weight // by file name
}

type weight struct {
	header []byte
	size   int64
}

func (f headerOnly) Open(name string) (fs.File, error) {
	if w, ok := f.weights[name]; ok {
		return &headerFile{w}, nil
	}
	return f.MapFS.Open(name)
}

// Stat keeps fstest.MapFS's method from answering for files that it does not have.
func (f headerOnly) Stat(name string) (fs.FileInfo, error) {
	if w, ok := f.weights[name]; ok {
		return w, nil
	}
	return f.MapFS.Stat(name)
}

type headerFile struct{ weight }

var errData = errors.New("the data of a tensor was read")

func (f *headerFile) Stat() (fs.FileInfo, error) { return f.weight, nil }
func (f *headerFile) Close() error               { return nil }
func (f *headerFile) Read([]byte) (int, error) {
	return 0, errors.New("the file was read from its beginning")
}
func (f *headerFile) ReadAt(p []byte, offset int64) (int, error) {
	if offset+int64(len(p)) > int64(len(f.header)) {
		return 0, errData
	}
	return copy(p, f.header[offset:]), nil
}

func (w weight) Name() string       { return "model.safetensors" }
func (w weight) Size() int64        { return w.size }
func (w weight) Mode() fs.FileMode  { return 0o444 }
func (w weight) ModTime() time.Time { return time.Time{} }
func (w weight) IsDir() bool        { return false }
func (w weight) Sys() any           { return nil }

// newWeight is a safetensors file of these tensors.
func newWeight(t testing.TB, tensors []modelio.Tensor) weight {
	t.Helper()
	type entry struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	entries, end := map[string]entry{}, 0
	for _, tensor := range tensors {
		begin := end
		end += tensor.NumBytes()
		entries[tensor.Name] = entry{tensor.DType, tensor.Shape, [2]int{begin, end}}
	}
	header, err := json.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	prefix := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return weight{header: append(prefix, header...), size: int64(len(prefix) + len(header) + end)}
}

// tensorsOf are the tensors of a configuration, under the names that its family's checkpoints have.
func tensorsOf(t testing.TB, configJSON string, mlm bool, dtype string) []modelio.Tensor {
	t.Helper()
	config, err := encoder.ParseConfig([]byte(configJSON))
	if err != nil {
		t.Fatal(err)
	}
	var tensors []modelio.Tensor
	for _, param := range config.Params() {
		name := param.Name
		if mlm {
			name = config.CheckpointName(param)
		}
		if mlm || !param.MLM {
			tensors = append(tensors, modelio.Tensor{Name: name, DType: dtype, Shape: param.Shape})
		}
	}
	return tensors
}

// folder is a model folder of one weights file.
func folder(t testing.TB, configJSON string, tensors []modelio.Tensor) headerOnly {
	t.Helper()
	return headerOnly{
		MapFS:   fstest.MapFS{"config.json": {Data: []byte(configJSON)}, "tokenizer.json": {Data: []byte("{}")}},
		weights: map[string]weight{"model.safetensors": newWeight(t, tensors)},
	}
}
