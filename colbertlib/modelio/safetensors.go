package modelio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
)

// Safetensors is an opened safetensors file (https://github.com/huggingface/safetensors, section "Format"): its header is
// in memory and checked, its tensors are read on demand. Its methods are safe for concurrent use, Close excepted.
type Safetensors struct {
	name     string // as given to OpenSafetensors, for messages
	file     fs.File
	reader   io.ReaderAt // of file
	base     int64       // where the data section begins
	names    []string    // in file order
	entries  map[string]entry
	metadata map[string]string
}

// entry is one tensor of the header.
type entry struct {
	dtype      string
	shape      []int
	begin, end int64 // bytes from the start of the data section
}

// OpenSafetensors opens the file of that name and checks its header: bounded size, every tensor inside the file, without
// overlap or gap, with as many bytes as its shape and type need, no name twice, no byte missing or left over.
// The caller closes the result. A missing file is an error that wraps [fs.ErrNotExist].
func OpenSafetensors(fsys fs.FS, name string) (*Safetensors, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("modelio: %w", err)
	}
	s, err := openSafetensors(file, name)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("modelio: %s: %w", name, err), file.Close())
	}
	return s, nil
}

func openSafetensors(file fs.File, name string) (*Safetensors, error) {
	reader, size, err := randomAccess(file)
	if err != nil {
		return nil, err
	}
	header, err := readHeader(reader, size)
	if err != nil {
		return nil, err
	}
	s := &Safetensors{name: name, file: file, reader: reader, base: headerPrefix + int64(len(header))}
	s.entries, s.metadata, err = parseHeader(header)
	if err != nil {
		return nil, err
	}
	s.names, err = checkLayout(s.entries, size-s.base)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// randomAccess returns a reader at any offset and the size. A file that can only be streamed (in a zip archive, say) is
// read into memory; disk files and embedded ones are not.
func randomAccess(file fs.File) (io.ReaderAt, int64, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	if info.IsDir() {
		return nil, 0, errors.New("is a folder, expected a file")
	}
	if reader, ok := file.(io.ReaderAt); ok {
		return reader, info.Size(), nil
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, 0, err
	}
	return bytes.NewReader(content), int64(len(content)), nil
}

// Names returns the tensors' names in the order in which they lie in the file.
func (s *Safetensors) Names() []string { return slices.Clone(s.names) }

// Info returns the tensor of that name without its Data, and whether there is one.
func (s *Safetensors) Info(name string) (Tensor, bool) {
	e, ok := s.entries[name]
	if !ok {
		return Tensor{}, false
	}
	return Tensor{Name: name, DType: e.dtype, Shape: slices.Clone(e.shape)}, true
}

// Read returns the tensor of that name. Data is the caller's own.
func (s *Safetensors) Read(name string) (Tensor, error) {
	t, ok := s.Info(name)
	if !ok {
		return Tensor{}, fmt.Errorf("modelio: %s: no tensor %q among its %d", s.name, name, len(s.names))
	}
	e := s.entries[name]
	t.Data = make([]byte, e.end-e.begin)
	if err := s.ReadInto(name, t.Data); err != nil {
		return Tensor{}, err
	}
	return t, nil
}

// ReadInto fills data, which must have the tensor's size, with its bytes.
func (s *Safetensors) ReadInto(name string, data []byte) error {
	e, ok := s.entries[name]
	if !ok {
		return fmt.Errorf("modelio: %s: no tensor %q among its %d", s.name, name, len(s.names))
	}
	if int64(len(data)) != e.end-e.begin {
		return fmt.Errorf("modelio: %s: tensor %q has %d bytes, there is room for %d", s.name, name, e.end-e.begin, len(data))
	}
	if n, err := s.reader.ReadAt(data, s.base+e.begin); n < len(data) {
		return fmt.Errorf("modelio: %s: tensor %q: read %d of %d bytes: %w", s.name, name, n, len(data), err)
	}
	return nil
}

// Metadata returns the file's own notes, such as {"format": "pt"}; empty where there are none.
func (s *Safetensors) Metadata() map[string]string { return maps.Clone(s.metadata) }

// Close closes the file. Tensors that were read stay valid.
func (s *Safetensors) Close() error {
	if err := s.file.Close(); err != nil {
		return fmt.Errorf("modelio: close %s: %w", s.name, err)
	}
	return nil
}

const (
	headerPrefix   = 8           // bytes: the header's length as a little-endian uint64
	maxHeaderBytes = 100_000_000 // the reference implementation's own bound
)

// readHeader returns the JSON header of a file of that many bytes.
func readHeader(reader io.ReaderAt, size int64) ([]byte, error) {
	prefix := make([]byte, headerPrefix)
	if size < headerPrefix {
		return nil, fmt.Errorf("truncated: expected at least %d bytes, found %d; fetch it again", headerPrefix, size)
	}
	if n, err := reader.ReadAt(prefix, 0); n < len(prefix) {
		return nil, fmt.Errorf("read header length: %w", err)
	}
	if string(prefix) == "version " {
		return nil, errors.New(`is a Git LFS pointer, not the file itself: run "git lfs pull" in the folder it came from`)
	}
	length := binary.LittleEndian.Uint64(prefix)
	if length > maxHeaderBytes {
		return nil, fmt.Errorf("not a safetensors file: header of %d bytes, expected at most %d", length, maxHeaderBytes)
	}
	if expected := headerPrefix + int64(length); expected > size {
		return nil, fmt.Errorf("truncated: header needs %d bytes, found %d; fetch it again", expected, size)
	}
	header := make([]byte, length)
	if n, err := reader.ReadAt(header, headerPrefix); n < len(header) {
		return nil, fmt.Errorf("read header: %w", err)
	}
	return header, nil
}
