package eval_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

// ranxCase is one case of testdata/metrics.json.gz: qrels, scores and the metrics that ranx 0.3.21 gave for them, with
// make_comparable. The cases hold one, several and graded relevant documents, some never retrieved, explicit zeros, and
// queries that are empty, missing or not in the qrels.
type ranxCase struct {
	Qrels    eval.Qrels
	Run      map[string]map[string]float64
	Expected map[string]float64
}

func ranxCases(t *testing.T) []ranxCase {
	t.Helper()
	file, err := os.Open("testdata/metrics.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Cases []ranxCase }
	if err := json.NewDecoder(unzipped).Decode(&golden); err != nil {
		t.Fatal(err)
	}
	return golden.Cases
}

func (c ranxCase) run() eval.Run {
	run := eval.Run{}
	for query, scores := range c.Run {
		run[query] = ranking(scores)
	}
	return run
}

// ranking orders documents by score; equal scores by id.
func ranking(scores map[string]float64) eval.Ranking {
	var r eval.Ranking
	for _, id := range slices.Sorted(maps.Keys(scores)) {
		r = append(r, eval.Scored{ID: id, Score: scores[id]})
	}
	slices.SortStableFunc(r, func(a, b eval.Scored) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return r
}

func TestMetricsEqualRanx(t *testing.T) {
	cases := ranxCases(t)
	if len(cases) != 200 {
		t.Fatalf("%d golden cases, want 200", len(cases))
	}
	for i, c := range cases {
		if len(c.Expected) != 23 {
			t.Fatalf("case %d expects %d metrics, want 23", i, len(c.Expected))
		}
		run := c.run()
		for name, want := range c.Expected {
			m, err := eval.ParseMetric(name)
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for query, grades := range c.Qrels {
				sum += m.Of(grades, run[query])
			}
			if got := sum / float64(len(c.Qrels)); !(math.Abs(got-want) <= 1e-9) {
				t.Errorf("case %d: %s is %.12f, ranx has %.12f", i, m, got, want)
			}
		}
	}
}

// The same through Evaluate, for a few cases, since its intervals take time.
func TestEvaluateEqualsRanx(t *testing.T) {
	metrics := []eval.Metric{eval.NDCG(10), eval.Hits(5), eval.MRR(0), eval.Recall(5)}
	for i, c := range ranxCases(t)[:30] {
		for _, s := range evaluate(t, c.Qrels, c.run(), metrics...) {
			if want := c.Expected[s.Metric.String()]; !(math.Abs(s.Value-want) <= 1e-9) {
				t.Errorf("case %d: %v, ranx has %.12f", i, s, want)
			}
		}
	}
}

func TestNames(t *testing.T) {
	for _, test := range []struct {
		metric      eval.Metric
		name, title string
	}{
		{eval.NDCG(10), "ndcg@10", "NDCG@10"},
		{eval.Hits(1), "hits@1", "Hits@1"},
		{eval.HitRate(3), "hit_rate@3", "Hit rate@3"},
		{eval.MRR(0), "mrr", "MRR"},
		{eval.MRR(-1), "mrr", "MRR"},
		{eval.Recall(5), "recall@5", "Recall@5"},
		{eval.Precision(5), "precision@5", "Precision@5"},
		{eval.Macro(eval.Hits(1)), "macro_hits@1", "Macro Hits@1"},
	} {
		if test.metric.String() != test.name || test.metric.Title() != test.title {
			t.Errorf("prints %q and %q, want %q and %q", test.metric, test.metric.Title(), test.name, test.title)
		}
		if parsed, err := eval.ParseMetric(test.name); err != nil || parsed != test.metric {
			t.Errorf("ParseMetric(%q) = %v, %v", test.name, parsed, err)
		}
	}
	for _, bad := range []string{"", "ndgc@10", "hits@", "hits@0", "hits@-1", "hits@01", "hits@x", "hits@1@2", "macro_", "@1", "NDCG@10", "macro_macro_hits@1"} {
		if m, err := eval.ParseMetric(bad); err == nil {
			t.Errorf("ParseMetric(%q) = %v, want an error", bad, m)
		}
	}
}

func TestMetricsAreJSONKeysAndValues(t *testing.T) {
	in := map[eval.Metric]eval.Summary{eval.Macro(eval.Hits(1)): {Metric: eval.NDCG(10), Value: 0.5, N: 4, Low: 0.25, High: 0.75}}
	text, err := json.Marshal(in)
	const want = `{"macro_hits@1":{"metric":"ndcg@10","value":0.5,"n":4,"low":0.25,"high":0.75}}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v; want %s", text, err, want)
	}
	var out map[eval.Metric]eval.Summary
	if err := json.Unmarshal(text, &out); err != nil || !maps.Equal(in, out) {
		t.Errorf("read back as %v, %v", out, err)
	}
}

// randomQuery makes judgements and a ranking without equal scores.
func randomQuery(r *rand.Rand) (map[string]int, eval.Ranking) {
	grades, scores := map[string]int{}, map[string]float64{}
	for d := range 1 + r.IntN(12) {
		id := fmt.Sprint("d", d)
		if r.IntN(2) == 0 {
			grades[id] = r.IntN(4)
		}
		if r.IntN(4) > 0 {
			scores[id] = r.Float64()
		}
	}
	return grades, ranking(scores)
}

var allKinds = []func(int) eval.Metric{eval.NDCG, eval.Hits, eval.HitRate, eval.MRR, eval.Recall, eval.Precision}

func TestMetricsStayInBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		grades, ranked := randomQuery(r)
		for _, metric := range allKinds {
			for k := range 13 {
				m, upper := metric(k), 1.0
				if m == eval.Hits(k) {
					upper = float64(len(ranked))
				}
				if v := m.Of(grades, ranked); !(v >= 0 && v <= upper+1e-12) {
					t.Fatalf("%s of %v with %v is %g, want 0 to %g", m, ranked, grades, v, upper)
				}
			}
		}
	}
}

// The largest DCG over all orders of the judged documents is the ideal one, by trying them all.
func TestNDCGEqualsBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		grades, ranked := map[string]int{}, eval.Ranking{}
		for d := range 1 + r.IntN(6) {
			id := fmt.Sprint("d", d)
			grades[id] = r.IntN(4)
			ranked = append(ranked, eval.Scored{ID: id})
		}
		for k := 1; k <= len(ranked); k++ {
			best := 0.0
			permute(slices.Clone(ranked), func(order eval.Ranking) { best = max(best, dcg(order, grades, k)) })
			want := 0.0
			if best > 0 {
				want = dcg(ranked, grades, k) / best
			}
			if got := eval.NDCG(k).Of(grades, ranked); math.Abs(got-want) > 1e-12 {
				t.Fatalf("ndcg@%d of %v with %v is %g, want %g", k, ranked, grades, got, want)
			}
		}
	}
}

func dcg(order eval.Ranking, grades map[string]int, k int) (sum float64) {
	for i, d := range order[:k] {
		sum += float64(grades[d.ID]) * math.Ln2 / math.Log(float64(i)+2)
	}
	return sum
}

// permute calls visit with every order of r.
func permute(r eval.Ranking, visit func(eval.Ranking)) {
	var swap func(int)
	swap = func(i int) {
		if i == len(r) {
			visit(r)
		}
		for j := i; j < len(r); j++ {
			r[i], r[j] = r[j], r[i]
			swap(i + 1)
			r[i], r[j] = r[j], r[i]
		}
	}
	swap(0)
}

// With one relevant document the metrics are functions of its rank.
func TestOneRelevantDocument(t *testing.T) {
	ranked := eval.Ranking{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	for rank, id := range []string{"a", "b", "c"} {
		grades, place := map[string]int{id: 1}, float64(rank+1)
		if got := eval.NDCG(10).Of(grades, ranked); math.Abs(got-1/math.Log2(place+1)) > 1e-15 {
			t.Errorf("ndcg@10 at rank %v is %g", place, got)
		}
		if got := eval.MRR(0).Of(grades, ranked); got != 1/place {
			t.Errorf("mrr at rank %v is %g", place, got)
		}
		if h, r := eval.Hits(2).Of(grades, ranked), eval.Recall(2).Of(grades, ranked); h != r || h != eval.HitRate(2).Of(grades, ranked) {
			t.Errorf("at rank %v hits@2 %g, recall@2 %g and hit_rate@2 differ", place, h, r)
		}
		if got := ranked.Rank(id); got != rank+1 {
			t.Errorf("rank of %s is %d, want %d", id, got, rank+1)
		}
	}
	if got := ranked.Rank("z"); got != 0 {
		t.Errorf("rank of an absent document is %d, want 0", got)
	}
	if got := eval.Precision(0).Of(map[string]int{"a": 1}, ranked); got != 1.0/3 {
		t.Errorf("precision without cut-off is %g, want 1/3", got)
	}
}

// The reported experiment's chance levels with nine labels, and those of one label, where nothing can go wrong.
func TestChance(t *testing.T) {
	for _, test := range []struct {
		metric eval.Metric
		n      int
		want   float64
	}{
		{eval.Hits(1), 9, 0.1111}, {eval.Hits(5), 9, 0.5556}, {eval.NDCG(10), 9, 0.4727}, {eval.Macro(eval.Hits(1)), 9, 0.1111},
		{eval.NDCG(10), 1, 1}, {eval.Recall(10), 20, 0.5}, {eval.MRR(0), 2, 0.75},
	} {
		if got := eval.Chance(test.metric, test.n); math.Abs(got-test.want) > 5e-5 {
			t.Errorf("chance of %s with %d labels is %.5f, want %.4f", test.metric, test.n, got, test.want)
		}
	}
}
