package dataset

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
)

// The files of a data folder. The names of the split files are those of the reported experiment.
const (
	LabelsFile   = "labels.json"
	TrainFile    = "job_tagger_training_train.json"
	ValidateFile = "job_tagger_training_validate.json"
	TestFile     = "job_tagger_training_test.json"
	ManifestFile = "manifest.json"
	AdsFile      = "ads.jsonl" // everything that the splits were drawn from, where a folder has it
)

// Set is a data folder: the labels and the three splits, every triple with its label.
type Set struct {
	Labels   []Label
	Train    []Triple
	Validate []Triple
	Test     []Triple
}

// ReadSet reads the data folder at the root of fsys. If the folder has a manifest, its files must be the ones listed there.
func ReadSet(fsys fs.FS) (Set, error) {
	manifest, err := readFile(fsys, ManifestFile, ReadManifest)
	if err == nil {
		err = manifest.Verify(fsys)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil // a folder from elsewhere: nothing to verify
	}
	if err != nil {
		return Set{}, err
	}
	return readSplits(fsys)
}

// readSplits is ReadSet without a look at the manifest.
func readSplits(fsys fs.FS) (set Set, err error) {
	if set.Labels, err = readFile(fsys, LabelsFile, ReadLabels); err != nil {
		return Set{}, err
	}
	for _, split := range set.splits() {
		*split.triples, err = readFile(fsys, split.file, func(r io.Reader, name string) ([]Triple, error) {
			return ReadTriples(r, name, set.Labels)
		})
		if err != nil {
			return Set{}, err
		}
	}
	return set, nil
}

func readFile[T any](fsys fs.FS, name string, read func(io.Reader, string) (T, error)) (T, error) {
	file, err := fsys.Open(name)
	if err != nil {
		var none T
		return none, fmt.Errorf("dataset: data folder: %w", err)
	}
	defer file.Close()
	return read(file, name)
}

// Write puts labels and splits into dir and then the manifest, whose counts and hashes it fills in. Every triple needs its Label.
// others names further files of dir, written before, that the manifest is to list as well.
//
// Each file is replaced as a whole, the manifest last: if writing stops in between, [ReadSet] refuses the mixture.
func (s Set) Write(dir string, manifest Manifest, others ...string) error {
	if err := WriteLabels(filepath.Join(dir, LabelsFile), s.Labels); err != nil {
		return err
	}
	files := append([]string{LabelsFile}, others...)
	for _, split := range s.splits() {
		if err := writeTriples(filepath.Join(dir, split.file), *split.triples, s.Labels); err != nil {
			return err
		}
		files = append(files, split.file)
	}
	manifest.Splits = s.counts()
	return manifest.Write(dir, files...)
}

type split struct {
	name, file string
	triples    *[]Triple
}

// splits pairs each split with its name and its file.
func (s *Set) splits() []split {
	return []split{{"train", TrainFile, &s.Train}, {"validate", ValidateFile, &s.Validate}, {"test", TestFile, &s.Test}}
}

func (s Set) counts() []SplitCount {
	var counts []SplitCount
	for _, split := range s.splits() {
		count := SplitCount{Name: split.name, Triples: len(*split.triples)}
		ofLabel := map[int]int{}
		for _, t := range *split.triples {
			ofLabel[t.Label]++
		}
		for _, l := range s.Labels {
			count.Labels = append(count.Labels, LabelCount{ID: l.ID, Name: l.Name, Triples: ofLabel[l.ID]})
		}
		counts = append(counts, count)
	}
	return counts
}
