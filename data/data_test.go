package data_test

import (
	"io/fs"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/data"
)

func TestSyntheticIsADataFolder(t *testing.T) {
	set, err := dataset.ReadSet(data.Synthetic) // checks the manifest's hashes
	if err != nil || len(set.Labels) != 9 {
		t.Errorf("ReadSet: %d labels, %v", len(set.Labels), err)
	}
}

func TestStarterIsEmbedded(t *testing.T) {
	if _, err := fs.Stat(data.Starter, "README.md"); err != nil {
		t.Error(err)
	}
}
