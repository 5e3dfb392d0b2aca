package main

import (
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

// judged are tagged advertisements whose labels are known.
type judged struct {
	labels   []dataset.Label
	queries  []dataset.Query
	taggings []colbertlib.Tagging
}

func (j judged) evaluation() (*evaluation, error) {
	run := eval.Run{}
	for i, tagging := range j.taggings {
		ranking := make(eval.Ranking, len(tagging.Tags))
		for place, tag := range tagging.Tags {
			ranking[place] = eval.Scored{ID: eval.LabelID(tag.LabelID), Score: tag.Score}
		}
		run[j.queries[i].ID] = ranking
	}
	summaries, err := experiment.Judge(j.queries, run, evalMetrics)
	if err != nil {
		return nil, err
	}
	result := newEvaluation(summaries)
	if !j.taggings[0].Calibrated {
		return result, nil
	}
	probabilities, err := colbertlib.Probabilities(j.labels, j.taggings)
	if err != nil {
		return nil, err
	}
	result.Calibration, err = j.reliability(probabilities)
	return result, err
}

// Cross-validation, as golden figures have it, and the seed that deals its folds.
const (
	folds    = 5
	foldSeed = 1
	bins     = 10 // of the calibration error
)

// calibrate fits a calibration, stores it in the model's folder, and puts into the result what it is worth.
func (j judged) calibrate(model string, result *evaluation) error {
	similarities, err := colbertlib.Similarities(j.labels, j.taggings)
	if err != nil {
		return err
	}
	places, err := colbertlib.Places(j.labels, j.queries)
	if err != nil {
		return err
	}
	validated, err := calibrate.CrossValidate(similarities, places, folds, foldSeed)
	if err != nil {
		return err
	}
	after, err := j.reliability(validated)
	if err != nil {
		return err
	}
	probabilities, err := colbertlib.Probabilities(j.labels, j.taggings)
	if err != nil {
		return err
	}
	if after.Before, err = j.reliability(probabilities); err != nil {
		return err
	}
	result.Calibration = after
	fitted, err := colbertlib.Calibrate(j.labels, j.taggings, j.queries)
	if err != nil {
		return err
	}
	return colbertlib.WriteCalibration(model, fitted, j.labels)
}

// reliability is what probabilities are worth.
type reliability struct {
	Error     float64      `json:"error"`           // expected calibration error
	Chance    float64      `json:"error_by_chance"` // what it would be for perfect calibration
	LogLoss   float64      `json:"log_loss"`
	Hits      float64      `json:"hits@1"` // of the most probable label, which need not have the highest score
	Decisions []decision   `json:"decisions"`
	Before    *reliability `json:"before,omitempty"` // of the probabilities before they were calibrated
}

// decision is what it takes to be right in a share of Wanted.
type decision struct {
	Wanted float64 `json:"precision"`
	calibrate.Decided
}

// precisions are those for which thresholds are shown.
var precisions = []float64{0.8, 0.9, 0.95}

func (j judged) reliability(probabilities [][]float64) (*reliability, error) {
	places, err := colbertlib.Places(j.labels, j.queries)
	if err != nil {
		return nil, err
	}
	found, err := calibrate.Reliability(probabilities, places, bins)
	if err != nil {
		return nil, err
	}
	r := &reliability{Error: calibrate.ExpectedError(found), Chance: calibrate.ErrorByChance(found, foldSeed)}
	for _, bin := range found {
		r.Hits += bin.Accuracy * float64(bin.N) / float64(len(places))
	}
	if r.LogLoss, err = calibrate.LogLoss(probabilities, places); err != nil {
		return nil, err
	}
	for _, wanted := range precisions {
		decided, ok, err := calibrate.Precision(probabilities, places, wanted)
		if err != nil {
			return nil, err
		}
		if ok {
			r.Decisions = append(r.Decisions, decision{wanted, decided})
		}
	}
	return r, nil
}

func (a *app) printReliability(r *reliability) {
	const format = "%-13s log loss %.3f, calibration error %.3f (by chance %.3f)%s\n"
	if r.Before != nil {
		fmt.Fprintf(a.stdout, format, "before", r.Before.LogLoss, r.Before.Error, r.Before.Chance, "")
		fmt.Fprintf(a.stdout, format, "calibrated", r.LogLoss, r.Error, r.Chance, ", by 5-fold cross-validation")
	} else {
		fmt.Fprintf(a.stdout, format, "probabilities", r.LogLoss, r.Error, r.Chance, "")
	}
	fmt.Fprintf(a.stdout, "              the most probable label is right for %.1f %%\n", 100*r.Hits)
	for _, d := range r.Decisions {
		fmt.Fprintf(a.stdout, "              at least %.0f %% right: those of probability %.2f and more, %.0f %% of the ads\n", 100*d.Wanted, d.Threshold, 100*d.Coverage)
	}
}
