// Package plaintext turns advertisements as jobs boards keep them, Markdown with HTML in it, into the plain text that a model
// reads, and takes e-mail addresses and telephone numbers out of it.
//
// Both are pure functions, safe for concurrent use, that accept any bytes and never fail.
package plaintext

import (
	"bytes"
	"cmp"
	"iter"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// MaxBytes is how much of a text is read: twice what ReliefWeb accepts as a body. What follows is dropped.
const MaxBytes = 200_000

// converter lets HTML through, for what follows reads HTML anyway.
var converter = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough), goldmark.WithRendererOptions(html.WithUnsafe()))

// FromMarkdown returns the text that a reader of the rendered page would see.
//
// As in the reported experiment's script, marks of emphasis, headings, lists and links go, the words stay, and runs of line breaks
// become one: each paragraph, heading, list item and table row is a line. Cells of a table are separated by tabs. Addresses of links
// and images go too, as do scripts, styles and comments. Characters that are not to be seen (zero-width, control, soft hyphen) and broken UTF-8 are
// removed. Text without any mark of Markdown stays as it is, but for white space.
func FromMarkdown(markdown string) string {
	var page bytes.Buffer
	for part := range parts(bounded(markdown)) {
		if err := converter.Convert([]byte(part), &page); err != nil {
			page.WriteString(nethtml.EscapeString(part)) // a bytes.Buffer accepts everything, so this cannot be
		}
	}
	return tidy(visible(&page))
}

// partBytes bounds the time of converting hostile text, which grows with the square of a part's length. Few advertisements are longer.
const partBytes = 8_000

// parts cuts a long text, if possible where a paragraph that is not indented begins, so that nothing is torn apart.
func parts(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(text) > partBytes {
			at := 0
			for _, border := range paragraph.FindAllStringIndex(text[:partBytes], -1) {
				at = border[1] - 1 // the paragraph's first character is part of the match
			}
			if at <= 0 {
				at = cmp.Or(max(0, strings.LastIndexByte(text[:partBytes], '\n')), len(strings.ToValidUTF8(text[:partBytes], "")))
			}
			if !yield(text[:at]) {
				return
			}
			text = text[at:]
		}
		yield(text)
	}
}

// paragraph is a blank line and the first byte of a line that continues no list.
var paragraph = regexp.MustCompile(`\n[ \t]*\n[\x21-\x7f]`)

// bounded cuts a text at MaxBytes, removes what is not UTF-8, and makes all line breaks "\n".
func bounded(text string) string {
	if len(text) > MaxBytes {
		text = text[:MaxBytes]
	}
	text = strings.ToValidUTF8(text, "")
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(text)
}

// hidden are the elements whose content nobody sees.
var hidden = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Head: true, atom.Template: true, atom.Iframe: true, atom.Noscript: true, atom.Svg: true, atom.Object: true,
}

// lines are the elements that begin and end a line.
var lines = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Br: true, atom.Hr: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Dl: true, atom.Dt: true, atom.Dd: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Blockquote: true, atom.Pre: true,
	atom.Table: true, atom.Tr: true, atom.Caption: true, atom.Section: true, atom.Article: true, atom.Header: true, atom.Footer: true, atom.Address: true,
	atom.Figure: true, atom.Figcaption: true, atom.Form: true, atom.Fieldset: true, atom.Title: true,
}

// visible is the text of an HTML page. An element that is hidden and never closed hides the rest, as in a browser.
func visible(page *bytes.Buffer) string {
	var text strings.Builder
	tokens := nethtml.NewTokenizer(page)
	var inside atom.Atom // the hidden element that is open
	row := false         // inside a table's row, but in none of its cells
	for {
		switch kind := tokens.Next(); kind {
		case nethtml.ErrorToken:
			return text.String()
		case nethtml.TextToken:
			if inside == 0 && !row {
				text.WriteString(tokens.Token().Data)
			}
		case nethtml.StartTagToken, nethtml.EndTagToken, nethtml.SelfClosingTagToken:
			name, _ := tokens.TagName()
			element := atom.Lookup(name)
			switch {
			case inside != 0:
				if kind == nethtml.EndTagToken && element == inside {
					inside = 0
				}
			case hidden[element]:
				if kind == nethtml.StartTagToken {
					inside = element
				}
			case lines[element]:
				row = element == atom.Tr && kind == nethtml.StartTagToken
				text.WriteByte('\n')
			case element == atom.Td || element == atom.Th:
				row = kind == nethtml.EndTagToken
				text.WriteByte('\t')
			}
		}
	}
}

// tidy collapses white space: lines are trimmed, empty ones go, and inside a line runs become one space, or one tab if there is one among them.
func tidy(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	gap := byte(0) // the white space that stands before the next character
	for _, r := range text {
		switch {
		case r == '\n' || r == '\v' || r == '\f' || r == '\r':
			gap = '\n'
		case r == '\t' && gap != '\n':
			gap = '\t'
		case unicode.IsSpace(r):
			gap = max(gap, '\t'-1) // weaker than a tab, which is weaker than a line break
		case unseen(r):
		default:
			if gap != 0 && out.Len() > 0 {
				if gap == '\t'-1 {
					gap = ' '
				}
				out.WriteByte(gap)
			}
			gap = 0
			out.WriteRune(r)
		}
	}
	return out.String()
}

// unseen says whether a character takes no room: controls, zero-width spaces, byte order marks, soft hyphens. Joiners, which
// Arabic and Indic scripts need, stay.
func unseen(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
}
