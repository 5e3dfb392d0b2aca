// Package split makes a data folder out of a stream of advertisements: training, validation and test sets without leaks, in the reported
// experiment's sizes and shape, and the same from the same input.
//
// It follows the reported experiment's script where that says something: so many advertisements of each label, at most 2048 tokens, drawn so
// that ranges of 512 tokens have the share that they have among all of the label, a random other label's description as negative, the first
// of several categories as the label. Unlike there, everything depends on a seed, and no text comes twice, nor nearly.
//
// Chance is a hash of seed and id. Whether an advertisement is drawn therefore hardly depends on which others there are, and the order of the
// stream does not matter.
package split

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/facts"
	"github.com/jobtagger/jobtagger/colbertlib/internal/parallel"
	"github.com/jobtagger/jobtagger/colbertlib/plaintext"
)

// All as a number of training advertisements means every one that is left.
const All = -1

// The reported experiment's numbers, of advertisements of each label and of tokens.
const (
	Train     = 100
	Validate  = 20
	Test      = 10
	MaxTokens = 2048
)

// Grouping says what keeps the splits apart, beyond that no two texts are nearly the same.
type Grouping string

// The groupings.
const (
	ByChance   Grouping = ""
	ByEmployer Grouping = "employer" // all advertisements of one employer are in one split
	ByTime     Grouping = "time"     // training ones are older than validation ones, and those older than test ones
)

// Options say what to draw. The zero value draws nothing: begin with [Defaults].
type Options struct {
	Train, Validate, Test int // advertisements of each label; Train may be All
	Natural               bool
	By                    Grouping
	Seed                  uint64
	MaxTokens             int                   // longer advertisements are left out; 0 for no limit
	Count                 func(text string) int // tokens of a query, safe for concurrent use; see package tokencount
	KeepContacts          bool                  // leave e-mail addresses and telephone numbers as they are
	Version               string                // of the labels
	Source                string                // what the advertisements are from, e.g. "reliefweb"
	Filters               []string              // what the manifest is to say about how they were chosen
	Progress              func(read int)        // called now and then with the number of advertisements that were read; may be nil
}

// Defaults are the reported experiment's sizes. Count is missing.
func Defaults() Options {
	return Options{Train: Train, Validate: Validate, Test: Test, MaxTokens: MaxTokens, Seed: 1}
}

// Result is what came of it.
type Result struct {
	Manifest dataset.Manifest
	Warnings []string // what the user should know: labels with too few advertisements, test advertisements that are gone
}

// Write makes dir a data folder: ads.jsonl with every advertisement as plain text, contacts masked; labels.json, the three split files and
// manifest.json. Bodies may be Markdown or HTML. Each file is replaced as a whole, the manifest last.
//
// If dir is a folder that Write made before, it is brought up to date: advertisements stay in the split where they are, as long as ads
// still has them, and new ones are added up to the sizes that are asked for. What [dataset.Forget] took out does not come back.
//
// Memory holds the facts of all advertisements, about 1 kB each, and the texts that were drawn. ads is read once.
func Write(ctx context.Context, dir string, labels []dataset.Label, ads iter.Seq2[dataset.Ad, error], o Options) (Result, error) {
	if err := o.check(labels); err != nil {
		return Result{}, err
	}
	earlier, err := readEarlier(dir, o)
	if err != nil {
		return Result{}, err
	}
	d := drawing{Options: o, labels: labels, earlier: earlier, dropped: map[string]int{}}
	if err := d.readAll(ctx, filepath.Join(dir, dataset.AdsFile), ads); err != nil {
		return Result{}, err
	}
	d.removeDuplicates()
	d.assign()
	set, err := d.set(filepath.Join(dir, dataset.AdsFile))
	if err != nil {
		return Result{}, err
	}
	manifest := dataset.Manifest{
		Version: o.Version, Source: o.Source, Date: d.newest, Seed: o.Seed, Filters: d.filters(), Dropped: d.drops(), Forgotten: earlier.manifest.Forgotten,
	}
	if err := set.Write(dir, manifest, dataset.AdsFile); err != nil {
		return Result{}, err
	}
	manifest, err = dataset.ReadManifestFile(dir)
	return Result{manifest, d.warnings}, err
}

