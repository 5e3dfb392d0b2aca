package audit

import (
	"fmt"
	"maps"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/figure"
)

// Picture is a figure of an audit and the name of its file, without the ending.
type Picture struct {
	Name string
	*figure.Figure
}

// Pictures draws the sets beside each other: labels, languages, dates and lengths. What there is nothing to show of is left out.
func (r Report) Pictures() ([]Picture, error) {
	var pictures []Picture
	for _, kind := range []struct {
		name string
		draw func() (*figure.Figure, error)
	}{{"labels", r.labels}, {"languages", r.languages}, {"dates", r.dates}, {"tokens", r.tokens}} {
		f, err := kind.draw()
		if err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		if f != nil {
			pictures = append(pictures, Picture{kind.name, f})
		}
	}
	return pictures, nil
}

// bars compares the sets by a count of each row.
func (r Report) bars(title string, keys []string, count func(s Set, key string) int) (*figure.Figure, error) {
	rows := make([]figure.Counts, len(keys))
	for i, key := range keys {
		rows[i].Name = key
		for _, s := range r.Sets {
			rows[i].Counts = append(rows[i].Counts, count(s, key))
		}
	}
	return figure.Bars(title, setNames[:], rows)
}

func (r Report) labels() (*figure.Figure, error) {
	var names []string
	ids := map[string]int{}
	for _, label := range r.Labels {
		names, ids[label.Name] = append(names, label.Name), label.ID
	}
	return r.bars("Labels\nshare and number of advertisements, of all and in the splits", names, func(s Set, name string) int { return s.Labels[ids[name]] })
}

// languages shows the eight most frequent ones.
func (r Report) languages() (*figure.Figure, error) {
	all := r.Sets[0].Languages
	codes := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		if d := all[b] - all[a]; d != 0 {
			return d
		}
		return slices.Compare([]byte(a), []byte(b))
	})
	codes = codes[:min(len(codes), 8)]
	names := make([]string, len(codes))
	byName := map[string]string{}
	for i, code := range codes {
		names[i] = languageName(code)
		byName[names[i]] = code
	}
	return r.bars("Languages\nas the source says, or else as detected", names, func(s Set, name string) int { return s.Languages[byName[name]] })
}

// dates shows months, or years where there are more than two dozen months.
func (r Report) dates() (*figure.Figure, error) {
	digits, unit := len("2026-05"), "month"
	if len(r.Sets[0].Months) > 24 {
		digits, unit = len("2026"), "year"
	}
	count := func(s Set, key string) (n int) {
		for month, ads := range s.Months {
			if month[:min(digits, len(month))] == key {
				n += ads
			}
		}
		return n
	}
	keys := map[string]bool{}
	for month := range r.Sets[0].Months {
		keys[month[:min(digits, len(month))]] = true
	}
	if len(keys) == 0 || len(keys) > 30 {
		return nil, nil
	}
	return r.bars("Dates of publication\nby "+unit, slices.Sorted(maps.Keys(keys)), count)
}

func (r Report) tokens() (*figure.Figure, error) {
	var panels []figure.TokenCounts
	for _, s := range r.Sets {
		if len(s.Tokens) == 0 || slices.Min(s.Tokens) < 1 {
			return nil, nil
		}
		panels = append(panels, figure.TokenCounts{Heading: s.Name, Counts: s.Tokens, Limit: r.Limit})
	}
	return figure.TokenHistogram(fmt.Sprintf("Length in tokens\n%d advertisements and the splits", r.Sets[0].Ads), panels)
}
