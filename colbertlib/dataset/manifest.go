package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// Manifest says what a data folder holds, how it was made and by which bytes to recognise it.
type Manifest struct {
	Version   string       `json:"version"`           // of the label set; results of different versions are not comparable
	Source    string       `json:"source"`            // what made the texts, e.g. "synth" or "reliefweb"
	Date      string       `json:"date,omitempty"`    // of the source's data, YYYY-MM-DD; empty if it has none
	Seed      uint64       `json:"seed"`              // of drawing and splitting
	Filters   []string     `json:"filters,omitempty"` // which texts were asked for
	Splits    []SplitCount `json:"splits,omitempty"`
	Dropped   []Drop       `json:"dropped,omitempty"`
	Findings  []Finding    `json:"findings,omitempty"`  // of the last audit
	Forgotten []string     `json:"forgotten,omitempty"` // ids that must not come back, sorted
	Files     []FileHash   `json:"files"`               // sorted by name
}

// Finding is how many advertisements an audit found to have some fault or peculiarity.
type Finding struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"` // among all advertisements
	Drawn int    `json:"drawn"` // of them, in the splits
}

// SplitCount is how many triples a split has, in all and for each label.
type SplitCount struct {
	Name    string       `json:"name"`
	Triples int          `json:"triples"`
	Labels  []LabelCount `json:"labels"`
}

// LabelCount is how many triples have this label.
type LabelCount struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	Triples int    `json:"triples"`
}

// Drop is a reason for leaving advertisements out, and how many it met.
type Drop struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// String is "12, too long".
func (d Drop) String() string { return fmt.Sprintf("%d, %s", d.Count, d.Reason) }

// FileHash is a file's name inside the folder and the SHA-256 of its bytes in hexadecimal.
type FileHash struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// ReadManifest reads manifest.json. name stands for the file in errors.
func ReadManifest(r io.Reader, name string) (Manifest, error) {
	const expected = `an object {"version": "…", "seed": 1, "files": […], …}`
	s, err := readSource(r, name, expected)
	if err != nil {
		return Manifest{}, err
	}
	whole := element{source: s, line: 1, ordinal: 1, what: "manifest"}
	if err := json.Unmarshal(s.data, &whole.raw); err != nil {
		return Manifest{}, s.syntax(err, 0, expected)
	}
	var m Manifest
	if err := whole.decode(&m); err != nil {
		return Manifest{}, err
	}
	if len(m.Files) == 0 {
		return Manifest{}, whole.errorf(`"files" is empty or missing, so there is nothing to verify`)
	}
	return m, nil
}

// ReadManifestFile reads the manifest of a data folder. A folder without one gives an error that wraps fs.ErrNotExist.
func ReadManifestFile(dir string) (Manifest, error) {
	path := filepath.Join(dir, ManifestFile)
	file, err := os.Open(path)
	if err != nil {
		return Manifest{}, fmt.Errorf("dataset: %w", err)
	}
	defer file.Close()
	return ReadManifest(file, path)
}

// Write puts manifest.json into dir, with the hashes of these files of dir; what Files held before is replaced.
func (m Manifest) Write(dir string, files ...string) error {
	m.Files = nil
	fsys := os.DirFS(dir)
	for _, name := range slices.Sorted(slices.Values(files)) {
		sum, err := hash(fsys, name)
		if err != nil {
			return fmt.Errorf("dataset: manifest: %w", err)
		}
		m.Files = append(m.Files, FileHash{Name: name, SHA256: sum})
	}
	return m.write(dir)
}

// write replaces the manifest, with the hashes that it has.
func (m Manifest) write(dir string) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(m); err != nil {
		return fmt.Errorf("dataset: manifest: %w", err)
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, ManifestFile), out.Bytes()); err != nil {
		return fmt.Errorf("dataset: manifest: %w", err)
	}
	return nil
}

// RecordFindings puts an audit's counts into the manifest of a data folder whose files are as the manifest has them. A folder without one stays as it is.
func RecordFindings(dir string, findings []Finding) error {
	m, err := ReadManifestFile(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = m.Verify(os.DirFS(dir))
	}
	if err != nil {
		return err
	}
	m.Findings = findings
	return m.Write(dir, m.names()...)
}

// names lists the files of the folder.
func (m Manifest) names() []string {
	names := make([]string, len(m.Files))
	for i, file := range m.Files {
		names[i] = file.Name
	}
	return names
}

// ErrChanged is part of every error of [Manifest.Verify].
var ErrChanged = errors.New("not the files that manifest.json lists; restore them, or make the folder and its manifest again")

// Verify compares the files of a folder with their hashes and names every one that is missing or differs.
func (m Manifest) Verify(fsys fs.FS) error {
	var wrong []error
	for _, file := range m.Files {
		sum, err := hash(fsys, file.Name)
		if err != nil {
			wrong = append(wrong, err)
		} else if sum != file.SHA256 {
			wrong = append(wrong, fmt.Errorf("%s has sha256 %s, expected %s", file.Name, sum, file.SHA256))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("dataset: %w:\n%w", ErrChanged, errors.Join(wrong...))
}

func hash(fsys fs.FS, name string) (string, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
