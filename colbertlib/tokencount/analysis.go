package tokencount

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Analysis is how long the texts of one role in one file are.
type Analysis struct {
	File string `json:"file"`
	Role string `json:"role"` // "query" or "document"
	Distribution
	Labels    []Group `json:"labels"`    // the largest first; nothing where all texts are of one unknown label
	Languages []Group `json:"languages"` // as Labels
	Counts    []int   `json:"-"`         // of each text
}

// The roles of texts.
const (
	query    = "query"
	document = "document"
)

// Group is the texts that have a label or a language in common.
type Group struct {
	Name string `json:"name"`
	Distribution
}

// Distribution describes the token counts of some texts.
type Distribution struct {
	Count       int         `json:"count"` // texts
	Mean        float64     `json:"mean"`
	Percentiles Percentiles `json:"percentiles"`
	Ranges      []Range     `json:"ranges"`
	Limit       int         `json:"limit"`     // tokens that the model reads; 0 for all
	Truncated   int         `json:"truncated"` // texts with more
}

// Percentiles of token counts, interpolated linearly as numpy.percentile does. P0 is the smallest count, P100 the largest.
type Percentiles struct {
	P0   float64 `json:"p0"`
	P5   float64 `json:"p5"`
	P25  float64 `json:"p25"`
	P50  float64 `json:"p50"`
	P75  float64 `json:"p75"`
	P90  float64 `json:"p90"`
	P95  float64 `json:"p95"`
	P99  float64 `json:"p99"`
	P100 float64 `json:"p100"`
}

// Range counts the texts that have at least From tokens and fewer than To.
type Range struct {
	From  int  `json:"from"`
	To    *int `json:"to"` // nil for the last, which has no end
	Count int  `json:"count"`
}

// String is the range as tables name it: "64-95", "25116 or more".
func (r Range) String() string {
	if r.To == nil {
		return fmt.Sprintf("%d or more", r.From)
	}
	return fmt.Sprintf("%d-%d", r.From, *r.To-1)
}

// edges are the beginnings of the reported experiment's ranges.
var edges = []int{0, 64, 96, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 25116}

// Describe summarises token counts for a model that reads limit tokens, 0 meaning all.
func Describe(counts []int, limit int) Distribution {
	d := Distribution{Count: len(counts), Limit: limit}
	for i, from := range edges {
		r := Range{From: from}
		if i+1 < len(edges) {
			to := edges[i+1]
			r.To = &to
		}
		d.Ranges = append(d.Ranges, r)
	}
	if len(counts) == 0 {
		return d
	}
	sum := 0
	for _, n := range counts {
		sum += n
		if limit > 0 && n > limit {
			d.Truncated++
		}
		place, found := slices.BinarySearch(edges, n)
		if !found {
			place--
		}
		d.Ranges[max(place, 0)].Count++
	}
	d.Mean = float64(sum) / float64(len(counts))
	sorted := slices.Sorted(slices.Values(counts))
	at := func(percent float64) float64 { return percentile(sorted, percent) }
	d.Percentiles = Percentiles{at(0), at(5), at(25), at(50), at(75), at(90), at(95), at(99), at(100)}
	return d
}

// percentile is numpy's default, "linear" (Hyndman and Fan 1996, definition 7).
func percentile(sorted []int, percent float64) float64 {
	place := percent / 100 * float64(len(sorted)-1)
	below := int(math.Floor(place))
	above := min(below+1, len(sorted)-1)
	value := float64(sorted[below]) + (place-float64(below))*float64(sorted[above]-sorted[below])
	return math.Round(value*1e6) / 1e6 // what lies beyond is rounding
}

// Queries analyses texts in the role of queries. file is their name in the result. progress, if not nil, is called now and then,
// never at the same time, with the number of texts done. All processors are used; a cancelled context is an error.
func (m *Model) Queries(ctx context.Context, file string, texts []Text, progress func(done int)) (Analysis, error) {
	return m.analyse(ctx, file, query, m.Query, texts, progress)
}

// Documents is [Model.Queries] for documents.
func (m *Model) Documents(ctx context.Context, file string, texts []Text, progress func(done int)) (Analysis, error) {
	return m.analyse(ctx, file, document, m.Document, texts, progress)
}

func (m *Model) analyse(ctx context.Context, file, name string, role modelio.Role, texts []Text, progress func(done int)) (Analysis, error) {
	counts, err := m.countAll(ctx, role, texts, progress)
	if err != nil {
		return Analysis{}, err
	}
	return Analysis{
		File: file, Role: name, Distribution: Describe(counts, role.Length), Counts: counts,
		Labels:    groups(texts, counts, role.Length, func(t Text) string { return t.Label }),
		Languages: groups(texts, counts, role.Length, func(t Text) string { return t.Language }),
	}, nil
}

// groups describes the texts of each key, the largest group first. One group of unknowns says nothing that the whole does not.
func groups(texts []Text, counts []int, limit int, key func(Text) string) []Group {
	byName := map[string][]int{}
	for i, text := range texts {
		byName[key(text)] = append(byName[key(text)], counts[i])
	}
	list := []Group{}
	if _, unknown := byName[Unknown]; unknown && len(byName) == 1 {
		return list
	}
	for name, own := range byName {
		list = append(list, Group{name, Describe(own, limit)})
	}
	slices.SortFunc(list, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name)) })
	return list
}
