package compare

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// The files of a comparison's folder, beside trials/ and plots/.
const (
	specFile        = "config.yaml"
	environmentFile = "environment.json" // of the rows that are not trained; each trial of the others has its own beside its scores
	inputsFile      = "inputs.json"
	adsFile         = "ads.csv"
	tableFile       = "table.md"
	doneFile        = "DONE"
	trialsFolder    = "trials"
)

// Inputs is what a comparison began with.
type Inputs struct {
	LabelVersion string                        `json:"label_version,omitempty"`
	Labels       []Label                       `json:"labels"`
	Train        int                           `json:"train"` // advertisements to train on
	Data         []dataset.FileHash            `json:"data"`
	Model        []dataset.FileHash            `json:"model"`                  // of the first row's base model, which all untrained rows are of
	OtherModels  map[string][]dataset.FileHash `json:"other_models,omitempty"` // of rows with another base model, by its name in the recipe
	Warnings     []string                      `json:"warnings,omitempty"`     // what a reader of the tables should know
}

// Label names one of the labels.
type Label struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// begin makes the comparison's folder, or finds the one with the same rows and inputs, of whose SHA-256 the ID is the beginning. What that
// asked for in seeds, sizes and labels left out is asked for again, so that a comparison can grow. It returns the spec with these.
func begin(spec Spec, c *corpus, inputs Inputs, results string) (_ Spec, dir string, err error) {
	core := spec
	core.Seeds, core.Sizes, core.LeaveOneLabelOut = 0, nil, false
	identity, err := yaml.Marshal(core)
	if err != nil {
		return spec, "", fmt.Errorf("compare: %w", err)
	}
	hash := sha256.New()
	hash.Write(identity)
	for _, file := range slices.Concat(inputs.Data, inputs.Model, inputs.otherFiles()) {
		hash.Write([]byte(file.SHA256))
	}
	dir = filepath.Join(results, spec.Name, "comparisons", hex.EncodeToString(hash.Sum(nil)[:4]))
	before, err := readSpec(os.DirFS(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return spec, "", fmt.Errorf("compare: %s: %w", filepath.ToSlash(dir), err)
	}
	spec = spec.with(before)
	config, err := yaml.Marshal(spec)
	if err != nil {
		return spec, "", fmt.Errorf("compare: %w", err)
	}
	if err := writeFile(filepath.Join(dir, specFile), config); err != nil { // what stands in the way of one file stands in the way of all
		return spec, "", err
	}
	return spec, dir, errors.Join(writeJSON(filepath.Join(dir, inputsFile), inputs), c.writeAds(dir))
}

// with adds what another spec of the same rows asks for.
func (s Spec) with(other Spec) Spec {
	s.Seeds = max(s.Seeds, other.Seeds)
	s.Sizes = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(s.Sizes), other.Sizes...))))
	s.LeaveOneLabelOut = s.LeaveOneLabelOut || other.LeaveOneLabelOut
	return s
}

// inputs are the corpus and the base models of rows.
func (c *corpus) inputs(ctx context.Context, rows []Trained, fetching experiment.Fetching) (Inputs, error) {
	inputs := Inputs{LabelVersion: c.version, Train: len(c.train), Data: c.hashes, OtherModels: map[string][]dataset.FileHash{}}
	for _, label := range c.labels {
		inputs.Labels = append(inputs.Labels, Label{label.ID, label.Name})
	}
	for _, name := range c.untrained() {
		inputs.Warnings = append(inputs.Warnings, fmt.Sprintf("no training advertisement has the label %s: rows that learn from labels alone cannot find it", name))
	}
	var err error
	first := rows[0].Recipe.Model.Base
	if inputs.Model, err = hashModel(ctx, first, fetching); err != nil {
		return inputs, err
	}
	for _, row := range rows {
		base := row.Recipe.Model.Base
		if base == first || inputs.OtherModels[base] != nil {
			continue
		}
		if inputs.OtherModels[base], err = hashModel(ctx, base, fetching); err != nil {
			return inputs, err
		}
	}
	return inputs, nil
}

// otherFiles are those of all OtherModels, in the order of their names.
func (i Inputs) otherFiles() (files []dataset.FileHash) {
	for _, base := range slices.Sorted(maps.Keys(i.OtherModels)) {
		files = append(files, i.OtherModels[base]...)
	}
	return files
}

