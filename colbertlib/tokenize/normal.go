package tokenize

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// normal is a text on its way to the sub-word model: text[i] stems from bytes spans[i][0] to spans[i][1] of the chunk it
// once was. text is valid UTF-8.
type normal struct {
	text  []byte
	spans [][2]int
	spare *normal // memory for the next rewrite
}

// reset makes n the chunk as it is, but for bytes that are no UTF-8, each of which becomes U+FFFD.
func (n *normal) reset(chunk string) {
	n.clear()
	for at := 0; at < len(chunk); {
		r, size := utf8.DecodeRuneInString(chunk[at:])
		n.add(r, [2]int{at, at + size})
		at += size
	}
}

func (n *normal) clear() { n.text, n.spans = n.text[:0], n.spans[:0] }

// add appends the rune r, which stems from that span of the chunk.
func (n *normal) add(r rune, span [2]int) {
	before := len(n.text)
	n.text = utf8.AppendRune(n.text, r)
	for range len(n.text) - before {
		n.spans = append(n.spans, span)
	}
}

// rewrite replaces the text by what build makes of it.
func (n *normal) rewrite(build func(out *normal)) {
	if n.spare == nil {
		n.spare = new(normal)
	}
	out := n.spare
	out.clear()
	build(out)
	n.text, n.spans, out.text, out.spans = out.text, out.spans, n.text, n.spans
}

// each replaces every rune by what emit adds to out for it.
func (n *normal) each(emit func(out *normal, r rune, span [2]int)) {
	n.rewrite(func(out *normal) {
		for at := 0; at < len(n.text); {
			r, size := utf8.DecodeRune(n.text[at:])
			emit(out, r, n.spans[at])
			at += size
		}
	})
}

// mark is a rune of decomposed text.
type mark struct {
	r        rune
	class    uint8 // canonical combining class: 0 for what marks combine with
	inserted bool  // not the first rune of its decomposition
}

// decompose puts the text into normalisation form D.
//
// Where marks change places, they take over the spans that stood there, like Hugging Face's: the i-th rune that is not
// inserted has the span of the i-th rune of the text, an inserted one that of the rune before.
func (n *normal) decompose() {
	if isASCII(n.text) {
		return
	}
	n.rewrite(func(out *normal) {
		at, size := 0, 0 // the rune of n.text that gives the span
		for _, m := range decomposed(n.text) {
			if !m.inserted {
				at += size
				_, size = utf8.DecodeRune(n.text[at:])
			}
			out.add(m.r, n.spans[at])
		}
	})
}

// decomposed returns the canonical decomposition of text, its marks in canonical order.
func decomposed(text []byte) []mark {
	marks := make([]mark, 0, len(text))
	pending := 0 // where the marks begin that are not in order yet
	order := func() {
		slices.SortStableFunc(marks[pending:], func(a, b mark) int { return cmp.Compare(a.class, b.class) })
	}
	var buffer [32]byte // the longest decomposition has 12 bytes
	for len(text) > 0 {
		_, size := utf8.DecodeRune(text)
		for i, r := range string(norm.NFD.Append(buffer[:0], text[:size]...)) {
			m := mark{r, norm.NFD.PropertiesString(string(r)).CCC(), i > 0}
			if m.class == 0 {
				order()
				pending = len(marks) + 1
			}
			marks = append(marks, m)
		}
		text = text[size:]
	}
	order()
	return marks
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
