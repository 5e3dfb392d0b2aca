package eval_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

var labels = []dataset.Label{{ID: 30, Name: "Water"}, {ID: 20, Name: "Logistics"}, {ID: 10, Name: "Advocacy"}}

func TestRankLabels(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		scores []float64
		want   string
	}{
		{[]float64{1, 3, 2}, "20 10 30"},
		{[]float64{2, 2, 2}, "30 20 10"}, // ties keep the order of labels, not of ids
		{[]float64{1, 2, 2}, "20 10 30"},
		{[]float64{nan, -1, nan}, "20 30 10"},
		{[]float64{math.Inf(-1), 0, math.Inf(1)}, "10 20 30"},
	} {
		ranked, err := eval.RankLabels(labels, test.scores)
		var ids []string
		for _, d := range ranked {
			ids = append(ids, d.ID)
		}
		if got := strings.Join(ids, " "); err != nil || got != test.want {
			t.Errorf("scores %v rank as %s, %v; want %s", test.scores, got, err, test.want)
		}
	}
	if _, err := eval.RankLabels(labels, []float32{1}); err == nil {
		t.Error("one score for three labels is accepted")
	}
}

func TestLabelQrels(t *testing.T) {
	got, err := eval.LabelQrels([]dataset.Query{{ID: "a", Label: 20}, {ID: "b", Label: 30}})
	if err != nil || got["a"]["20"] != 1 || got["b"]["30"] != 1 || len(got["a"]) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range [][]dataset.Query{{{ID: "a"}}, {{ID: "a", Label: 1}, {ID: "a", Label: 2}}} {
		if got, err := eval.LabelQrels(bad); err == nil {
			t.Errorf("%v gives %v, want an error", bad, got)
		}
	}
}

// labelled makes n queries a label; the share of right answers depends on the label.
func labelled(n int, share map[int]float64) (eval.Qrels, eval.Run) {
	qrels, run := eval.Qrels{}, eval.Run{}
	for _, l := range labels {
		for i := range n {
			id := fmt.Sprintf("%d-%d", l.ID, i)
			qrels[id] = map[string]int{eval.LabelID(l.ID): 1}
			run[id] = eval.Ranking{{ID: "wrong", Score: 1}}
			if float64(i) < share[l.ID]*float64(n) {
				run[id] = eval.Ranking{{ID: eval.LabelID(l.ID), Score: 1}}
			}
		}
	}
	return qrels, run
}

func evaluate(t *testing.T, qrels eval.Qrels, run eval.Run, metrics ...eval.Metric) []eval.Summary {
	t.Helper()
	summaries, err := eval.Evaluate(qrels, run, metrics, 7)
	if err != nil {
		t.Fatal(err)
	}
	return summaries
}

func TestMacroAverageWeighsLabelsAlike(t *testing.T) {
	qrels, run := labelled(4, map[int]float64{30: 1, 20: 0.5})
	for i := range 12 { // 12 more right answers for one label
		id := fmt.Sprint("more", i)
		qrels[id], run[id] = map[string]int{"30": 1}, eval.Ranking{{ID: "30"}}
	}
	got := evaluate(t, qrels, run, eval.Hits(1), eval.Macro(eval.Hits(1)))
	if want := 18.0 / 24; math.Abs(got[0].Value-want) > 1e-12 || got[0].N != 24 {
		t.Errorf("hits@1 is %g of %d, want %g of 24", got[0].Value, got[0].N, want)
	}
	if want := (1 + 0.5 + 0) / 3; math.Abs(got[1].Value-want) > 1e-12 || got[1].N != 24 {
		t.Errorf("macro_hits@1 is %g of %d, want %g of 24", got[1].Value, got[1].N, want)
	}
}

func TestMacroAverageNeedsOneLabel(t *testing.T) {
	for name, grades := range map[string]map[string]int{"two": {"a": 1, "b": 2}, "none": {"a": 0}} {
		_, err := eval.Evaluate(eval.Qrels{"q7": grades}, nil, []eval.Metric{eval.Macro(eval.MRR(0))}, 1)
		if err == nil || !strings.Contains(err.Error(), `macro_mrr: query "q7"`) {
			t.Errorf("%s relevant labels: got %v, want an error that names metric and query", name, err)
		}
	}
}

func TestNothingToEvaluate(t *testing.T) {
	if got, err := eval.Evaluate(eval.Qrels{}, eval.Run{"q": nil}, []eval.Metric{eval.Hits(1)}, 1); err == nil {
		t.Errorf("got %v, want an error", got)
	}
}

// For a share p of n queries the interval must agree with the normal approximation p ± 1.96 √(p(1-p)/n).
func TestIntervalOfAShare(t *testing.T) {
	qrels, run := labelled(60, map[int]float64{30: 0.9, 20: 0.5, 10: 0.3})
	got := evaluate(t, qrels, run, eval.Hits(1))[0]
	p := (0.9 + 0.5 + 0.3) / 3
	half := 1.96 * math.Sqrt(p*(1-p)/180)
	if math.Abs(got.Low-(p-half)) > 0.01 || math.Abs(got.High-(p+half)) > 0.01 {
		t.Errorf("interval is %v, want %.3f ± %.3f", got, p, half)
	}
}

