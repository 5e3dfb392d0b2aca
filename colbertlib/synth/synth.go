// Package synth writes advertisements for aid work that never existed: seeded, labelled, in English, French and Spanish.
//
// They replace real advertisements, which may not be passed on, wherever a text is needed: in tests, in the default
// experiment, and to train the starter model. All of the wording is data, in the folder grammar: for each language one YAML
// file for each category and one that the categories share. A file maps names of lists to patterns, in which {name}
// stands for an entry of that list and {a|b|} for one of several texts. mixture.yaml says how the patterns are mixed
// and how hard the result is; labels.yaml holds the categories. The Go code only draws, expands and lays out.
//
// The same seed gives the same bytes, whatever else is generated before.
package synth

//go:generate go test -run TestTheCommittedData -regen .

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// A Generator holds the parsed grammar. It does not change after [New] and is safe for concurrent use.
type Generator struct {
	mixture   *mixture
	languages []language
	labels    []dataset.Label // in the order of mixture.Categories
	wordings  [][]string      // of each label: its description and others, for training triples
	reworded  []dataset.Label // with descriptions that no training triple has
}

type language struct {
	code   string
	scopes []scope // in the order of mixture.Categories
}

// New reads the embedded grammar. It fails only if the grammar is wrong: an unknown slot, an empty or missing list.
func New() (*Generator, error) { return load(embedded) }

func load(fsys fs.FS) (*Generator, error) {
	g := &Generator{mixture: &mixture{}}
	if err := readYAML(fsys, "grammar/mixture.yaml", g.mixture); err != nil {
		return nil, fmt.Errorf("synth: %w", err)
	}
	if err := g.mixture.prepare(); err != nil {
		return nil, fmt.Errorf("synth: grammar/mixture.yaml: %w", err)
	}
	slugs := make([]string, len(g.mixture.Categories))
	for i, c := range g.mixture.Categories {
		slugs[i] = c.Slug
	}
	if err := g.readLabels(fsys, slugs); err != nil {
		return nil, fmt.Errorf("synth: grammar/labels.yaml: %w", err)
	}
	for _, l := range g.mixture.Languages {
		scopes, err := loadLanguage(fsys, l.Code, slugs)
		if err != nil {
			return nil, fmt.Errorf("synth: %w", err)
		}
		g.languages = append(g.languages, language{code: l.Code, scopes: scopes})
	}
	for _, name := range slices.Sorted(maps.Keys(g.mixture.Memory)) {
		if !g.hasList(name) {
			return nil, fmt.Errorf("synth: grammar/mixture.yaml: memory names a list %s, which no file has", name)
		}
	}
	return g, nil
}

func (g *Generator) hasList(name string) bool {
	for _, l := range g.languages {
		if slices.ContainsFunc(l.scopes, func(s scope) bool { return s.list(name) != nil }) {
			return true
		}
	}
	return false
}

func (g *Generator) readLabels(fsys fs.FS, slugs []string) error {
	var labels []struct {
		ID                      int
		Slug, Name, Description string
		Wordings                []string
		Reworded                string
	}
	if err := readYAML(fsys, "grammar/labels.yaml", &labels); err != nil {
		return err
	}
	if len(labels) != len(slugs) {
		return fmt.Errorf("%d labels, but mixture.yaml has %d categories", len(labels), len(slugs))
	}
	for i, l := range labels {
		if l.Slug != slugs[i] {
			return fmt.Errorf("label %d is %s, but mixture.yaml has %s there", i+1, l.Slug, slugs[i])
		}
		g.labels = append(g.labels, dataset.Label{ID: l.ID, Name: l.Name, Description: l.Description})
		g.wordings = append(g.wordings, append([]string{l.Description}, l.Wordings...))
		g.reworded = append(g.reworded, dataset.Label{ID: l.ID, Name: l.Name, Description: l.Reworded})
	}
	return nil
}

// Labels returns the nine categories, described in our own words; ids and names are ReliefWeb's.
func (g *Generator) Labels() []dataset.Label { return slices.Clone(g.labels) }

// Reworded returns the same labels with other descriptions, which no training triple has. A tagger that compares texts ranks them as well;
// one that knows the descriptions of its training by heart does not.
func (g *Generator) Reworded() []dataset.Label { return slices.Clone(g.reworded) }

// Ad writes one advertisement of the category whose label has this id. It has no ID; Source is "synthetic".
//
// It is made like those of the training set: from patterns that validation and test advertisements do not have to themselves.
func (g *Generator) Ad(rng *rand.Rand, labelID int) (dataset.Ad, error) {
	for i, l := range g.labels {
		if l.ID == labelID {
			return g.ad(rng, i, false), nil
		}
	}
	return dataset.Ad{}, fmt.Errorf("synth: no label has the id %d; Labels lists those there are", labelID)
}

// ad writes one advertisement. Only judging ones may use the held-out patterns.
func (g *Generator) ad(rng *rand.Rand, category int, judging bool) dataset.Ad {
	d := g.compose(rng, category, func(p pattern) bool { return judging || !heldOut(p, g.mixture.HeldOut) })
	return dataset.Ad{
		Title: d.title.text, Body: d.body(rng), Label: g.labels[category].ID, Language: d.language, Source: "synthetic",
	}
}
