package colbertlib

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
)

// Explanation says why a text scores higher for one label than for another: which words made the difference, and what they matched.
//
// A score is a sum over the text's tokens, so that the margin between two scores is one too. That is an account of the model's arithmetic, not of
// its reasons: each token's embedding depends on the whole text, and a word that is taken out changes the others' contributions.
type Explanation struct {
	Text      string `json:"text"`
	For       Side   `json:"for"`
	Against   Side   `json:"against"`
	Truncated bool   `json:"truncated"` // the text was longer than the model takes; what lies beyond is not in any score
	// Margin is For.Score - Against.Score. The contributions of all tokens add up to it, and so do those of all words and Added.
	Margin float64 `json:"margin"`
	Added  float64 `json:"added"`  // contribution of the tokens that the model adds to each text
	Words  []Word  `json:"words"`  // in the order of the text
	Tokens []Token `json:"tokens"` // in the order of the text, with those that the model adds
}

// Side is one of the two labels, with its tag for the text.
type Side struct {
	Tag
	Description string `json:"description"`
}

// Match is the token of a description that a token of the text is most similar to.
type Match struct {
	Span       [2]int  `json:"span"` // bytes of the description; {0, 0} for a token that the model adds
	Word       string  `json:"word"` // in which it stands; "" for a token that the model adds
	Similarity float64 `json:"similarity"`
}

// Token is a token of the text.
type Token struct {
	Span         [2]int  `json:"span"`         // bytes of the text; {0, 0} for a token that the model adds
	Contribution float64 `json:"contribution"` // to the margin
	For          Match   `json:"for"`
	Against      Match   `json:"against"`
}

// Word is a word of the text, or a sign, made of one or several tokens.
type Word struct {
	Text         string  `json:"word"`
	Span         [2]int  `json:"span"`
	Contribution float64 `json:"contribution"` // the sum of its tokens'
	For          Match   `json:"for"`          // of the token that contributes most, in one direction or the other
	Against      Match   `json:"against"`      // of the same token
}

// Explain says why the text scores as it does for a label, given by its id, in comparison with another, usually why the first of a tagging's tags and
// not the second. Margin and contributions are in units of the score. Ids that the tagger does not have, or twice the same, are an error; any text will do.
func (t *Tagger) Explain(ctx context.Context, text string, labelID, otherID int) (*Explanation, error) {
	places, err := t.pair(labelID, otherID)
	if err != nil {
		return nil, err
	}
	var e *Explanation
	err = t.each(ctx, []string{text}, nil, func(_ int, query Embedding) error {
		tags, err := t.tags(query)
		if err != nil {
			return err
		}
		side := func(i int) Side { return Side{tags[places[i]], t.labels[places[i]].Description} }
		e = &Explanation{Text: text, For: side(0), Against: side(1), Truncated: query.Truncated}
		e.Margin = e.For.Score - e.Against.Score
		return e.fill(t.model.core.Similarity, query, t.documents[places[0]], t.documents[places[1]])
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// pair finds the places of two labels.
func (t *Tagger) pair(ids ...int) (places [2]int, err error) {
	for i, id := range ids {
		places[i] = slices.IndexFunc(t.labels, func(l dataset.Label) bool { return l.ID == id })
		if places[i] < 0 {
			return places, fmt.Errorf("colbertlib: explain: the tagger has no label %d", id)
		}
	}
	if ids[0] == ids[1] {
		return places, fmt.Errorf("colbertlib: explain: label %d cannot be compared with itself", ids[0])
	}
	return places, nil
}

// fill computes tokens and words.
func (e *Explanation) fill(rule maxsim.Variant, query, document, other Embedding) error {
	matches, err := rule.Matches(query.Embedding, document.Embedding)
	if err != nil {
		return err
	}
	others, err := rule.Matches(query.Embedding, other.Embedding)
	if err != nil {
		return err
	}
	share := 1.0
	if rule == maxsim.Mean {
		share = float64(query.Tokens())
	}
	for i, span := range query.Spans[:len(matches)] {
		token := Token{
			Span: trimSpace(e.Text, span),
			For:  newMatch(e.For.Description, document, matches[i]), Against: newMatch(e.Against.Description, other, others[i]),
		}
		token.Contribution = (token.For.Similarity - token.Against.Similarity) / share
		e.Tokens = append(e.Tokens, token)
		e.addToWords(token)
	}
	return nil
}

func newMatch(description string, document Embedding, match maxsim.Match) Match {
	m := Match{Similarity: float64(match.Similarity)}
	if match.Token >= 0 {
		m.Span = trimSpace(description, document.Spans[match.Token])
		m.Word = wordAround(description, m.Span)
	}
	return m
}

// addToWords counts a token towards its word: the last one, or a new one.
func (e *Explanation) addToWords(token Token) {
	if token.Span[0] == token.Span[1] {
		e.Added += token.Contribution
		return
	}
	if last := len(e.Words) - 1; last >= 0 && sameWord(e.Text, e.Words[last].Span, token.Span) {
		word := &e.Words[last]
		if math.Abs(token.For.Similarity-token.Against.Similarity) > math.Abs(word.For.Similarity-word.Against.Similarity) {
			word.For, word.Against = token.For, token.Against
		}
		word.Contribution += token.Contribution
		word.Span[1] = max(word.Span[1], token.Span[1])
		word.Text = e.Text[word.Span[0]:word.Span[1]]
		return
	}
	e.Words = append(e.Words, Word{
		Text: e.Text[token.Span[0]:token.Span[1]], Span: token.Span, Contribution: token.Contribution, For: token.For, Against: token.Against,
	})
}

// Highest returns the n words that contribute most to the margin, highest first.
func (e *Explanation) Highest(n int) []Word {
	words := slices.Clone(e.Words)
	slices.SortStableFunc(words, func(a, b Word) int { return cmp.Compare(b.Contribution, a.Contribution) })
	return words[:min(n, len(words))]
}

// Table lists the n words that matter most in either direction, the same word in several places taken together, with what they matched there
// where they contributed most. The first row is the heading.
func (e *Explanation) Table(n int) [][]string {
	type group struct {
		word  Word // the place that contributes most
		times int
		sum   float64
	}
	var groups []*group
	found := map[string]*group{}
	for _, word := range e.Words {
		key := strings.ToLower(word.Text)
		g := found[key]
		if g == nil {
			g = &group{word: word}
			found[key], groups = g, append(groups, g)
		}
		if math.Abs(word.Contribution) > math.Abs(g.word.Contribution) {
			g.word = word
		}
		g.times++
		g.sum += word.Contribution
	}
	slices.SortStableFunc(groups, func(a, b *group) int { return cmp.Compare(math.Abs(b.sum), math.Abs(a.sum)) })
	rows := [][]string{{"word", "times", "contribution", "most similar in " + e.For.Name, "most similar in " + e.Against.Name}}
	for _, g := range groups[:min(n, len(groups))] {
		rows = append(rows, []string{printable(g.word.Text), strconv.Itoa(g.times), fmt.Sprintf("%+.2f", g.sum), g.word.For.String(), g.word.Against.String()})
	}
	return rows
}

// String is the match for people: "budgets 0.71".
func (m Match) String() string {
	word := printable(m.Word)
	if word == "" {
		word = "–"
	}
	return fmt.Sprintf("%s %.2f", word, m.Similarity)
}
