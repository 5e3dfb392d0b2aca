package split

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/near"
)

// nearDuplicate is the similarity from which two texts count as the same advertisement.
const nearDuplicate = 0.8

// chance is a random number that depends on nothing but seed and name.
func chance(seed uint64, name string) uint64 {
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte(name), seed))
	return binary.LittleEndian.Uint64(sum[:8])
}

// unfit says why an advertisement cannot be used, or "".
func (d *drawing) unfit(c *candidate) string {
	switch {
	case c.Label == 0:
		return "no label, or none of ours"
	case c.Empty:
		return "empty body"
	case d.MaxTokens > 0 && c.Tokens > d.MaxTokens:
		return "too many tokens"
	case d.By == ByTime && c.Date == "":
		return "no date"
	}
	return ""
}

// removeDuplicates leaves one of each group of texts that are the same or nearly: those that are in a split already, the test set first, and then
// as chance has it. It goes from one to the next and compares with those that stay, so that no two of these are nearly the same.
func (d *drawing) removeDuplicates() {
	for _, c := range d.all {
		if reason := d.unfit(c); reason != "" {
			d.dropped[reason]++
		} else {
			d.usable = append(d.usable, c)
		}
	}
	slices.SortFunc(d.usable, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.split, a.split), cmp.Compare(a.chance, b.chance), cmp.Compare(a.ID, b.ID))
	})
	var index near.Index
	words := map[uint64]bool{}
	d.usable = slices.DeleteFunc(d.usable, func(c *candidate) bool {
		if words[c.Words] {
			d.dropped["the same text as another"]++
			return true
		}
		if _, _, found := index.Find(0, c.Signature, nearDuplicate); found {
			d.dropped["nearly the same text as another"]++
			return true
		}
		words[c.Words] = true
		index.Add(0, c.Signature)
		return false
	})
}

// drops lists the reasons for leaving advertisements out.
func (d *drawing) drops() []dataset.Drop {
	var list []dataset.Drop
	for reason, n := range d.dropped {
		list = append(list, dataset.Drop{Reason: reason, Count: n})
	}
	slices.SortFunc(list, func(a, b dataset.Drop) int { return cmp.Compare(a.Reason, b.Reason) })
	return list
}

// sizes are the numbers of advertisements that a label gives to the splits.
type sizes [test + 1]int

// sizesOf decides how many advertisements of a label go where, if it has n of total.
func (d *drawing) sizesOf(label dataset.Label, n, total int) sizes {
	want := sizes{train: d.Train, validate: d.Validate, test: d.Test}
	if d.Natural {
		share := float64(n) / float64(max(total, 1)) * float64(len(d.labels))
		for s := train; s <= test; s++ {
			want[s] = int(float64(want[s])*share + 0.5)
		}
	}
	judged := want[validate] + want[test]
	if d.Train == All {
		want[train] = n - judged
		if 2*judged <= n {
			return want
		}
		want[train] = judged // at least half of a rare label is for training
	}
	all := want[train] + judged
	if n >= all {
		return want
	}
	get := sizes{validate: want[validate] * n / all, test: want[test] * n / all}
	get[train] = n - get[validate] - get[test]
	d.warn("%s has %d usable advertisements of the %d wanted: %d for training, %d for validation, %d for the test", label.Name, n, all, get[train], get[validate], get[test])
	return get
}
