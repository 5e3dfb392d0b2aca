package wordmodel_test

import (
	"math"
	"slices"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/internal/wordmodel"
)

var (
	texts   = []string{"dig wells and pumps", "repair pumps", "drive trucks and load stores", "load trucks", "write to the press", "press and campaigns"}
	classes = []int{10, 10, 11, 11, 7, 7}
)

func fit(t *testing.T) *wordmodel.Model {
	t.Helper()
	m, err := wordmodel.Fit(texts, classes)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFitLearns(t *testing.T) {
	m := fit(t)
	if !slices.Equal(m.Classes, []int{7, 10, 11}) {
		t.Fatalf("classes %v", m.Classes)
	}
	for i, text := range []string{"Pumps!", "TRUCKS, stores", "a press officer"} {
		if got, want := m.Classify(text), []int{10, 11, 7}[i]; got != want {
			t.Errorf("%q is %d, want %d (%.2f)", text, got, want, m.Probabilities(text))
		}
	}
	if !m.Knows("wells") || m.Knows("zebra") {
		t.Error("knows the wrong words")
	}
}

func TestProbabilities(t *testing.T) {
	m := fit(t)
	for _, text := range append(texts, "", "nothing known") {
		sum := 0.0
		for _, p := range m.Probabilities(text) {
			sum += p
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("%q: the sum is %v", text, sum)
		}
	}
	if p := m.Probabilities("nothing known"); p[0] != p[1] || p[1] != p[2] {
		t.Errorf("without a known word: %v", p)
	}
	if again := fit(t); !slices.Equal(again.Probabilities(texts[0]), m.Probabilities(texts[0])) {
		t.Error("fitted again, the model differs")
	}
}

func TestFitNeedsTexts(t *testing.T) {
	if _, err := wordmodel.Fit(nil, nil); err == nil {
		t.Error("fitted to nothing")
	}
	if _, err := wordmodel.Fit(texts, classes[1:]); err == nil {
		t.Error("fitted to texts without classes")
	}
	one, err := wordmodel.Fit(texts[:1], classes[:1])
	if err != nil || one.Classify("x") != 10 {
		t.Errorf("one class: %v", err)
	}
}
