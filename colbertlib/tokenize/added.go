package tokenize

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addedToken is an entry of "added_tokens" in tokenizer.json: found in the text before the sub-word model sees it.
type addedToken struct {
	ID         int64  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // only where no letter or digit touches it
	Lstrip     bool   `json:"lstrip"`      // takes the white space to its left
	Rstrip     bool   `json:"rstrip"`      // takes the white space to its right
	Normalized bool   `json:"normalized"`  // its normal form is looked for in the normalised text
}

// addedSet finds added tokens in a text: the leftmost first, and the longest of those that begin there.
type addedSet struct {
	byFirst    [256][]addedToken // by first byte, longest first
	firstBytes []byte
}

func newAddedSet(tokens []addedToken) addedSet {
	var s addedSet
	for _, token := range tokens {
		first := token.Content[0]
		if len(s.byFirst[first]) == 0 {
			s.firstBytes = append(s.firstBytes, first)
		}
		s.byFirst[first] = append(s.byFirst[first], token)
	}
	for _, first := range s.firstBytes {
		slices.SortStableFunc(s.byFirst[first], func(a, b addedToken) int {
			return cmp.Compare(len(b.Content), len(a.Content))
		})
	}
	return s
}

func (s *addedSet) empty() bool { return len(s.firstBytes) == 0 }

// find returns the span and the id of the first added token in text[at:], or len(text), len(text) if there is none.
// What lies before at counts as context, but is never part of the span.
func (s *addedSet) find(text string, at int) (start, end int, id int32) {
	for from := at; ; {
		start, token := s.match(text, from)
		if token == nil {
			return len(text), len(text), 0
		}
		end := start + len(token.Content)
		if token.SingleWord && (endsWithWord(text[:start]) || startsWithWord(text[end:])) {
			from = end
			continue
		}
		if token.Lstrip {
			start = max(at, len(strings.TrimRightFunc(text[:start], unicode.IsSpace)))
		}
		if token.Rstrip {
			end = len(text) - len(strings.TrimLeftFunc(text[end:], unicode.IsSpace))
		}
		return start, end, int32(token.ID)
	}
}

func (s *addedSet) match(text string, from int) (start int, token *addedToken) {
	if s.empty() {
		return 0, nil
	}
	for start := from; start < len(text); start++ {
		if len(s.firstBytes) == 1 { // the usual case, "[", is worth the faster search
			skip := strings.IndexByte(text[start:], s.firstBytes[0])
			if skip < 0 {
				return 0, nil
			}
			start += skip
		}
		candidates := s.byFirst[text[start]]
		for i := range candidates {
			if strings.HasPrefix(text[start:], candidates[i].Content) {
				return start, &candidates[i]
			}
		}
	}
	return 0, nil
}

func endsWithWord(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return text != "" && isWordRune(r)
}

func startsWithWord(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return text != "" && isWordRune(r)
}

// isWordRune is \w as Unicode's regular expressions define it.
func isWordRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic, unicode.Join_Control)
}
