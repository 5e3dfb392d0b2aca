package calibrate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
)

// planted draws n texts whose labels follow known probabilities.
func planted(n int, truth Calibration, seed uint64) (scores [][]float64, labels []int) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for range n {
		row := make([]float64, len(truth.Bias))
		for label := range row {
			row[label] = 0.5 + 0.02*rng.NormFloat64() // as the mean similarities of MaxSim are: close to each other, far from zero
		}
		probabilities, err := truth.Probabilities(row)
		if err != nil {
			panic(err)
		}
		label, rest := 0, rng.Float64()
		for label < len(row)-1 && rest > probabilities[label] {
			rest -= probabilities[label]
			label++
		}
		scores, labels = append(scores, row), append(labels, label)
	}
	return scores, labels
}

var truth = Calibration{Temperature: 0.01, Bias: []float64{0.9, -0.3, -0.6, 0}}

func fit(t *testing.T, scores [][]float64, labels []int) Calibration {
	t.Helper()
	fitted, err := Fit(scores, labels)
	if err != nil {
		t.Fatal(err)
	}
	if err := fitted.Validate(); err != nil {
		t.Fatal(err)
	}
	return fitted
}

func TestFitFindsWhatWasPlanted(t *testing.T) {
	fitted := fit(t, first(planted(20_000, truth, 1)), second(planted(20_000, truth, 1)))
	if math.Abs(fitted.Temperature/truth.Temperature-1) > 0.03 {
		t.Errorf("temperature %v, want about %v", fitted.Temperature, truth.Temperature)
	}
	if off := floats.Distance(fitted.Bias, truth.Bias, math.Inf(1)); off > 0.08 {
		t.Errorf("biases %.3f, want about %v", fitted.Bias, truth.Bias)
	}
}

func first(scores [][]float64, _ []int) [][]float64 { return scores }
func second(_ [][]float64, labels []int) []int      { return labels }

func TestGradientIsTheSlope(t *testing.T) {
	scores, labels := planted(50, truth, 2)
	p := posterior{scores: standard(scores), labels: labels}
	for _, x := range [][]float64{{0, 0, 0, 0, 0}, {1.5, 0.4, -0.2, 0.1, 2}, {-3, 1, 1, 1, 1}} {
		want := fd.Gradient(nil, p.value, x, &fd.Settings{Formula: fd.Central})
		if off := floats.Distance(p.gradientAt(x), want, math.Inf(1)); off > 1e-7 {
			t.Errorf("at %v: gradient %v, want %v", x, p.gradientAt(x), want)
		}
	}
}

// What a score is measured in must not matter, nor what is added to all scores of a text.
func TestUnitsOfScoresDoNotMatter(t *testing.T) {
	scores, labels := planted(300, truth, 3)
	fitted := fit(t, scores, labels)
	other := make([][]float64, len(scores))
	for i, row := range scores {
		other[i] = slices.Clone(row)
		floats.Scale(400, other[i])
		floats.AddConst(float64(i), other[i])
	}
	moved := fit(t, other, labels)
	if math.Abs(moved.Temperature/fitted.Temperature/400-1) > 1e-4 || floats.Distance(moved.Bias, fitted.Bias, math.Inf(1)) > 1e-4 {
		t.Errorf("scores times 400 give %+v, the scores themselves %+v", moved, fitted)
	}
}

func TestFitProperties(t *testing.T) {
	for seed := range uint64(20) {
		scores, labels := planted(int(10+20*seed), truth, seed)
		fitted := fit(t, scores, labels)
		if sum := floats.Sum(fitted.Bias); math.Abs(sum) > 1e-4 {
			t.Errorf("seed %d: the biases add up to %v", seed, sum)
		}
		again := fit(t, scores, labels)
		if again.Temperature != fitted.Temperature || !slices.Equal(again.Bias, fitted.Bias) {
			t.Errorf("seed %d: the same texts give %+v and %+v", seed, fitted, again)
		}
		before, err := Calibration{Temperature: 1, Bias: make([]float64, 4)}.All(scores)
		if err != nil {
			t.Fatal(err)
		}
		after, err := fitted.All(scores)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := logLoss(t, after, labels), logLoss(t, before, labels); a >= b {
			t.Errorf("seed %d: log loss %v after fitting, %v before", seed, a, b)
		}
		for _, row := range after {
			if math.Abs(floats.Sum(row)-1) > 1e-12 || floats.Min(row) < 0 {
				t.Errorf("seed %d: probabilities %v", seed, row)
			}
		}
	}
}

func logLoss(t *testing.T, probabilities [][]float64, labels []int) float64 {
	t.Helper()
	loss, err := LogLoss(probabilities, labels)
	if err != nil {
		t.Fatal(err)
	}
	return loss
}

