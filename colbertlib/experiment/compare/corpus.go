package compare

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/near"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

// The sets of advertisements that trials score.
const (
	Validate = "validate" // for the temperature of probabilities; no row is judged by it
	Test     = "test"
	Body     = "test-body" // Test without the first line of each advertisement, its title
	Natural  = "natural"   // labels as frequent as in reality
)

// naturalFile is the natural mix in a data folder.
const naturalFile = "natural.jsonl"

// corpus is the data of a comparison in memory.
type corpus struct {
	labels   []dataset.Label
	version  string // of the labels: the manifest's, or made of their content
	train    []dataset.Triple
	validate []dataset.Triple
	sets     map[string][]dataset.Query
	folds    int // of sets[Test]; 0 without cross-validation
	hashes   []dataset.FileHash
}

// readCorpus reads the data that spec names.
func readCorpus(spec Spec) (*corpus, error) {
	if spec.Ads != "" {
		return readAds(spec)
	}
	fsys, err := experiment.DataFS(spec.Rows[0].Recipe.Data.Source)
	if err != nil {
		return nil, err
	}
	set, err := dataset.ReadSet(fsys)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	c := &corpus{labels: set.Labels, version: dataset.LabelsVersion(set.Labels), train: set.Train, validate: set.Validate, sets: map[string][]dataset.Query{}}
	for name, triples := range map[string][]dataset.Triple{Validate: set.Validate, Test: set.Test} {
		if c.sets[name], err = dataset.Queries(triples); err != nil {
			return nil, fmt.Errorf("compare: %s: %w", name, err)
		}
	}
	if err := c.readNatural(fsys); err != nil {
		return nil, err
	}
	c.sets[Body] = withoutTitles(c.sets[Test])
	return c, errors.Join(c.hash(fsys), c.check())
}

