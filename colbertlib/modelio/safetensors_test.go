package modelio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// safetensors returns a file with that header and data, which need not fit together.
func safetensors(header, data string) []byte {
	prefix := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(prefix, header+data...)
}

// oneFile returns a file system that holds one file of that content.
func oneFile(name string, content []byte) fstest.MapFS {
	return fstest.MapFS{name: &fstest.MapFile{Data: content}}
}

func TestSafetensorsRoundTrip(t *testing.T) {
	written := []modelio.Tensor{
		modelio.NewF32("matrix", []int{2, 3}, []float32{1, 2, 3, 4, 5, 6}),
		modelio.NewF32("scalar", nil, []float32{-0.5}),
		modelio.NewF32("empty", []int{0, 4}, nil),
		{Name: "half <&> \"é\"", DType: "F16", Shape: []int{2}, Data: []byte{0, 0x3c, 0, 0xc0}},
		{Name: "ids", DType: "I64", Shape: []int{1}, Data: []byte{7, 0, 0, 0, 0, 0, 0, 0}},
		{Name: "odd", DType: "U8", Shape: []int{3}, Data: []byte{1, 2, 3}},
	}
	var file bytes.Buffer
	if err := modelio.WriteSafetensors(&file, written, map[string]string{"format": "pt", "by": "<us>"}); err != nil {
		t.Fatal(err)
	}
	s, err := modelio.OpenSafetensors(oneFile("a.safetensors", file.Bytes()), "a.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if want := []string{"ids", "empty", "matrix", "scalar", "half <&> \"é\"", "odd"}; !slices.Equal(s.Names(), want) {
		t.Errorf("names %q, want widest type first, then by name: %q", s.Names(), want)
	}
	if want := map[string]string{"format": "pt", "by": "<us>"}; !maps.Equal(s.Metadata(), want) {
		t.Errorf("metadata %v, want %v", s.Metadata(), want)
	}
	for _, want := range written {
		want.Shape = append([]int{}, want.Shape...) // read shapes are never nil
		want.Data = append([]byte{}, want.Data...)
		got, err := s.Read(want.Name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("tensor %q (-written +read):\n%s", want.Name, diff)
		}
	}
	headerLength := binary.LittleEndian.Uint64(file.Bytes())
	if headerLength%8 != 0 {
		t.Errorf("header has %d bytes, want a multiple of 8 so that data is aligned", headerLength)
	}
}

