package synth

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
)

// The mixture is grammar/mixture.yaml, where each number is explained.
type mixture struct {
	Languages []struct {
		Code  string
		Share float64
	}
	Lengths []struct {
		Quantile float64
		Words    float64
	}
	TwoCategories   float64 `yaml:"two_categories"`
	MisleadingTitle float64 `yaml:"misleading_title"`
	HardlyAnyDuty   float64 `yaml:"hardly_any_duty"`
	OwnDuties       struct {
		Low  float64
		High float64
	} `yaml:"own_duties"`
	GenericDuties  float64 `yaml:"generic_duties"`
	GenericPurpose float64 `yaml:"generic_purpose"`
	Focused        float64
	HeldOut        float64 `yaml:"held_out"`
	Memory         map[string]int
	Consultancy    string
	Categories     []struct {
		Slug       string
		Natural    int
		Neighbours map[string]float64
	}

	consultancy *regexp.Regexp
	index       map[string]int // from a category's slug to its place in Categories
}

func (m *mixture) prepare() error {
	var err error
	if m.consultancy, err = regexp.Compile(m.Consultancy); err != nil {
		return fmt.Errorf("consultancy: %w", err)
	}
	m.index = map[string]int{}
	for i, c := range m.Categories {
		m.index[c.Slug] = i
	}
	for _, c := range m.Categories {
		for slug := range c.Neighbours {
			if _, ok := m.index[slug]; !ok {
				return fmt.Errorf("category %s: unknown neighbour %q", c.Slug, slug)
			}
		}
	}
	return nil
}

// words draws an advertisement's length.
func (m *mixture) words(rng *rand.Rand) int {
	u := rng.Float64()
	for i := 1; i < len(m.Lengths); i++ {
		low, high := m.Lengths[i-1], m.Lengths[i]
		if u <= high.Quantile {
			t := (u - low.Quantile) / (high.Quantile - low.Quantile)
			return int(math.Exp((1-t)*math.Log(low.Words) + t*math.Log(high.Words)))
		}
	}
	return int(m.Lengths[len(m.Lengths)-1].Words)
}

// neighbour draws one of the categories whose duties a category's advertisements also hold.
func (m *mixture) neighbour(rng *rand.Rand, category int) int {
	weights := m.Categories[category].Neighbours
	slugs := slices.Sorted(maps.Keys(weights))
	chosen := weighted(rng, slugs, func(slug string) float64 { return weights[slug] })
	return m.index[chosen]
}

func (m *mixture) language(rng *rand.Rand) int {
	numbers := make([]int, len(m.Languages))
	for i := range numbers {
		numbers[i] = i
	}
	return weighted(rng, numbers, func(i int) float64 { return m.Languages[i].Share })
}

// weighted draws one of items, each as likely as its weight.
func weighted[T any](rng *rand.Rand, items []T, weight func(T) float64) T {
	total := 0.0
	for _, item := range items {
		total += weight(item)
	}
	u := rng.Float64() * total
	for _, item := range items {
		if u -= weight(item); u < 0 {
			return item
		}
	}
	return items[len(items)-1]
}
