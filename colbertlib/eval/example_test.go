package eval_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

func ExampleEvaluate() {
	labels := []dataset.Label{{ID: 1, Name: "Water"}, {ID: 2, Name: "Logistics"}}
	queries := []dataset.Query{{ID: "a", Label: 1}, {ID: "b", Label: 1}, {ID: "c", Label: 1}, {ID: "d", Label: 2}}
	scores := [][]float32{{9, 8}, {7, 5}, {6, 5}, {8, 4}} // [queries, labels]

	qrels, err := eval.LabelQrels(queries)
	if err != nil {
		fmt.Println(err)
		return
	}
	run := eval.Run{}
	for i, q := range queries {
		if run[q.ID], err = eval.RankLabels(labels, scores[i]); err != nil {
			fmt.Println(err)
			return
		}
	}
	summaries, err := eval.Evaluate(qrels, run, []eval.Metric{eval.NDCG(10), eval.Hits(1), eval.Macro(eval.Hits(1))}, 42)
	for _, s := range summaries {
		fmt.Println(s)
	}
	fmt.Println(err)
	// Output:
	// ndcg@10 0.908 [0.723, 1.000] (n 4)
	// hits@1 0.750 [0.250, 1.000] (n 4)
	// macro_hits@1 0.500 [0.500, 0.500] (n 4)
	// <nil>
}

func ExampleMetric() {
	m, err := eval.ParseMetric("hits@5")
	fmt.Println(m == eval.Hits(5), m, m.Title(), err)
	// Output: true hits@5 Hits@5 <nil>
}

func ExampleMetric_Of() {
	ranking := eval.Ranking{{ID: "logistics", Score: 3}, {ID: "water", Score: 2}}
	fmt.Printf("%.4f\n", eval.NDCG(10).Of(map[string]int{"water": 1}, ranking))
	// Output: 0.6309
}

func ExampleChance() {
	for _, m := range []eval.Metric{eval.NDCG(10), eval.Hits(1), eval.Hits(5)} {
		fmt.Printf("%s %.3f\n", m.Title(), eval.Chance(m, 9))
	}
	// Output:
	// NDCG@10 0.473
	// Hits@1 0.111
	// Hits@5 0.556
}

// None of six are right: that says less than it seems.
func ExampleWilson() {
	low, high := eval.Wilson(0, 6)
	fmt.Printf("%.2f to %.2f\n", low, high)
	// Output: 0.00 to 0.39
}

func ExampleConfuse() {
	labels := []dataset.Label{{ID: 1, Name: "Water"}, {ID: 2, Name: "Logistics"}}
	queries := []dataset.Query{{ID: "a", Label: 1}, {ID: "b", Label: 1}, {ID: "c", Label: 2}}
	run := eval.Run{"a": {{ID: "1", Score: 3}}, "b": {{ID: "2", Score: 3}}, "c": {{ID: "2", Score: 3}}}
	c, err := eval.Confuse(labels, queries, run)
	fmt.Println(c.Counts, err)
	// Output: [[1 1] [0 1]] <nil>
}

func ExampleWriteTREC() {
	dir, err := os.MkdirTemp("", "rankings")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "epoch0.trec")
	if err := eval.WriteTREC(path, eval.Run{"ad7": {{ID: "2", Score: 8.5}, {ID: "1", Score: 4}}}, "starter"); err != nil {
		fmt.Println(err)
		return
	}
	content, err := os.ReadFile(path)
	fmt.Print(string(content), err)
	// Output:
	// ad7 Q0 2 1 8.5 starter
	// ad7 Q0 1 2 4 starter
	// <nil>
}

func ExampleReadTREC() {
	run, err := eval.ReadTREC(strings.NewReader("ad7 Q0 2 1 8.5 starter\nad7 Q0 1 2 4 starter\n"), "epoch0.trec")
	fmt.Println(run["ad7"].Rank("1"), err)
	// Output: 2 <nil>
}

// The second of three documents that were ranked is relevant.
func ExampleMetric_of() {
	grades := map[string]int{eval.LabelID(7): 1}
	ranking := eval.Ranking{{ID: eval.LabelID(3), Score: 3}, {ID: eval.LabelID(7), Score: 2}, {ID: eval.LabelID(5), Score: 1}}
	for _, m := range []eval.Metric{eval.Hits(1), eval.HitRate(5), eval.MRR(10), eval.Recall(5), eval.Precision(2)} {
		fmt.Printf("%s %.1f\n", m, m.Of(grades, ranking))
	}
	// Output:
	// hits@1 0.0
	// hit_rate@5 1.0
	// mrr@10 0.5
	// recall@5 1.0
	// precision@2 0.5
}
