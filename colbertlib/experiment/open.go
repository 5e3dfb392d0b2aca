package experiment

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// Run is one execution of a recipe: what its folder holds.
type Run struct {
	Dir         string
	Recipe      Recipe // with every change that was made to it
	Environment Environment
	Inputs      Inputs
	Scores      Scores
	Steps       []train.Step
	Finished    time.Time
}

// ID is the name of the run's folder.
func (r *Run) ID() string { return filepath.Base(r.Dir) }

// ModelDir is the folder of the trained model. It is not committed with the run's other files, and so may be missing.
func (r *Run) ModelDir() string { return filepath.Join(r.Dir, modelFolder) }

// ErrUnfinished is part of the error of [Open] for a folder whose run did not end, or is still going on.
var ErrUnfinished = errors.New("there is no DONE: the run is going on or was stopped")

// Open reads a finished run's folder.
func Open(dir string) (*Run, error) {
	run, err := openFS(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("experiment: run %s: %w", filepath.ToSlash(dir), err)
	}
	run.Dir = dir
	return run, nil
}

// openFS reads the run folder at the root of fsys.
func openFS(fsys fs.FS) (*Run, error) {
	done, err := fs.ReadFile(fsys, doneFile)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrUnfinished, err)
	}
	config, err := fs.ReadFile(fsys, recipeFile)
	if err != nil {
		return nil, err
	}
	var r Run
	if r.Recipe, err = ReadRecipe(config, recipeFile); err != nil {
		return nil, err
	}
	if r.Finished, err = time.Parse(time.RFC3339, strings.TrimSpace(string(done))); err != nil {
		return nil, fmt.Errorf("%s: %w", doneFile, err)
	}
	err = errors.Join(readJSON(fsys, environmentFile, &r.Environment), readJSON(fsys, inputsFile, &r.Inputs), readJSON(fsys, scoresFile, &r.Scores))
	if err != nil {
		return nil, err
	}
	if len(r.Scores.Points) == 0 {
		return nil, fmt.Errorf("%s: no evaluations", scoresFile)
	}
	for i := range r.Scores.Points {
		if err := r.Scores.Points[i].readRanking(fsys); err != nil {
			return nil, err
		}
	}
	r.Steps, err = readSteps(fsys)
	return &r, err
}

func readJSON(fsys fs.FS, name string, value any) error {
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func readSteps(fsys fs.FS) ([]train.Step, error) {
	content, err := fs.ReadFile(fsys, stepsFile)
	if err != nil {
		return nil, err
	}
	var steps []train.Step
	for decoder := json.NewDecoder(bytes.NewReader(content)); ; {
		var step train.Step
		if err := decoder.Decode(&step); errors.Is(err, io.EOF) {
			return steps, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: micro-step %d: %w", stepsFile, len(steps), err)
		}
		steps = append(steps, step)
	}
}

func (p *Point) readRanking(fsys fs.FS) error {
	content, err := fs.ReadFile(fsys, p.file())
	if err != nil || len(content) == 0 { // empty where the gate kept no candidate of any query
		return err
	}
	p.ranking, err = eval.ReadTREC(bytes.NewReader(content), p.file())
	return err
}

// queries are the evaluated advertisements, without their texts.
func (r *Run) queries() ([]dataset.Query, error) {
	content, err := os.ReadFile(r.path(queriesFile))
	if err != nil {
		return nil, fmt.Errorf("experiment: %w", err)
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("experiment: %s: %w", queriesFile, err)
	}
	var queries []dataset.Query
	for _, row := range rows[min(1, len(rows)):] {
		if len(row) < 2 {
			return nil, fmt.Errorf("experiment: %s: %d columns, want id, label and ranks", queriesFile, len(row))
		}
		label, err := strconv.Atoi(row[1])
		if err != nil {
			return nil, fmt.Errorf("experiment: %s: query %s: %w", queriesFile, row[0], err)
		}
		queries = append(queries, dataset.Query{ID: row[0], Label: label})
	}
	return queries, nil
}

// Latest opens the run of an experiment that finished last, in the folder of results that [Execute] was given.
func Latest(results, name string) (*Run, error) {
	runs := filepath.Join(results, name, "runs")
	entries, err := os.ReadDir(runs)
	if err != nil {
		return nil, fmt.Errorf("experiment: latest run of %s: %w", name, err)
	}
	var latest *Run
	for _, entry := range entries {
		run, err := Open(filepath.Join(runs, entry.Name()))
		if errors.Is(err, ErrUnfinished) || !entry.IsDir() {
			continue
		}
		if err != nil {
			return nil, err
		}
		if latest == nil || run.Finished.After(latest.Finished) {
			latest = run
		}
	}
	if latest == nil {
		return nil, fmt.Errorf("experiment: latest run of %s: %w in %s", name, ErrUnfinished, filepath.ToSlash(runs))
	}
	return latest, nil
}
