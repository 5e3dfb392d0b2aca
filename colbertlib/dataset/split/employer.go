package split

import (
	"cmp"
	"slices"
)

// large is the share of all advertisements from which on an employer is better trained on: judged, most of its advertisements would lie idle.
const large = 0.05

// employer is what one has to give.
type employer struct {
	name   string
	chance uint64
	home   int         // the split
	ads    map[int]int // by label
	total  int
}

// employerRule gives each employer to one split: the one where it is already; or, in the order of chance, to the test or validation set while a label
// of its is short there and not half of all advertisements are spent on judging; or else to training. An advertisement that names no employer is alone.
func (d *drawing) employerRule(wanted map[int]sizes) func(*candidate, int) bool {
	short := [test + 1]map[int]int{validate: {}, test: {}} // split -> label -> advertisements missing
	for label, want := range wanted {
		short[validate][label], short[test][label] = want[validate], want[test]
	}
	employers := d.employers()
	judged := 0
	give := func(e *employer, split int) {
		e.home = split
		for label, n := range e.ads {
			short[split][label] -= n
		}
		judged += e.total
	}
	for _, e := range employers {
		if e.home == validate || e.home == test {
			give(e, e.home)
		}
	}
	for _, small := range []bool{true, false} { // the large ones only if the small ones do not suffice
		for _, e := range employers {
			for split := test; split >= validate && e.home == none; split-- {
				needed := false
				for label := range e.ads {
					needed = needed || short[split][label] > 0
				}
				if fits := float64(e.total) <= large*float64(len(d.usable)); needed && fits == small && 2*(judged+e.total) <= len(d.usable) {
					give(e, split)
				}
			}
		}
	}
	home := map[string]int{}
	for _, e := range employers {
		home[e.name] = max(train, e.home)
	}
	return func(c *candidate, split int) bool { return home[employerOf(c)] == split }
}

// employers lists them in the order of chance.
func (d *drawing) employers() []*employer {
	byName := map[string]*employer{}
	var list []*employer
	for _, c := range d.usable {
		name := employerOf(c)
		e := byName[name]
		if e == nil {
			e = &employer{name: name, chance: chance(d.Seed, name), ads: map[int]int{}}
			byName[name], list = e, append(list, e)
		}
		e.ads[c.Label]++
		e.total++
		e.home = max(e.home, c.split) // not none where one of its advertisements is in a split already
	}
	slices.SortFunc(list, func(a, b *employer) int {
		return cmp.Or(cmp.Compare(a.chance, b.chance), cmp.Compare(a.name, b.name))
	})
	return list
}

// employerOf is a name that no advertisement of another employer has.
func employerOf(c *candidate) string {
	if c.Employer == "" {
		return "ad " + c.ID
	}
	return "employer " + c.Employer
}
