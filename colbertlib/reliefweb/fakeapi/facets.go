package fakeapi

import (
	"cmp"
	"slices"
	"strings"
)

// facet asks how many jobs have which value.
type facet struct {
	Field    string  `json:"field"`
	Name     string  `json:"name"`
	Limit    whole   `json:"limit"`
	Interval string  `json:"interval"`
	Sort     string  `json:"sort"`
	Scope    string  `json:"scope"`
	Filter   *filter `json:"filter"`
}

type facetResult struct {
	Type    string       `json:"type"`
	Data    []facetCount `json:"data"`
	Missing int          `json:"missing"`
	More    bool         `json:"more"`
}

type facetCount struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

func (q query) facets(all, matches []document) map[string]facetResult {
	results := map[string]facetResult{}
	for _, f := range q.Facets {
		among := matches
		if f.Scope == "global" {
			among = all
		}
		results[cmp.Or(f.Name, f.Field)] = f.count(among)
	}
	return results
}

func (f facet) count(among []document) facetResult {
	result := facetResult{Type: "term", Data: []facetCount{}}
	isDate := strings.HasPrefix(f.Field, "date")
	if isDate {
		result.Type = "date"
	}
	counts := map[string]int{}
	for _, job := range among {
		if !f.Filter.matches(job.fields) {
			continue
		}
		found := values(job.fields, f.Field)
		if len(found) == 0 {
			result.Missing++
		}
		for _, value := range found {
			name := text(value)
			if isDate {
				name = f.begin(name)
			}
			counts[name]++
		}
	}
	for value, count := range counts {
		result.Data = append(result.Data, facetCount{value, count})
	}
	slices.SortFunc(result.Data, func(x, y facetCount) int {
		if isDate || strings.HasPrefix(f.Sort, "value") {
			return cmp.Compare(x.Value, y.Value)
		}
		return cmp.Or(y.Count-x.Count, cmp.Compare(x.Value, y.Value))
	})
	if limit := cmp.Or(int(f.Limit), defaultLimit); len(result.Data) > limit && !isDate {
		result.Data, result.More = result.Data[:limit], true
	}
	return result
}

// begin is the beginning of the interval in which a date lies.
func (f facet) begin(date string) string {
	switch f.Interval {
	case "day":
		return date[:10] + "T00:00:00+00:00"
	case "month":
		return date[:7] + "-01T00:00:00+00:00"
	}
	return date[:4] + "-01-01T00:00:00+00:00"
}
