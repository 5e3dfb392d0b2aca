package experiment

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

// Report is the run in Markdown, for a terminal as well: what it was, its table, and the verdicts.
func (r *Run) Report() string {
	var b strings.Builder
	options := r.Recipe.Train
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", r.Recipe.Name, r.Recipe.About)
	fmt.Fprintf(&b, "Base model %s%s; trained on %d triples, evaluated on %s.\n", r.baseName(), r.commit(), r.Scores.Trained, r.dataLine())
	fmt.Fprintf(&b, "%d epochs of the %s loss, %d triples a micro-batch, an update every %d micro-batches, learning rate %g, seed %d.\n\n",
		options.Epochs, options.Loss, options.BatchSize, options.Accumulation, options.LearningRate, options.Seed)
	b.WriteString(r.Table())
	b.WriteString("\n[low, high]: 95 % interval over the evaluated ads. Chance: labels in random order.\n")
	b.WriteString(r.keptLine())
	if len(r.Recipe.Published.Scores) > 0 {
		fmt.Fprintf(&b, "Published (%s): %s.\n", titles(r.Recipe.Evaluation.Metrics), r.Recipe.Published.Source)
	}
	for _, warning := range r.Inputs.Warnings {
		fmt.Fprintf(&b, "Note: %s.\n", strings.TrimSuffix(warning, "."))
	}
	if verdicts := r.Verdicts(); len(verdicts) > 0 {
		b.WriteString("\n" + verdictTable(verdicts))
		fmt.Fprintf(&b, "\nVerdict: %s\n", r.Verdict())
	}
	return b.String()
}

// baseName is the base model's name without the way to it, which says something about the machine only; one on the Hub keeps its organisation.
func (r *Run) baseName() string {
	if r.Inputs.Commit != "" {
		return r.Recipe.Model.Base
	}
	return path.Base(filepath.ToSlash(r.Recipe.Model.Base))
}

// commit is the version of a base model from the Hub, in words.
func (r *Run) commit() string {
	if r.Inputs.Commit == "" {
		return ""
	}
	return fmt.Sprintf(" (commit %.12s)", r.Inputs.Commit)
}

// Table is the run's scores in Markdown: a row for chance, for the untrained model and for each epoch, and beside them, never mixed
// with them, the published values.
func (r *Run) Table() string {
	metrics := r.Recipe.Evaluation.Metrics
	header, chance := []string{"after", "updates"}, []string{"chance", ""}
	for _, metric := range metrics {
		header = append(header, metric.Title())
		chance = append(chance, fmt.Sprintf("%.3f", eval.Chance(metric, len(r.Scores.Labels))))
	}
	published := len(r.Recipe.Published.Scores) > 0
	if published {
		header, chance = append(header, "published"), append(chance, "")
	}
	rows := [][]string{header, chance}
	for _, point := range r.Scores.Points {
		row := []string{point.Name, fmt.Sprint(point.Updates)}
		for _, metric := range metrics {
			row = append(row, cell(point, metric))
		}
		if published {
			row = append(row, r.Recipe.publishedCell(point.Epoch))
		}
		rows = append(rows, row)
	}
	return MarkdownTable(rows)
}

// cell is a score with its interval.
func cell(point Point, metric eval.Metric) string {
	s, ok := point.score(metric)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.3f [%.2f, %.2f]", s.Value, s.Low, s.High)
}

// publishedCell is the published values after an epoch in the order of the evaluation's metrics, empty where there are none.
func (r Recipe) publishedCell(epoch int) string {
	values, any := make([]string, len(r.Evaluation.Metrics)), false
	for i, metric := range r.Evaluation.Metrics {
		values[i] = "-"
		for _, published := range r.Published.Scores {
			if published.Epoch == epoch && published.Metric == metric {
				values[i], any = fmt.Sprintf("%.4f", published.Value), true
			}
		}
	}
	if !any {
		return ""
	}
	return strings.Join(values, " / ")
}

func titles(metrics []eval.Metric) string {
	list := make([]string, len(metrics))
	for i, metric := range metrics {
		list[i] = metric.Title()
	}
	return strings.Join(list, " / ")
}

func verdictTable(verdicts []Verdict) string {
	rows := [][]string{{"expected", "after", "value", "tolerance", "reached", "verdict"}}
	for _, v := range verdicts {
		rows = append(rows, []string{v.Metric.Title(), pointName(v.Epoch), fmt.Sprintf("%.4f", v.Value), fmt.Sprintf("%.4f", v.Tolerance),
			fmt.Sprintf("%.4f", v.Reached), string(v.Word)})
	}
	return MarkdownTable(rows)
}

// MarkdownTable lays out rows, the first of which is the header, with columns of equal width.
func MarkdownTable(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		for i, text := range row {
			fmt.Fprintf(&b, "| %s%s ", text, strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)))
		}
		b.WriteString("|\n")
		if n == 0 {
			for _, width := range widths {
				b.WriteString("|" + strings.Repeat("-", width+2))
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}
