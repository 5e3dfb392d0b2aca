// Package audit looks for what makes a data set worth less than it seems: texts that come twice, nearly or on both sides of a split, one employer's template,
// advertisements of several categories, texts that name their own category, other languages, labels that are probably wrong, texts that are
// too long or empty, contacts that should have been masked.
//
// Every finding is counted and listed by id; no text leaves the data folder. What package split repairs by leaving it out shows as found among all
// advertisements and not in the splits.
package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/facts"
	"github.com/jobtagger/jobtagger/colbertlib/internal/parallel"
)

// Options of an audit.
type Options struct {
	Count    func(text string) int // tokens of a query, safe for concurrent use; see package tokencount
	Limit    int                   // tokens that the model reads; 0: all
	Judge    Judge                 // asked about validation and test advertisements only, as it may know the others; nil: CrossValidate, about all
	Progress func(read int)        // called now and then with the number of advertisements that were read; may be nil
}

// Report is what an audit found.
type Report struct {
	Labels   []dataset.Label `json:"-"`
	Sets     []Set           `json:"sets"`     // all advertisements, then the splits
	Findings []Finding       `json:"findings"` // in the order of the page
	Suspects []Suspect       `json:"suspects"` // the advertisements whose labels are believed least: a tenth of those that were judged
	Limit    int             `json:"limit"`    // as in Options
	// From and To are the days of the oldest and the newest advertisement, "" where dates are unknown.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Set is all advertisements, or a split.
type Set struct {
	Name      string         `json:"name"`
	Ads       int            `json:"ads"`
	Labels    map[int]int    `json:"labels"`    // by id; 0 for none
	Languages map[string]int `json:"languages"` // by code; "" for unknown
	Months    map[string]int `json:"months"`    // of publication: 2026-05
	From      string         `json:"from,omitempty"`
	To        string         `json:"to,omitempty"`
	Tokens    []int          `json:"-"`
}

// Finding is a fault or peculiarity and the advertisements that have it.
type Finding struct {
	Kind   string   `json:"kind"`
	About  string   `json:"about"`  // what it is
	Remedy string   `json:"remedy"` // what to do about those in the splits
	Count  int      `json:"count"`  // among all advertisements
	Drawn  int      `json:"drawn"`  // of them, in the splits
	IDs    []string `json:"ids"`    // those in the splits first
}

// item is an advertisement in the audit.
type item struct {
	facts.Facts
	split int // index in Report.Sets; 0: in none
}

// Folder audits a data folder: all advertisements of its ads.jsonl, if it has one, and its splits. The reported experiment's own folders will do, with
// a labels.json; an advertisement without id is called by its split and number.
func Folder(ctx context.Context, dir string, o Options) (Report, error) {
	if o.Count == nil {
		return Report{}, errors.New("audit: Count is missing, the function that counts tokens")
	}
	set, err := dataset.ReadSet(os.DirFS(dir))
	if err != nil {
		return Report{}, err
	}
	splits, queries, err := drawn(set)
	if err != nil {
		return Report{}, err
	}
	items, err := read(ctx, dir, set.Labels, splits, queries, o)
	if err != nil {
		return Report{}, err
	}
	report := Report{Labels: set.Labels, Limit: o.Limit}
	report.count(items)
	judge, judged := o.Judge, slices.Clone(queries)
	if judge == nil {
		judge = CrossValidate
	} else {
		judged = slices.DeleteFunc(judged, func(q dataset.Query) bool { return splits[q.ID] == 1 }) // training
	}
	beliefs, err := judge(ctx, judged)
	if err != nil {
		return Report{}, err
	}
	suspects := Suspects(judged, beliefs)
	report.Suspects = suspects[:(len(suspects)+9)/10]
	report.find(items, suspects)
	return report, nil
}

// drawn lists the advertisements in the splits, and where each is. One that has no id gets one.
func drawn(set dataset.Set) (splits map[string]int, queries []dataset.Query, err error) {
	splits = map[string]int{}
	for i, triples := range [][]dataset.Triple{set.Train, set.Validate, set.Test} {
		list, err := dataset.Queries(triples)
		if err != nil {
			return nil, nil, fmt.Errorf("audit: %s: %w", setNames[i+1], err)
		}
		known := map[string]bool{}
		for _, t := range triples {
			known[t.ID] = true
		}
		for n, q := range list {
			if !known[q.ID] || splits[q.ID] != 0 {
				q.ID = fmt.Sprintf("%s-%d", setNames[i+1], n+1)
			}
			splits[q.ID] = i + 1
			queries = append(queries, q)
		}
	}
	return splits, queries, nil
}

var setNames = [...]string{"all", "train", "validate", "test"}

// read gathers the facts of all advertisements, or of those in the splits where a folder has no others.
func read(ctx context.Context, dir string, labels []dataset.Label, splits map[string]int, queries []dataset.Query, o Options) ([]*item, error) {
	var ads iter.Seq2[dataset.Ad, error]
	path := filepath.Join(dir, dataset.AdsFile)
	file, err := os.Open(path)
	switch {
	case err == nil:
		defer file.Close()
		ads = dataset.ScanAds(file, path, labels)
	case errors.Is(err, fs.ErrNotExist):
		ads = fromQueries(queries)
	default:
		return nil, fmt.Errorf("audit: %w", err)
	}
	reader := facts.Reader{Labels: labels, Count: o.Count}
	var items []*item
	for f, err := range parallel.Map(ctx, ads, reader.Read) {
		if err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		items = append(items, &item{f, splits[f.ID]})
		if o.Progress != nil && len(items)%100 == 0 {
			o.Progress(len(items))
		}
	}
	return items, nil
}

func fromQueries(queries []dataset.Query) iter.Seq2[dataset.Ad, error] {
	return func(yield func(dataset.Ad, error) bool) {
		for _, q := range queries {
			if !yield(adOf(q), nil) {
				return
			}
		}
	}
}
