package compare

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// leaveOut makes a comparison of three labels with ten advertisements each. right says whether a row's training of a seed, without a label (0: with
// all), is right on an advertisement of a label.
func leaveOut(seeds int, right map[string]func(seed, without, label, ad int) bool) *Comparison {
	c := &Comparison{Spec: Spec{Seeds: seeds, LeaveOneLabelOut: true}, labels: tinyLabels(), sets: map[string][]dataset.Query{}, scores: map[Trial]map[string]Scores{}}
	for _, label := range c.labels {
		for ad := range 10 {
			c.sets[Test] = append(c.sets[Test], dataset.Query{ID: fmt.Sprint(label.ID, "-", ad), Label: label.ID})
		}
	}
	for key, right := range right {
		c.rows = append(c.rows, row{key: key, name: "row " + key})
		for seed := 1; seed <= seeds; seed++ {
			for without := range 1 + len(c.labels) {
				scores := Scores{}
				for i, query := range c.sets[Test] {
					values := make([]float64, len(c.labels))
					if right(seed, without, query.Label, i%10) {
						values[query.Label-1] = 1
					} else {
						values[query.Label%len(c.labels)] = 1
					}
					scores[query.ID] = values
				}
				c.scores[Trial{key, Variant{Seed: seed, Without: without}}] = map[string]Scores{Test: scores}
			}
		}
	}
	return c
}

// Each advertisement of a new label is judged by the training without its label, those of other labels by the trainings without another one.
func TestUnseen(t *testing.T) {
	c := leaveOut(3, map[string]func(seed, without, label, ad int) bool{
		BM25: func(_, _, _, ad int) bool { return ad < 6 },
		"tiny": func(_, without, label, ad int) bool {
			switch without {
			case 0:
				return ad < 9
			case label:
				return ad < 5
			}
			return ad < 8-without // 7, 6 and 5 without labels 1, 2 and 3
		},
	})
	lines, err := c.Unseen()
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range lines {
		if u.Row != "row tiny" {
			continue
		}
		if s := u.New; s.Value != 0.5 || s.N != 30 || !(s.Low < 0.4 && s.Low > 0.25 && s.High > 0.6) || u.Seeds != 0 {
			t.Errorf("new labels: %v ± %v", s, u.Seeds)
		}
		if math.Abs(u.Others-0.6) > 1e-12 || math.Abs(u.Trained-0.9) > 1e-12 || math.Abs(u.Kept()-5.0/9) > 1e-12 {
			t.Errorf("others %v, trained %v, kept %v", u.Others, u.Trained, u.Kept())
		}
		if d := u.AgainstBM25; math.Abs(d.Value+0.1) > 1e-12 || d.P < 0.05 { // 3 of 30 lost, none won: p 0.25
			t.Errorf("against BM25: %+v", d)
		}
		if d := u.AgainstTrained; math.Abs(d.Value+0.3) > 1e-12 || d.P > 0.01 {
			t.Errorf("against what training on all labels gives: %+v", d)
		}
	}
	table, err := c.UnseenTable()
	if err != nil || len(table) != 3 || !strings.Contains(fmt.Sprint(table), "0.500 [0.") || !strings.Contains(fmt.Sprint(table), " ± 0.000 0.900 56 % ~ (p 0.2") {
		t.Errorf("%v: %q", err, table)
	}
}

// Two seeds that happen to agree, or not, say next to nothing about others.
func TestFewSeedsHaveNoInterval(t *testing.T) {
	for seeds, want := range map[int]bool{1: false, 2: false, 3: true} {
		c := leaveOut(seeds, map[string]func(seed, without, label, ad int) bool{BM25: func(seed, _, _, ad int) bool { return ad < 5+seed }})
		table, err := c.UnseenTable()
		if err != nil || strings.Contains(table[1][1], "±") != want {
			t.Errorf("%d seeds: %v, %q", seeds, err, table)
		}
		rows, err := c.Table(Test)
		if err != nil || strings.Contains(rows[2][1], "±") != want {
			t.Errorf("%d seeds: %v, %q", seeds, err, rows)
		}
	}
}
