package split

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

func (d *drawing) warn(format string, args ...any) {
	d.warnings = append(d.warnings, fmt.Sprintf(format, args...))
}

// assign puts advertisements into splits, label by label.
func (d *drawing) assign() {
	d.warnOfGone()
	byLabel := map[int][]*candidate{}
	for _, c := range d.usable {
		byLabel[c.Label] = append(byLabel[c.Label], c)
	}
	wanted := map[int]sizes{}
	for _, label := range d.labels {
		slices.SortFunc(byLabel[label.ID], func(a, b *candidate) int { return cmp.Compare(a.chance, b.chance) })
		wanted[label.ID] = d.sizesOf(label, len(byLabel[label.ID]), len(d.usable))
	}
	allowed := d.rule(byLabel, wanted)
	for _, label := range d.labels {
		for split := test; split >= train; split-- {
			got := fill(byLabel[label.ID], split, wanted[label.ID][split], allowed)
			if want := wanted[label.ID][split]; got < want {
				d.warn("%s: split by %s, only %d of %d advertisements are left for %s", label.Name, d.By, got, want, splitNames[split])
			}
		}
	}
}

var splitNames = [...]string{none: "", train: "training", validate: "validation", test: "the test"}

// warnOfGone says how many advertisements that were judged before are not there any more.
func (d *drawing) warnOfGone() {
	usable := map[string]bool{}
	for _, c := range d.usable {
		usable[c.ID] = true
	}
	gone := sizes{}
	for id, split := range d.earlier.splits {
		if !usable[id] {
			gone[split]++
		}
	}
	if gone[validate]+gone[test] > 0 {
		d.warn("%d validation and %d test advertisements of the earlier split are gone from the source or not usable any more: results before and after are not of the same ads", gone[validate], gone[test])
	}
}

// rule returns what may go where.
func (d *drawing) rule(byLabel map[int][]*candidate, wanted map[int]sizes) func(*candidate, int) bool {
	switch d.By {
	case ByEmployer:
		return d.employerRule(wanted)
	case ByTime:
		return timeRule(byLabel, wanted)
	}
	return func(*candidate, int) bool { return true }
}

// timeRule finds two days: the test set is from the second on, the validation set from the first on, so late that each label has enough.
func timeRule(byLabel map[int][]*candidate, wanted map[int]sizes) func(*candidate, int) bool {
	before := "9999" // no date is later
	var begin [test + 1]string
	for split := test; split >= validate; split-- {
		begin[split] = before
		for label, list := range byLabel {
			var dates []string
			for _, c := range list {
				if c.Date < before {
					dates = append(dates, c.Date)
				}
			}
			slices.Sort(dates)
			if n := min(wanted[label][split], len(dates)); n > 0 {
				begin[split] = min(begin[split], dates[len(dates)-n])
			}
		}
		before = begin[split]
	}
	return func(c *candidate, split int) bool {
		switch {
		case c.Date >= begin[test]:
			return split == test
		case c.Date >= begin[validate]:
			return split == validate
		}
		return split == train
	}
}

// fill puts advertisements of one label into a split until it has so many, and returns how many it has. Each range of 512 tokens gets its share, rounded
// down; the rest is taken from what is left, whatever its length.
func fill(list []*candidate, split, size int, allowed func(*candidate, int) bool) int {
	inRange, have, total := map[int]int{}, map[int]int{}, 0
	for _, c := range list {
		inRange[tokenRange(c)]++
		if c.split == split {
			have[tokenRange(c)]++
			total++
		}
	}
	for _, byRange := range []bool{true, false} {
		for _, c := range list {
			r := tokenRange(c)
			full := byRange && have[r] >= size*inRange[r]/len(list)
			if total < size && c.split == none && !full && allowed(c, split) {
				c.split = split
				have[r]++
				total++
			}
		}
	}
	return total
}

// tokenRange numbers the ranges of the reported experiment's script: up to 512 tokens, up to 1024, ….
func tokenRange(c *candidate) int { return (c.Tokens - 1) / 512 }

// set makes triples of what was drawn; the texts are in the file of all advertisements.
func (d *drawing) set(adsPath string) (dataset.Set, error) {
	drawn := map[string]*candidate{}
	for _, c := range d.usable {
		if c.split != none {
			drawn[c.ID] = c
		}
	}
	file, err := os.Open(adsPath)
	if err != nil {
		return dataset.Set{}, fmt.Errorf("split: %w", err)
	}
	defer file.Close()
	texts := map[string]dataset.Ad{}
	for ad, err := range dataset.ScanAds(file, adsPath, nil) {
		if err != nil {
			return dataset.Set{}, err
		}
		if drawn[ad.ID] != nil {
			texts[ad.ID] = ad
		}
	}
	set := dataset.Set{Labels: d.labels}
	for i, triples := range []*[]dataset.Triple{&set.Train, &set.Validate, &set.Test} {
		split := train + i
		for _, c := range d.inTurn(split) {
			*triples = append(*triples, d.triple(texts[c.ID], c))
		}
		if len(*triples) == 0 {
			reasons := []string{fmt.Sprintf("split: no advertisement is left for %s: of %d that were kept, %d are usable", splitNames[split], len(d.all), len(d.usable))}
			for _, drop := range d.drops() {
				reasons = append(reasons, "left out: "+drop.String())
			}
			return set, errors.New(strings.Join(reasons, "\n"))
		}
	}
	return set, nil
}

// inTurn lists a split's advertisements, one of each label in turn, so that any part of the file is balanced.
func (d *drawing) inTurn(split int) (list []*candidate) {
	turn, place := map[int]int{}, map[*candidate]int{}
	for _, c := range d.usable {
		if c.split == split {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *candidate) int { return cmp.Or(cmp.Compare(a.chance, b.chance), cmp.Compare(a.ID, b.ID)) })
	for _, c := range list {
		place[c] = turn[c.Label]
		turn[c.Label]++
	}
	at := func(c *candidate) int {
		return slices.IndexFunc(d.labels, func(l dataset.Label) bool { return l.ID == c.Label })
	}
	slices.SortStableFunc(list, func(a, b *candidate) int { return cmp.Or(cmp.Compare(place[a], place[b]), cmp.Compare(at(a), at(b))) })
	return list
}

// triple joins an advertisement with its label's description and that of a random other one.
func (d *drawing) triple(ad dataset.Ad, c *candidate) dataset.Triple {
	right := slices.IndexFunc(d.labels, func(l dataset.Label) bool { return l.ID == c.Label })
	rng := rand.New(rand.NewPCG(d.Seed, c.chance))
	wrong := (right + 1 + rng.IntN(len(d.labels)-1)) % len(d.labels)
	return dataset.Triple{
		Query: ad.Text(), Positive: d.labels[right].Description, Negative: d.labels[wrong].Description,
		ID: ad.ID, Label: ad.Label, Source: cmp.Or(ad.Source, d.Source), Language: c.Language, URL: ad.URL,
	}
}