func (o Options) check(labels []dataset.Label) error {
	switch {
	case o.Count == nil:
		return errors.New("split: Count is missing, the function that counts tokens")
	case len(labels) < 2:
		return fmt.Errorf("split: there are %d labels, at least 2 are needed: a triple has a right and a wrong one", len(labels))
	case o.Train < All || o.Train == 0 || o.Validate < 1 || o.Test < 1:
		return fmt.Errorf("split: %d training, %d validation and %d test advertisements of each label, want at least 1 of each (%d training: all)", o.Train, o.Validate, o.Test, All)
	case o.Natural && o.Train == All:
		return errors.New("split: all advertisements for training and the natural mix exclude each other: what is left after a balanced test set has another mix")
	case !slices.Contains([]Grouping{ByChance, ByEmployer, ByTime}, o.By):
		return fmt.Errorf("split: unknown grouping %q, want %q or %q", o.By, ByEmployer, ByTime)
	}
	return nil
}

// drawing is the state of one Write.
type drawing struct {
	Options
	labels   []dataset.Label
	earlier  earlier
	all      []*candidate // in the order of the stream
	usable   []*candidate // without duplicates, in the order of chance
	dropped  map[string]int
	warnings []string
	newest   string // date
}

// candidate is an advertisement that may be drawn.
type candidate struct {
	facts.Facts
	chance uint64
	split  int // where it is: none, train, validate or test
}

const (
	none = iota
	train
	validate
	test
)

// prepared is an advertisement as it is kept.
type prepared struct {
	ad    dataset.Ad
	facts facts.Facts
}

// readAll writes the file of all advertisements and collects the facts.
func (d *drawing) readAll(ctx context.Context, path string, ads iter.Seq2[dataset.Ad, error]) error {
	reader := facts.Reader{Labels: d.labels, Count: d.Count}
	prepare := func(ad dataset.Ad) prepared {
		ad = d.clean(ad)
		return prepared{ad, reader.Read(ad)}
	}
	seen := map[string]bool{}
	var broken error // of the source: that the file is not written goes without saying
	err := dataset.WriteAdSeq(path, func(yield func(dataset.Ad, error) bool) {
		read := 0
		for p, err := range parallel.Map(ctx, ads, prepare) {
			if err != nil {
				broken = err
				yield(dataset.Ad{}, err)
				return
			}
			if read++; d.Progress != nil && read%100 == 0 {
				d.Progress(read)
			}
			if reason := d.refuse(p.ad, seen); reason != "" {
				d.dropped[reason]++
				continue
			}
			seen[p.ad.ID] = true
			d.newest = max(d.newest, p.ad.Date)
			d.all = append(d.all, &candidate{Facts: p.facts, chance: chance(d.Seed, p.ad.ID), split: d.earlier.splits[p.ad.ID]})
			if !yield(p.ad, nil) {
				return
			}
		}
	})
	return cmp.Or(broken, err)
}

// clean makes plain text of an advertisement and takes labels away that are not among ours.
func (d *drawing) clean(ad dataset.Ad) dataset.Ad {
	ad.Title, ad.Body = plaintext.FromMarkdown(ad.Title), plaintext.FromMarkdown(ad.Body)
	if !d.KeepContacts {
		ad.Title, _ = plaintext.Mask(ad.Title)
		ad.Body, _ = plaintext.Mask(ad.Body)
	}
	for _, label := range []*int{&ad.Label, &ad.Second} {
		if _, ok := dataset.LabelByID(d.labels, *label); !ok {
			*label = 0
		}
	}
	return ad
}

// refuse says why an advertisement is not even kept.
func (d *drawing) refuse(ad dataset.Ad, seen map[string]bool) string {
	switch {
	case slices.Contains(d.earlier.manifest.Forgotten, ad.ID):
		return "forgotten"
	case seen[ad.ID]:
		return "its id has come before"
	case ad.Title == "" && ad.Body == "":
		return "no text"
	}
	return ""
}

// filters says in the manifest what was done to the advertisements.
func (d *drawing) filters() []string {
	list := slices.Clone(d.Filters)
	if d.MaxTokens > 0 {
		list = append(list, fmt.Sprintf("at most %d tokens", d.MaxTokens))
	}
	if !d.KeepContacts {
		list = append(list, "e-mail addresses and telephone numbers masked")
	}
	if d.Natural {
		list = append(list, "labels in their natural mix")
	}
	switch d.By {
	case ByEmployer:
		list = append(list, splitByEmployer)
	case ByTime:
		list = append(list, "split by time")
	}
	return list
}

const splitByEmployer = "split by employer"
