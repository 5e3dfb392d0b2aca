package experiment

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// The files of a run folder, beside rankings/, plots/ and model/.
const (
	recipeFile      = "config.yaml"
	environmentFile = "environment.json"
	inputsFile      = "inputs.json"
	stepsFile       = "metrics.jsonl"
	scoresFile      = "scores.json"
	queriesFile     = "per_query.csv"
	tableFile       = "table.md"
	doneFile        = "DONE"
	modelFolder     = "model"
)

// makeFolder makes the run's own folder, NAME/runs/ID, and puts into it what is known before the run. ID is the beginning of the
// configuration's SHA-256 and the number of the run with this configuration, so that repetitions stand side by side.
func (r *Run) makeFolder(results string) error {
	config, err := r.Recipe.YAML()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(config)
	runs := filepath.Join(results, r.Recipe.Name, "runs")
	if err := os.MkdirAll(runs, 0o755); err != nil {
		return fmt.Errorf("experiment: results: %w", err)
	}
	for n := 1; r.Dir == ""; n++ {
		dir := filepath.Join(runs, fmt.Sprintf("%s-%d", hex.EncodeToString(sum[:4]), n))
		err := os.Mkdir(dir, 0o755)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("experiment: results: %w", err)
		}
		if err == nil {
			r.Dir = dir
		}
	}
	return errors.Join(r.writeFile(recipeFile, config), r.writeJSON(environmentFile, r.Environment))
}

// write puts everything that is known so far into the folder. queries are those that were evaluated.
func (r *Run) write(queries []dataset.Query) error {
	last := r.lastPoint()
	if err := eval.WriteTREC(r.path(last.file()), last.ranking, r.Recipe.Name); err != nil {
		return err
	}
	return errors.Join(r.writeJSON(inputsFile, r.Inputs), r.writeSteps(), r.writeQueries(queries), r.writeJSON(scoresFile, r.Scores),
		r.writeFile(tableFile, []byte(r.Report())))
}

func (r *Run) path(name string) string { return filepath.Join(r.Dir, filepath.FromSlash(name)) }

func (r *Run) writeFile(name string, content []byte) error {
	if err := atomicfile.WriteBytes(r.path(name), content); err != nil {
		return fmt.Errorf("experiment: %w", err)
	}
	return nil
}

func (r *Run) writeJSON(name string, value any) error {
	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("experiment: %s: %w", name, err)
	}
	return r.writeFile(name, content.Bytes())
}

// writeSteps writes one JSON object for each micro-step.
func (r *Run) writeSteps() error {
	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	for _, step := range r.Steps {
		if err := encoder.Encode(step); err != nil {
			return fmt.Errorf("experiment: %s: %w", stepsFile, err)
		}
	}
	return r.writeFile(stepsFile, content.Bytes())
}

// writeQueries writes a table of ids, right labels and the rank of the right label at each point: empty where it was not ranked.
func (r *Run) writeQueries(queries []dataset.Query) error {
	header := []string{"id", "label"}
	for _, point := range r.Scores.Points {
		header = append(header, point.Name)
	}
	rows := [][]string{header}
	for _, query := range queries {
		row := []string{query.ID, eval.LabelID(query.Label)}
		for _, point := range r.Scores.Points {
			rank := ""
			if n := point.ranking[query.ID].Rank(eval.LabelID(query.Label)); n > 0 {
				rank = strconv.Itoa(n)
			}
			row = append(row, rank)
		}
		rows = append(rows, row)
	}
	err := atomicfile.Write(r.path(queriesFile), func(w io.Writer) error {
		out := bufio.NewWriter(w)
		return errors.Join(csv.NewWriter(out).WriteAll(rows), out.Flush())
	})
	if err != nil {
		return fmt.Errorf("experiment: %w", err)
	}
	return nil
}

// done marks the run as complete, with the time.
func (r *Run) done() error {
	return r.writeFile(doneFile, []byte(time.Now().UTC().Format(time.RFC3339)+"\n"))
}