// Stratified by label, only the variance within labels counts: √(Σ p(1-p)/n) / 3.
func TestMacroIntervalIsStratified(t *testing.T) {
	qrels, run := labelled(60, map[int]float64{30: 1, 20: 0.5})
	got := evaluate(t, qrels, run, eval.Macro(eval.Hits(1)))[0]
	half := 1.96 * math.Sqrt(0.25/60) / 3
	if math.Abs(got.Low-(0.5-half)) > 0.005 || math.Abs(got.High-(0.5+half)) > 0.005 {
		t.Errorf("interval is %v, want 0.5 ± %.3f", got, half)
	}
}

func TestIntervalWithoutVariance(t *testing.T) {
	qrels, run := labelled(5, map[int]float64{30: 1, 20: 1, 10: 1})
	for _, s := range evaluate(t, qrels, run, eval.Hits(1), eval.NDCG(10), eval.Macro(eval.Hits(1))) {
		if s.Low != 1 || s.Value != 1 || s.High != 1 {
			t.Errorf("all right, but %v", s)
		}
	}
}

// The intervals are those of Newcombe 1998 ("Two-sided confidence intervals for the single proportion"), table I, method 3.
func TestWilson(t *testing.T) {
	for _, test := range []struct {
		right, n  int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}, {20, 20, 0.8389, 1}} {
		low, high := eval.Wilson(float64(test.right)/float64(test.n), test.n)
		if math.Abs(low-test.low) > 5e-5 || math.Abs(high-test.high) > 5e-5 {
			t.Errorf("%d of %d: [%.4f, %.4f], want [%.4f, %.4f]", test.right, test.n, low, high, test.low, test.high)
		}
	}
}

func TestSameSeedSameBits(t *testing.T) {
	metrics := []eval.Metric{eval.NDCG(10), eval.MRR(0), eval.Macro(eval.NDCG(3))}
	r := rand.New(rand.NewPCG(1, 1))
	qrels, run := eval.Qrels{}, eval.Run{}
	for q := range 50 {
		id := fmt.Sprint(q)
		scores := []float64{r.Float64(), r.Float64(), r.Float64()}
		ranked, err := eval.RankLabels(labels, scores)
		if err != nil {
			t.Fatal(err)
		}
		qrels[id], run[id] = map[string]int{eval.LabelID(labels[r.IntN(3)].ID): 1}, ranked
	}
	first := evaluate(t, qrels, run, metrics...)
	for range 3 { // maps are walked in another order each time
		if again := evaluate(t, qrels, run, metrics...); !slices.Equal(first, again) {
			t.Fatalf("%v, then %v", first, again)
		}
	}
	other, err := eval.Evaluate(qrels, run, metrics, 8)
	if err != nil || other[0].Value != first[0].Value || other[0].Low == first[0].Low {
		t.Errorf("another seed gives %v, %v; want the value of %v and another interval", other[0], err, first[0])
	}
}

// Renaming queries or documents, and rankings of other queries, change no value.
func TestValuesDoNotDependOnNames(t *testing.T) {
	for i, c := range ranxCases(t)[:40] {
		qrels, run := eval.Qrels{}, eval.Run{"somebody else's": {{ID: "x"}}}
		for query, grades := range c.Qrels {
			renamed := map[string]int{}
			for id, grade := range grades {
				renamed["new "+id] = grade
			}
			qrels[reverse(query)] = renamed
		}
		for query, ranked := range c.run() {
			if _, ok := c.Qrels[query]; !ok {
				continue
			}
			for _, d := range ranked {
				run[reverse(query)] = append(run[reverse(query)], eval.Scored{ID: "new " + d.ID, Score: d.Score})
			}
		}
		want, got := evaluate(t, c.Qrels, c.run(), eval.NDCG(5), eval.Recall(3)), evaluate(t, qrels, run, eval.NDCG(5), eval.Recall(3))
		for j := range want {
			if math.Abs(got[j].Value-want[j].Value) > 1e-12 {
				t.Errorf("case %d: %v, renamed %v", i, want[j], got[j])
			}
		}
	}
}

func reverse(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

func TestConfuse(t *testing.T) {
	queries := []dataset.Query{{ID: "a", Label: 30}, {ID: "b", Label: 30}, {ID: "c", Label: 10}, {ID: "d", Label: 10}}
	run := eval.Run{"a": {{ID: "30"}, {ID: "20"}}, "b": {{ID: "20"}}, "c": {{ID: "10"}}}
	c, err := eval.Confuse(labels, queries, run)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(c.Counts, c.Unranked), "[[1 1 0] [0 0 0] [0 0 1]] [0 0 1]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for name, bad := range map[string]struct {
		query dataset.Query
		run   eval.Run
	}{
		"unknown label":    {dataset.Query{ID: "a", Label: 99}, run},
		"unknown document": {dataset.Query{ID: "a", Label: 30}, eval.Run{"a": {{ID: "99"}}}},
	} {
		if _, err := eval.Confuse(labels, []dataset.Query{bad.query}, bad.run); err == nil || !strings.Contains(err.Error(), "99") {
			t.Errorf("%s: got %v, want an error that names it", name, err)
		}
	}
}
