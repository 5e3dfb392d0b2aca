package modelio

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

const (
	metadataKey = "__metadata__" // the one header key that is no tensor
	maxTensors  = 1_000_000
	maxRank     = 32
)

// parseHeader reads {"name": {"dtype", "shape", "data_offsets"}, …, "__metadata__": {"key": "value"}}. Nothing may be
// nested deeper: unknown fields are errors, so that the depth is bounded by the format itself.
func parseHeader(header []byte) (map[string]entry, map[string]string, error) {
	if len(header) == 0 || header[0] != '{' {
		return nil, nil, errors.New("not a safetensors file: header does not begin with {")
	}
	entries, metadata := map[string]entry{}, map[string]string{}
	decoder := json.NewDecoder(bytes.NewReader(header))
	decoder.DisallowUnknownFields()
	if _, err := decoder.Token(); err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	for decoder.More() { // token by token, because decoding into a map would hide a name given twice
		token, err := decoder.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("header: %w", err)
		}
		name := token.(string) // the decoder has checked that keys are strings
		if name == metadataKey {
			if err := decoder.Decode(&metadata); err != nil {
				return nil, nil, fmt.Errorf("header: %s: %w", metadataKey, err)
			}
			continue
		}
		if _, ok := entries[name]; ok {
			return nil, nil, fmt.Errorf("header: tensor %q: given twice", name)
		}
		if len(entries) == maxTensors {
			return nil, nil, fmt.Errorf("header: more than %d tensors", maxTensors)
		}
		if entries[name], err = decodeEntry(decoder); err != nil {
			return nil, nil, fmt.Errorf("header: tensor %q: %w", name, err)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, nil, fmt.Errorf("header: %w", noEOF(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) { // padding is white space
		return nil, nil, errors.New("header: more than one JSON value")
	}
	return entries, metadata, nil
}

// decodeEntry reads one tensor of the header and checks it by itself.
func decodeEntry(decoder *json.Decoder) (entry, error) {
	var raw struct {
		DType   *string  `json:"dtype"`
		Shape   []int64  `json:"shape"`
		Offsets *[]int64 `json:"data_offsets"`
	}
	if err := decoder.Decode(&raw); err != nil {
		return entry{}, noEOF(err)
	}
	if raw.DType == nil || raw.Shape == nil || raw.Offsets == nil {
		return entry{}, errors.New(`expected "dtype", "shape" and "data_offsets"`)
	}
	rank := dtypeRank(*raw.DType)
	if rank < 0 {
		return entry{}, fmt.Errorf("unknown dtype %q", *raw.DType)
	}
	if len(*raw.Offsets) != 2 {
		return entry{}, fmt.Errorf("data_offsets: expected 2 numbers, found %d", len(*raw.Offsets))
	}
	e := entry{dtype: *raw.DType, begin: (*raw.Offsets)[0], end: (*raw.Offsets)[1]}
	if e.begin < 0 || e.end < e.begin {
		return entry{}, fmt.Errorf("data_offsets [%d, %d]: expected 0 <= begin <= end", e.begin, e.end)
	}
	size, err := byteSize(raw.Shape, dtypes[rank].size)
	if err != nil {
		return entry{}, err
	}
	if found := e.end - e.begin; size != found {
		return entry{}, fmt.Errorf("%s%v needs %d bytes, data_offsets [%d, %d] hold %d", e.dtype, raw.Shape, size, e.begin, e.end, found)
	}
	e.shape = make([]int, len(raw.Shape))
	for i, dim := range raw.Shape {
		e.shape[i] = int(dim)
	}
	return e, nil
}

// byteSize returns product(shape)·elementSize, or an error where it does not fit into the machine's int.
func byteSize(shape []int64, elementSize int) (int64, error) {
	if len(shape) > maxRank {
		return 0, fmt.Errorf("shape has %d dimensions, expected at most %d", len(shape), maxRank)
	}
	size := int64(elementSize)
	for _, dim := range shape {
		if dim < 0 || dim > math.MaxInt {
			return 0, fmt.Errorf("shape %v: dimension %d out of range", shape, dim)
		}
		if dim > 0 && size > math.MaxInt/dim {
			return 0, fmt.Errorf("shape %v: too many elements", shape)
		}
		size *= dim
	}
	return size, nil
}

// checkLayout returns the names in file order, having checked that the tensors cover the data section of dataSize bytes
// exactly once. The format demands it, so that nothing can hide in a file.
func checkLayout(entries map[string]entry, dataSize int64) ([]string, error) {
	names := make([]string, 0, len(entries))
	for name := range entries {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(entries[a].begin, entries[b].begin), cmp.Compare(entries[a].end, entries[b].end), cmp.Compare(a, b))
	})
	position := int64(0)
	for i, name := range names {
		begin := entries[name].begin
		switch {
		case begin < position:
			return nil, fmt.Errorf("tensor %q: overlaps %q: expected to begin at byte %d, found %d", name, names[i-1], position, begin)
		case begin > position:
			return nil, fmt.Errorf("tensor %q: gap before it: expected to begin at byte %d, found %d", name, position, begin)
		}
		position = entries[name].end
	}
	switch {
	case position > dataSize:
		return nil, fmt.Errorf("truncated: tensors need %d bytes after the header, found %d; fetch it again", position, dataSize)
	case position < dataSize:
		return nil, fmt.Errorf("%d bytes after the last tensor: expected %d after the header, found %d", dataSize-position, position, dataSize)
	}
	return names, nil
}

// noEOF keeps the end of a cut header from looking like a regular end to callers that test for io.EOF.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
