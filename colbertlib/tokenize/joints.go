package tokenize

import "strings"

// joints says where a text may be cut if added tokens are matched after normalising, such as PyLate's "[Q] ".
//
// Words begin and end at white space, so a text can be cut before white space that follows something else, unless an
// added token may lie across: unless one has a place where white space follows a byte like the one before the cut.
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
		j.uncut[c] = j.uncut[c] || never || isBlank(byte(c))
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
			return 0, i
		}
	}
	return 0, len(text)
}

// isBlank reports ASCII white space that every normaliser keeps as white space.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
