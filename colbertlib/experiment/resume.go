package experiment

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// RunRecipe is the recipe of a run folder, finished or not, as it can be resumed with.
func RunRecipe(dir string) (Recipe, error) {
	content, err := os.ReadFile(filepath.Join(dir, recipeFile))
	if err != nil {
		return Recipe{}, fmt.Errorf("experiment: this is no run folder, or one that was stopped before it began: %w", err)
	}
	return ReadRecipe(content, filepath.Join(dir, recipeFile))
}

// resume takes over an unfinished run folder, which must have begun with this execution's recipe and inputs.
func (e *execution) resume(dir string) error {
	e.run.Dir = dir
	if _, err := os.Stat(e.run.path(doneFile)); err == nil {
		return errors.New("it is finished: there is nothing to resume")
	}
	recipe, err := RunRecipe(dir)
	if err != nil {
		return err
	}
	state, file, err := openCheckpoint(dir, checkpointFile)
	if err != nil {
		return err
	}
	inputs := e.run.Inputs
	if file != nil {
		defer file.Close()
		inputs = state.Inputs
		if recipe, err = ReadRecipe([]byte(state.Recipe), checkpointFile); err != nil {
			return err
		}
	}
	changed, err := differences(recipe, e.run.Recipe)
	if err != nil {
		return err
	}
	if changed = append(changed, inputs.differences(e.run.Inputs)...); len(changed) > 0 {
		return fmt.Errorf("it began with something else:\n  %s", strings.Join(changed, "\n  "))
	}
	if err := atomicfile.RemoveTemporary(dir); err != nil {
		return err
	}
	if file == nil { // it was stopped before its first checkpoint, and begins anew
		return e.run.writeJSON(environmentFile, e.run.Environment)
	}
	if err := e.trainer.Restore(len(state.Steps), file.Read); err != nil {
		return err
	}
	e.run.Inputs, e.run.Steps = state.Inputs, state.Steps
	for _, step := range state.Steps {
		e.trained(step)
	}
	for _, point := range state.Points {
		if err := point.readRanking(os.DirFS(dir)); err != nil {
			return err
		}
		e.run.Scores.Points = append(e.run.Scores.Points, point)
		e.progress.Done += len(e.corpus.queries)
	}
	return e.resumeEnvironment()
}

// resumeEnvironment keeps the environment that the run began in, and notes if this is another.
func (e *execution) resumeEnvironment() error {
	now := e.run.Environment
	var began Environment
	if err := readJSON(os.DirFS(e.run.Dir), environmentFile, &began); err != nil {
		return err
	}
	e.run.Environment = began
	now.Started = began.Started
	if !reflect.DeepEqual(began, now) {
		e.run.Inputs.Warnings = append(e.run.Inputs.Warnings,
			"resumed on another machine, or by another version of the program: an uninterrupted run may differ in its last digits")
	}
	return nil
}

// differences lists the settings that two recipes do not share.
func differences(before, now Recipe) ([]string, error) {
	a, errA := before.settings()
	b, errB := now.settings()
	var list []string
	all := maps.Clone(a)
	maps.Copy(all, b)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if a[key] != b[key] { // what a recipe leaves out is 0
			list = append(list, fmt.Sprintf("%s was %s, is %s", key, cmp.Or(a[key], "0"), cmp.Or(b[key], "0")))
		}
	}
	return list, errors.Join(errA, errB)
}

// settings are the recipe's values in YAML by their full keys.
func (r Recipe) settings() (map[string]string, error) {
	content, err := r.YAML()
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := yaml.Unmarshal(content, &tree); err != nil {
		return nil, err
	}
	values := map[string]string{}
	var visit func(prefix string, value any)
	visit = func(prefix string, value any) {
		if inner, ok := value.(map[string]any); ok {
			for key, value := range inner {
				visit(strings.TrimPrefix(prefix+"."+key, "."), value)
			}
			return
		}
		values[prefix] = oneLine(value)
	}
	visit("", tree)
	return values, nil
}

func oneLine(value any) string {
	content, err := yaml.MarshalWithOptions(value, yaml.Flow(true))
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(content))
}

// differences lists the files that are not those that a run began with.
func (i Inputs) differences(now Inputs) []string {
	var list []string
	for _, files := range []struct {
		what        string
		before, now []dataset.FileHash
	}{{"data", i.Data, now.Data}, {"model", i.Model, now.Model}} {
		hashes := map[string][2]string{}
		for _, file := range files.before {
			hashes[file.Name] = [2]string{file.SHA256, "gone"}
		}
		for _, file := range files.now {
			hashes[file.Name] = [2]string{cmp.Or(hashes[file.Name][0], "not there"), file.SHA256}
		}
		for _, name := range slices.Sorted(maps.Keys(hashes)) {
			if hash := hashes[name]; hash[0] != hash[1] {
				list = append(list, fmt.Sprintf("%s file %s was %.8s, is %.8s (SHA-256)", files.what, name, hash[0], hash[1]))
			}
		}
	}
	return list
}
