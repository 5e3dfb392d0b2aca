package calibrate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReliabilityOfAHandfulOfTexts(t *testing.T) {
	probabilities := [][]float64{{0.6, 0.4}, {0.55, 0.45}, {0.1, 0.9}, {1, 0}, {0.5, 0.5}}
	bins, err := Reliability(probabilities, []int{0, 1, 1, 0, 0}, 4)
	if err != nil {
		t.Fatal(err)
	}
	want := []Bin{
		{Low: 0, High: 0.25},
		{Low: 0.25, High: 0.5, N: 1, Confidence: 0.5, Accuracy: 1}, // the first of equals counts as decided; the upper end belongs to the bin
		{Low: 0.5, High: 0.75, N: 2, Confidence: 0.575, Accuracy: 0.5},
		{Low: 0.75, High: 1, N: 2, Confidence: 0.95, Accuracy: 1},
	}
	near := cmp.Comparer(func(x, y float64) bool { return math.Abs(x-y) < 1e-12 })
	if difference := cmp.Diff(want, bins, near); difference != "" {
		t.Error(difference)
	}
	if got, want := ExpectedError(bins), (0.5+2*0.075+2*0.05)/5; math.Abs(got-want) > 1e-12 {
		t.Errorf("expected error %v, want %v", got, want)
	}
}

func TestExpectedErrorOfNothingIsZero(t *testing.T) {
	if got := ExpectedError(nil); got != 0 {
		t.Error(got)
	}
}

// Texts that are right as often as they claim have an error near zero, others have what they are off by.
func TestExpectedErrorFindsOverconfidence(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, off := range []float64{0, 0.1, 0.3} {
		var probabilities [][]float64
		var labels []int
		for range 50_000 {
			p := 0.85 + 0.1*rng.Float64()
			label := 1
			if rng.Float64() < p-off {
				label = 0
			}
			probabilities, labels = append(probabilities, []float64{p, 1 - p}), append(labels, label)
		}
		bins, err := Reliability(probabilities, labels, 10)
		if err != nil {
			t.Fatal(err)
		}
		if got := ExpectedError(bins); math.Abs(got-off) > 0.01 {
			t.Errorf("expected error %v, want about %v", got, off)
		}
	}
}

func TestPrecisionIsTheLowestThresholdThatHolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		n := 1 + rng.IntN(30)
		probabilities, labels := make([][]float64, n), make([]int, n)
		for i := range probabilities {
			p := 0.5 + float64(rng.IntN(9))/20 // many equal ones
			probabilities[i], labels[i] = []float64{p, 1 - p}, rng.IntN(2)
		}
		wanted := 0.05 + 0.95*rng.Float64()
		got, ok, err := Precision(probabilities, labels, wanted)
		if err != nil {
			t.Fatal(err)
		}
		want, possible := slowPrecision(probabilities, labels, wanted)
		if ok != possible || got != want {
			t.Errorf("got %+v, %v; trying all thresholds gives %+v, %v", got, ok, want, possible)
		}
	}
}

// slowPrecision tries every threshold from the highest to the lowest.
func slowPrecision(probabilities [][]float64, labels []int, wanted float64) (best Decided, ok bool) {
	for step := 20; step >= 0; step-- {
		threshold := 0.5 + float64(step)/20
		reached, right, exact := 0, 0, false
		for i, row := range probabilities {
			exact = exact || row[0] == threshold
			if row[0] >= threshold {
				reached++
				if labels[i] == 0 {
					right++
				}
			}
		}
		if exact && float64(right)/float64(reached) >= wanted {
			best, ok = Decided{threshold, float64(right) / float64(reached), float64(reached) / float64(len(labels))}, true
		}
	}
	return best, ok
}

func TestBadProbabilitiesAreRefused(t *testing.T) {
	for _, row := range [][]float64{{1.5, -0.5}, {0.5, -0.1}, {math.NaN(), 1}} {
		if _, _, err := Precision([][]float64{row}, []int{0}, 0.9); err == nil {
			t.Errorf("probabilities %v are accepted", row)
		}
	}
	for _, wanted := range []float64{0, -1, 1.1, math.NaN()} {
		if _, _, err := Precision([][]float64{{1, 0}}, []int{0}, wanted); err == nil {
			t.Errorf("a precision of %v is accepted", wanted)
		}
	}
	if _, err := Reliability([][]float64{{1, 0}}, []int{0}, 0); err == nil {
		t.Error("no bins are accepted")
	}
	if _, err := LogLoss(nil, nil); err == nil {
		t.Error("no texts are accepted")
	}
}

// One bin of n decisions with probability p: the error is the mean distance of a binomial share from p, about sqrt(2p(1-p)/(πn)).
func TestErrorByChanceIsThatOfABinomial(t *testing.T) {
	for _, n := range []int{50, 5000} {
		want := math.Sqrt(2 * 0.7 * 0.3 / (math.Pi * float64(n)))
		if got := ErrorByChance([]Bin{{N: n, Confidence: 0.7, Accuracy: 0.1}, {}}, 1); math.Abs(got/want-1) > 0.1 {
			t.Errorf("%d texts: %v, want about %v", n, got, want)
		}
	}
}
