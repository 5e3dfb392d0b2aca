package tokenize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// joints says where a text may be cut if words may begin with white space, as in byte-level vocabularies, or if added
// tokens are matched after normalising, such as PyLate's "[Q] ".
//
// A word never goes on where white space follows something else, so a text can be cut there, unless an added token may
// lie across the cut: unless white space follows, somewhere in the token, the byte that stands before the cut.
type joints struct {
	uncut [256]bool // bytes after which the text is not cut
}

func newJoints(tokens []addedToken) *joints {
	j := new(joints)
	never := false
	for _, token := range tokens {
		// These look at, or take, what surrounds them. They are rare, and a text that is not cut is merely slower.
		never = never || token.SingleWord || token.Lstrip || token.Rstrip
		for i := 1; i < len(token.Content); i++ {
			if before := token.Content[i-1]; isBlank(token.Content[i]) && !isBlank(before) {
				j.join(before)
			}
		}
	}
	for c := range j.uncut {
		j.uncut[c] = j.uncut[c] || never
	}
	return j
}

// join forbids a cut after anything that normalising may turn into the byte c: both cases of a letter, and control
// characters and everything beyond ASCII, which can vanish or change.
func (j *joints) join(c byte) {
	for _, s := range []string{strings.ToLower(string(rune(c))), strings.ToUpper(string(rune(c)))} {
		j.uncut[s[0]] = true
	}
	for c := range j.uncut {
		if c < ' ' || c >= 0x7f {
			j.uncut[c] = true
		}
	}
}

// cut takes text up to the first allowed cut.
func (j *joints) cut(text string) (start, end int) {
	for i := 1; i < len(text); i++ {
		if isBlank(text[i]) && !j.uncut[text[i-1]] {
			if before, _ := utf8.DecodeLastRuneInString(text[:i]); !unicode.IsSpace(before) {
				return 0, i
			}
		}
	}
	return 0, len(text)
}

// isBlank reports ASCII white space that every normaliser keeps as white space.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
