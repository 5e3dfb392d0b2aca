package colbertlib

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
)

// EncodeLongQueries is [Model.EncodeQueries] for texts of any length. A text that is too long is divided between words into windows of
// the model's length. Each window is encoded for itself, so that its tokens know nothing of the other windows, and the
// embeddings follow each other; the tokens that the model adds count once. MaxSim then goes over the whole text.
//
// Models are trained on texts up to their length. Whether they get better by reading on depends on the texts: try it.
func (m *Model) EncodeLongQueries(ctx context.Context, texts []string, progress func(done int)) ([]Embedding, error) {
	var windows []string
	var starts []int // of each window in its text
	var owners []int // the text of each window
	for i, text := range texts {
		for _, start := range m.windowStarts(text) {
			if start > 0 {
				last := len(windows) - 1
				windows[last] = windows[last][:start-starts[last]]
			}
			windows, starts, owners = append(windows, text[start:]), append(starts, start), append(owners, i)
		}
	}
	report := progress
	if progress != nil {
		report = func(done int) { progress(done * len(texts) / len(windows)) }
	}
	encoded, err := m.EncodeQueries(ctx, windows, report)
	if err != nil {
		return nil, err
	}
	joined := make([]Embedding, len(texts))
	for i, window := range encoded {
		if starts[i] == 0 {
			joined[owners[i]] = window
		} else {
			joined[owners[i]].append(window, starts[i])
		}
	}
	return joined, nil
}

// append adds a window's tokens, without those that stand for no part of the text.
func (e *Embedding) append(window Embedding, start int) {
	for token, span := range window.Spans {
		if span[1] > span[0] {
			e.Values = append(e.Values, window.Row(token)...)
			e.Spans = append(e.Spans, [2]int{start + span[0], start + span[1]})
		}
	}
	e.Truncated = e.Truncated || window.Truncated
}

// reserve is how many tokens of a window stay free, as a word can have more tokens at the start of a text than within it.
const reserve = 2

// windowStarts are the places where windows begin, 0 first.
func (m *Model) windowStarts(text string) []int {
	role := m.core.Query
	starts := []int{0}
	if !m.core.Tokenize(role, text).Truncated {
		return starts
	}
	length := role.Length
	if role.Expansion != nil && role.Expansion.Strategy == "fixed" {
		length = min(length, role.Expansion.Length)
	}
	role.Expansion = nil
	room := max(length-len(m.core.Tokenize(role, "").IDs)-reserve, 1)
	var tokens [][2]int
	for _, span := range m.core.Tokenizer.Encode(text, 0).Offsets {
		if span[1] > span[0] {
			tokens = append(tokens, span)
		}
	}
	for first := 0; len(tokens)-first > room; {
		next := first + room
		for next > first && !startsWord(text, tokens[next]) {
			next--
		}
		if next == first { // a single word, longer than a window
			next = first + room
		}
		start := tokens[next][0]
		start += len(text[start:]) - len(strings.TrimLeftFunc(text[start:], unicode.IsSpace))
		starts = append(starts, start)
		first = next
	}
	return starts
}

// startsWord tells whether the token is the first behind white space.
func startsWord(text string, span [2]int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:span[0]])
	first, _ := utf8.DecodeRuneInString(text[span[0]:])
	return unicode.IsSpace(before) || unicode.IsSpace(first)
}

// perToken divides scores of a query by its number of tokens, for rules that add up.
func (m *Model) perToken(query Embedding, scores []float64) []float64 {
	if m.core.Similarity == maxsim.Mean || query.Tokens() == 0 {
		return scores
	}
	similarities := make([]float64, len(scores))
	for i, score := range scores {
		similarities[i] = score / float64(query.Tokens())
	}
	return similarities
}
