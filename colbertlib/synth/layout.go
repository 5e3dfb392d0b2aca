package synth

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A style is how one advertisement looks: boards, agencies and people differ.
type style struct {
	oneParagraph bool   // no line breaks at all, as in texts that were scraped or pasted
	bullet       string // before each item; "%d" is its number; "prose" makes a sentence of all items
	heading      string // a format for headings; empty for none
	gap          string // between sections
	fullStop     bool   // after each bullet
}

func newStyle(rng *rand.Rand, words int) style {
	if rng.Float64() < 0.4 {
		s := style{oneParagraph: true, bullet: "prose", gap: " "}
		if words > 200 {
			s.heading = pick(rng, "", "%s: ", "%s ", "%s. ")
			s.bullet = pick(rng, "prose", "", "", "• ", "- ")
		}
		s.fullStop = s.bullet == ""
		return s
	}
	s := style{
		bullet:   pick(rng, "* ", "* ", "- ", "- ", "• ", "%d. ", "", "prose"),
		heading:  pick(rng, "**%s**\n\n", "**%s:**\n", "%s\n", "%s:\n", "%s:\n\n", "## %s\n\n", "%S\n"),
		gap:      pick(rng, "\n\n", "\n\n", "\n"),
		fullStop: rng.IntN(2) == 0,
	}
	if words < 160 && rng.IntN(3) > 0 {
		s.heading, s.bullet = "", "prose"
	}
	return s
}

func pick(rng *rand.Rand, choices ...string) string { return choices[rng.IntN(len(choices))] }

// body lays the sections out as one text.
func (d draft) body(rng *rand.Rand) string {
	words := 0
	for _, s := range d.sections {
		for _, item := range s.items {
			words += len(strings.Fields(item.text))
		}
	}
	st := newStyle(rng, words)
	var parts []string
	for _, s := range d.sections {
		if len(s.items) > 0 {
			parts = append(parts, st.section(s))
		}
	}
	return strings.Join(parts, st.gap)
}

func (st style) section(s filled) string {
	heading := ""
	if s.heading != "" && st.heading != "" {
		if format, upper := strings.CutPrefix(st.heading, "%S"); upper {
			heading = strings.ToUpper(s.heading) + format
		} else {
			heading = fmt.Sprintf(st.heading, s.heading)
		}
	}
	switch {
	case s.lead == "" && s.name != "deliverables":
		return heading + st.paragraph(s.items)
	case st.bullet == "prose":
		return heading + run(s.lead, s.items)
	}
	return heading + st.bullets(s.items)
}

// paragraph writes passages that are sentences of their own.
func (st style) paragraph(items []passage) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = stop(item.text)
	}
	return strings.Join(texts, " ")
}

// run makes one sentence of a lead such as "You will" and its items.
func run(lead string, items []passage) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = strings.TrimRight(item.text, ".")
		if lead != "" && !strings.HasSuffix(lead, ":") {
			texts[i] = lowerFirst(texts[i])
		}
	}
	return stop(strings.TrimSpace(lead + " " + strings.Join(texts, "; ")))
}

func (st style) bullets(items []passage) string {
	lines := make([]string, len(items))
	for i, item := range items {
		text := strings.TrimRight(item.text, ".")
		if st.fullStop {
			text = stop(text)
		}
		bullet := st.bullet
		if strings.Contains(bullet, "%d") {
			bullet = fmt.Sprintf(bullet, i+1)
		}
		lines[i] = bullet + text
	}
	if st.oneParagraph {
		return strings.Join(lines, " ")
	}
	return strings.Join(lines, "\n")
}

// stop ends a sentence.
func stop(text string) string {
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") || strings.HasSuffix(text, ":") {
		return text
	}
	return text + "."
}
