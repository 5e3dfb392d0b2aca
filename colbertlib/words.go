package colbertlib

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// trimSpace takes white space off the ends of a span: byte-level vocabularies count the space before a word to its first token.
func trimSpace(text string, span [2]int) [2]int {
	part := text[span[0]:span[1]]
	start := span[0] + len(part) - len(strings.TrimLeftFunc(part, unicode.IsSpace))
	end := span[0] + len(strings.TrimRightFunc(part, unicode.IsSpace))
	if start >= end { // nothing but white space, which is a token in some vocabularies
		return span
	}
	return [2]int{start, end}
}

// sameWord tells whether a token continues the word before it: letters and digits that touch. Han characters are words of their own.
func sameWord(text string, word, token [2]int) bool {
	if token[0] != word[1] {
		return token[0] < word[1] // parts of one character
	}
	before, _ := utf8.DecodeLastRuneInString(text[:token[0]])
	after, _ := utf8.DecodeRuneInString(text[token[0]:])
	return inWord(before) && inWord(after)
}

func inWord(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && !unicode.Is(unicode.Han, r)
}

// wordAround is the word in which a span lies.
func wordAround(text string, span [2]int) string {
	start, end := span[0], span[1]
	if start == end {
		return ""
	}
	for start > 0 && sameWord(text, [2]int{0, start}, [2]int{start, end}) {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	for end < len(text) && sameWord(text, [2]int{0, end}, [2]int{end, len(text)}) {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	return text[start:end]
}

// printable replaces what would control a terminal or tear a line.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
}
