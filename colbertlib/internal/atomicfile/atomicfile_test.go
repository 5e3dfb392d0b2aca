package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

func TestWriteReplacesWholeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "a.txt")
	for _, content := range []string{"a longer first version", "second"} {
		if err := atomicfile.WriteBytes(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Fatalf("got %q, %v; want %q", got, err, content)
		}
	}
}

func TestFailedWriteKeepsPreviousFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	if err := atomicfile.WriteBytes(path, []byte("kept")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("disk full")
	err := atomicfile.Write(path, func(w io.Writer) error {
		if _, err := w.Write([]byte("half")); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatalf("got error %v, want it to wrap %v", err, broken)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "kept" {
		t.Errorf("previous file is %q, %v; want it untouched", got, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("folder holds %d entries, %v; want the one file and no temporary one", len(entries), err)
	}
}

// What a killed process left behind goes, everything else stays.
func TestRemoveTemporary(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".a.txt.1.tmp", "sub/.b.2.tmp", ".model.3.tmp/weights", "a.txt", ".hidden", "sub/b.tmp"} {
		if err := atomicfile.WriteBytes(filepath.Join(dir, name), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := atomicfile.RemoveTemporary(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{".a.txt.1.tmp": false, "sub/.b.2.tmp": false, ".model.3.tmp": false, "a.txt": true, ".hidden": true, "sub/b.tmp": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v, want it kept: %v", name, err, want)
		}
	}
}
