package synth

import (
	"fmt"
	"regexp"
	"strings"
)

// A pattern is one entry of a grammar list, parsed.
type pattern struct {
	source string // the entry as the file has it: its identity within a list
	parts  []part
}

// A part is a literal text, a slot (the name of a list) or a choice between alternatives: one of the three is set,
// and a part with none is the empty text.
type part struct {
	literal string
	slot    string
	choices [][]part
}

var slotName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// parsePattern reads the grammar's whole syntax: {name} is a slot, {a|b|} a choice, and choices may hold both.
func parsePattern(source string) (pattern, error) {
	p := parser{rest: source}
	parts, err := p.parts(false)
	if err != nil {
		return pattern{}, fmt.Errorf("pattern %q: %w", source, err)
	}
	return pattern{source: source, parts: parts}, nil
}

type parser struct{ rest string }

// parts reads up to the end of the text or, inside braces, up to the | or } that ends the alternative.
func (p *parser) parts(inBraces bool) ([]part, error) {
	stops := "{}"
	if inBraces {
		stops = "{}|"
	}
	var parts []part
	for p.rest != "" {
		end := strings.IndexAny(p.rest, stops)
		if end < 0 {
			end = len(p.rest)
		}
		if end > 0 {
			parts = append(parts, part{literal: p.rest[:end]})
			p.rest = p.rest[end:]
			continue
		}
		if p.rest[0] != '{' {
			if inBraces {
				return parts, nil
			}
			return nil, fmt.Errorf("a } without its {")
		}
		braces, err := p.braces()
		if err != nil {
			return nil, err
		}
		parts = append(parts, braces)
	}
	if inBraces {
		return nil, fmt.Errorf("a { without its }")
	}
	return parts, nil
}

// braces reads {…}, its braces included.
func (p *parser) braces() (part, error) {
	var choices [][]part
	for {
		p.rest = p.rest[1:] // the { or the |
		choice, err := p.parts(true)
		if err != nil {
			return part{}, err
		}
		if p.rest == "" {
			return part{}, fmt.Errorf("a { without its }")
		}
		choices = append(choices, choice)
		if p.rest[0] == '}' {
			p.rest = p.rest[1:]
			break
		}
	}
	if len(choices) > 1 {
		return part{choices: choices}, nil
	}
	if len(choices[0]) != 1 || !slotName.MatchString(choices[0][0].literal) {
		return part{}, fmt.Errorf("braces hold neither a list's name (a-z, 0-9, _) nor alternatives separated by |")
	}
	return part{slot: choices[0][0].literal}, nil
}

// slots calls visit for every slot of parts, those inside choices included.
func slots(parts []part, visit func(name string)) {
	for _, p := range parts {
		if p.slot != "" {
			visit(p.slot)
		}
		for _, choice := range p.choices {
			slots(choice, visit)
		}
	}
}
