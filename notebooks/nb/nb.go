// Package nb keeps notebook cells short: values or a clear end, figures and tables in the page, a live progress bar.
//
// It shows things through the GoNB kernel. In any other program it prints them instead, so that code can move between a
// cell and a program unchanged. Cells that show more than they print should show everything, text included, because the
// kernel does not keep the order of what is printed and what is shown.
package nb

import (
	"fmt"
	"html"
	"io"
	"os"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/jobtagger/jobtagger/colbertlib"
)

// Must returns value if err is nil. Otherwise it ends the cell, with the error and status 1, and not with the stack of a
// panic, which tells readers of a notebook nothing.
func Must[T any](value T, err error) T {
	OK(err)
	return value
}

// OK is [Must] for functions that return nothing but an error.
func OK(err error) {
	if err != nil {
		gonbui.Sync()
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Picture is something that can be drawn, as [github.com/jobtagger/jobtagger/colbertlib/figure.Figure] is.
type Picture interface{ PNG() ([]byte, error) }

// Page is something that is a part of a page, as [colbertlib.Explanation] is.
type Page interface{ HTML() (string, error) }

// Show puts values into the page, one below the other: a [Picture] as an image, a [Page] as it is, a [colbertlib.Tagging] as a table of its best
// labels, a [][]string as a table whose first row is the heading, a string as Markdown, and anything else as fmt.Println
// would print it. It ends the cell as [Must] does if something cannot be drawn.
func Show(values ...any) {
	for _, value := range values {
		if tagging, ok := value.(colbertlib.Tagging); ok {
			value = tags(tagging)
		}
		if gonbui.IsNotebook {
			display(value)
		} else {
			write(os.Stdout, value)
		}
	}
	gonbui.Sync()
}

func display(value any) {
	switch v := value.(type) {
	case Picture:
		gonbui.DisplayPng(Must(v.PNG()))
	case Page:
		gonbui.DisplayHTML(Must(v.HTML()))
	case [][]string:
		gonbui.DisplayHTML(table(v))
	case string:
		gonbui.DisplayMarkdown(v)
	default:
		gonbui.DisplayHTML("<pre>" + html.EscapeString(fmt.Sprintln(v)) + "</pre>")
	}
}

// write is display for a terminal.
func write(w io.Writer, value any) {
	switch v := value.(type) {
	case Picture:
		fmt.Fprintf(w, "(a picture, %d bytes as PNG)\n", len(Must(v.PNG())))
	case Page:
		fmt.Fprintf(w, "(a page, %d bytes)\n", len(Must(v.HTML())))
	case [][]string:
		columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, row := range v {
			fmt.Fprintln(columns, strings.Join(row, "\t"))
		}
		_ = columns.Flush() // as fmt.Println, it has nobody to tell
	default:
		fmt.Fprintln(w, v)
	}
}

// tags is the best labels of a tagging, at most five.
func tags(tagging colbertlib.Tagging) [][]string {
	rows := [][]string{{"label", "score"}}
	if tagging.Calibrated {
		rows[0] = append(rows[0], "probability")
	}
	for _, tag := range tagging.Tags[:min(5, len(tagging.Tags))] {
		row := []string{tag.Name, fmt.Sprintf("%.2f", tag.Score)}
		if tagging.Calibrated {
			row = append(row, fmt.Sprintf("%.2f", tag.Probability))
		}
		rows = append(rows, row)
	}
	return rows
}

// number is how the values of a column begin that is set flush right.
var number = regexp.MustCompile(`^[~≤≥<>±+\-−]?\s?[.\d]`)

// table is an HTML table, aligned by styles for JupyterLab, whose own prevail over attributes, and by attributes for GitHub, which removes styles.
func table(rows [][]string) string {
	var b strings.Builder
	b.WriteString("<table>\n")
	for i, row := range rows {
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		b.WriteString("<tr>")
		for column, text := range row {
			align, style := "left", "text-align: left"
			if numeric(rows, column) {
				align, style = "right", "text-align: right"
				if i > 0 {
					style += "; white-space: nowrap"
				}
			}
			fmt.Fprintf(&b, `<%s align="%s" style="%s">%s</%s>`, tag, align, style, html.EscapeString(text), tag)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table>")
	return b.String()
}

// numeric reports whether a column holds numbers below its heading, and nothing else.
func numeric(rows [][]string, column int) bool {
	found := false
	for i, row := range rows {
		if i == 0 || column >= len(row) || row[column] == "" {
			continue
		}
		if !number.MatchString(row[column]) {
			return false
		}
		found = true
	}
	return found
}
