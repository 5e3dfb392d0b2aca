package synth

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// Seed is the seed of the data that the repository holds under data/synthetic.
const Seed = 2024

// The reported experiment's number of advertisements of each category.
const (
	trainAds    = 100
	validateAds = 20
	testAds     = 10
)

// The streams of random numbers that a seed has.
const (
	trainStream = iota + 1
	validateStream
	testStream
	naturalStream
	textStream
)

// fork makes an advertisement's own source of random numbers: a change in one pattern leaves those without it as they were.
func fork(rng *rand.Rand) *rand.Rand { return rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())) }

// Set writes the three splits in the reported experiment's sizes: 100 training, 20 validation and 10 test advertisements of
// each category, each with its category's description and one random wrong one; in training triples, in one of several wordings. No
// advertisement comes twice.
func (g *Generator) Set(seed uint64) dataset.Set {
	seen := map[string]bool{}
	return dataset.Set{
		Labels:   g.Labels(),
		Test:     g.triples(seed, testStream, "test", testAds, seen),
		Validate: g.triples(seed, validateStream, "validate", validateAds, seen),
		Train:    g.triples(seed, trainStream, "train", trainAds, seen),
	}
}

func (g *Generator) triples(seed, streamNumber uint64, split string, perCategory int, seen map[string]bool) []dataset.Triple {
	stream := rand.New(rand.NewPCG(seed, streamNumber))
	var triples []dataset.Triple
	for number := range perCategory { // category by category in turn, so that any part of the file is balanced
		for category, label := range g.labels {
			rng := fork(stream)
			ad := g.unseen(rng, category, streamNumber != trainStream, seen)
			wrong := (category + 1 + rng.IntN(len(g.labels)-1)) % len(g.labels)
			positive, negative := label.Description, g.labels[wrong].Description
			if streamNumber == trainStream {
				positive, negative = pick(rng, g.wordings[category]...), pick(rng, g.wordings[wrong]...)
			}
			triples = append(triples, dataset.Triple{
				Query: ad.Text(), Positive: positive, Negative: negative,
				ID:    fmt.Sprintf("%s-%s-%03d", split, g.mixture.Categories[category].Slug, number+1),
				Label: label.ID, Source: ad.Source, Language: ad.Language,
			})
		}
	}
	return triples
}

// unseen writes an advertisement whose text is not in seen, and adds it.
func (g *Generator) unseen(rng *rand.Rand, category int, judging bool, seen map[string]bool) dataset.Ad {
	for {
		ad := g.ad(rng, category, judging)
		if !seen[ad.Text()] {
			seen[ad.Text()] = true
			return ad
		}
	}
}

// Natural writes a set for judging in which, as on a jobs board, some categories are many times as frequent as others.
// It shares no advertisement with the splits of the same seed.
func (g *Generator) Natural(seed uint64) []dataset.Ad { return g.natural(seed, g.Set(seed)) }

func (g *Generator) natural(seed uint64, set dataset.Set) []dataset.Ad {
	rng := rand.New(rand.NewPCG(seed, naturalStream))
	seen := queries(set.Train, set.Validate, set.Test)
	var ads []dataset.Ad
	for category, c := range g.mixture.Categories {
		for range c.Natural {
			ads = append(ads, g.unseen(fork(rng), category, true, seen))
		}
	}
	rng.Shuffle(len(ads), func(i, j int) { ads[i], ads[j] = ads[j], ads[i] })
	for i := range ads {
		ads[i].ID = fmt.Sprintf("natural-%03d", i+1)
	}
	return ads
}

// Texts is an endless stream of advertisements without labels, in the natural mix, for training on text alone. Its own seed
// chooses them. It is safe to judge a model trained on it by the sets of dataSeed: the stream has none of their validation,
// test and natural-mix advertisements, and none of the patterns that only those may use.
func (g *Generator) Texts(seed, dataSeed uint64) iter.Seq[string] {
	return func(yield func(string) bool) {
		set := g.Set(dataSeed)
		judged := queries(set.Validate, set.Test)
		for _, ad := range g.natural(dataSeed, set) {
			judged[ad.Text()] = true
		}
		rng := rand.New(rand.NewPCG(seed, textStream))
		categories := make([]int, len(g.labels))
		for i := range categories {
			categories[i] = i
		}
		for {
			category := weighted(rng, categories, func(i int) float64 { return float64(g.mixture.Categories[i].Natural) })
			ad := g.ad(rng, category, false)
			if !judged[ad.Text()] && !yield(ad.Text()) {
				return
			}
		}
	}
}

func queries(splits ...[]dataset.Triple) map[string]bool {
	texts := map[string]bool{}
	for _, split := range splits {
		for _, t := range split {
			texts[t.Query] = true
		}
	}
	return texts
}
