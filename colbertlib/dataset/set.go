package dataset

import (
	"fmt"
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
	manifest, err := fsys.Open(ManifestFile)
	if err == nil {
		defer manifest.Close()
		m, err := ReadManifest(manifest, ManifestFile)
		if err != nil {
			return Set{}, err
		}
		if err := m.Verify(fsys); err != nil {
			return Set{}, err
		}
	}
	var set Set
	labels, err := fsys.Open(LabelsFile)
	if err != nil {
		return Set{}, fmt.Errorf("dataset: a data folder needs %s: %w", LabelsFile, err)
	}
	defer labels.Close()
	if set.Labels, err = ReadLabels(labels, LabelsFile); err != nil {
		return Set{}, err
	}
	for _, split := range set.splits() {
		file, err := fsys.Open(split.file)
		if err != nil {
			return Set{}, fmt.Errorf("dataset: a data folder needs %s: %w", split.file, err)
		}
		*split.triples, err = ReadTriples(file, split.file, set.Labels)
		file.Close()
		if err != nil {
			return Set{}, err
		}
	}
	return set, nil
}

// Write puts labels and splits into dir and then the manifest, whose counts and hashes it fills in.
func (s Set) Write(dir string, manifest Manifest) error {
	if err := WriteLabels(filepath.Join(dir, LabelsFile), s.Labels); err != nil {
		return err
	}
	files := []string{LabelsFile}
	for _, split := range s.splits() {
		if err := WriteTriples(filepath.Join(dir, split.file), *split.triples); err != nil {
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
