package synth

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// NaturalFile is the natural-mix set's name in a data folder: advertisements as JSON lines.
const NaturalFile = "natural.jsonl"

// RewordedFile is the name in a data folder of the labels with descriptions that no training triple has.
const RewordedFile = "labels_reworded.json"

// LabelVersion names the label set: ReliefWeb's nine categories of before 2026, described in our own words.
const LabelVersion = "nine-categories-synthetic-1"

// WriteFolder makes dir a data folder: labels.json, labels_reworded.json, the three split files, natural.jsonl and, last, manifest.json.
// The same seed gives the same bytes. Files of these names are replaced one by one, each as a whole.
func WriteFolder(dir string, seed uint64) error {
	g, err := New()
	if err != nil {
		return err
	}
	set := g.Set(seed)
	if err := dataset.WriteAds(filepath.Join(dir, NaturalFile), g.natural(seed, set)); err != nil {
		return fmt.Errorf("synth: %w", err)
	}
	if err := dataset.WriteLabels(filepath.Join(dir, RewordedFile), g.reworded); err != nil {
		return fmt.Errorf("synth: %w", err)
	}
	if err := set.Write(dir, dataset.Manifest{Version: LabelVersion, Source: "synth", Seed: seed}); err != nil {
		return fmt.Errorf("synth: %w", err)
	}
	return addToManifest(dir, NaturalFile, RewordedFile)
}

// addToManifest lists more files of the folder in its manifest.
func addToManifest(dir string, files ...string) error {
	path := filepath.Join(dir, dataset.ManifestFile)
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("synth: %w", err)
	}
	defer file.Close()
	manifest, err := dataset.ReadManifest(file, path)
	if err != nil {
		return fmt.Errorf("synth: %w", err)
	}
	for _, f := range manifest.Files {
		files = append(files, f.Name)
	}
	if err := manifest.Write(dir, files...); err != nil {
		return fmt.Errorf("synth: %w", err)
	}
	return nil
}