func TestWriteSafetensorsIsIndependentOfOrder(t *testing.T) {
	tensors := []modelio.Tensor{
		modelio.NewF32("b", []int{1}, []float32{1}), modelio.NewF32("a", []int{1}, []float32{2}),
		{Name: "c", DType: "BF16", Shape: []int{1}, Data: []byte{1, 2}},
	}
	var forward, backward bytes.Buffer
	if err := modelio.WriteSafetensors(&forward, tensors, nil); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(tensors)
	if err := modelio.WriteSafetensors(&backward, tensors, nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(forward.Bytes(), backward.Bytes()) {
		t.Error("the same tensors in another order gave another file")
	}
}

// TestWriteSafetensorsEqualsPython rewrites a file that safetensors' own writer made (sentence-transformers 6.2.0,
// transformers 5.23.0; see colbertlib/internal/golden/testdata/README.md) and expects the same bytes.
func TestWriteSafetensorsEqualsPython(t *testing.T) {
	const name = "checkpoints/st6-nc-style/1_Dense/model.safetensors"
	want, err := fs.ReadFile(golden.FS(t), name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := modelio.OpenSafetensors(golden.FS(t), name)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var tensors []modelio.Tensor
	for _, name := range s.Names() {
		tensor, err := s.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, tensor)
	}
	var got bytes.Buffer
	if err := modelio.WriteSafetensors(&got, tensors, s.Metadata()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("rewritten file differs:\n%q\nwant\n%q", got.Bytes()[:80], want[:80])
	}
}

func TestWriteSafetensorsRefuses(t *testing.T) {
	good := modelio.NewF32("a", []int{2}, []float32{1, 2})
	for _, test := range []struct {
		name    string
		tensors []modelio.Tensor
		want    string
	}{
		{"too few bytes", []modelio.Tensor{{Name: "a", DType: "F32", Shape: []int{2}, Data: make([]byte, 4)}}, `tensor "a": F32[2] needs 8 bytes, has 4`},
		{"unknown dtype", []modelio.Tensor{{Name: "a", DType: "F31"}}, `tensor "a": unknown dtype "F31"`},
		{"same name", []modelio.Tensor{good, good}, `tensor "a": given twice`},
		{"reserved name", []modelio.Tensor{modelio.NewF32("__metadata__", nil, []float32{1})}, "reserved"},
		{"negative shape", []modelio.Tensor{{Name: "a", DType: "F32", Shape: []int{-1}}}, "dimension -1 out of range"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var file bytes.Buffer
			err := modelio.WriteSafetensors(&file, test.tensors, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if file.Len() != 0 {
				t.Errorf("%d bytes written before the error", file.Len())
			}
		})
	}
}

func TestOpenSafetensorsRefusesBrokenFiles(t *testing.T) {
	const a = `"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	huge := binary.LittleEndian.AppendUint64(nil, 1<<40)
	for _, test := range []struct {
		name string
		file []byte
		want string // the whole message after the file's name
	}{
		{"empty file", nil, "truncated: expected at least 8 bytes, found 0; fetch it again"},
		{"cut in the header", safetensors(`{`+a+`}`, "")[:20], "truncated: header needs 62 bytes, found 20; fetch it again"},
		{"cut in the data", safetensors(`{`+a+`}`, "1234567"), "truncated: tensors need 8 bytes after the header, found 7; fetch it again"},
		{"bytes left over", safetensors(`{`+a+`}`, "123456789"), "1 bytes after the last tensor: expected 8 after the header, found 9"},
		{"huge header", huge, "not a safetensors file: header of 1099511627776 bytes, expected at most 100000000"},
		{"git lfs", []byte("version https://git-lfs.github.com/spec/v1\n"), `is a Git LFS pointer, not the file itself: run "git lfs pull" in the folder it came from`},
		{"no JSON object", safetensors(`[]`, ""), "not a safetensors file: header does not begin with {"},
		{"cut JSON", safetensors(`{`+a, "12345678"), "header: unexpected EOF"},
		{"two JSON values", safetensors(`{`+a+`}{}`, "12345678"), "header: more than one JSON value"},
		{"same name twice", safetensors(`{`+a+`,`+a+`}`, "12345678"), `header: tensor "a": given twice`},
		{"unknown field", safetensors(`{"a":{"x":[[[]]]}}`, ""), `header: tensor "a": json: unknown field "x"`},
		{"field missing", safetensors(`{"a":{"dtype":"F32","shape":[2]}}`, ""), `header: tensor "a": expected "dtype", "shape" and "data_offsets"`},
		{"unknown dtype", safetensors(`{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}`, "12345678"), `header: tensor "a": unknown dtype "F31"`},
		{"one offset", safetensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}`, "12345678"), `header: tensor "a": data_offsets: expected 2 numbers, found 1`},
		{"offsets reversed", safetensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`, "12345678"), `header: tensor "a": data_offsets [8, 0]: expected 0 <= begin <= end`},
		{"size does not fit", safetensors(`{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}`, "12345678"), `header: tensor "a": F16[2] needs 4 bytes, data_offsets [0, 8] hold 8`},
		{"negative dimension", safetensors(`{"a":{"dtype":"F32","shape":[-2,-1],"data_offsets":[0,8]}}`, "12345678"), `header: tensor "a": shape [-2 -1]: dimension -2 out of range`},
		{"product overflows", safetensors(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, ""), `header: tensor "a": shape [4294967296 4294967296]: too many elements`},
		{"rank", safetensors(`{"a":{"dtype":"F32","shape":[`+strings.Repeat("1,", 32)+`1],"data_offsets":[0,4]}}`, "1234"), `header: tensor "a": shape has 33 dimensions, expected at most 32`},
		{"overlap", safetensors(`{`+a+`,"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), `tensor "b": overlaps "a": expected to begin at byte 8, found 4`},
		{"gap", safetensors(`{`+a+`,"b":{"dtype":"U8","shape":[1],"data_offsets":[9,10]}}`, "1234567890"), `tensor "b": gap before it: expected to begin at byte 8, found 9`},
		{"metadata no strings", safetensors(`{"__metadata__":{"a":1}}`, ""), "header: __metadata__: json: cannot unmarshal number into Go value of type string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := modelio.OpenSafetensors(oneFile("m.safetensors", test.file), "m.safetensors")
			if err == nil {
				s.Close()
				t.Fatal("opened without an error")
			}
			if got, want := err.Error(), "modelio: m.safetensors: "+test.want; got != want {
				t.Errorf("error\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestOpenSafetensorsMissingFile(t *testing.T) {
	_, err := modelio.OpenSafetensors(fstest.MapFS{}, "m.safetensors")
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "m.safetensors") {
		t.Errorf("error %v, want one that names the file and wraps fs.ErrNotExist", err)
	}
	_, err = modelio.OpenSafetensors(oneFile("m.safetensors/x", nil), "m.safetensors")
	if err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("error %v for a folder", err)
	}
}

func TestReadUnknownTensor(t *testing.T) {
	s, err := modelio.OpenSafetensors(oneFile("m", safetensors(`{}`, "")), "m")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Read("b"); err == nil || err.Error() != `modelio: m: no tensor "b" among its 0` {
		t.Errorf("error %v", err)
	}
	if _, ok := s.Info("b"); ok {
		t.Error("Info found a tensor in an empty file")
	}
}

// streamFS hides every file's ReadAt and Seek, as a zip archive does.
type streamFS struct{ fs.FS }

type stream struct{ fs.File }

func (s streamFS) Open(name string) (fs.File, error) {
	file, err := s.FS.Open(name)
	return stream{file}, err
}

func TestSafetensorsFromStream(t *testing.T) {
	content := safetensors(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[3],"data_offsets":[2,5]}}`, "12345")
	s, err := modelio.OpenSafetensors(streamFS{oneFile("m", content)}, "m")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, want := range map[string]string{"b": "345", "a": "12"} {
		if got, err := s.Read(name); err != nil || string(got.Data) != want {
			t.Errorf("tensor %s holds %q, %v; want %q", name, got.Data, err, want)
		}
	}
}

func TestSafetensorsConcurrentReads(t *testing.T) {
	s, err := modelio.OpenSafetensors(oneFile("m", safetensors(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[3],"data_offsets":[2,5]}}`, "12345")), "m")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				a, errA := s.Read("a")
				b, errB := s.Read("b")
				if errA != nil || errB != nil || string(a.Data) != "12" || string(b.Data) != "345" {
					t.Errorf("read %q, %v and %q, %v", a.Data, errA, b.Data, errB)
				}
			}
		})
	}
	group.Wait()
}

func FuzzOpenSafetensors(f *testing.F) {
	f.Add(safetensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, "12345678"))
	f.Add(safetensors(`{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[1,1],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[],"data_offsets":[2,3]}}  `, "123"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := modelio.OpenSafetensors(oneFile("m", content), "m")
		if err != nil {
			return
		}
		defer s.Close()
		// What opens is complete: everything can be read, and together it is the whole data section.
		var tensors []modelio.Tensor
		total := 0
		for _, name := range s.Names() {
			tensor, err := s.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			total += len(tensor.Data)
			tensors = append(tensors, tensor)
		}
		if want := len(content) - 8 - int(binary.LittleEndian.Uint64(content)); total != want {
			t.Fatalf("tensors have %d bytes, the data section %d", total, want)
		}
		if err := modelio.WriteSafetensors(io.Discard, tensors, s.Metadata()); err != nil {
			t.Fatalf("cannot write what was read: %v", err)
		}
	})
}
