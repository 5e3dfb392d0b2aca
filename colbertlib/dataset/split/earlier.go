package split

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// earlier is what a folder held before.
type earlier struct {
	manifest dataset.Manifest
	splits   map[string]int // id -> split
}

// readEarlier reads the folder that is to be brought up to date, and refuses one that holds something else.
func readEarlier(dir string, o Options) (earlier, error) {
	e := earlier{splits: map[string]int{}}
	var err error
	e.manifest, err = dataset.ReadManifestFile(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if exists(dir, dataset.TrainFile) && !exists(dir, dataset.AdsFile) { // with the latter it is our own, interrupted
			return e, fmt.Errorf("split: %s holds split files that this program did not make (there is no %s); write to another folder", dir, dataset.ManifestFile)
		}
		return e, nil
	}
	if err != nil {
		return e, err
	}
	switch m := e.manifest; {
	case m.Source != o.Source:
		return e, fmt.Errorf("split: %s was made from %s, not from %s; write to another folder", dir, m.Source, o.Source)
	case m.Seed != o.Seed:
		return e, fmt.Errorf("split: %s was drawn with seed %d, not %d: advertisements would change sides; write to another folder", dir, m.Seed, o.Seed)
	case slices.Contains(m.Filters, splitByEmployer) != (o.By == ByEmployer):
		return e, fmt.Errorf("split: %s was split by another rule (employer or not); write to another folder", dir)
	case o.By == ByTime:
		return e, fmt.Errorf("split: %s exists, and a split by time cannot be extended, since new advertisements belong behind the test set; write to another folder", dir)
	}
	for split, name := range map[int]string{train: dataset.TrainFile, validate: dataset.ValidateFile, test: dataset.TestFile} {
		if err := e.read(filepath.Join(dir, name), split); err != nil {
			return e, err
		}
	}
	return e, nil
}

// read takes the ids out of a split file. It does not matter whether the manifest has its hash: after an interrupted Write the file may be an older
// or a newer one, and the ids are right in both.
func (e earlier) read(path string, split int) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("split: %w", err)
	}
	defer file.Close()
	triples, err := dataset.ReadTriples(file, path, nil)
	for _, t := range triples {
		e.splits[t.ID] = split
	}
	return err
}

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}
