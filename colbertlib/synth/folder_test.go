package synth_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
	"github.com/jobtagger/jobtagger/data"
)

var regen = flag.Bool("regen", false, "write data/synthetic anew, for a changed grammar; the next run compares with it")

// TestTheCommittedDataIsWhatTheSeedGives regenerates data/synthetic byte for byte.
func TestTheCommittedDataIsWhatTheSeedGives(t *testing.T) {
	dir := t.TempDir()
	if *regen {
		dir = "../../data/synthetic"
	}
	if err := synth.WriteFolder(dir, synth.Seed); err != nil {
		t.Fatal(err)
	}
	if *regen {
		return // what is compiled in is the old folder
	}
	made := os.DirFS(dir)
	names, err := fs.Glob(made, "*")
	if err != nil || len(names) != 7 {
		t.Fatalf("WriteFolder made %v, %v; want seven files", names, err)
	}
	size := 0
	for _, name := range names {
		want, err := fs.ReadFile(made, name)
		if err != nil {
			t.Fatal(err)
		}
		committed, err := fs.ReadFile(data.Synthetic, name)
		if err != nil || !bytes.Equal(committed, want) {
			t.Errorf("data/synthetic/%s is not what the grammar gives (%v); run: go generate ./colbertlib/synth", name, err)
		}
		size += len(want)
	}
	if size > 6<<20 {
		t.Errorf("the folder has %d bytes; the repository should not grow beyond 6 MB", size)
	}
}

func TestTheFolderIsADataFolder(t *testing.T) {
	dir := t.TempDir()
	if err := synth.WriteFolder(dir, 5); err != nil {
		t.Fatal(err)
	}
	set, err := dataset.ReadSet(os.DirFS(dir)) // checks the manifest's hashes
	if err != nil || len(set.Train) != 900 || len(set.Validate) != 180 || len(set.Test) != 90 {
		t.Fatalf("ReadSet: %d, %d, %d triples, %v", len(set.Train), len(set.Validate), len(set.Test), err)
	}
	file, err := os.Open(dir + "/" + synth.NaturalFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	ads, err := dataset.ReadAds(file, synth.NaturalFile, set.Labels)
	if err != nil {
		t.Fatal(err)
	}
	count := map[int]int{}
	for _, ad := range ads {
		count[ad.Label]++
	}
	if count[6867] < 5*count[6866] || count[6866] == 0 {
		t.Errorf("natural mix: %v; program management should be many times as frequent as ICT", count)
	}
}

func TestWriteFolderReportsWhatItCannotWrite(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := synth.WriteFolder(file, 1); err == nil {
		t.Error("a folder below a file is no error")
	}
}
