package dataset_test

import (
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

var labels = []dataset.Label{
	{ID: 10, Name: "Water", Description: "Wells, pumps and latrines."},
	{ID: 11, Name: "Logistics", Description: "Trucks, stores and customs."},
	{ID: 207, Name: "Advocacy", Description: "Campaigns and the press."},
}

// badFile is a file that a reader must refuse, with what its error must say.
type badFile struct {
	name, content string
	want          []string
}

func checkBadFiles(t *testing.T, read func(content string) error, files []badFile) {
	t.Helper()
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			err := read(f.content)
			if err == nil {
				t.Fatalf("read %q without error", f.content)
			}
			for _, want := range append(f.want, "dataset: f.json") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error does not say %q:\n%v", want, err)
				}
			}
			if len(err.Error()) > 700 {
				t.Errorf("error has %d bytes; want a short one", len(err.Error()))
			}
		})
	}
}
