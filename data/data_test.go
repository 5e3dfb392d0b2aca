package data_test

import (
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/data"
)

func TestSyntheticIsADataFolder(t *testing.T) {
	set, err := dataset.ReadSet(data.Synthetic) // checks the manifest's hashes
	if err != nil || len(set.Labels) != 9 {
		t.Errorf("ReadSet: %d labels, %v", len(set.Labels), err)
	}
}

func TestStarterHoldsTwoModels(t *testing.T) {
	for name, head := range map[string]int{"model": 0, "tagger": 1} {
		folder, err := modelio.Open(data.Starter, name)
		if err != nil {
			t.Fatal(err)
		}
		defer folder.Close()
		if len(folder.Head) != head {
			t.Errorf("%s has %d projections, want %d", name, len(folder.Head), head)
		}
	}
}
