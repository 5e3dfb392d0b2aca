package modelio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

const (
	ownFile    = "jobtagger.json"
	labelsFile = "labels.json"
	ownVersion = 1
)

// ownConfig is jobtagger.json: what the other libraries' files cannot say, and what they can, so that our folders do not
// depend on how well a format expresses a model. They ignore this file.
type ownConfig struct {
	Version     int             `json:"version"`
	Similarity  string          `json:"similarity,omitempty"` // absent, with query and document, in encoders without a head
	Query       *Role           `json:"query,omitempty"`
	Document    *Role           `json:"document,omitempty"`
	Calibration json.RawMessage `json:"calibration,omitempty"`
	Provenance  json.RawMessage `json:"provenance,omitempty"`
}

// readOwn reads jobtagger.json and labels.json where they are. The former is followed where it differs from the
// format's files.
func (f *Folder) readOwn(src source) (err error) {
	if f.Labels, err = src.readOptional(labelsFile); err != nil {
		return err
	}
	content, err := src.readOptional(ownFile)
	if content == nil || err != nil {
		return err
	}
	config, err := parseOwn(src, content)
	if err != nil {
		return err
	}
	f.JobTagger = &JobTagger{Calibration: config.Calibration, Provenance: config.Provenance}
	if config.Similarity != "" {
		f.Similarity = config.Similarity
	}
	for _, role := range []struct {
		name string
		own  *Role
		read *Role
	}{{"query", config.Query, &f.Query}, {"document", config.Document, &f.Document}} {
		if role.own == nil {
			continue
		}
		if f.Format != PyLate && !reflect.DeepEqual(*role.own, *role.read) { // PyLate has no place for prefixes
			f.warn("%s is followed for the %s side, where other files of the folder differ from it", ownFile, role.name)
		}
		*role.read = *role.own
	}
	return nil
}

// SetCalibration replaces the calibration of the model folder dir and nothing else. The folder need not be one that Write made.
func SetCalibration(dir string, calibration json.RawMessage) error {
	src := source{fsys: os.DirFS(dir), dir: "."}
	if !src.has("config.json") {
		return fmt.Errorf("modelio: %s is no model folder: it has no config.json", dir)
	}
	config := ownConfig{Version: ownVersion}
	content, err := src.readOptional(ownFile)
	if err != nil {
		return err
	}
	if content != nil {
		if config, err = parseOwn(src, content); err != nil {
			return err
		}
	}
	config.Calibration = calibration
	if content, err = formatJSON(config); err != nil {
		return src.errorf(ownFile, "%w", err)
	}
	return atomicfile.WriteBytes(filepath.Join(dir, ownFile), content)
}

func parseOwn(src source, content []byte) (config ownConfig, err error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		return config, src.errorf(ownFile, "%w", err)
	}
	if config.Version != ownVersion {
		return config, src.errorf(ownFile, "version %d, expected %d: written by another version of this program", config.Version, ownVersion)
	}
	return config, nil
}
