package colbertlib

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

//go:embed explanation.html
var explanationHTML string

// explanationTemplate escapes everything that stems from texts, labels and files.
var explanationTemplate = template.Must(template.New("").Parse(explanationHTML))

// HTML is the explanation as a part of a page, with nothing to load from elsewhere: the text with its words marked, blue for the label, orange for
// the other. Pointing at a word shows what it matched. Where styles are taken away, as on code-hosting pages, the strongest words are still
// bold (for) and italic (against).
func (e *Explanation) HTML() (string, error) {
	var b strings.Builder
	err := explanationTemplate.ExecuteTemplate(&b, "explanation", e.view())
	return b.String(), err
}

// WriteHTML writes a page of explanations, one below the other, to a file, which it replaces as a whole.
func WriteHTML(path string, explanations []*Explanation) error {
	views := make([]explanationView, len(explanations))
	for i := range explanations {
		views[i] = explanations[i].view()
	}
	return atomicfile.Write(path, func(w io.Writer) error { return explanationTemplate.ExecuteTemplate(w, "page", views) })
}

// explanationView is what the template shows.
type explanationView struct {
	*Explanation
	Summary string
	Parts   []partView
	Heading []string
	Rows    [][]string
}

type partView struct {
	Lines   []string
	Hint    string
	Opacity string // of the background
	For     bool   // or against
	Strong  bool
	Marked  bool
	Unread  bool
}

func (e *Explanation) view() explanationView {
	table := e.Table(tableWords)
	view := explanationView{Explanation: e, Summary: e.summary(), Heading: table[0], Rows: table[1:]}
	for _, part := range e.parts() {
		strength := math.Abs(part.Strength)
		p := partView{Lines: lines(part.Text), For: part.Strength > 0, Strong: strength >= 2*faintest, Unread: part.Unread}
		if part.Word != nil {
			p.Marked = strength >= faintest/5
			p.Opacity = fmt.Sprintf("%.2f", 0.75*strength)
			p.Hint = fmt.Sprintf("%+.3f = %s in %s - %s in %s", part.Word.Contribution, part.Word.For, e.For.Name, part.Word.Against, e.Against.Name)
		}
		view.Parts = append(view.Parts, p)
	}
	return view
}

// lines divides what lies between words at line breaks.
func lines(text string) []string {
	all := strings.Split(strings.ToValidUTF8(text, "\ufffd"), "\n")
	for i, line := range all {
		all[i] = strings.TrimSuffix(line, "\r")
	}
	return all
}
