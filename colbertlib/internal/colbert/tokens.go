package colbert

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/tokenize"
)

// Tokens are a text as the encoder reads it. Tokens that the role adds have the empty span {0, 0}, like special tokens.
type Tokens struct {
	tokenize.Encoding
	Attended int    // the first so many are attended to; the others are expansion tokens
	Skipped  []bool // those that take no part in MaxSim; nil for none
}

// Tokenize turns a text into the tokens of a query or document: marker, prefix and text together, cut to the role's length, then
// expansion tokens. Offsets refer to the text.
func (m *Model) Tokenize(role modelio.Role, text string) Tokens {
	length := role.Length
	if role.Expansion != nil && role.Expansion.Strategy == "fixed" {
		length = min(length, role.Expansion.Length)
	}
	marker, hasMarker := m.Tokenizer.ID(role.Marker)
	if hasMarker {
		length--
	}
	encoding := m.Tokenizer.Encode(role.Prefix+text, length)
	for i, span := range encoding.Offsets {
		if span[1] <= len(role.Prefix) {
			encoding.Offsets[i] = [2]int{}
		} else {
			encoding.Offsets[i] = [2]int{max(span[0]-len(role.Prefix), 0), span[1] - len(role.Prefix)}
		}
	}
	if hasMarker { // behind [CLS]
		encoding.IDs = slices.Insert(encoding.IDs, 1, marker)
		encoding.Offsets = slices.Insert(encoding.Offsets, 1, [2]int{})
	}
	return m.expand(role, Tokens{Encoding: encoding, Attended: len(encoding.IDs), Skipped: m.skipped(role, encoding.IDs)})
}

// expand fills a short text up with the role's expansion token (Khattab and Zaharia 2020, section 3.2).
func (m *Model) expand(role modelio.Role, tokens Tokens) Tokens {
	expansion := role.Expansion
	if expansion == nil {
		return tokens
	}
	id, _ := m.Tokenizer.ID(expansion.Token) // checkRole made sure that there is one
	for len(tokens.IDs) < min(expansion.Length, role.Length) {
		tokens.IDs = append(tokens.IDs, id)
		tokens.Offsets = append(tokens.Offsets, [2]int{})
		if tokens.Skipped != nil {
			tokens.Skipped = append(tokens.Skipped, false)
		}
	}
	if expansion.Attend {
		tokens.Attended = len(tokens.IDs)
	}
	return tokens
}

func (m *Model) skipped(role modelio.Role, ids []int32) []bool {
	if len(role.Skiplist) == 0 {
		return nil
	}
	skipped := make([]bool, len(ids))
	for _, word := range role.Skiplist {
		id, ok := m.Tokenizer.ID(word)
		for i := range ids {
			skipped[i] = skipped[i] || ok && ids[i] == id
		}
	}
	return skipped
}

// checkRole makes sure that the vocabulary has what the role adds.
func (m *Model) checkRole(name string, role modelio.Role) error {
	var problems []error
	for _, added := range [][2]string{{"marker", role.Marker}, {"expansion token", expansionToken(role)}} {
		if _, ok := m.Tokenizer.ID(added[1]); added[1] != "" && !ok {
			problems = append(problems, fmt.Errorf("colbert: the %s of %s, %q, is not in the vocabulary of tokenizer.json", added[0], name, added[1]))
		}
	}
	return errors.Join(problems...)
}

func expansionToken(role modelio.Role) string {
	if role.Expansion == nil {
		return ""
	}
	return role.Expansion.Token
}

// Padded tells whether neural-cherche or PyLate would pad the text or leave a part of it out: it has fewer tokens than its role allows.
func Padded(role modelio.Role, tokens Tokens) bool {
	return len(tokens.IDs) < role.Length || slices.Contains(tokens.Skipped, true)
}

// scored keeps the tokens that take part in MaxSim.
func (t Tokens) scored() Tokens {
	if t.Skipped == nil {
		return t
	}
	kept := Tokens{Encoding: tokenize.Encoding{Truncated: t.Truncated}}
	for i, skipped := range t.Skipped {
		if !skipped {
			kept.IDs, kept.Offsets = append(kept.IDs, t.IDs[i]), append(kept.Offsets, t.Offsets[i])
		}
	}
	return kept
}
