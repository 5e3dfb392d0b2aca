package experiment

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// A checkpoint is one file, so that weights and everything else in it always belong together. It is gone when the run is finished.
const (
	checkpointFolder = "checkpoint"
	checkpointFile   = checkpointFolder + "/checkpoint.safetensors"
	checkpointKey    = "run" // of the file's metadata, whose value is a checkpoint in JSON
)

// checkpoint is the state of an unfinished run beside the trainer's tensors. Rankings are not in it, as their files are complete when it is written.
type checkpoint struct {
	Recipe string       `json:"recipe"` // YAML
	Inputs Inputs       `json:"inputs"`
	Steps  []train.Step `json:"steps"`
	Points []Point      `json:"points"`
}

// Where nothing else is asked for, checkpoints are written a minute apart, and so rarely that they take at most a twentieth of the time.
const (
	checkpointEvery = time.Minute
	checkpointShare = 20
)

// saveIfDue writes a checkpoint if the last one is old enough.
func (e *execution) saveIfDue() error {
	interval := e.every
	if interval == 0 {
		interval = max(checkpointEvery, checkpointShare*e.saving)
	}
	if time.Since(e.saved) < interval {
		return nil
	}
	return e.save()
}

// save writes a checkpoint, in place of the last one.
func (e *execution) save() error {
	start := time.Now()
	recipe, err := e.run.Recipe.YAML()
	if err != nil {
		return err
	}
	content, err := json.Marshal(checkpoint{string(recipe), e.run.Inputs, e.run.Steps, e.run.Scores.Points})
	if err != nil {
		return fmt.Errorf("experiment: checkpoint: %w", err)
	}
	state, err := e.trainer.State()
	if err != nil {
		return err
	}
	if err := modelio.SaveSafetensors(e.run.path(checkpointFile), state, map[string]string{checkpointKey: string(content)}); err != nil {
		return fmt.Errorf("experiment: checkpoint: %w", err)
	}
	e.saved, e.saving = time.Now(), time.Since(start)
	return nil
}

// openCheckpoint reads the checkpoint of a run folder, whose tensors stay in the file, which is nil if the run was stopped before its first.
func openCheckpoint(dir string) (checkpoint, *modelio.Safetensors, error) {
	file, err := modelio.OpenSafetensors(os.DirFS(dir), checkpointFile)
	if errors.Is(err, fs.ErrNotExist) {
		return checkpoint{}, nil, nil
	}
	if err != nil {
		return checkpoint{}, nil, err
	}
	var c checkpoint
	if err := json.Unmarshal([]byte(file.Metadata()[checkpointKey]), &c); err != nil {
		return checkpoint{}, nil, errors.Join(fmt.Errorf("%s: %w", checkpointFile, err), file.Close())
	}
	return c, file, nil
}
