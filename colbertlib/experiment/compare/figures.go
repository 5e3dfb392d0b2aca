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

// colours are enough for so many lines or groups of a figure.
const colours = 6

// kinds are the groups of figures that have one line for each row.
var kinds = []string{"baselines", "ColBERT, trained"}

// kind is the row's place among them.
func (r row) kind() int {
	if r.recipe == nil {
		return 0
	}
	return 1
}

// chance is the reference of figures of Hits@1.
func (c *Comparison) chance() []figure.Reference {
	return []figure.Reference{{Name: "chance", Value: eval.Chance(eval.Hits(1), len(c.labels))}}
}

// line is a row's line in a figure.
func (r row) line(s eval.Summary, group int) figure.Interval {
	return figure.Interval{Name: r.name, Value: s.Value, Low: min(s.Low, s.Value), High: max(s.High, s.Value), Group: group} // they can differ by rounding
}

// RowsFigure draws Hits@1 of every row on a set, with intervals over advertisements.
func (c *Comparison) RowsFigure(set string) (*figure.Figure, error) {
	var lines []figure.Interval
	for _, r := range c.rows {
		s, err := c.hitsAt1(r, set)
		if err != nil {
			return nil, err
		}
		lines = append(lines, r.line(s, r.kind()))
	}
	return figure.Intervals(c.title("What else one could do", heads[set], set), "Hits@1", kinds, lines, c.chance())
}

// TitlesFigure draws Hits@1 of every row on the test advertisements, with their titles and without.
func (c *Comparison) TitlesFigure() (*figure.Figure, error) {
	var lines []figure.Interval
	for _, r := range c.rows {
		for group, set := range []string{Test, Body} {
			s, err := c.hitsAt1(r, set)
			if err != nil {
				return nil, err
			}
			lines = append(lines, r.line(s, group))
		}
	}
	return figure.Intervals(c.title("How much is in the titles", "With titles and without", Test), "Hits@1",
		[]string{"title and body", "body only"}, lines, c.chance())
}

// LanguagesFigure draws Hits@1 of every row on a set's advertisements of each language, of the most frequent ones
// if there are more than colours; nil if there is only one.
func (c *Comparison) LanguagesFigure(set string) (*figure.Figure, error) {
	languages := c.languages(set)
	if len(languages) < 2 {
		return nil, nil
	}
	languages = languages[:min(colours, len(languages))]
	groups := make([]string, len(languages))
	var lines []figure.Interval
	for _, r := range c.rows {
		for group, language := range languages {
			groups[group] = language.String()
			s, err := c.hitsOf(r, set, language)
			if err != nil {
				return nil, err
			}
			lines = append(lines, r.line(s, group))
		}
	}
	return figure.Intervals(c.title("By language", heads[set], set), "Hits@1", groups, lines, c.chance())
}

// title is that of a figure with intervals over a set's advertisements.
func (c *Comparison) title(first, what, set string) string {
	return fmt.Sprintf("%s: %s\n%s (n %d), %d labels; lines: 95 %% intervals over advertisements", first, c.Spec.Name, what, len(c.sets[set]), len(c.labels))
}

// CalibrationFigure draws how often a trained row's first seed is right in relation to how sure it is; nil where no temperature could be chosen.
func (c *Comparison) CalibrationFigure(key string) (*figure.Figure, error) {
	r, err := c.row(key)
	if err != nil {
		return nil, err
	}
	var panels []figure.ReliabilityPanel
	for _, set := range []struct{ name, heading string }{{Test, "Test set"}, {Natural, "Natural mix"}} {
		queries := c.sets[set.name]
		if len(queries) == 0 {
			continue
		}
		bins, err := c.reliability(r, 0, queries, c.runs(r, set.name, Variant{})[0])
		if err != nil || bins == nil {
			return nil, err
		}
		panels = append(panels, figure.ReliabilityPanel{Heading: fmt.Sprintf("%s (n %d)", set.heading, len(queries)), Bins: bins})
	}
	title := fmt.Sprintf("As often right as it says? %s\nOne temperature, chosen on the validation advertisements; seed 1 of %d; bars: 95 %% intervals", r.name, c.Spec.Seeds)
	return figure.Reliability(title, panels)
}

// CurveFigure draws Hits@1 by the number of advertisements to train on, with the range of seeds; nil if the spec has no sizes, or more rows than
// there are colours.
func (c *Comparison) CurveFigure() (*figure.Figure, error) {
	if len(c.Spec.Sizes) == 0 {
		return nil, nil
	}
	panel := figure.Panel{Heading: "Hits@1"}
	for _, r := range c.rows {
		if r.key == Majority || r.mixed() { // the one is flat, of the other there is the last point only
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
	if len(panel.Series) > colours {
		return nil, nil
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
		line := c.rows[i].line(u.New, c.rows[i].kind())
		line.Note = fmt.Sprintf("%.3f, trained %.3f", u.New.Value, u.Trained)
		lines = append(lines, line)
	}
	title := c.title("A label that training never saw", "Each label left out in turn", Test)
	return figure.Intervals(title, "Hits@1 on the new label", kinds, lines, c.chance())
}

// ConfusionFigure draws which label came first for advertisements of each label, for a trained row's first seed.
func (c *Comparison) ConfusionFigure(key string) (*figure.Figure, error) {
	r, err := c.row(key)
	if err != nil {
		return nil, err
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

// row finds a row by its key.
func (c *Comparison) row(key string) (row, error) {
	for _, r := range c.rows {
		if r.key == key {
			return r, nil
		}
	}
	return row{}, fmt.Errorf("compare: there is no row %q", key)
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
	all := []plot{{"curve", c.CurveFigure}, {"unseen", c.UnseenFigure}, {"titles", c.TitlesFigure}}
	for set, ending := range map[string]string{Test: "", Natural: "-natural"} {
		if len(c.sets[set]) > 0 {
			all = append(all, plot{"rows" + ending, func() (*figure.Figure, error) { return c.RowsFigure(set) }},
				plot{"languages" + ending, func() (*figure.Figure, error) { return c.LanguagesFigure(set) }})
		}
	}
	for _, row := range c.Spec.Rows {
		ending := strings.Map(fileLetter, row.Key)
		all = append(all, plot{"calibration-" + ending, func() (*figure.Figure, error) { return c.CalibrationFigure(row.Key) }})
		if len(c.labels) <= maxLabels {
			all = append(all, plot{"confusion-" + ending, func() (*figure.Figure, error) { return c.ConfusionFigure(row.Key) }})
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
