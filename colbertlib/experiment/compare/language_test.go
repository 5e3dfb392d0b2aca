package compare

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

// inTwoLanguages is a comparison whose only row is wrong about all six advertisements in one language, and right about the fourteen in another.
func inTwoLanguages() *Comparison {
	c := &Comparison{Spec: Spec{Seeds: 1}, labels: tinyLabels()[:2], rows: baselines[:1], sets: map[string][]dataset.Query{}}
	scores := Scores{}
	for i := range 20 {
		query := dataset.Query{ID: fmt.Sprint(i), Label: 1, Language: "fr"}
		if i < 6 {
			query.Label, query.Language = 2, "es"
		}
		c.sets[Test], scores[query.ID] = append(c.sets[Test], query), []float64{1, 0}
	}
	c.scores = map[Trial]map[string]Scores{{Majority, Variant{Seed: 1}}: {Test: scores}}
	return c
}

func TestLanguageTable(t *testing.T) {
	c := inTwoLanguages()
	got, err := c.LanguageTable(Test)
	want := [][]string{{"", "fr (n 14)", "es (n 6)"}, {"most frequent label", "1.000 [0.78, 1.00]", "0.000 [0.00, 0.39]"}}
	if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if figure, err := c.LanguagesFigure(Test); err != nil || figure == nil {
		t.Errorf("no figure of two languages: %v", err)
	}
	c.sets[Test] = c.sets[Test][6:]
	if got, err := c.LanguageTable(Test); err != nil || got != nil {
		t.Errorf("of one language: %q, %v", got, err)
	}
	if figure, err := c.LanguagesFigure(Test); err != nil || figure != nil {
		t.Errorf("a figure of one language, %v", err)
	}
}

// More languages than there are colours: the table has all, the figure the most frequent.
func TestManyLanguages(t *testing.T) {
	c := inTwoLanguages()
	for i := range 8 {
		c.sets[Test][i].Language = string(rune('a' + i))
	}
	if table, err := c.LanguageTable(Test); err != nil || len(table[0]) != 10 || table[0][1] != "fr (n 12)" {
		t.Errorf("%q, %v", table, err)
	}
	if _, err := c.LanguagesFigure(Test); err != nil {
		t.Error(err)
	}
}

// What the committed comparison's languages add up to is what all its advertisements give.
func TestLanguagesAddUp(t *testing.T) {
	c, err := Latest("../../../results", "starter")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.rows {
		var right, n float64
		for _, l := range c.languages(Natural) {
			s, err := c.hitsOf(r, Natural, l)
			if err != nil || s.Low > s.Value || s.High < s.Value || s.High-s.Low < 0.05 {
				t.Fatalf("%s, %s: %v, %v", r.name, l, s, err)
			}
			right, n = right+s.Value*float64(s.N), n+float64(s.N)
		}
		all, err := c.hitsAt1(r, Natural)
		if err != nil || all.Metric != eval.Hits(1) || math.Abs(right/n-all.Value) > 1e-9 || n != 360 {
			t.Errorf("%s: %v of %v in languages, together %v, %v", r.name, right, n, all, err)
		}
	}
}

// A grid can have more rows than there are colours: the learning curve is then left to the table, and nothing fails.
func TestCurveOfManyRows(t *testing.T) {
	c := &Comparison{Spec: Spec{Seeds: 1, Sizes: []int{6}}, sets: map[string][]dataset.Query{}}
	for i := range colours + 1 {
		c.rows = append(c.rows, row{key: fmt.Sprint(i)})
	}
	if figure, err := c.CurveFigure(); err != nil || figure != nil {
		t.Errorf("%v, %v", figure, err)
	}
}