// hashModel lists the files of a base model.
func hashModel(ctx context.Context, base string, fetching experiment.Fetching) (hashes []dataset.FileHash, err error) {
	fsys, err := experiment.ModelFS(ctx, base, fetching)
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains([]string{".json", ".safetensors", ".pt"}, path.Ext(name)) {
			return err
		}
		content, err := fs.ReadFile(fsys, name)
		hashes = append(hashes, fileHash(name, content))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("compare: model %s: %w", base, err)
	}
	return hashes, nil
}

// writeAds lists the advertisements that are judged, without their texts.
func (c *corpus) writeAds(dir string) error {
	rows := [][]string{{"set", "id", "label", "language"}}
	for _, set := range []string{Validate, Test, Body, Natural} {
		for _, query := range c.sets[set] {
			rows = append(rows, []string{set, query.ID, strconv.Itoa(query.Label), query.Language})
		}
	}
	return writeCSV(filepath.Join(dir, adsFile), rows)
}

func readSets(fsys fs.FS) (map[string][]dataset.Query, error) {
	rows, err := readCSV(fsys, adsFile)
	if err != nil {
		return nil, err
	}
	sets := map[string][]dataset.Query{}
	for _, row := range rows[min(1, len(rows)):] {
		label, err := strconv.Atoi(row[2])
		if err != nil {
			return nil, fmt.Errorf("%s: advertisement %s: %w", adsFile, row[1], err)
		}
		sets[row[0]] = append(sets[row[0]], dataset.Query{ID: row[1], Label: label, Language: row[3]})
	}
	return sets, nil
}

// Scores are those that a trial gave: of a set's advertisements, by id, for each label, in the order of the inputs.
type Scores map[string][]float64

func scoresFile(dir, set string) string { return filepath.Join(dir, set+".csv") }

// writeScores writes one line for each advertisement, with seven digits, all that float32 has.
func writeScores(file string, labels []dataset.Label, queries []dataset.Query, score scorer) error {
	header := []string{"id"}
	for _, label := range labels {
		header = append(header, strconv.Itoa(label.ID))
	}
	rows := [][]string{header}
	for _, query := range queries {
		scores, err := score(query)
		if err != nil {
			return fmt.Errorf("compare: advertisement %s: %w", query.ID, err)
		}
		row := []string{query.ID}
		for _, s := range scores {
			row = append(row, strconv.FormatFloat(s, 'g', 7, 64))
		}
		rows = append(rows, row)
	}
	return writeCSV(file, rows)
}

func readScores(fsys fs.FS, file string, labels int) (Scores, error) {
	rows, err := readCSV(fsys, file)
	if err != nil {
		return nil, err
	}
	scores := Scores{}
	for _, row := range rows[min(1, len(rows)):] {
		if len(row) != 1+labels {
			return nil, fmt.Errorf("%s: %d scores, want one for each of %d labels", file, len(row)-1, labels)
		}
		for _, value := range row[1:] {
			score, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: advertisement %s: %w", file, row[0], err)
			}
			scores[row[0]] = append(scores[row[0]], score)
		}
	}
	return scores, nil
}

func readCSV(fsys fs.FS, file string) ([][]string, error) {
	content, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return rows, nil
}

func writeCSV(file string, rows [][]string) error {
	if err := atomicfile.Write(file, func(w io.Writer) error { return csv.NewWriter(w).WriteAll(rows) }); err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	return nil
}

func writeJSON(file string, value any) error {
	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("compare: %s: %w", file, err)
	}
	return writeFile(file, content.Bytes())
}

func readJSON(fsys fs.FS, file string, value any) error {
	content, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, value); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func writeFile(file string, content []byte) error {
	if err := atomicfile.WriteBytes(file, content); err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// setNames are the sets of a part in one order.
func (p part) setNames() []string {
	var names []string
	for _, name := range []string{Validate, Test, Body, Natural} {
		if len(p.sets[name]) > 0 {
			names = append(names, name)
		}
	}
	return slices.Clip(names)
}

// readSpec reads config.yaml.
func readSpec(fsys fs.FS) (Spec, error) {
	content, err := fs.ReadFile(fsys, specFile)
	if err != nil {
		return Spec{}, err
	}
	var spec Spec
	if err := yaml.UnmarshalWithOptions(content, &spec, yaml.Strict()); err != nil {
		return Spec{}, fmt.Errorf("%s: %w", specFile, err)
	}
	return spec, nil
}
