package synth

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/goccy/go-yaml"
)

//go:embed grammar
var embedded embed.FS

// A lexicon is one grammar file: lists of patterns by name.
type lexicon map[string][]pattern

// A scope is what a category's patterns may draw from: its own file first, then the language's shared one.
type scope struct{ own, shared lexicon }

func (s scope) list(name string) []pattern {
	if list, ok := s.own[name]; ok {
		return list
	}
	return s.shared[name]
}

// Lists that the generator itself asks for; every other list is reached through slots.
var (
	categoryLists = []string{"titles", "misleading_titles", "purpose", "duties", "qualifications", "skills"}
	sharedLists   = []string{
		"employer", "place", "employer_intro", "generic_purpose", "generic_duties", "generic_qualifications",
		"languages_required", "contract", "salary", "benefits", "conditions", "deliverables", "how_to_apply", "deadline",
		"safeguarding", "equal_opportunity", "closing", "title_suffix", "lead_duties", "lead_qualifications",
		"heading_about", "heading_purpose", "heading_duties", "heading_qualifications", "heading_skills",
		"heading_conditions", "heading_deliverables", "heading_apply",
	}
)

// loadLanguage reads grammar/<language>: shared.yaml and one file for each category, in the order of slugs.
func loadLanguage(fsys fs.FS, language string, slugs []string) ([]scope, error) {
	shared, err := readLexicon(fsys, path.Join("grammar", language, "shared.yaml"))
	if err != nil {
		return nil, err
	}
	scopes := make([]scope, len(slugs))
	for i, slug := range slugs {
		file := path.Join("grammar", language, slug+".yaml")
		own, err := readLexicon(fsys, file)
		if err != nil {
			return nil, err
		}
		scopes[i] = scope{own: own, shared: shared}
		if err := scopes[i].check(); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return scopes, nil
}

func readLexicon(fsys fs.FS, file string) (lexicon, error) {
	var raw map[string][]string
	if err := readYAML(fsys, file, &raw); err != nil {
		return nil, err
	}
	lists := lexicon{}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if len(raw[name]) == 0 {
			return nil, fmt.Errorf("%s: list %s is empty", file, name)
		}
		seen := map[string]bool{}
		for _, source := range raw[name] {
			p, err := parsePattern(source)
			if err != nil {
				return nil, fmt.Errorf("%s: list %s: %w", file, name, err)
			}
			if seen[source] {
				return nil, fmt.Errorf("%s: list %s: %q stands there twice", file, name, source)
			}
			seen[source] = true
			lists[name] = append(lists[name], p)
		}
	}
	return lists, nil
}

func readYAML(fsys fs.FS, file string, into any) error {
	content, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(content, into, yaml.Strict()); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// check reports every list that is missing or leads back to itself, under the name of the list that asks for it.
func (s scope) check() error {
	var problems []error
	for _, name := range slices.Concat(categoryLists, sharedLists) {
		if s.list(name) == nil {
			problems = append(problems, fmt.Errorf("list %s is missing", name))
		}
	}
	done := map[string]bool{}
	for _, lists := range []lexicon{s.own, s.shared} {
		for _, name := range slices.Sorted(maps.Keys(lists)) {
			problems = append(problems, s.walk(name, nil, done)...)
		}
	}
	return errors.Join(problems...)
}

// walk follows the slots of a list down to the leaves.
func (s scope) walk(name string, above []string, done map[string]bool) []error {
	if slices.Contains(above, name) {
		return []error{fmt.Errorf("list %s leads back to itself through %v", name, above)}
	}
	if done[name] {
		return nil
	}
	done[name] = true
	above = append(slices.Clone(above), name)
	var problems []error
	for _, p := range s.list(name) {
		slots(p.parts, func(slot string) {
			if s.list(slot) == nil {
				problems = append(problems, fmt.Errorf("list %s: %q asks for a list %s, which neither this file nor shared.yaml has", name, p.source, slot))
				return
			}
			problems = append(problems, s.walk(slot, above, done)...)
		})
	}
	return problems
}
