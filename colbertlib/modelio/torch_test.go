package modelio

import (
	"archive/zip"
	"bytes"
	"os"
	"strings"
	"testing"
)

// Parts of the pickle that torch.save writes for {"weight": tensor}, as pickletools.dis shows them for a file of torch 2.9.1.
const (
	pickleHead  = "\x80\x02ccollections\nOrderedDict\n)RX\x06\x00\x00\x00weightctorch._utils\n_rebuild_tensor_v2\n("
	storageRef  = "(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQ"
	tensorTail  = "\x89ccollections\nOrderedDict\n)RtR"
	shape2x3    = "K\x00K\x02K\x03\x86K\x03K\x01\x86" // offset 0, shape (2, 3), strides (3, 1)
	wholePickle = pickleHead + storageRef + shape2x3 + tensorTail + "s."
)

// entries of an archive, in order.
type archiveEntry struct {
	name, content string
	method        uint16
}

func torchArchive(t testing.TB, entries ...archiveEntry) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, entry := range entries {
		out, err := w.CreateHeader(&zip.FileHeader{Name: entry.name, Method: entry.method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write([]byte(entry.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// sixFloats is the storage of a [2, 3] tensor.
var sixFloats = string(NewF32("", nil, []float32{1, 2, 3, 4, 5, 6}).Data)

func TestParseTorch(t *testing.T) {
	tensors, err := parseTorch(torchArchive(t, archiveEntry{"linear/data.pkl", wholePickle, zip.Store}, archiveEntry{"linear/data/0", sixFloats, zip.Store}))
	if err != nil {
		t.Fatal(err)
	}
	if len(tensors) != 1 || tensors[0].Name != "weight" || tensors[0].DType != "F32" || string(tensors[0].Data) != sixFloats {
		t.Errorf("read %+v", tensors)
	}
	if shape := tensors[0].Shape; len(shape) != 2 || shape[0] != 2 || shape[1] != 3 {
		t.Errorf("shape %v, want [2 3]", shape)
	}
}

// A tensor may be a part of a storage; several may share one.
func TestParseTorchReadsPartOfStorage(t *testing.T) {
	pickle := strings.Replace(wholePickle, shape2x3, "K\x02K\x03\x85K\x01\x85", 1) // elements 2, 3 and 4
	tensors, err := parseTorch(torchArchive(t, archiveEntry{"a/data.pkl", pickle, zip.Store}, archiveEntry{"a/data/0", sixFloats, zip.Store}))
	if err != nil {
		t.Fatal(err)
	}
	if want := sixFloats[8:20]; string(tensors[0].Data) != want {
		t.Errorf("data %x, want %x", tensors[0].Data, want)
	}
}

func TestParseTorchRefuses(t *testing.T) {
	storage := archiveEntry{"a/data/0", sixFloats, zip.Store}
	with := func(old, new string) []byte {
		if !strings.Contains(wholePickle, old) {
			t.Fatalf("pickle has no %q", old)
		}
		return torchArchive(t, archiveEntry{"a/data.pkl", strings.Replace(wholePickle, old, new, 1), zip.Store}, storage)
	}
	for _, test := range []struct {
		name    string
		archive []byte
		want    string
	}{
		{"no archive", []byte("\x80\x02"), "not a zip archive as torch.save writes it"},
		{"no pickle", torchArchive(t, storage), "zip archive has no data.pkl"},
		{"no folder", torchArchive(t, archiveEntry{"data.pkl", wholePickle, zip.Store}), `zip entry "data.pkl": expected one folder`},
		{"same name twice", torchArchive(t, storage, archiveEntry{"b/data/0", sixFloats, zip.Store}), `zip entry "b/data/0": expected one folder with every name once`},
		{"compressed", torchArchive(t, archiveEntry{"a/data.pkl", wholePickle, zip.Deflate}), "zip entry data.pkl is compressed"},
		{"large pickle", torchArchive(t, archiveEntry{"a/data.pkl", strings.Repeat("N", maxPickle+1), zip.Store}), "zip entry data.pkl has 1048577 bytes, expected at most 1048576"},
		{"big-endian", torchArchive(t, archiveEntry{"a/byteorder", "big", zip.Store}), `byteorder "big", expected "little"`},
		{"no storage", torchArchive(t, archiveEntry{"a/data.pkl", wholePickle, zip.Store}), `tensor "weight": zip archive has no data/0`},
		{"short storage", torchArchive(t, archiveEntry{"a/data.pkl", wholePickle, zip.Store}, archiveEntry{"a/data/0", "1234", zip.Store}), "storage 0: expected 6 elements of F32, found 4 bytes"},
		{"shape too large", with(shape2x3, "K\x00K\x03K\x03\x86K\x03K\x01\x86"), "shape [3 3] at element 0 does not fit into a storage of 6 elements"},
		{"offset too large", with(shape2x3, "K\x01K\x02K\x03\x86K\x03K\x01\x86"), "shape [2 3] at element 1 does not fit"},
		{"negative offset", with(shape2x3, "J\xff\xff\xff\xffK\x02K\x03\x86K\x03K\x01\x86"), "shape [2 3] at element -1 does not fit"},
		{"negative shape", with(shape2x3, "K\x00J\xff\xff\xff\xff\x85K\x01\x85"), "dimension -1 out of range"},
		{"transposed", with(shape2x3, "K\x00K\x02K\x03\x86K\x01K\x02\x86"), "shape [2 3] with strides [1 2]: expected row-major order"},
		{"elements overflow", with("K\x06tQ", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7ftQ"), "storage 0: expected 9223372036854775807 elements"},
		{"code", with("collections\nOrderedDict", "posix\nsystem"), `"posix system" is not allowed`},
		{"other storage", with("FloatStorage", "LongStorage"), `"torch LongStorage" is not allowed`},
		{"call with other arguments", with(")RX\x06", "K\x01\x85RX\x06"), "collections OrderedDict with 1 arguments is not allowed"},
		{"call of a value", with("ccollections\nOrderedDict\n)R", "K\x01)R"), "found int64 on the stack, expected modelio.global"},
		{"no tensor", torchArchive(t, archiveEntry{"a/data.pkl", "\x80\x02}X\x01\x00\x00\x00wK\x01s.", zip.Store}), "expected names with tensors, found string with int64"},
		{"other opcode", with("s.", "i."), `opcode 'i' is not allowed`},
		{"protocol 4", with("\x80\x02", "\x80\x04"), "pickle protocol 4, expected 2"},
		{"cut", with("s.", ""), "truncated: expected 1 more bytes, found 0"},
		{"more than one value", with("s.", "s..."), "more than one value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := parseTorch(test.archive); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// A pickle can name one value many times, and itself; reading must not multiply it.
func TestUnpickleSharesValues(t *testing.T) {
	nested := "\x80\x02}q\x00" + strings.Repeat("h\x00h\x00\x86", 100_000) + "."
	if _, err := unpickle([]byte(nested)); err == nil {
		t.Error("a tuple was accepted as the result")
	}
	cycle := "\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s."
	root, err := unpickle([]byte(cycle))
	if err != nil || root.items[0].value != any(root) {
		t.Errorf("a dictionary that holds itself: %v, %v", root, err)
	}
}

func FuzzUnpickle(f *testing.F) {
	f.Add([]byte(wholePickle))
	f.Add([]byte("\x80\x02ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00aNu}X\x09\x00\x00\x00_metadataK\x01sb."))
	f.Fuzz(func(t *testing.T, program []byte) {
		if root, err := unpickle(program); (root == nil) == (err == nil) {
			t.Errorf("result %v with error %v", root, err)
		}
	})
}

func FuzzParseTorch(f *testing.F) {
	if content, err := os.ReadFile("../internal/golden/testdata/nc/bert/initial/linear.pt"); err == nil {
		f.Add(content)
	}
	f.Add(torchArchive(f, archiveEntry{"a/data.pkl", wholePickle, zip.Store}, archiveEntry{"a/data/0", sixFloats, zip.Store}))
	f.Fuzz(func(t *testing.T, content []byte) {
		tensors, err := parseTorch(content)
		if err != nil {
			return
		}
		for _, tensor := range tensors {
			if _, err := tensor.Float32s(); err != nil {
				t.Errorf("what was read is no tensor: %v", err)
			}
		}
	})
}
