package experiment

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/figure"
)

// What figures can show. The table and the files have everything.
const (
	maxPanels = 4  // metrics
	maxLabels = 12 // of a confusion matrix
)

// MetricsFigure draws the metrics by epoch with their intervals, the published values and chance.
func (r *Run) MetricsFigure() (*figure.Figure, error) {
	metrics := r.Recipe.Evaluation.Metrics
	panels := make([]figure.Panel, min(maxPanels, len(metrics)))
	for i := range panels {
		metric := metrics[i]
		panels[i].Heading = metric.Title()
		here := figure.Series{Name: "this run"}
		for _, point := range r.Scores.Points {
			if s, ok := point.score(metric); ok {
				here.Scores = append(here.Scores, figure.Score{
					Epoch: point.Epoch, Value: s.Value, Low: min(s.Low, s.Value), High: max(s.High, s.Value), // they can differ by rounding
				})
			}
		}
		panels[i].Series = []figure.Series{here}
		published := figure.Series{Name: "published"}
		for _, score := range r.Recipe.Published.Scores {
			if score.Metric == metric && score.Epoch < r.Recipe.Train.Epochs {
				published.Scores = append(published.Scores, figure.Score{Epoch: score.Epoch, Value: score.Value, Low: score.Value, High: score.Value})
			}
		}
		slices.SortFunc(published.Scores, func(a, b figure.Score) int { return cmp.Compare(a.Epoch, b.Epoch) })
		if len(published.Scores) > 0 {
			panels[i].Series = append(panels[i].Series, published)
		}
		panels[i].References = []figure.Reference{{Name: "chance", Value: eval.Chance(metric, len(r.Scores.Labels))}}
	}
	return figure.MetricsByEpoch(fmt.Sprintf("Scores by epoch: %s\n%s; bands: 95 %% intervals", r.Recipe.Name, r.dataLine()), panels)
}

// LossFigure draws the loss of each micro-step and the gradient norm of each update.
func (r *Run) LossFigure() (*figure.Figure, error) {
	steps := make([]figure.MicroStep, len(r.Steps))
	var updates []figure.Update
	for i, step := range r.Steps {
		steps[i] = figure.MicroStep{Epoch: step.Epoch, Loss: step.Loss}
		if i == 0 && step.Updates > 0 || i > 0 && step.Updates > r.Steps[i-1].Updates { // a norm can be zero
			updates = append(updates, figure.Update{MicroStep: step.Step + 1, GradNorm: step.GradientNorm})
		}
	}
	options := r.Recipe.Train
	title := fmt.Sprintf("Training: %s\n%d triples, %d a micro-batch, an update every %d micro-batches, learning rate %g",
		r.Recipe.Name, r.Scores.Trained, options.BatchSize, options.Accumulation, options.LearningRate)
	return figure.LossByMicroStep(title, steps, updates)
}

// ConfusionFigure draws which label came first for ads of each label after the last epoch.
func (r *Run) ConfusionFigure() (*figure.Figure, error) {
	queries, err := r.queries()
	if err != nil {
		return nil, err
	}
	labels, names := make([]dataset.Label, len(r.Scores.Labels)), make([]string, len(r.Scores.Labels))
	for i, label := range r.Scores.Labels {
		labels[i], names[i] = dataset.Label{ID: label.ID, Name: label.Name}, label.Name
	}
	last := r.lastPoint()
	confusion, err := eval.Confuse(labels, queries, last.ranking)
	if err != nil {
		return nil, err
	}
	return figure.Confusion(fmt.Sprintf("Right and predicted labels after %s: %s\n%s", last.Name, r.Recipe.Name, r.dataLine()), names, confusion.Counts)
}

func (r *Run) dataLine() string {
	return fmt.Sprintf("%d ads (%s), %d labels", r.Scores.Queries, r.Scores.Data, len(r.Scores.Labels))
}

// Write makes table.md and the plots, PNG and SVG, anew from what the run's files hold; the confusion matrix of more than 12 labels could not be read.
func (r *Run) Write() error {
	if err := r.writeFile(tableFile, []byte(r.Report())); err != nil {
		return err
	}
	for _, plot := range []struct {
		name string
		draw func() (*figure.Figure, error)
	}{{"metrics", r.MetricsFigure}, {"loss", r.LossFigure}, {"confusion", r.ConfusionFigure}} {
		if plot.name == "confusion" && len(r.Scores.Labels) > maxLabels {
			continue
		}
		drawn, err := plot.draw()
		if err == nil {
			name := r.path(path.Join("plots", plot.name))
			err = errors.Join(drawn.WritePNG(name+".png"), drawn.WriteSVG(name+".svg"))
		}
		if err != nil {
			return fmt.Errorf("experiment: plot %s: %w", plot.name, err)
		}
	}
	return nil
}
