package modelio_test

import (
	"bytes"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

const headless = "no projection head: token embeddings are the encoder's hidden states, without prefixes, scored by mask-min"

// overlay copies the files of a folder.
func overlay(t *testing.T, fsys fs.FS, dir string) fstest.MapFS {
	t.Helper()
	folder, err := fs.Sub(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	err = fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(folder, name)
		files[name] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// checkpoint is a folder of the golden checkpoints, with tensors in place of its own, or with one small one.
func checkpoint(t *testing.T, name string, tensors ...modelio.Tensor) fstest.MapFS {
	t.Helper()
	files := overlay(t, golden.FS(t), "checkpoints/"+name)
	delete(files, "expected.json") // golden values, which are no part of the folder
	delete(files, "expected.safetensors")
	if tensors == nil {
		tensors = []modelio.Tensor{modelio.NewF32("embeddings.word_embeddings.weight", []int{1, 32}, make([]float32, 32))}
	}
	var weights bytes.Buffer
	if err := modelio.WriteSafetensors(&weights, tensors, nil); err != nil {
		t.Fatal(err)
	}
	files["model.safetensors"] = &fstest.MapFile{Data: weights.Bytes()}
	return files
}

// stanford is the golden checkpoint of that name with a head beside the encoder's tensors.
func stanford(t *testing.T) fstest.MapFS {
	return checkpoint(t, "stanford",
		modelio.NewF32("bert.embeddings.word_embeddings.weight", []int{1, 32}, make([]float32, 32)),
		modelio.NewF32("linear.weight", []int{16, 32}, make([]float32, 16*32)))
}

// open opens a folder and closes it when the test ends.
func open(t *testing.T, fsys fs.FS, dir string) *modelio.Folder {
	t.Helper()
	f, err := modelio.Open(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// without returns the files but one.
func without(files fstest.MapFS, name string) fstest.MapFS {
	delete(files, name)
	return files
}

// with returns the files with one more or another.
func with(files fstest.MapFS, name, content string) fstest.MapFS {
	files[name] = &fstest.MapFile{Data: []byte(content)}
	return files
}

// replaced returns the files with some text in one of them replaced, which must be there.
func replaced(t *testing.T, files fstest.MapFS, name, old, new string) fstest.MapFS {
	t.Helper()
	if !bytes.Contains(files[name].Data, []byte(old)) {
		t.Fatalf("%s has no %q", name, old)
	}
	return with(files, name, string(bytes.ReplaceAll(files[name].Data, []byte(old), []byte(new))))
}