func (c *corpus) readNatural(fsys fs.FS) error {
	content, err := fs.ReadFile(fsys, naturalFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	ads, err := dataset.ReadAds(bytes.NewReader(content), naturalFile, c.labels)
	for _, ad := range ads {
		c.sets[Natural] = append(c.sets[Natural], ad.Query())
	}
	return err
}

// hash lists the files that were read, and takes over the version of the labels if there is a manifest that states it.
func (c *corpus) hash(fsys fs.FS) error {
	for _, name := range []string{dataset.LabelsFile, dataset.TrainFile, dataset.ValidateFile, dataset.TestFile, naturalFile} {
		content, err := fs.ReadFile(fsys, name)
		if errors.Is(err, fs.ErrNotExist) && name == naturalFile {
			continue
		}
		if err != nil {
			return fmt.Errorf("compare: %w", err)
		}
		c.hashes = append(c.hashes, fileHash(name, content))
	}
	manifest, err := fs.ReadFile(fsys, dataset.ManifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a folder from elsewhere
	}
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	read, err := dataset.ReadManifest(bytes.NewReader(manifest), dataset.ManifestFile)
	c.version = read.Version
	return err
}

func fileHash(name string, content []byte) dataset.FileHash {
	sum := sha256.Sum256(content)
	return dataset.FileHash{Name: name, SHA256: hex.EncodeToString(sum[:])}
}

// check refuses data on which rows would mean nothing.
func (c *corpus) check() error {
	trained := map[int]bool{}
	for _, triple := range c.train {
		trained[triple.Label] = true
	}
	switch {
	case len(trained) < 2:
		return fmt.Errorf("compare: the training advertisements have %d label, so there is nothing to tell apart: add advertisements of other labels", len(trained))
	case len(c.sets[Test]) == 0:
		return errors.New("compare: there are no advertisements to judge by: the test split is empty")
	}
	return nil
}

// untrained names the labels that no training advertisement has, which is allowed and said.
func (c *corpus) untrained() []string {
	var names []string
	for _, label := range c.labels {
		if !slices.ContainsFunc(c.train, func(t dataset.Triple) bool { return t.Label == label.ID }) {
			names = append(names, label.Name)
		}
	}
	return names
}

// withoutTitles cuts the first line off, where anything follows it.
func withoutTitles(queries []dataset.Query) []dataset.Query {
	bodies := slices.Clone(queries)
	for i, query := range bodies {
		if _, body, ok := strings.Cut(query.Text, "\n"); ok && strings.TrimSpace(body) != "" {
			bodies[i].Text = body
		}
	}
	return bodies
}

// readAds reads a file of advertisements for cross-validation.
func readAds(spec Spec) (*corpus, error) {
	labels, err := os.ReadFile(spec.Labels)
	if err != nil {
		return nil, fmt.Errorf("compare: labels: %w", err)
	}
	content, err := os.ReadFile(spec.Ads)
	if err != nil {
		return nil, fmt.Errorf("compare: advertisements: %w", err)
	}
	c := &corpus{folds: spec.Folds, sets: map[string][]dataset.Query{}}
	c.hashes = []dataset.FileHash{fileHash(dataset.LabelsFile, labels), fileHash("ads.jsonl", content)}
	if c.labels, err = dataset.ReadLabels(bytes.NewReader(labels), spec.Labels); err != nil {
		return nil, err
	}
	c.version = dataset.LabelsVersion(c.labels)
	ads, err := dataset.ReadAds(bytes.NewReader(content), spec.Ads, c.labels)
	if err != nil {
		return nil, err
	}
	for i, ad := range ads {
		if ad.Label == 0 {
			return nil, fmt.Errorf("compare: %s: advertisement %d (%s) has no label", spec.Ads, i+1, ad.ID)
		}
		c.sets[Test] = append(c.sets[Test], ad.Query())
		c.train = append(c.train, dataset.Triple{ID: ad.ID, Query: ad.Text(), Label: ad.Label, Source: ad.Source, Language: ad.Language})
	}
	if len(ads) < spec.Folds {
		return nil, fmt.Errorf("compare: %d folds of %d advertisements", spec.Folds, len(ads))
	}
	c.sets[Body] = withoutTitles(c.sets[Test])
	return c, c.check()
}

// part is what one variant trains on.
type part struct {
	labels []dataset.Label  // those that training knows
	train  []dataset.Triple // with right and wrong descriptions
	sets   map[string][]dataset.Query
}

// part chooses for a variant. The same variant gives the same part to every row.
func (c *corpus) part(v Variant) part {
	p := part{labels: c.labels, train: slices.Clone(c.train), sets: c.sets}
	random := rand.New(rand.NewPCG(uint64(v.Seed), 3))
	switch {
	case v.Fold > 0:
		fold := c.deal(v.Seed)
		p.train = slices.DeleteFunc(p.train, func(t dataset.Triple) bool { return fold[t.ID] == v.Fold })
		p.sets = map[string][]dataset.Query{}
		for _, name := range []string{Test, Body} {
			for _, query := range c.sets[name] {
				if fold[query.ID] == v.Fold {
					p.sets[name] = append(p.sets[name], query)
				}
			}
		}
	case v.Size > 0:
		p.train = c.sample(v.Size, random)
		p.sets = map[string][]dataset.Query{Test: c.sets[Test]}
	case v.Without > 0:
		p.labels = slices.DeleteFunc(slices.Clone(c.labels), func(l dataset.Label) bool { return l.ID == v.Without })
		p.train = slices.DeleteFunc(p.train, func(t dataset.Triple) bool { return t.Label == v.Without })
		p.sets = map[string][]dataset.Query{Test: c.sets[Test]}
	}
	c.describe(p, random)
	return p
}

// describe gives each triple its right description where it has none, and another wrong one where that is missing or may describe a label
// that is left out.
func (c *corpus) describe(p part, random *rand.Rand) {
	owner := map[string]int{} // text -> the label that it describes
	for _, triple := range c.train {
		owner[triple.Positive] = triple.Label
	}
	for _, label := range c.labels {
		owner[label.Description], owner[label.Name] = label.ID, label.ID
	}
	known := func(text string) bool { _, ok := dataset.LabelByID(p.labels, owner[text]); return ok }
	for i := range p.train {
		t := &p.train[i]
		if t.Positive == "" {
			right, _ := dataset.LabelByID(p.labels, t.Label)
			t.Positive = right.Description
		}
		for t.Negative == "" || owner[t.Negative] == t.Label || !known(t.Negative) {
			t.Negative = p.labels[random.IntN(len(p.labels))].Description
		}
	}
}

// sample draws training advertisements, of each label its share.
func (c *corpus) sample(size int, random *rand.Rand) []dataset.Triple {
	rank, seen := make([]float64, len(c.train)), map[int]float64{}
	order := random.Perm(len(c.train))
	for _, i := range order { // the k-th of n of a label ranks (k+½)/n, so that every beginning of the order has all labels alike
		label := c.train[i].Label
		rank[i] = (seen[label] + 0.5) / float64(c.count(label))
		seen[label]++
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank[a], rank[b]) })
	var chosen []dataset.Triple
	for _, i := range order[:min(size, len(order))] {
		chosen = append(chosen, c.train[i])
	}
	return chosen
}

func (c *corpus) count(label int) (n int) {
	for _, triple := range c.train {
		if triple.Label == label {
			n++
		}
	}
	return n
}

// deal gives the advertisements out to folds, 1 to folds, like cards, one label after the other. Near duplicates stay together, so that
// none is judged by a model that was trained on its twin.
func (c *corpus) deal(seed int) map[string]int {
	const nearlyTheSame = 0.5
	type group struct {
		label int
		ids   []string
	}
	var groups []*group
	index := near.Index{}
	for _, query := range c.sets[Test] {
		signature := near.Sign(query.Text)
		if twin, _, ok := index.Find(0, signature, nearlyTheSame); ok {
			groups[twin].ids = append(groups[twin].ids, query.ID)
			continue
		}
		index.Add(0, signature)
		groups = append(groups, &group{query.Label, []string{query.ID}})
	}
	rand.New(rand.NewPCG(uint64(seed), 4)).Shuffle(len(groups), func(i, k int) { groups[i], groups[k] = groups[k], groups[i] })
	slices.SortStableFunc(groups, func(a, b *group) int { return cmp.Compare(a.label, b.label) })
	fold := map[string]int{}
	for place, g := range groups {
		for _, id := range g.ids {
			fold[id] = 1 + place%c.folds
		}
	}
	return fold
}
