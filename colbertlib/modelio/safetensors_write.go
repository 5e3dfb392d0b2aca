package modelio

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// WriteSafetensors writes tensors and metadata (which may be nil) as one safetensors file. The same tensors give the same
// bytes whatever their order: they are laid down as the reference implementation does, widest type first, then by name.
// transformers reads a file only if its metadata has {"format": "pt"}.
func WriteSafetensors(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	sorted := slices.SortedFunc(slices.Values(tensors), func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(dtypeRank(b.DType), dtypeRank(a.DType)), cmp.Compare(a.Name, b.Name))
	})
	if err := checkTensors(sorted); err != nil {
		return err
	}
	header, err := formatHeader(sorted, metadata)
	if err != nil {
		return fmt.Errorf("modelio: write safetensors: header: %w", err)
	}
	prefix := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	if _, err := w.Write(append(prefix, header...)); err != nil {
		return fmt.Errorf("modelio: write safetensors: header: %w", err)
	}
	for _, t := range sorted {
		if _, err := w.Write(t.Data); err != nil {
			return fmt.Errorf("modelio: write safetensors: tensor %q: %w", t.Name, err)
		}
	}
	return nil
}

// SaveSafetensors is [WriteSafetensors] to a file, which is written as a whole or not at all.
func SaveSafetensors(path string, tensors []Tensor, metadata map[string]string) error {
	return atomicfile.Write(path, func(w io.Writer) error { return WriteSafetensors(w, tensors, metadata) })
}

// checkTensors refuses what OpenSafetensors would.
func checkTensors(tensors []Tensor) error {
	seen := make(map[string]bool, len(tensors))
	for _, t := range tensors {
		rank := dtypeRank(t.DType)
		switch {
		case rank < 0:
			return fmt.Errorf("modelio: write safetensors: tensor %q: unknown dtype %q", t.Name, t.DType)
		case t.Name == metadataKey:
			return fmt.Errorf("modelio: write safetensors: tensor %q: the name is reserved", t.Name)
		case seen[t.Name]:
			return fmt.Errorf("modelio: write safetensors: tensor %q: given twice", t.Name)
		}
		seen[t.Name] = true
		shape := make([]int64, len(t.Shape))
		for i, dim := range t.Shape {
			shape[i] = int64(dim)
		}
		size, err := byteSize(shape, dtypes[rank].size)
		if err != nil {
			return fmt.Errorf("modelio: write safetensors: tensor %q: %w", t.Name, err)
		}
		if int64(len(t.Data)) != size {
			return fmt.Errorf("modelio: write safetensors: tensor %q: %s%v needs %d bytes, has %d", t.Name, t.DType, t.Shape, size, len(t.Data))
		}
	}
	return nil
}

// formatHeader returns the JSON header, metadata first, padded by spaces so that the data begins at a multiple of 8.
func formatHeader(tensors []Tensor, metadata map[string]string) ([]byte, error) {
	var header bytes.Buffer
	encoder := json.NewEncoder(&header)
	encoder.SetEscapeHTML(false)
	encode := func(separator string, value any) error {
		header.WriteString(separator)
		err := encoder.Encode(value)
		header.Truncate(header.Len() - 1) // the encoder's line end
		return err
	}
	separator := "{"
	if len(metadata) > 0 {
		if err := errors.Join(encode(separator, metadataKey), encode(":", metadata)); err != nil {
			return nil, err
		}
		separator = ","
	}
	position := 0
	for _, t := range tensors {
		info := struct {
			DType   string `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}{t.DType, append([]int{}, t.Shape...), [2]int{position, position + len(t.Data)}}
		if err := errors.Join(encode(separator, t.Name), encode(":", info)); err != nil {
			return nil, err
		}
		position += len(t.Data)
		separator = ","
	}
	if separator == "{" {
		header.WriteString("{")
	}
	header.WriteString("}")
	for header.Len()%8 != 0 {
		header.WriteByte(' ')
	}
	return header.Bytes(), nil
}
