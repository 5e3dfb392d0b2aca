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

// mark is a rune of a text that is being normalised.
type mark struct {
	r     rune
	class uint8 // canonical combining class: 0 for what marks combine with
	// used says how many runes of the text before it stands for: 0 if it is not the first rune of a decomposition, more
	// than 1 if it was composed.
	used int
}

// decompose puts the text into normalisation form D.
func (n *normal) decompose() {
	if !isASCII(n.text) {
		n.replace(decomposed(n.text))
	}
}

// compose puts the text into normalisation form C.
func (n *normal) compose() {
	if !norm.NFC.IsNormal(n.text) {
		n.replace(composed(decomposed(n.text)))
	}
}

// replace makes marks the text. Spans are given out in order, as in Hugging Face's library: each mark takes the span of
// the next rune that is not used up, so that marks that change places change spans; a mark that uses none has the span
// of the rune before.
func (n *normal) replace(marks []mark) {
	n.rewrite(func(out *normal) {
		before, next := 0, 0 // the last rune that is used up, and the one after it
		for _, m := range marks {
			span := n.spans[before]
			if m.used > 0 {
				span = n.spans[next]
			}
			out.add(m.r, span)
			for range m.used {
				_, size := utf8.DecodeRune(n.text[next:])
				before, next = next, next+size
			}
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
			m := mark{r, norm.NFD.PropertiesString(string(r)).CCC(), 1}
			if i > 0 {
				m.used = 0
			}
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

// composed returns decomposed text with marks joined to what they combine with (Unicode standard, D117).
func composed(marks []mark) []mark {
	result := marks[:0]
	starter := -1    // where in result stands what marks combine with
	last := uint8(0) // class of the last mark after it that was not joined
	for _, m := range marks {
		blocked := len(result)-1 > starter && last >= m.class
		if starter >= 0 && !blocked {
			if r, ok := composePair(result[starter].r, m.r); ok {
				result[starter].r = r
				result[starter].used += m.used
				continue
			}
		}
		if m.class == 0 {
			starter = len(result)
		}
		last = m.class
		result = append(result, m)
	}
	return result
}

// composePair returns the one rune that is canonically equivalent to two, if there is one.
func composePair(starter, mark rune) (rune, bool) {
	composed := norm.NFC.String(string([]rune{starter, mark}))
	r, size := utf8.DecodeRuneInString(composed)
	return r, size == len(composed)
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
