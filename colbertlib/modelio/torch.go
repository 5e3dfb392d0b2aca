package modelio

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// maxPickle bounds data.pkl, which holds names and shapes only.
const maxPickle = 1 << 20

// readTorch reads the tensors of a dictionary that torch.save wrote (torch >= 1.6): a zip archive of FOLDER/data.pkl, a
// pickle, and FOLDER/data/KEY, raw elements. Nothing in it is executed: see unpickle for what is understood.
func readTorch(fsys fs.FS, name string) ([]Tensor, error) {
	content, err := readBounded(fsys, name)
	if err != nil {
		return nil, err
	}
	tensors, err := parseTorch(content)
	if err != nil {
		return nil, fmt.Errorf("modelio: %s: %w", name, err)
	}
	return tensors, nil
}

func parseTorch(content []byte) ([]Tensor, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, fmt.Errorf("not a zip archive as torch.save writes it (versions before 1.6 wrote another; load and save it again): %w", err)
	}
	files := map[string]*zip.File{} // by name without the folder, which is called as the file once was
	for _, file := range archive.File {
		_, base, ok := cutFolder(file.Name)
		if _, twice := files[base]; !ok || twice {
			return nil, fmt.Errorf("zip entry %q: expected one folder with every name once", file.Name)
		}
		files[base] = file
	}
	if files["byteorder"] != nil { // from torch 2.1 on
		order, err := readEntry(files, "byteorder", 16)
		if err != nil {
			return nil, err
		}
		if string(order) != "little" {
			return nil, fmt.Errorf(`byteorder %q, expected "little"`, order)
		}
	}
	program, err := readEntry(files, "data.pkl", maxPickle)
	if err != nil {
		return nil, err
	}
	root, err := unpickle(program)
	if err != nil {
		return nil, fmt.Errorf("data.pkl: %w", err)
	}
	var tensors []Tensor
	for _, item := range root.items {
		key, isString := item.key.(string)
		view, isTensor := item.value.(tensorView)
		if !isString || !isTensor {
			return nil, fmt.Errorf("data.pkl: expected names with tensors, found %T with %T", item.key, item.value)
		}
		t, err := view.tensor(files)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", key, err)
		}
		t.Name = key
		tensors = append(tensors, t)
	}
	return tensors, nil
}

// cutFolder splits "linear/data/0" into "linear" and "data/0".
func cutFolder(name string) (folder, base string, ok bool) {
	for i := range name {
		if name[i] == '/' {
			return name[:i], name[i+1:], i > 0 && i+1 < len(name)
		}
	}
	return "", "", false
}

// readEntry returns a zip entry of at most limit bytes. torch stores entries uncompressed, so that none can be larger
// than the archive.
func readEntry(files map[string]*zip.File, name string, limit int64) ([]byte, error) {
	file := files[name]
	if file == nil {
		return nil, fmt.Errorf("zip archive has no %s", name)
	}
	if file.Method != zip.Store {
		return nil, fmt.Errorf("zip entry %s is compressed, expected it stored", name)
	}
	if file.UncompressedSize64 > uint64(limit) {
		return nil, fmt.Errorf("zip entry %s has %d bytes, expected at most %d", name, file.UncompressedSize64, limit)
	}
	reader, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("zip entry %s: %w", name, err)
	}
	defer reader.Close()
	content, err := io.ReadAll(io.LimitReader(reader, limit+1))
	if err != nil {
		return nil, fmt.Errorf("zip entry %s: %w", name, err)
	}
	return content, nil
}

// storage is a pickled reference to FOLDER/data/key.
type storage struct {
	dtype    string
	key      string
	elements int64
}

// tensorView is a pickled tensor: a part of a storage.
type tensorView struct {
	storage storage
	offset  int64 // elements
	shape   []int64
	strides []int64 // elements
}

// tensor reads the elements.
func (v tensorView) tensor(files map[string]*zip.File) (Tensor, error) {
	elementSize := dtypes[dtypeRank(v.storage.dtype)].size
	size, err := byteSize(v.shape, elementSize)
	if err != nil {
		return Tensor{}, err
	}
	stride := int64(1)
	for i := len(v.shape) - 1; i >= 0; i-- {
		if v.shape[i] != 1 && v.strides[i] != stride {
			return Tensor{}, fmt.Errorf("shape %v with strides %v: expected row-major order, as contiguous() gives", v.shape, v.strides)
		}
		stride *= v.shape[i]
	}
	data, err := readEntry(files, path.Join("data", v.storage.key), maxSmallFile)
	if err != nil {
		return Tensor{}, err
	}
	if v.storage.elements < 0 || v.storage.elements != int64(len(data)/elementSize) || len(data)%elementSize != 0 {
		return Tensor{}, fmt.Errorf("storage %s: expected %d elements of %s, found %d bytes", v.storage.key, v.storage.elements, v.storage.dtype, len(data))
	}
	begin := v.offset * int64(elementSize)
	if v.offset < 0 || v.offset > v.storage.elements || size > int64(len(data))-begin {
		return Tensor{}, fmt.Errorf("shape %v at element %d does not fit into a storage of %d elements", v.shape, v.offset, v.storage.elements)
	}
	t := Tensor{DType: v.storage.dtype, Shape: make([]int, len(v.shape)), Data: data[begin : begin+size]}
	for i, dim := range v.shape {
		t.Shape[i] = int(dim)
	}
	return t, nil
}
