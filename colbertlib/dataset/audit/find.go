package audit

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/near"
)

// The similarity from which two texts count as nearly the same, and from which two of one employer follow a template.
const (
	nearDuplicate = 0.8
	template      = 0.5
)

// adOf splits a query's text at its first line break, where title and body meet.
func adOf(q dataset.Query) dataset.Ad {
	title, body, _ := strings.Cut(q.Text, "\n")
	return dataset.Ad{ID: q.ID, Title: title, Body: body, Label: q.Label, Language: q.Language, Source: q.Source, URL: q.URL}
}

// count fills in Sets and dates.
func (r *Report) count(items []*item) {
	for _, name := range setNames {
		r.Sets = append(r.Sets, Set{Name: name, Labels: map[int]int{}, Languages: map[string]int{}, Months: map[string]int{}})
	}
	for _, it := range items {
		r.Sets[0].add(it)
		if it.split != 0 {
			r.Sets[it.split].add(it)
		}
	}
	r.From, r.To = r.Sets[0].From, r.Sets[0].To
}

func (s *Set) add(it *item) {
	s.Ads++
	s.Labels[it.Label]++
	s.Languages[it.Language]++
	s.Tokens = append(s.Tokens, it.Tokens)
	if it.Date == "" {
		return
	}
	s.Months[it.Date[:min(len("2026-05"), len(it.Date))]]++
	s.To = max(s.To, it.Date)
	if s.From == "" || it.Date < s.From {
		s.From = it.Date
	}
}

// find fills in Findings. suspects are all that the judge has an opinion on.
func (r *Report) find(items []*item, suspects []Suspect) {
	wrong := map[string]bool{}
	for _, s := range suspects {
		wrong[s.ID] = s.Error
	}
	r.findCopies(items)
	for _, f := range []struct {
		kind, about, remedy string
		has                 func(*item) bool
	}{
		{"several-labels", "has several categories; the first is taken", "look at them: the others are not wrong either", func(it *item) bool { return it.Second != 0 }},
		{"names-own-label", "its text names its own category", "expect better scores on them than on others", func(it *item) bool { return it.Label != 0 && slices.Contains(it.Named, it.Label) }},
		{"names-other-label", "its text names another category, and not its own", "expect worse scores on them", func(it *item) bool { return it.Label != 0 && len(it.Named) > 0 && !slices.Contains(it.Named, it.Label) }},
		{"label-error", "its label is probably wrong (confident learning)", "read the most suspicious, listed below, and correct the source", func(it *item) bool { return wrong[it.ID] }},
		{"no-label", "has no label, or none that labels.json knows", "none: they cannot be drawn", func(it *item) bool { return it.Label == 0 }},
		{"other-language", "is detected to be in another language than its source says", "none, unless there are many", func(it *item) bool { return it.Detected != "" && it.Detected != it.Language }},
		{"unknown-language", "is in a language that neither its source tells nor the detector recognises", "none, unless there are many", func(it *item) bool { return it.Language == "" }},
		{"truncated", r.truncation(), "use a model that reads more, or leave them out with --max-tokens", func(it *item) bool { return r.Limit > 0 && it.Tokens > r.Limit }},
		{"empty-body", "has a title only", "leave them out", func(it *item) bool { return it.Empty }},
		{"odd-date", "has a date that is none, or one before 2000", "correct the source", func(it *item) bool { return it.Date != "" && !plausible(it.Date) }},
		{"contacts", "has an e-mail address or telephone number that is not masked", "split again without --keep-contacts", func(it *item) bool { return it.Contacts }},
	} {
		finding := Finding{Kind: f.kind, About: f.about, Remedy: f.remedy}
		for _, it := range items {
			if f.has(it) {
				finding.add(it)
			}
		}
		r.keep(finding)
	}
}

func (r *Report) truncation() string {
	if r.Limit == 0 {
		return "is longer than what the model reads"
	}
	return fmt.Sprintf("is longer than the %d tokens that the model reads", r.Limit)
}

// plausible says whether a date can be one of publication.
func plausible(date string) bool {
	var year, month, day int
	n, _ := fmt.Sscanf(date, "%4d-%2d-%2d", &year, &month, &day)
	return n == 3 && year >= 2000 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31
}

// add counts an advertisement and lists it, with those in the splits before the others.
func (f *Finding) add(it *item) {
	if it.split != 0 {
		f.IDs = slices.Insert(f.IDs, f.Drawn, it.ID)
		f.Drawn++
	} else {
		f.IDs = append(f.IDs, it.ID)
	}
	f.Count++
}

func (r *Report) keep(f Finding) {
	if f.IDs == nil {
		f.IDs = []string{}
	}
	r.Findings = append(r.Findings, f)
}

// findCopies goes through the advertisements, those of the test set first, and compares each with those before it that were not copies themselves.
func (r *Report) findCopies(items []*item) {
	order := slices.Clone(items)
	slices.SortStableFunc(order, func(a, b *item) int { return cmp.Compare(b.split, a.split) })
	same := Finding{Kind: "same-text", About: "has the same words as another", Remedy: "keep one of each"}
	sameAcross := Finding{Kind: "same-text-across-splits", About: "has the same words as one in another split", Remedy: "split again: scores are too high"}
	close := Finding{Kind: "near-text", About: "has nearly the same text as another (Jaccard .8)", Remedy: "keep one of each"}
	closeAcross := Finding{Kind: "near-text-across-splits", About: "has nearly the same text as one in another split", Remedy: "split again: scores are too high"}
	employers := Finding{Kind: "template", About: "shares half of its text with another of its employer", Remedy: "none; --by employer keeps employers apart"}
	employersAcross := Finding{Kind: "template-across-splits", About: "shares half of its text with one of its employer in another split", Remedy: "split with --by employer and compare the scores"}
	words := map[uint64]int{} // -> index in order
	var all, byEmployer near.Index
	var leaders, members []int // numbers in the indexes -> index in order
	note := func(it *item, other int, within, across *Finding) {
		within.add(it)
		if split := order[other].split; it.split != 0 && split != 0 && split != it.split {
			across.add(it)
		}
	}
	for i, it := range order {
		if other, ok := words[it.Words]; ok {
			note(it, other, &same, &sameAcross)
			continue
		}
		words[it.Words] = i
		if number, _, ok := all.Find(0, it.Signature, nearDuplicate); ok {
			note(it, leaders[number], &close, &closeAcross)
			continue
		}
		all.Add(0, it.Signature)
		leaders = append(leaders, i)
		if it.Employer == "" {
			continue
		}
		space := employerSpace(it.Employer)
		if number, _, ok := byEmployer.Find(space, it.Signature, template); ok {
			note(it, members[number], &employers, &employersAcross)
		}
		byEmployer.Add(space, it.Signature)
		members = append(members, i)
	}
	for _, f := range []Finding{same, sameAcross, close, closeAcross, employers, employersAcross} {
		r.keep(f)
	}
}

func employerSpace(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
