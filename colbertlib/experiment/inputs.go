package experiment

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Inputs is what a run began with, as inputs.json keeps it.
type Inputs struct {
	LabelVersion string             `json:"label_version,omitempty"` // the manifest's, or made of the labels' content
	Data         []dataset.FileHash `json:"data"`
	Model        []dataset.FileHash `json:"model"`
	Commit       string             `json:"model_commit,omitempty"`  // of a base model from the Hub
	License      string             `json:"model_license,omitempty"` // as the base model's card states it
	Warnings     []string           `json:"warnings,omitempty"`      // what a reader of the scores should know about data and model
}

// corpus is the data of an experiment in memory.
type corpus struct {
	labels  []dataset.Label
	triples []dataset.Triple // to train on
	queries []dataset.Query  // to evaluate on
}

// splitFiles are the files of a data folder by the names of splits.
var splitFiles = map[string]string{"train": dataset.TrainFile, "validate": dataset.ValidateFile, "test": dataset.TestFile}

// read reads the data and adds to inputs what it is.
func (d Data) read(fsys fs.FS, inputs *Inputs) (corpus, error) {
	if err := d.verify(fsys, inputs); err != nil {
		return corpus{}, err
	}
	var c corpus
	var err error
	if d.Labels == "" {
		c.labels, err = readFile(fsys, dataset.LabelsFile, inputs, dataset.ReadLabels)
	} else {
		dir, name := filepath.Split(filepath.Clean(d.Labels))
		c.labels, err = readFile(os.DirFS(filepath.Join(dir, ".")), name, inputs, dataset.ReadLabels)
	}
	if err != nil {
		return corpus{}, err
	}
	if d.Labels != "" || inputs.LabelVersion == "" { // the manifest tells of the folder's own labels only
		inputs.LabelVersion = dataset.LabelsVersion(c.labels)
	}
	read := func(split string) ([]dataset.Triple, error) {
		return readFile(fsys, splitFiles[split], inputs, func(r io.Reader, name string) ([]dataset.Triple, error) {
			return dataset.ReadTriples(r, name, c.labels)
		})
	}
	if c.triples, err = read(d.Train); err != nil {
		return corpus{}, err
	}
	evaluated, err := read(d.Evaluate)
	if err != nil {
		return corpus{}, err
	}
	if c.queries, err = dataset.Queries(evaluated); err != nil {
		return corpus{}, fmt.Errorf("%s: %w", splitFiles[d.Evaluate], err)
	}
	inputs.Warnings = append(inputs.Warnings, slices.Concat(c.leaks(), c.unseen())...)
	return c, nil
}

// verify compares the folder with its manifest, if it has one.
func (d Data) verify(fsys fs.FS, inputs *Inputs) error {
	file, err := fsys.Open(dataset.ManifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a folder from elsewhere
	}
	if err != nil {
		return fmt.Errorf("experiment: %w", err)
	}
	defer file.Close()
	manifest, err := dataset.ReadManifest(file, dataset.ManifestFile)
	if err != nil {
		return err
	}
	inputs.LabelVersion = manifest.Version
	return manifest.Verify(fsys)
}

// readFile reads one data file and adds its hash to inputs.
func readFile[T any](fsys fs.FS, name string, inputs *Inputs, read func(io.Reader, string) (T, error)) (T, error) {
	var none T
	file, err := fsys.Open(name)
	if err != nil {
		return none, fmt.Errorf("experiment: data: %w", err)
	}
	defer file.Close()
	hash := sha256.New()
	value, err := read(io.TeeReader(file, hash), name)
	if err != nil {
		return none, err
	}
	inputs.Data = append(inputs.Data, dataset.FileHash{Name: name, SHA256: hex.EncodeToString(hash.Sum(nil))})
	return value, nil
}

// leaks warns of advertisements that are both trained and evaluated on.
func (c corpus) leaks() []string {
	trained := map[string]bool{}
	for _, triple := range c.triples {
		trained[triple.Query] = true
	}
	both := 0
	for _, query := range c.queries {
		if trained[query.Text] {
			both++
		}
	}
	if both == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of the %d evaluated ads are also trained on: the scores are too high", both, len(c.queries))}
}

// unseen warns of labels that are evaluated, but not trained on.
func (c corpus) unseen() []string {
	trained := map[int]bool{}
	for _, triple := range c.triples {
		trained[triple.Label] = true
	}
	ads := 0
	var names []string
	for _, label := range c.labels {
		before := ads
		for _, query := range c.queries {
			if query.Label == label.ID && !trained[label.ID] {
				ads++
			}
		}
		if ads > before {
			names = append(names, label.Name)
		}
	}
	if ads == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of the %d evaluated ads have a label that training has no ads of: %s", ads, len(c.queries), strings.Join(names, ", "))}
}

// modelFiles are the kinds of files that models are read from.
var modelFiles = []string{".json", ".safetensors", ".pt", ".txt", ".metadata"}

// hashModel lists the files of a model folder.
func hashModel(fsys fs.FS) ([]dataset.FileHash, error) {
	var hashes []dataset.FileHash
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains(modelFiles, path.Ext(name)) {
			return err
		}
		file, err := fsys.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		hash := sha256.New()
		if _, err := io.Copy(hash, file); err != nil {
			return err
		}
		hashes = append(hashes, dataset.FileHash{Name: name, SHA256: hex.EncodeToString(hash.Sum(nil))})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("experiment: model: %w", err)
	}
	return hashes, nil
}

// prepare gives a bare encoder the recipe's head, roles and similarity, and writes into the recipe what any other model brings along.
func (m *Model) prepare(model *colbertlib.Model, seed uint64, inputs *Inputs) error {
	core := model.Core()
	if core.Bare {
		role := func(r Role) modelio.Role { return modelio.Role{Prefix: r.Prefix, Length: r.Length} }
		err := core.SetRoles(role(m.Query), role(m.Document), m.Similarity)
		if err == nil && m.Head > 0 {
			err = core.AddHead(m.Head, seed)
		}
		if err != nil {
			return fmt.Errorf("experiment: %w: change model.head, model.query.length or model.document.length", err)
		}
	} else {
		own := Model{
			Base: m.Base, Obtain: m.Obtain, Similarity: core.Similarity,
			Query: Role{core.Query.Prefix, core.Query.Length}, Document: Role{core.Document.Prefix, core.Document.Length},
		}
		if core.HasHead() {
			own.Head = model.Dim()
		}
		if own != *m {
			inputs.Warnings = append(inputs.Warnings, "the base model is one of late interaction already and keeps its head, or that it has none, its prefixes, lengths and similarity, in place of the recipe's")
		}
		*m = own
	}
	if m.Similarity != maxsim.ClipZero {
		inputs.Warnings = append(inputs.Warnings, fmt.Sprintf("scored by %s, not by the reported experiment's %s", m.Similarity, maxsim.ClipZero))
	}
	inputs.Warnings = append(inputs.Warnings, model.Warnings()...)
	return nil
}
