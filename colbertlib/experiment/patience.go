package experiment

import (
	"errors"
	"fmt"
)

// kept is the evaluation of the epoch whose model a run keeps: the last one, or with patience the best, the first of equals. Before training it is
// the untrained model's.
func (r *Run) kept() Point {
	kept := r.lastPoint()
	if r.Recipe.Evaluation.Patience == 0 {
		return kept
	}
	metric, points := r.Recipe.Evaluation.Metrics[0], r.Scores.Points
	for i := len(points) - 1; i > 0; i-- { // without the untrained model
		before, _ := kept.score(metric)
		if score, _ := points[i].score(metric); score.Value >= before.Value {
			kept = points[i]
		}
	}
	return kept
}

// impatient tells whether the last epochs were no better often enough.
func (r *Run) impatient() bool {
	patience := r.Recipe.Evaluation.Patience
	return patience > 0 && r.lastPoint().Epoch-r.kept().Epoch >= patience
}

// restoreBest gives the model the parameters that it had after the epoch that is kept, if that is not the last.
func (e *execution) restoreBest() (err error) {
	if e.run.kept().Epoch == e.run.lastPoint().Epoch {
		return nil
	}
	state, file, err := openCheckpoint(e.run.Dir, bestFile)
	if err != nil {
		return err
	}
	if file == nil {
		return fmt.Errorf("%s is missing, so that the best epoch's model cannot be restored: train again", bestFile)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return e.trainer.Restore(len(state.Steps), file.Read)
}

// keptLine says which epoch's model a run with patience keeps.
func (r *Run) keptLine() string {
	if r.Recipe.Evaluation.Patience == 0 {
		return ""
	}
	return fmt.Sprintf("The model is that after %s, the best by %s on these ads, which flatters it: judge on others. Training stops after epochs without a better one: %d.\n",
		r.kept().Name, r.Recipe.Evaluation.Metrics[0].Title(), r.Recipe.Evaluation.Patience)
}
