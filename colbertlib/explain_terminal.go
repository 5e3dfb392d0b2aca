package colbertlib

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
)

// tableWords is how many words the views list.
const tableWords = 10

// WriteText writes the explanation for a terminal: a sentence, the text with its strongest words marked if colours are wanted (blue for the label,
// orange for the other), and a table of these words. What could control the terminal is replaced.
func (e *Explanation) WriteText(w io.Writer, colours bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", e.summary())
	if colours {
		for _, part := range e.parts() {
			text := strings.ReplaceAll(part.Text, "\r\n", "\n")
			for i, line := range strings.Split(text, "\n") {
				if i > 0 {
					b.WriteByte('\n')
				}
				b.WriteString(coloured(printable(line), part))
			}
		}
		b.WriteString("\n\n")
	}
	columns := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range e.Table(tableWords) {
		fmt.Fprintln(columns, strings.Join(row, "\t"))
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// summary is the explanation in one sentence.
func (e *Explanation) summary() string {
	return fmt.Sprintf("%s %.2f, %s %.2f: margin %+.2f, of which %+.2f from %d words and %+.2f from tokens that the model adds",
		printable(e.For.Name), e.For.Score, printable(e.Against.Name), e.Against.Score, e.Margin, e.Margin-e.Added, len(e.Words), e.Added)
}

// part is a stretch of the text, a word or what lies between words.
type part struct {
	Text     string
	Word     *Word   // nil for what lies between words
	Strength float64 // of the word: its contribution, divided by the largest of the text's
	Unread   bool    // lies beyond what the model takes
}

// parts divides the whole text.
func (e *Explanation) parts() []part {
	strongest := 0.0
	for _, word := range e.Words {
		strongest = max(strongest, math.Abs(word.Contribution))
	}
	var parts []part
	at := 0
	add := func(end int, p part) {
		if end > at {
			p.Text = e.Text[at:end]
			parts = append(parts, p)
			at = end
		}
	}
	for i := range e.Words {
		word := &e.Words[i]
		add(word.Span[0], part{})
		strength := 0.0
		if strongest > 0 {
			strength = word.Contribution / strongest
		}
		add(word.Span[1], part{Word: word, Strength: strength})
	}
	add(len(e.Text), part{Unread: e.Truncated})
	return parts
}

// Backgrounds of the 256 colours that terminals have, from faint to strong.
var (
	blues   = []int{153, 117, 75}
	oranges = []int{223, 216, 209}
)

// faintest is the strength below which a word is not marked.
const faintest = 0.25

func coloured(text string, p part) string {
	shades, strength := blues, p.Strength
	if strength < 0 {
		shades, strength = oranges, -strength
	}
	switch {
	case p.Unread && text != "":
		return "\x1b[2m" + text + "\x1b[0m"
	case p.Word == nil || strength < faintest || text == "":
		return text
	}
	shade := shades[min(int((strength-faintest)/(1-faintest)*float64(len(shades))), len(shades)-1)]
	return fmt.Sprintf("\x1b[38;5;16;48;5;%dm%s\x1b[0m", shade, text)
}