// Few texts, perfect or worthless scores: the priors must keep everything finite.
func TestFitOfDifficultData(t *testing.T) {
	for name, c := range map[string]struct {
		scores [][]float64
		labels []int
	}{
		"separable":          {[][]float64{{3, 1}, {1, 3}, {3, 2}, {0, 1}}, []int{0, 1, 0, 1}},
		"the wrong way":      {[][]float64{{3, 1}, {1, 3}, {3, 2}, {0, 1}}, []int{1, 0, 1, 0}},
		"two texts":          {[][]float64{{0.51, 0.5}, {0.5, 0.51}}, []int{0, 1}},
		"no spread":          {[][]float64{{1, 1, 1}, {2, 2, 2}}, []int{0, 1}},
		"a label never seen": {[][]float64{{3, 1, 2}, {1, 3, 2}, {2.5, 2.6, 0}}, []int{0, 1, 0}},
		"huge scores":        {[][]float64{{3e200, 1e200}, {1e200, 3e200}}, []int{0, 1}},
		"tiny scores":        {[][]float64{{3e-150, 1e-150}, {1e-150, 3e-150}}, []int{0, 1}},
	} {
		fitted, err := Fit(c.scores, c.labels)
		if name == "huge scores" { // their squares are not
			if err == nil {
				t.Errorf("%s: fitted %+v", name, fitted)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := fitted.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBadInputIsRefused(t *testing.T) {
	good := [][]float64{{1, 2}, {2, 1}}
	for name, c := range map[string]struct {
		scores [][]float64
		labels []int
		want   string
	}{
		"no texts":             {nil, nil, "no labelled texts"},
		"fewer labels":         {good, []int{0}, "2 texts but 1 labels"},
		"a label out of range": {good, []int{0, 2}, "text 1 has label 2, expected 0 to 1"},
		"a negative label":     {good, []int{0, -1}, "text 1 has label -1"},
		"one label only":       {good, []int{1, 1}, "all 2 texts have label 1"},
		"not a number":         {[][]float64{{1, 2}, {math.NaN(), 1}}, []int{0, 1}, "text 1, label 0: the value is NaN"},
		"infinite":             {[][]float64{{1, math.Inf(1)}, {2, 1}}, []int{0, 1}, "text 0, label 1: the value is +Inf"},
		"ragged":               {[][]float64{{1, 2}, {1}}, []int{0, 0}, "text 1 has 1 values, text 0 has 2"},
		"no scores":            {[][]float64{{}, {}}, []int{0, 0}, "text 0 has 0 values"},
	} {
		if _, err := Fit(c.scores, c.labels); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Fit, %s: %v, want %q", name, err, c.want)
		}
		if name == "one label only" {
			continue
		}
		if _, err := Reliability(c.scores, c.labels, 10); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Reliability, %s: %v, want %q", name, err, c.want)
		}
	}
	scores := Calibration{Temperature: 1, Bias: []float64{0, 0}}
	if _, err := scores.Probabilities([]float64{1}); err == nil {
		t.Error("one score for two labels is accepted")
	}
	if _, err := scores.All([][]float64{{1, 2}, {1, math.NaN()}}); err == nil || !strings.Contains(err.Error(), "text 1") {
		t.Errorf("a score that is not a number: %v", err)
	}
	for _, c := range []Calibration{{}, {Temperature: math.NaN()}, {Temperature: math.Inf(1)}, {Temperature: 1, Bias: []float64{math.Inf(-1)}}} {
		if c.Validate() == nil {
			t.Errorf("%+v is valid", c)
		}
	}
	for _, folds := range []int{0, 1, 3} {
		if _, err := CrossValidate(good, []int{0, 1}, folds, 1); err == nil {
			t.Errorf("%d folds of two texts are accepted", folds)
		}
	}
}

// A text's probabilities must not depend on its own label.
func TestCrossValidateNeverSeesTheText(t *testing.T) {
	scores, labels := planted(40, truth, 5)
	before, err := CrossValidate(scores, labels, len(scores), 7)
	if err != nil {
		t.Fatal(err)
	}
	changed := slices.Clone(labels)
	changed[3] = (changed[3] + 1) % 4
	after, err := CrossValidate(scores, changed, len(scores), 7)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before[3], after[3]) {
		t.Errorf("text 3 gets %v and, with another label, %v", before[3], after[3])
	}
	if slices.Equal(before[4], after[4]) {
		t.Error("other texts do not notice")
	}
}

func TestFoldsHaveTheirShareOfEachLabel(t *testing.T) {
	labels := make([]int, 100)
	for i := range labels {
		labels[i] = i * i % 4
	}
	counts := map[[2]int]int{}
	for text, fold := range deal(labels, 5, 3) {
		counts[[2]int{fold, labels[text]}]++
	}
	for key, n := range counts {
		if n != 10 { // labels 0 and 1, 50 texts each
			t.Errorf("fold %d has %d texts of label %d, want 10", key[0], n, key[1])
		}
	}
}
