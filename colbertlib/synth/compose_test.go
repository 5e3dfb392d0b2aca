package synth

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

const sampleSize = 4500

type sampled struct {
	draft
	body string
}

// sample is a number of advertisements of all categories in turn, composed in the training manner, once for all tests.
var sample = sync.OnceValue(func() []sampled {
	g, err := parsed()
	if err != nil {
		return nil
	}
	rng := rand.New(rand.NewPCG(3, 3))
	ads := make([]sampled, sampleSize)
	for i := range ads {
		d := g.compose(rng, i%len(g.labels), func(p pattern) bool { return !heldOut(p, g.mixture.HeldOut) })
		ads[i] = sampled{d, d.body(rng)}
	}
	return ads
})

func TestTheMixtureIsAsDeclared(t *testing.T) {
	m := newGenerator(t).mixture
	kinds, languages := map[kind]float64{}, map[string]float64{}
	var lengths []int
	for _, ad := range sample() {
		kinds[ad.kind] += 1. / sampleSize
		languages[ad.language] += 1. / sampleSize
		lengths = append(lengths, len(strings.Fields(ad.title.text+" "+ad.body)))
	}
	check := func(name string, got, want, tolerance float64) {
		if math.Abs(got-want) > tolerance {
			t.Errorf("%s: %.3f, want %.3f", name, got, want)
		}
	}
	check("two categories", kinds[twoCategories], m.TwoCategories, 0.02)
	check("misleading title", kinds[misleadingTitle], m.MisleadingTitle, 0.02)
	check("hardly any duty", kinds[hardlyAnyDuty], m.HardlyAnyDuty, 0.02)
	for _, l := range m.Languages {
		check("language "+l.Code, languages[l.Code], l.Share, 0.02)
	}
	slices.Sort(lengths)
	for _, l := range m.Lengths { // the ends are met by few
		tolerance := 0.12 * l.Words
		if l.Quantile == 0 || l.Quantile == 1 {
			tolerance = 0.5 * l.Words
		}
		check("words", float64(lengths[int(l.Quantile*(sampleSize-1))]), l.Words, tolerance)
	}
}

// TestNoRunOfWordsIsEverywhere: what the categories say must vary. Text of shared.yaml is declared boilerplate.
func TestNoRunOfWordsIsEverywhere(t *testing.T) {
	const n, most = 8, 0.02
	ads := map[string]int{}
	for _, ad := range sample() {
		seen := map[string]bool{}
		for _, p := range ad.passages() {
			if p.boilerplate {
				continue
			}
			words := strings.Fields(strings.ToLower(p.text))
			for i := 0; i+n <= len(words); i++ {
				seen[strings.Join(words[i:i+n], " ")] = true
			}
		}
		for gram := range seen {
			ads[gram]++
		}
	}
	grams := slices.SortedFunc(maps.Keys(ads), func(a, b string) int { return ads[b] - ads[a] })
	t.Logf("the most frequent run of %d words stands in %.2f %% of the advertisements", n, 100*float64(ads[grams[0]])/sampleSize)
	for _, gram := range grams {
		if share := float64(ads[gram]) / sampleSize; share > most {
			t.Errorf("%.2f %% of the advertisements hold %q", 100*share, gram)
		}
	}
}

func (d draft) passages() []passage {
	all := []passage{d.title}
	for _, s := range d.sections {
		all = append(all, s.items...)
	}
	return all
}

func TestTextsAreClean(t *testing.T) {
	for _, ad := range sample() {
		title := ad.title.text
		switch text := title + "\n" + ad.body; {
		case strings.ContainsAny(text, "{}|") && !strings.Contains(title, " | "):
			t.Errorf("braces or bars are left in %.200q", text)
		case !utf8.ValidString(text) || strings.Contains(text, "  ") || strings.Contains(text, " , ") || strings.Contains(text, " . "):
			t.Errorf("stray spaces in %q", text)
		case strings.TrimSpace(title) != title || strings.TrimSpace(ad.body) != ad.body || title == "" || ad.body == "":
			t.Errorf("an empty end of %.200q", text)
		case strings.Contains(title, "\n"):
			t.Errorf("a title of two lines: %q", title)
		}
		names := map[string]bool{}
		for _, p := range ad.passages() {
			if names[p.text] && len(strings.Fields(p.text)) > 5 {
				t.Errorf("%q stands there twice", p.text)
			}
			names[p.text] = true
		}
	}
}
