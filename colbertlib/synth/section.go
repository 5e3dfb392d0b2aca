package synth

import (
	"math/rand/v2"
	"slices"
)

// A section is one part of an advertisement: where its passages come from and how much of the text it takes.
type section struct {
	name    string
	heading string // the list of its headings
	lead    string // the list of phrases that open it as prose; none for text that is prose anyway
	weight  float64
	most    int // passages at most
	draw    func(*writer, brief, *mixture) (passage, bool)
}

// shortestTerms is the number of words from which a consultancy is written as terms of reference.
const shortestTerms = 250

var (
	about          = section{name: "about", heading: "heading_about", weight: 1.2, most: 4, draw: from("employer_intro")}
	purpose        = section{name: "purpose", heading: "heading_purpose", weight: 1, most: 4, draw: drawPurpose}
	duties         = section{name: "duties", heading: "heading_duties", lead: "lead_duties", weight: 4, most: 30, draw: drawDuty}
	qualifications = section{name: "qualifications", heading: "heading_qualifications", lead: "lead_qualifications", weight: 2, most: 16, draw: drawQualification}
	skills         = section{name: "skills", heading: "heading_skills", lead: "lead_qualifications", weight: 1, most: 10, draw: from("skills")}
	deliverables   = section{name: "deliverables", heading: "heading_deliverables", weight: 1, most: 7, draw: from("deliverables")}
	conditions     = section{name: "conditions", heading: "heading_conditions", weight: 0.8, most: 6, draw: fromAny("contract", "salary", "benefits", "benefits", "conditions", "conditions")}
	apply          = section{name: "apply", heading: "heading_apply", weight: 0.7, most: 3, draw: fromAny("how_to_apply", "how_to_apply", "deadline")}
	policy         = section{name: "policy", heading: "", weight: 0.7, most: 4, draw: fromAny("safeguarding", "safeguarding", "equal_opportunity", "closing", "closing")}
)

// plan chooses the sections and their order.
func plan(rng *rand.Rand, b brief) []section {
	switch {
	case b.kind == hardlyAnyDuty:
		return shuffled(rng, maybe(rng, 0.5, about), []section{purpose}, maybe(rng, 0.5, conditions), maybe(rng, 0.4, apply))
	case b.words < 130:
		if rng.IntN(3) == 0 {
			purpose, duties := purpose, duties
			purpose.weight, duties.weight = 2, 2
			return append([]section{purpose, duties}, maybe(rng, 0.3, apply)...)
		}
		return shuffled(rng, maybe(rng, 0.3, about), []section{purpose, duties}, maybe(rng, 0.5, qualifications))
	case b.consultancy && b.words >= shortestTerms:
		return join([]section{about, purpose, duties, deliverables, qualifications}, maybe(rng, 0.4, conditions), []section{apply}, maybe(rng, 0.3, policy))
	case b.words < 300:
		return join(maybe(rng, 0.5, about), []section{purpose, duties, qualifications}, maybe(rng, 0.3, skills), maybe(rng, 0.4, conditions), maybe(rng, 0.5, apply))
	}
	front := shuffled(rng, maybe(rng, 0.8, about), []section{purpose})
	middle := []section{duties, qualifications}
	if rng.IntN(6) == 0 {
		middle = []section{qualifications, duties}
	}
	back := shuffled(rng, maybe(rng, 0.7, conditions), maybe(rng, 0.7, apply), maybe(rng, 0.6, policy))
	if rng.IntN(8) == 0 {
		front, back = back, front
	}
	return join(front, middle, maybe(rng, 0.6, skills), back)
}

func join(groups ...[]section) []section {
	var all []section
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

func maybe(rng *rand.Rand, p float64, s section) []section {
	if rng.Float64() < p {
		return []section{s}
	}
	return nil
}

// shuffled joins the groups, and in one case of three in another order.
func shuffled(rng *rand.Rand, groups ...[]section) []section {
	if rng.IntN(3) == 0 {
		rng.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
	}
	return join(groups...)
}

func from(list string) func(*writer, brief, *mixture) (passage, bool) {
	return func(w *writer, b brief, _ *mixture) (passage, bool) { return w.draw(b.own, list) }
}

// fromAny draws from one of the lists, and from each at most as often as it is named: there is one salary, one closing date.
func fromAny(lists ...string) func(*writer, brief, *mixture) (passage, bool) {
	return func(w *writer, b brief, _ *mixture) (passage, bool) {
		left := slices.Clone(lists)
		for _, taken := range w.turns {
			if i := slices.Index(left, taken); i >= 0 {
				left = slices.Delete(left, i, i+1)
			}
		}
		if len(left) == 0 {
			return passage{}, false
		}
		list := left[w.rng.IntN(len(left))]
		w.turns = append(w.turns, list)
		return w.draw(b.own, list)
	}
}

func drawPurpose(w *writer, b brief, m *mixture) (passage, bool) {
	suits := func(p *pattern) bool { return b.consultancy || !m.consultancy.MatchString(p.source) }
	u := w.rng.Float64()
	switch {
	case b.kind == hardlyAnyDuty || u < m.GenericPurpose:
		return w.drawWhere(b.own, "generic_purpose", suits)
	case b.kind == twoCategories && u < m.GenericPurpose+(1-m.GenericPurpose)/2:
		return w.drawWhere(b.neighbour[0], "purpose", suits)
	}
	return w.drawWhere(b.own, "purpose", suits)
}

func drawDuty(w *writer, b brief, m *mixture) (passage, bool) {
	switch {
	case w.rng.Float64() < b.ownShare:
		return w.draw(b.own, "duties")
	case w.rng.Float64() < m.GenericDuties && b.kind != twoCategories:
		return w.draw(b.own, "generic_duties")
	}
	return w.draw(b.neighbour[w.rng.IntN(len(b.neighbour))], "duties")
}

func drawQualification(w *writer, b brief, _ *mixture) (passage, bool) {
	switch u := w.rng.Float64(); {
	case u < 0.5:
		return w.draw(b.own, "qualifications")
	case u < 0.6:
		return w.draw(b.neighbour[0], "qualifications")
	case u < 0.7:
		return w.draw(b.own, "languages_required")
	}
	return w.draw(b.own, "generic_qualifications")
}
