package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// Use is what a run did with a file of a data folder.
type Use struct {
	Run  string `json:"run"`  // its folder
	File string `json:"file"` // of the data folder
	// Trained says that the run's model was fitted to the file, and not only judged by it.
	Trained bool `json:"trained"`
	// Certain is false where the run was made from the same folder in another state, so that one cannot tell what the file held.
	Certain bool `json:"certain"`
	Model   bool `json:"model"` // the run's folder still has the model
}

// Uses finds the runs below a folder of results that used one of these files of the data folder dir, as their inputs.json has it: the one with the
// same hash, or some other state of it.
func Uses(results, dir string, files []dataset.FileHash) ([]Use, error) {
	runs, err := filepath.Glob(filepath.Join(results, "*", "runs", "*"))
	if err != nil {
		return nil, fmt.Errorf("experiment: %w", err)
	}
	var uses []Use
	for _, run := range runs {
		found, err := usesOf(run, dir, files)
		if err != nil {
			return nil, fmt.Errorf("experiment: run %s: %w", filepath.ToSlash(run), err)
		}
		uses = append(uses, found...)
	}
	return uses, nil
}

func usesOf(run, dir string, files []dataset.FileHash) ([]Use, error) {
	var inputs Inputs
	err := readJSON(os.DirFS(run), inputsFile, &inputs)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // it was stopped before its data was read
	}
	if err != nil {
		return nil, err
	}
	recipe, err := RunRecipe(run)
	if err != nil {
		return nil, err
	}
	_, modelErr := os.Stat(filepath.Join(run, modelFolder))
	var uses []Use
	for _, file := range files {
		at := slices.IndexFunc(inputs.Data, func(f dataset.FileHash) bool { return f.Name == file.Name })
		if at < 0 {
			continue
		}
		same := inputs.Data[at].SHA256 == file.SHA256
		if same || samePath(recipe.Data.Source, dir) {
			uses = append(uses, Use{Run: run, File: file.Name, Trained: file.Name == splitFiles[recipe.Data.Train], Certain: same, Model: modelErr == nil})
		}
	}
	return uses, nil
}

func samePath(a, b string) bool {
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	return errX == nil && errY == nil && x == y
}
