package synth

import (
	"math"
	"math/rand/v2"
	"strings"
)

// A kind says in which of the mixture's ways an advertisement is easy or hard.
type kind string

const (
	ordinary        kind = "ordinary"
	twoCategories   kind = "two categories"
	misleadingTitle kind = "misleading title"
	hardlyAnyDuty   kind = "hardly any duty"
)

// A draft is an advertisement before it is laid out.
type draft struct {
	kind     kind
	language string
	title    passage
	sections []filled
}

// A filled section: its heading, empty for text without one, and its passages.
type filled struct {
	section
	heading string
	lead    string // opens a run of duties or requirements that is written as prose
	items   []passage
}

// A brief is what is decided before the first word.
type brief struct {
	kind        kind
	own         scope
	neighbour   []scope // one or two; with twoCategories the first is the second category
	ownShare    float64
	words       int
	consultancy bool // the title is that of a consultancy
}

// compose decides on an advertisement of the category and fills its sections.
func (g *Generator) compose(rng *rand.Rand, category int, mayUse func(pattern) bool) draft {
	language := g.languages[g.mixture.language(rng)]
	w := &writer{
		rng: rng, language: language.code, memory: g.mixture.Memory, mayUse: mayUse, focus: -1,
		named: map[*pattern][]string{}, used: map[*pattern]bool{},
	}
	if rng.Float64() < g.mixture.Focused {
		w.focus = rng.Float64()
	}
	b := g.brief(rng, language, category)
	d := draft{kind: b.kind, language: language.code, title: g.title(w, b)}
	b.consultancy = g.mixture.consultancy.MatchString(d.title.text)
	d.sections = fill(w, b, plan(rng, b), g.mixture)
	return d
}

// brief draws the kind, the length and the categories that duties come from.
func (g *Generator) brief(rng *rand.Rand, l language, category int) brief {
	m := g.mixture
	first := m.neighbour(rng, category)
	b := brief{
		kind: ordinary, own: l.scopes[category], neighbour: []scope{l.scopes[first], l.scopes[m.neighbour(rng, category)]},
		ownShare: m.OwnDuties.Low + rng.Float64()*(m.OwnDuties.High-m.OwnDuties.Low), words: m.words(rng),
	}
	u := rng.Float64()
	switch {
	case u < m.TwoCategories:
		b.kind, b.ownShare, b.neighbour = twoCategories, 0.5, b.neighbour[:1]
	case u < m.TwoCategories+m.MisleadingTitle:
		b.kind = misleadingTitle
	case u < m.TwoCategories+m.MisleadingTitle+m.HardlyAnyDuty:
		b.kind, b.words = hardlyAnyDuty, min(b.words, 60+rng.IntN(60))
	}
	return b
}

// title draws the title. Only texts long enough for terms of reference may be called a consultancy.
func (g *Generator) title(w *writer, b brief) passage {
	list := "titles"
	if b.kind == misleadingTitle {
		list = "misleading_titles"
	}
	title, ok := w.drawWhere(b.own, list, func(p *pattern) bool {
		return b.words >= shortestTerms || !g.mixture.consultancy.MatchString(p.source)
	})
	if !ok {
		title, _ = w.draw(b.own, list)
	}
	if b.kind == twoCategories && w.rng.IntN(2) == 0 {
		if other, ok := w.draw(b.neighbour[0], "titles"); ok {
			title.text += " / " + other.text
		}
	}
	if w.rng.IntN(4) == 0 {
		if suffix, ok := w.draw(b.own, "title_suffix"); ok {
			title.text += suffix.text
		}
	}
	if w.rng.IntN(30) == 0 {
		title.text = strings.ToUpper(title.text)
	}
	return title
}

// fill draws passages for every section until the words of the brief are used up in proportion to the sections' weights.
func fill(w *writer, b brief, sections []section, m *mixture) []filled {
	total, left := 0.0, float64(b.words)
	for i := range sections {
		sections[i].weight *= math.Exp(0.4 * w.rng.NormFloat64())
		total += sections[i].weight
	}
	out := make([]filled, len(sections))
	for i, s := range sections {
		out[i].section = s
		budget := left * s.weight / total
		total -= s.weight
		const half = 6 // a passage's words, about half of them: stop at the nearest length
		for words := 0.0; words == 0 || words+half < budget && len(out[i].items) < s.most; {
			item, ok := s.draw(w, b, m)
			if !ok {
				break
			}
			n := float64(len(strings.Fields(item.text)))
			words += n
			left -= n
			out[i].items = append(out[i].items, item)
		}
		if heading, ok := w.draw(b.own, s.heading); ok {
			out[i].heading = strings.TrimRight(heading.text, ":")
		}
		if s.lead != "" {
			lead, _ := w.draw(b.own, s.lead)
			out[i].lead = lead.text
		}
	}
	return out
}
