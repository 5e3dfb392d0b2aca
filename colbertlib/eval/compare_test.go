package eval_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

// systems makes two runs: on the first wins queries only the first is right, on the next losses queries only the second, on both rest both.
func systems(wins, losses, rest int) (qrels eval.Qrels, first, second eval.Run) {
	qrels, first, second = eval.Qrels{}, eval.Run{}, eval.Run{}
	for i := range wins + losses + rest {
		id := fmt.Sprint(i)
		qrels[id] = map[string]int{"1": 1}
		right := func(yes bool) eval.Ranking {
			if yes {
				return eval.Ranking{{ID: "1"}, {ID: "2"}}
			}
			return eval.Ranking{{ID: "2"}, {ID: "1"}}
		}
		first[id], second[id] = right(i < wins || i >= wins+losses), right(i >= wins)
	}
	return qrels, first, second
}

// binomial is the exact two-sided p value of a sign test: what the randomisation test estimates where all differences are 1 or -1.
func binomial(wins, losses int) float64 {
	n, p := wins+losses, 0.0
	for k := range n + 1 {
		if max(k, n-k) >= max(wins, losses) {
			a, _ := math.Lgamma(float64(n + 1))
			b, _ := math.Lgamma(float64(k + 1))
			c, _ := math.Lgamma(float64(n - k + 1))
			p += math.Exp(a - b - c - float64(n)*math.Ln2)
		}
	}
	return p
}

