package compare

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/figure"
)

// RowsFigure draws Hits@1 of every row on a set, with intervals over advertisements.
func (c *Comparison) RowsFigure(set string) (*figure.Figure, error) {
	judged, err := c.Judge(set, nil)
	if err != nil {
		return nil, err
	}
	var lines []figure.Interval
	for i, line := range judged {
		s := line.Scores[0]
		group := 0
		if c.rows[i].recipe != nil {
			group = 1
		}
		lines = append(lines, figure.Interval{Name: line.Row, Value: s.Value, Low: min(s.Low, s.Value), High: max(s.High, s.Value), Group: group})
	}
	title := fmt.Sprintf("What else one could do: %s\n%s (n %d), %d labels; lines: 95 %% intervals over advertisements; squares: trained models",
		c.Spec.Name, heads[set], len(c.sets[set]), len(c.labels))
	return figure.Intervals(title, "Hits@1", lines, []figure.Reference{{Name: "chance", Value: eval.Chance(eval.Hits(1), len(c.labels))}})
}

// CurveFigure draws Hits@1 by the number of advertisements to train on, with the range of seeds; nil if the spec has no sizes.
func (c *Comparison) CurveFigure() (*figure.Figure, error) {
	if len(c.Spec.Sizes) == 0 {
		return nil, nil
	}
	panel := figure.Panel{Heading: "Hits@1"}
	for _, r := range c.rows {
		if r.key == Majority || r.mixed() { // there are colours for six lines
			continue
		}
		series := figure.Series{Name: r.name}
		for _, size := range c.sizes() {
			values, mean, err := meanOf(c.runs(r, Test, c.ofSize(size)), c.hits(c.sets[Test]))
			if err != nil {
				return nil, err
			}
			if len(values) == 0 {
				continue
			}
			score := figure.Score{Epoch: size, Value: mean, Low: mean, High: mean}
			for _, value := range values {
				score.Low, score.High = min(score.Low, value), max(score.High, value)
			}
			series.Scores = append(series.Scores, score)
		}
		if r.learns() {
			panel.Series = append(panel.Series, series)
		} else if r.key == MaxSim {
			panel.References = append(panel.References, figure.Reference{Name: r.name, Value: series.Scores[0].Value})
		}
	}
	title := fmt.Sprintf("Learning curve: %s\n%s (n %d), %d labels; bands: from the lowest to the highest of %d seeds",
		c.Spec.Name, heads[Test], len(c.sets[Test]), len(c.labels), c.Spec.Seeds)
	return figure.LearningCurve(title, panel)
}

// UnseenFigure draws Hits@1 on labels that training never saw, one line for each row; nil if the spec leaves no label out.
func (c *Comparison) UnseenFigure() (*figure.Figure, error) {
	unseen, err := c.Unseen()
	if err != nil || len(unseen) == 0 {
		return nil, err
	}
	var lines []figure.Interval
	for i, u := range unseen {
		group := 0
		if c.rows[i].recipe != nil {
			group = 1
		}
		lines = append(lines, figure.Interval{
			Name: u.Row, Value: u.New.Value, Low: min(u.New.Low, u.New.Value), High: max(u.New.High, u.New.Value), Group: group,
			Note: fmt.Sprintf("%.3f, trained %.3f", u.New.Value, u.Trained),
		})
	}
	title := fmt.Sprintf("A label that training never saw: %s\neach of %d labels left out in turn (n %d); lines: 95 %% intervals; squares: trained models",
		c.Spec.Name, len(c.labels), len(c.sets[Test]))
	return figure.Intervals(title, "Hits@1 on the new label", lines, []figure.Reference{{Name: "chance", Value: eval.Chance(eval.Hits(1), len(c.labels))}})
}

// ConfusionFigure draws which label came first for advertisements of each label, for a trained row's first seed.
func (c *Comparison) ConfusionFigure(key string) (*figure.Figure, error) {
	for _, r := range c.rows {
		if r.key != key {
			continue
		}
		runs, err := c.rankings(c.runs(r, Test, Variant{})[:1])
		if err != nil {
			return nil, err
		}
		confusion, err := eval.Confuse(c.labels, c.sets[Test], runs[0])
		if err != nil {
			return nil, err
		}
		return figure.Confusion(fmt.Sprintf("Right and predicted labels: %s\n%s (n %d), seed 1", r.name, heads[Test], len(c.sets[Test])), names(c.labels), confusion.Counts)
	}
	return nil, fmt.Errorf("compare: there is no row %q", key)
}

func names(labels []dataset.Label) []string {
	list := make([]string, len(labels))
	for i, label := range labels {
		list[i] = label.Name
	}
	return list
}

// maxLabels of a confusion matrix that can be read.
const maxLabels = 12

// Write makes table.md and the plots anew from the scores.
func (c *Comparison) Write() error {
	report, err := c.Report()
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(c.Dir, tableFile), []byte(report)); err != nil {
		return err
	}
	for _, plot := range c.plots() {
		drawn, err := plot.draw()
		if err == nil && drawn != nil {
			name := filepath.Join(c.Dir, "plots", plot.name)
			err = errors.Join(drawn.WritePNG(name+".png"), drawn.WriteSVG(name+".svg"))
		}
		if err != nil {
			return fmt.Errorf("compare: plot %s: %w", plot.name, err)
		}
	}
	return nil
}

type plot struct {
	name string
	draw func() (*figure.Figure, error)
}

func (c *Comparison) plots() []plot {
	all := []plot{{"curve", c.CurveFigure}, {"unseen", c.UnseenFigure}}
	for set, name := range map[string]string{Test: "rows", Natural: "rows-natural"} {
		if len(c.sets[set]) > 0 {
			all = append(all, plot{name, func() (*figure.Figure, error) { return c.RowsFigure(set) }})
		}
	}
	if len(c.labels) <= maxLabels {
		for _, row := range c.Spec.Rows {
			name := "confusion-" + strings.Map(fileLetter, row.Key)
			all = append(all, plot{name, func() (*figure.Figure, error) { return c.ConfusionFigure(row.Key) }})
		}
	}
	return all
}

func fileLetter(r rune) rune {
	if strings.ContainsRune(",=", r) {
		return '-'
	}
	return r
}
