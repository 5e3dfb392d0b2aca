package tokencount

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// Summary is the analysis in one sentence.
func (a Analysis) Summary() string {
	median := strconv.FormatFloat(a.Percentiles.P50, 'f', -1, 64)
	text := fmt.Sprintf("%d %s of %s: %.0f to %.0f tokens, median %s, mean %.1f", a.Count, plural(a.Role), a.File, a.Percentiles.P0, a.Percentiles.P100, median, a.Mean)
	if a.Limit > 0 {
		text += fmt.Sprintf("; %d (%s) have more than the %d that the model reads", a.Truncated, share(a.Truncated, a.Count), a.Limit)
	}
	return text
}

// RangeTable counts texts by range, the first row being the heading. Ranges beyond the longest text are left out.
func (a Analysis) RangeTable() [][]string {
	rows := [][]string{{"tokens", "texts", "share", "up to there"}}
	sum := 0
	for _, r := range a.Ranges {
		if sum += r.Count; r.Count == 0 && sum == a.Count {
			break
		}
		rows = append(rows, []string{r.String(), strconv.Itoa(r.Count), share(r.Count, a.Count), share(sum, a.Count)})
	}
	return rows
}

// GroupTable compares labels, then languages, with all texts. The first row is the heading.
func (a Analysis) GroupTable() [][]string {
	rows := [][]string{{"texts of", "number", "mean", "median", "p95", "longest", "truncated"}}
	for i, list := range [][]Group{{{"all", a.Distribution}}, a.Labels, a.Languages} {
		for _, g := range list {
			p := g.Percentiles
			rows = append(rows, []string{
				[]string{"", "", "language "}[i] + g.Name, strconv.Itoa(g.Count), fmt.Sprintf("%.1f", g.Mean), fmt.Sprintf("%.0f", p.P50), fmt.Sprintf("%.0f", p.P95), fmt.Sprintf("%.0f", p.P100), share(g.Truncated, g.Count),
			})
		}
	}
	return rows
}

func share(part, whole int) string {
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(max(whole, 1)))
}

// WriteCSV writes a file with one row for each analysis and one for each of its groups, below a heading. The column "by" says
// what the group has in common: nothing ("all"), its "label" or its "language". The file is replaced as a whole.
func WriteCSV(path string, analyses []Analysis) error {
	heading := []string{"file", "role", "by", "name", "count", "mean", "p0", "p5", "p25", "p50", "p75", "p90", "p95", "p99", "p100", "limit", "truncated"}
	for _, r := range Describe(nil, 0).Ranges {
		heading = append(heading, r.String())
	}
	rows := [][]string{heading}
	for _, a := range analyses {
		rows = append(rows, a.row("all", "", a.Distribution))
		for _, g := range a.Labels {
			rows = append(rows, a.row("label", g.Name, g.Distribution))
		}
		for _, g := range a.Languages {
			rows = append(rows, a.row("language", g.Name, g.Distribution))
		}
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { return csv.NewWriter(w).WriteAll(rows) }); err != nil {
		return fmt.Errorf("tokencount: write %s: %w", path, err)
	}
	return nil
}

func (a Analysis) row(by, name string, d Distribution) []string {
	row := []string{a.File, a.Role, by, name, strconv.Itoa(d.Count), strconv.FormatFloat(d.Mean, 'f', 2, 64)}
	p := d.Percentiles
	for _, value := range []float64{p.P0, p.P5, p.P25, p.P50, p.P75, p.P90, p.P95, p.P99, p.P100} {
		row = append(row, strconv.FormatFloat(value, 'f', -1, 64))
	}
	row = append(row, strconv.Itoa(d.Limit), strconv.Itoa(d.Truncated))
	for _, r := range d.Ranges {
		row = append(row, strconv.Itoa(r.Count))
	}
	return row
}
