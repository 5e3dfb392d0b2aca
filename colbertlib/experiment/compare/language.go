package compare

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

// language is a set's advertisements in one language.
type language struct {
	code    string
	queries []dataset.Query
}

func (l language) String() string { return fmt.Sprintf("%s (n %d)", l.code, len(l.queries)) }

// languages are those of a set, the ones that are most frequent in all sets first.
func (c *Comparison) languages(set string) (list []language) {
	count := map[string]int{}
	for _, queries := range c.sets {
		for _, query := range queries {
			count[query.Language]++
		}
	}
	for _, code := range slices.SortedFunc(maps.Keys(count), func(a, b string) int { return cmp.Or(count[b]-count[a], cmp.Compare(a, b)) }) {
		if queries := c.queries(set, func(q dataset.Query) bool { return q.Language == code }); len(queries) > 0 {
			list = append(list, language{code, queries})
		}
	}
	return list
}

// hitsOf is Hits@1 of a row on a set's advertisements in one language, a mean over seeds. Of few advertisements a bootstrap would promise too
// much; Wilson's interval treats the mean as if it came from one seed, and is rather too wide.
func (c *Comparison) hitsOf(r row, set string, l language) (eval.Summary, error) {
	_, mean, err := meanOf(c.runs(r, set, Variant{}), c.hits(l.queries))
	if err != nil {
		return eval.Summary{}, err
	}
	low, high := eval.Wilson(mean, len(l.queries))
	return eval.Summary{Metric: eval.Hits(1), Value: mean, N: len(l.queries), Low: low, High: high}, nil
}

// LanguageTable has a column for each language of a set, with intervals. It is empty where all advertisements are in one language.
func (c *Comparison) LanguageTable(set string) ([][]string, error) {
	languages := c.languages(set)
	if len(languages) < 2 {
		return nil, nil
	}
	table := [][]string{{""}}
	for _, l := range languages {
		table[0] = append(table[0], l.String())
	}
	for _, r := range c.rows {
		line := []string{r.name}
		for _, l := range languages {
			s, err := c.hitsOf(r, set, l)
			if err != nil {
				return nil, err
			}
			line = append(line, withIntervals(s, math.NaN()))
		}
		table = append(table, line)
	}
	return table, nil
}
