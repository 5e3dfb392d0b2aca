package synth

import (
	"hash/fnv"
	"math/rand/v2"
	"strings"
)

// A writer draws and expands the patterns of one advertisement.
type writer struct {
	rng      *rand.Rand
	language string
	memory   map[string]int        // list -> how many different entries the advertisement may name
	mayUse   func(pattern) bool    // of the categories' patterns; the shared ones are free
	focus    float64               // where in their lists the advertisement's duties stand, in [0, 1); negative for anywhere
	named    map[*pattern][]string // a list, by its first pattern -> the entries named so far
	used     map[*pattern]bool     // patterns drawn so far: none comes twice
	turns    []string              // the lists that sections with several lists took from so far
	said     map[string]bool       // what the slots of the present pattern were filled with
}

// A passage is one sentence, bullet or title, and whether it is boilerplate: from shared.yaml.
type passage struct {
	text        string
	boilerplate bool
}

// The focus reaches over this part of a list. Its neighbours in a list are duties of one kind of post.
const focusWidth = 0.3

// draw takes a pattern of the list that the advertisement has not had yet; false if none is left.
func (w *writer) draw(s scope, list string) (passage, bool) {
	return w.drawWhere(s, list, func(*pattern) bool { return true })
}

// drawWhere is draw among the wanted patterns.
func (w *writer) drawWhere(s scope, list string, wanted func(*pattern) bool) (passage, bool) {
	patterns := s.list(list)
	_, own := s.own[list]
	for _, i := range w.order(len(patterns), list == "duties") {
		p := &patterns[i]
		if w.used[p] || own && !w.mayUse(*p) || !wanted(p) {
			continue
		}
		w.used[p] = true
		w.said = map[string]bool{}
		var b strings.Builder
		w.expand(&b, s, p.parts)
		text := polish(w.language, b.String())
		if strings.HasPrefix(p.source, " ") {
			text = " " + text // it goes on from something else, as a title's suffix does
		} else {
			text = upperFirst(text)
		}
		return passage{text: text, boilerplate: !own}, true
	}
	return passage{}, false
}

// order is a random permutation of a list's places, those in focus first.
func (w *writer) order(n int, focused bool) []int {
	order := w.rng.Perm(n)
	if !focused || w.focus < 0 {
		return order
	}
	first, width := int(w.focus*float64(n)), int(focusWidth*float64(n))
	near := make([]int, 0, n)
	for _, inside := range []bool{true, false} {
		for _, i := range order {
			if ((i-first+n)%n < width) == inside {
				near = append(near, i)
			}
		}
	}
	return near
}

func (w *writer) expand(b *strings.Builder, s scope, parts []part) {
	for _, p := range parts {
		switch {
		case p.slot != "":
			b.WriteString(w.entry(s, p.slot))
		case p.choices != nil:
			w.expand(b, s, p.choices[w.rng.IntN(len(p.choices))])
		default:
			b.WriteString(p.literal)
		}
	}
}

// entry fills a slot: with an entry named before if the list's memory is full, and otherwise with any. Unless there is
// just one to be named, a pattern does not say the same twice.
func (w *writer) entry(s scope, list string) string {
	limit, text := w.memory[list], ""
	for range 5 {
		text = w.candidate(s, list, limit)
		if limit == 1 || !w.said[text] {
			break
		}
		limit = 0
	}
	w.said[text] = true
	return text
}

func (w *writer) candidate(s scope, list string, limit int) string {
	patterns := s.list(list)
	named := w.named[&patterns[0]]
	if limit > 0 && len(named) > 0 && (len(named) == limit || w.rng.IntN(2) == 0) {
		return named[w.rng.IntN(len(named))]
	}
	var b strings.Builder
	w.expand(&b, s, patterns[w.rng.IntN(len(patterns))].parts)
	if limit > 0 {
		w.named[&patterns[0]] = append(named, b.String())
	}
	return b.String()
}

// heldOut says whether a pattern belongs to the share that only validation and test advertisements may use.
// It depends on the pattern's text alone, so that adding another changes nothing here.
func heldOut(p pattern, share float64) bool {
	h := fnv.New32a()
	h.Write([]byte(p.source))
	return float64(h.Sum32()%1000) < 1000*share
}
