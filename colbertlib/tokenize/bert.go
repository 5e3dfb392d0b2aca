package tokenize

import (
	"unicode"
	"unicode/utf8"
)

// bert is the splitter of BERT's family: BertNormalizer and BertPreTokenizer.
type bert struct {
	CleanText          bool  `json:"clean_text"`           // drop control characters, make all white space blanks
	HandleChineseChars bool  `json:"handle_chinese_chars"` // make every CJK ideograph a word
	StripAccents       *bool `json:"strip_accents"`        // null: as Lowercase says
	Lowercase          bool  `json:"lowercase"`
}

// asciiClass says what an ASCII byte is to BertPreTokenizer: 'a' part of a word, ' ' white space, '.' a word by itself.
// \v and \f, which clean_text drops though they are white space, count as parts: the rune by rune path decides on them.
var asciiClass = func() (class [utf8.RuneSelf]byte) {
	for c := range class {
		switch r := rune(c); {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			class[c] = ' '
		case unicode.IsPunct(r) || unicode.IsSymbol(r):
			class[c] = '.'
		default:
			class[c] = 'a'
		}
	}
	return class
}()

// cut finds a word or punctuation in the raw text: neither BertNormalizer nor BertPreTokenizer lets anything pass over
// ASCII white space, ASCII punctuation or, where they are handled, CJK ideographs.
func (b *bert) cut(text string) (start, end int) {
	for start < len(text) && text[start] < utf8.RuneSelf && asciiClass[text[start]] == ' ' {
		start++
	}
	for end = start; end < len(text); {
		c := text[end]
		if c < utf8.RuneSelf {
			if asciiClass[c] != 'a' {
				break
			}
			end++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[end:])
		if b.HandleChineseChars && isIdeograph(r) {
			break
		}
		end += size
	}
	if end == start && end < len(text) { // punctuation or an ideograph
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	return start, end
}

func (b *bert) normalize(n *normal) {
	strip := b.Lowercase
	if b.StripAccents != nil {
		strip = *b.StripAccents
	}
	n.each(b.clean)
	if strip {
		n.decompose()
	}
	if strip || b.Lowercase {
		n.each(func(out *normal, r rune, span [2]int) {
			if !strip || !isNonspacingMark(r) {
				b.addCased(out, r, span)
			}
		})
	}
}

// clean does what clean_text and handle_chinese_chars ask for.
func (b *bert) clean(out *normal, r rune, span [2]int) {
	if b.CleanText {
		if isRemoved(r) {
			return
		}
		if unicode.IsSpace(r) {
			r = ' '
		}
	}
	if !b.HandleChineseChars || !isIdeograph(r) {
		out.add(r, span)
		return
	}
	out.add(' ', span)
	out.add(r, span)
	out.add(' ', span)
}

func (b *bert) addCased(out *normal, r rune, span [2]int) {
	const dottedI, combiningDot = 'İ', '\u0307'
	if !b.Lowercase {
		out.add(r, span)
		return
	}
	out.add(unicode.ToLower(r), span)
	if r == dottedI { // the one rune whose lower case is two runes, of which Go's ToLower gives the first
		out.add(combiningDot, span)
	}
}

// words splits at white space, which is dropped, and at punctuation, which is kept, each as a word.
func (b *bert) words(text []byte, yield func(start, end int) bool) {
	start := 0
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		space, punctuation := unicode.IsSpace(r), isPunctuation(r)
		if (space || punctuation) && start < at && !yield(start, at) {
			return
		}
		if punctuation && !yield(at, at+size) {
			return
		}
		at += size
		if space || punctuation {
			start = at
		}
	}
	if start < len(text) {
		yield(start, len(text))
	}
}
