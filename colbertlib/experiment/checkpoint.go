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
	bestFile         = checkpointFolder + "/best.safetensors" // the same after the best epoch, where the recipe has patience
	checkpointKey    = "run"                                  // of the file's metadata, whose value is a checkpoint in JSON
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
	if err := e.saveTo(checkpointFile); err != nil {
		return err
	}
	e.saved, e.saving = time.Now(), time.Since(start)
	return nil
}

func (e *execution) saveTo(name string) error {
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
	if err := modelio.SaveSafetensors(e.run.path(name), state, map[string]string{checkpointKey: string(content)}); err != nil {
		return fmt.Errorf("experiment: checkpoint: %w", err)
	}
	return nil
}

// openCheckpoint reads a checkpoint of a run folder, whose tensors stay in the file, which is nil if there is none, as the run was stopped before.
func openCheckpoint(dir, name string) (checkpoint, *modelio.Safetensors, error) {
	file, err := modelio.OpenSafetensors(os.DirFS(dir), name)
	if errors.Is(err, fs.ErrNotExist) {
		return checkpoint{}, nil, nil
	}
	if err != nil {
		return checkpoint{}, nil, err
	}
	var c checkpoint
	if err := json.Unmarshal([]byte(file.Metadata()[checkpointKey]), &c); err != nil {
		return checkpoint{}, nil, errors.Join(fmt.Errorf("%s: %w", name, err), file.Close())
	}
	return c, file, nil
}