func TestCompareAgreesWithTheSignTest(t *testing.T) {
	for _, test := range []struct{ wins, losses, rest int }{{10, 2, 50}, {5, 5, 100}, {7, 2, 0}, {30, 18, 10}, {0, 0, 20}} {
		qrels, first, second := systems(test.wins, test.losses, test.rest)
		got, err := eval.Compare(qrels, eval.Hits(1), []eval.Run{first}, []eval.Run{second}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if want := binomial(test.wins, test.losses); math.Abs(got.P-want) > 0.015 {
			t.Errorf("%+v: p %.4f, exactly %.4f", test, got.P, want)
		}
		n := test.wins + test.losses + test.rest
		if want := float64(test.wins-test.losses) / float64(n); math.Abs(got.Value-want) > 1e-12 || got.N != n {
			t.Errorf("%+v: difference %v of %d, want %v of %d", test, got.Value, got.N, want, n)
		}
	}
}

// Systems that are right by the same odds are told apart, by this test, in about five of a hundred experiments.
func TestCompareIsRightAsOftenAsItSays(t *testing.T) {
	const experiments, queries = 300, 60
	found := 0
	for experiment := range experiments {
		random := rand.New(rand.NewPCG(uint64(experiment), 7))
		qrels, runs := eval.Qrels{}, [2]eval.Run{{}, {}}
		for q := range queries {
			id := fmt.Sprint(q)
			qrels[id] = map[string]int{"1": 1}
			for _, run := range runs {
				run[id] = eval.Ranking{{ID: fmt.Sprint(1 + random.IntN(2))}}
			}
		}
		d, err := eval.Compare(qrels, eval.Hits(1), runs[:1], runs[1:], 1)
		if err != nil {
			t.Fatal(err)
		}
		if d.P < eval.Significant {
			found++
		}
	}
	if found < experiments/100 || found > experiments/12 {
		t.Errorf("%d of %d comparisons of equals were called significant", found, experiments)
	}
}

func TestCompareAveragesSeedsAndWeighsLabels(t *testing.T) {
	qrels := eval.Qrels{"a": {"1": 1}, "b": {"1": 1}, "c": {"1": 1}, "d": {"2": 1}}
	right := eval.Run{}
	for id, grades := range qrels {
		for label := range grades {
			right[id] = eval.Ranking{{ID: label}}
		}
	}
	wrongOnD := eval.Run{"a": right["a"], "b": right["b"], "c": right["c"], "d": {{ID: "1"}}}
	for _, test := range []struct {
		metric eval.Metric
		want   float64
	}{{eval.Hits(1), 0.125}, {eval.Macro(eval.Hits(1)), 0.25}} { // half of the seeds miss one query of four, one label of two
		d, err := eval.Compare(qrels, test.metric, []eval.Run{right}, []eval.Run{right, wrongOnD}, 1)
		if err != nil || math.Abs(d.Value-test.want) > 1e-12 {
			t.Errorf("%s: %v, %v, want %v", test.metric, d.Value, err, test.want)
		}
	}
	if _, err := eval.Compare(eval.Qrels{"q": {"1": 1, "2": 1}}, eval.Macro(eval.Hits(1)), []eval.Run{{}}, []eval.Run{{}}, 1); err == nil || !strings.Contains(err.Error(), `"q"`) {
		t.Errorf("two labels for a macro metric: %v", err)
	}
	if _, err := eval.Compare(qrels, eval.Hits(1), nil, []eval.Run{right}, 1); err == nil {
		t.Error("no run is accepted")
	}
}

func TestEvaluateAllIsTheMeanOverRuns(t *testing.T) {
	qrels, right, none := systems(0, 0, 4)
	for id := range none {
		none[id] = nil
	}
	got, err := eval.EvaluateAll(qrels, []eval.Run{right, none}, []eval.Metric{eval.Hits(1), eval.Macro(eval.Hits(1))}, 1)
	if err != nil || got[0].Value != 0.5 || got[1].Value != 0.5 || got[0].Low != 0.5 || got[0].N != 4 {
		t.Errorf("half of the seeds are right on every query: %v, %v", got, err)
	}
	if _, err := eval.EvaluateAll(qrels, nil, []eval.Metric{eval.Hits(1)}, 1); err == nil {
		t.Error("no run is accepted")
	}
}

func TestDifferencesInsideTheNoise(t *testing.T) {
	for want, d := range map[string]eval.Difference{
		"~ (p 0.31)":        {Value: 0.02, P: 0.31},
		"~ (p 0.051)":       {Value: -0.02, P: 0.0511},
		"+0.115 (p 0.012)":  {Value: 0.115, P: 0.0121},
		"-0.080 (p <0.001)": {Value: -0.08, P: 0.0002},
	} {
		if got := d.String(); got != want {
			t.Errorf("%+v prints %q, want %q", d, got, want)
		}
	}
}

// R: t.test(c(.5, .55, .6))$conf.int is 0.55 ± 0.1242069.
func TestSeeds(t *testing.T) {
	mean, half := eval.Seeds([]float64{0.5, 0.55, 0.6})
	if math.Abs(mean-0.55) > 1e-12 || math.Abs(half-0.1242069) > 1e-6 {
		t.Errorf("%v ± %v", mean, half)
	}
	if mean, half := eval.Seeds([]float64{0.5}); mean != 0.5 || !math.IsNaN(half) {
		t.Errorf("one seed gives %v ± %v", mean, half)
	}
}

// sklearn.metrics.f1_score([0,0,0,1,1,2], [0,0,1,1,2,0], average="macro") is 0.3888…; a label that occurs nowhere is left out there too.
func TestMacroF1(t *testing.T) {
	c := eval.Confusion{Labels: make([]dataset.Label, 4), Counts: [][]int{{2, 1, 0, 0}, {0, 1, 1, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}}, Unranked: make([]int, 4)}
	if got := c.MacroF1(); math.Abs(got-(2.0/3+0.5+0)/3) > 1e-12 {
		t.Errorf("macro F1 is %v", got)
	}
	c.Unranked[0] = 3 // missed
	if got := c.MacroF1(); math.Abs(got-(4.0/9+0.5+0)/3) > 1e-12 {
		t.Errorf("with missed queries, macro F1 is %v", got)
	}
	if got := (eval.Confusion{}).MacroF1(); got != 0 {
		t.Errorf("of nothing it is %v", got)
	}
}

func ExampleCompare() {
	qrels := eval.Qrels{"a": {"1": 1}, "b": {"1": 1}, "c": {"1": 1}}
	good := eval.Run{"a": {{ID: "1"}}, "b": {{ID: "1"}}, "c": {{ID: "1"}}}
	bad := eval.Run{"a": {{ID: "2"}}, "b": {{ID: "1"}}, "c": {{ID: "1"}}}
	difference, err := eval.Compare(qrels, eval.Hits(1), []eval.Run{good}, []eval.Run{bad}, 1)
	fmt.Printf("%.3f %v %v\n", difference.Value, difference, err) // three queries prove nothing
	// Output: 0.333 ~ (p 1.00) <nil>
}

func ExampleSeeds() {
	mean, half := eval.Seeds([]float64{0.71, 0.74, 0.73})
	fmt.Printf("%.3f ± %.3f\n", mean, half)
	// Output: 0.727 ± 0.038
}

func ExampleConfusion_MacroF1() {
	c := eval.Confusion{Counts: [][]int{{8, 2}, {1, 9}}, Unranked: []int{0, 0}}
	fmt.Printf("%.3f\n", c.MacroF1())
	// Output: 0.850
}
