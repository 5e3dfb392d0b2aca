package modelio_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// shard returns a safetensors file whose tensors, one byte each, hold their own names.
func shard(names ...string) *fstest.MapFile {
	var header strings.Builder
	for i, name := range names {
		header.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
		header.WriteString(`"` + name + `":{"dtype":"U8","shape":[1],"data_offsets":[` + string(rune('0'+i)) + `,` + string(rune('1'+i)) + `]}`)
	}
	return &fstest.MapFile{Data: safetensors(header.String()+"}", strings.Join(names, ""))}
}

func TestOpenWeightsSharded(t *testing.T) {
	fsys := fstest.MapFS{
		"m/model.safetensors.index.json":   {Data: []byte(`{"metadata":{"total_size":3},"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors","c":"model-1.safetensors"}}`)},
		"m/model-1.safetensors":            shard("a", "c"),
		"m/model-2.safetensors":            shard("x", "b"), // x is not in the index: not part of the model
		"m/model-unused.safetensors":       shard("u"),
		"m/pytorch_model.bin":              {Data: []byte("not looked at")},
		"other/model.safetensors":          shard("z"),
		"other/model.safetensors.index.js": {Data: []byte(`{}`)},
	}
	w, err := modelio.OpenWeights(fsys, "m")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if want := []string{"a", "c", "b"}; !slices.Equal(w.Names(), want) {
		t.Errorf("names %q, want %q", w.Names(), want)
	}
	for _, name := range w.Names() {
		if got, err := w.Read(name); err != nil || string(got.Data) != name {
			t.Errorf("tensor %s holds %q, %v", name, got.Data, err)
		}
	}
	if _, err := w.Read("x"); err == nil {
		t.Error("read a tensor that the index does not name")
	}
}

func TestOpenWeightsRefuses(t *testing.T) {
	const index = "model.safetensors.index.json"
	for _, test := range []struct {
		name string
		fsys fstest.MapFS
		want string
	}{
		{"nothing", fstest.MapFS{"config.json": {}}, "no model.safetensors and no model.safetensors.index.json: file does not exist"},
		{"pickle", fstest.MapFS{"pytorch_model.bin": {}}, "convert it in Python"},
		{"bad index", fstest.MapFS{index: {Data: []byte(`{"weight_map":[]}`)}}, index + ": json: "},
		{"empty index", fstest.MapFS{index: {Data: []byte(`{}`)}}, index + `: "weight_map" is missing or empty`},
		{"shard outside", fstest.MapFS{index: {Data: []byte(`{"weight_map":{"a":"../a.safetensors"}}`)}}, `"../a.safetensors" is not the name of a file in the same folder`},
		{"shard missing", fstest.MapFS{index: {Data: []byte(`{"weight_map":{"a":"1.safetensors"}}`)}}, "1.safetensors: file does not exist (named by " + index},
		{"tensor missing", fstest.MapFS{index: {Data: []byte(`{"weight_map":{"a":"1.safetensors","b":"1.safetensors"}}`)}, "1.safetensors": shard("a")}, index + `: tensor "b" is not in 1.safetensors`},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, err := modelio.OpenWeights(test.fsys, ".")
			if err == nil {
				w.Close()
				t.Fatal("opened without an error")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
	if _, err := modelio.OpenWeights(fstest.MapFS{}, "."); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v does not wrap fs.ErrNotExist", err)
	}
}
