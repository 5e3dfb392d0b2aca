package dataset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// Removal is a file that held an advertisement before it was forgotten.
type Removal struct {
	ID     string `json:"id"`
	File   string `json:"file"`   // its name in the folder
	SHA256 string `json:"sha256"` // of the file as it was; runs that were made from it have this in their inputs.json
}

// Forget takes advertisements out of a data folder, writes the new counts and hashes into its manifest, and remembers the ids there, so that a later split
// does not bring them back. It returns the files that held them.
//
// The manifest learns the ids first and the hashes last. If Forget is interrupted, the folder is refused by [ReadSet] until Forget is called again.
func Forget(dir string, ids ...string) ([]Removal, error) {
	m, err := ReadManifestFile(dir)
	if err != nil {
		return nil, fmt.Errorf("%w; only folders with a manifest can be changed safely", err)
	}
	known := true // all ids: then an earlier call was interrupted, or has done it all
	for _, id := range ids {
		known = known && slices.Contains(m.Forgotten, id)
	}
	if err := m.Verify(os.DirFS(dir)); err != nil && !known {
		return nil, err
	}
	for _, id := range ids {
		if !slices.Contains(m.Forgotten, id) {
			m.Forgotten = append(m.Forgotten, id)
		}
	}
	slices.Sort(m.Forgotten)
	if err := m.write(dir); err != nil {
		return nil, err
	}
	var removals []Removal
	for _, file := range m.Files {
		had, err := forgetIn(filepath.Join(dir, file.Name), ids)
		if err != nil {
			return nil, err
		}
		for _, id := range had {
			removals = append(removals, Removal{id, file.Name, file.SHA256})
		}
	}
	if set, err := readSplits(os.DirFS(dir)); err == nil {
		m.Splits = set.counts()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return removals, m.Write(dir, m.names()...)
}

// forgetIn writes one file without the advertisements, if it has any of them, and returns those that it had.
func forgetIn(path string, ids []string) ([]string, error) {
	switch base := filepath.Base(path); {
	case base == TrainFile || base == ValidateFile || base == TestFile:
		return forgetTriples(path, ids)
	case filepath.Ext(base) == ".jsonl":
		return forgetLines(path, ids)
	}
	return nil, nil
}

func forgetTriples(path string, ids []string) (had []string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	defer file.Close()
	triples, err := ReadTriples(file, path, nil)
	if err != nil {
		return nil, err
	}
	rest := slices.DeleteFunc(slices.Clone(triples), func(t Triple) bool {
		if !slices.Contains(ids, t.ID) {
			return false
		}
		if !slices.Contains(had, t.ID) {
			had = append(had, t.ID)
		}
		return true
	})
	switch {
	case len(had) == 0:
		return nil, nil
	case len(rest) == 0:
		return nil, fmt.Errorf("dataset: nothing would be left in %s; delete the folder and split again", path)
	}
	return had, WriteTriples(path, rest)
}

// forgetLines copies the other lines as they are.
func forgetLines(path string, ids []string) (had []string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	defer file.Close()
	for ad, err := range ScanAds(file, path, nil) {
		if err != nil {
			return nil, err
		}
		if slices.Contains(ids, ad.ID) {
			had = append(had, ad.ID)
		}
	}
	if len(had) == 0 {
		return nil, nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	err = atomicfile.Write(path, func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<20)
		for e, err := range scanLines(file, path, "ad", expectedAd) {
			if err != nil {
				return err
			}
			ad, err := parseAd(e, nil)
			if err != nil {
				return err
			}
			if !slices.Contains(ids, ad.ID) {
				if _, err := out.Write(append(bytes.TrimSpace(e.data), '\n')); err != nil {
					return err
				}
			}
		}
		return out.Flush()
	})
	return had, err
}
