package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/wordmodel"
)

// describe is one row of the table: counts, quantiles of length, variety.
func describe(queries []dataset.Query) string {
	languages := map[string]int{}
	var lengths []int
	all := 0
	types := map[string]bool{}
	for _, q := range queries {
		languages[q.Language]++
		lengths = append(lengths, len(strings.Fields(q.Text)))
		for _, t := range wordmodel.Words(q.Text) {
			types[t] = true
			all++
		}
	}
	slices.Sort(lengths)
	row := fmt.Sprintf("%d\t%d\t%d\t%d", len(queries), languages["en"], languages["fr"], languages["es"])
	for _, p := range []float64{0.1, 0.25, 0.5, 0.75, 0.9, 1} {
		row += fmt.Sprintf("\t%d", lengths[int(p*float64(len(lengths)-1))])
	}
	return row + fmt.Sprintf("\t%d\t%d\t%s\t%.3f", all, len(types), equalTypes(queries), largestShare(queries, 8))
}

// equalTokens is about the number of tokens that the 54 real advertisements have: types can only be compared at equal length.
const equalTokens = 16000

// equalTypes counts the types among the first English tokens.
func equalTypes(queries []dataset.Query) string {
	types, n := map[string]bool{}, 0
	for _, q := range queries {
		if q.Language != "en" {
			continue
		}
		for _, t := range wordmodel.Words(q.Text) {
			if types[t], n = true, n+1; n == equalTokens {
				return fmt.Sprint(len(types))
			}
		}
	}
	return "-"
}

// largestShare is the share of advertisements that hold the most widespread run of n words, boilerplate included.
func largestShare(queries []dataset.Query, n int) float64 {
	ads := map[string]int{}
	most := 0
	for _, q := range queries {
		words := wordmodel.Words(q.Text)
		seen := map[string]bool{}
		for i := 0; i+n <= len(words); i++ {
			gram := strings.Join(words[i:i+n], " ")
			if !seen[gram] {
				seen[gram] = true
				ads[gram]++
				most = max(most, ads[gram])
			}
		}
	}
	return float64(most) / float64(len(queries))
}
