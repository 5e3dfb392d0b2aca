package experiment

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		value, tolerance, reached float64
		want                      Word
	}{
		{0.5, 0, 0.5, OK},
		{0.5, 0.1, 0.6, OK},
		{0.5, 0.1, 0.4, OK},
		{0.5, 0.1, 0.601, OKish},
		{0.5, 0.1, 0.399, Fail},
		{0.5, 0, 0.501, OKish},
		{0.3, 0.1, 0.1 + 0.1, OK}, // 0.2 and 0.3-0.1 differ in binary
	} {
		expected := Expected{Score: Score{Value: test.value}, Tolerance: test.tolerance}
		if got := judge(expected, test.reached); got != test.want {
			t.Errorf("%v expected, %v reached: %s, want %s", expected, test.reached, got, test.want)
		}
	}
}

// finished is a run that never took place.
func finished(t *testing.T, name string, hits ...float64) *Run {
	t.Helper()
	r := &Run{Recipe: smallRecipe(t, "name="+name), Scores: Scores{
		Experiment: name, Data: Synthetic, Trained: 90, Queries: 20, Labels: []Label{{1, "Water"}, {2, "Logistics"}},
	}}
	for i, value := range hits {
		r.Scores.Points = append(r.Scores.Points, Point{Name: pointName(i - 1), Epoch: i - 1, Updates: 3 * i, Scores: []eval.Summary{
			{Metric: eval.NDCG(10), Value: value, N: 20, Low: value - 0.1, High: value + 0.1},
			{Metric: eval.Hits(1), Value: value, N: 20, Low: value - 0.1, High: value + 0.1},
		}})
	}
	return r
}

func TestVerdicts(t *testing.T) {
	for _, test := range []struct {
		expected string
		want     Word
		count    int
	}{
		{"[]", "", 0},
		{"[{epoch: 7, metric: hits@1, value: 1, tolerance: 0}]", "", 0}, // an epoch that was not trained
		{"[{epoch: 1, metric: hits@1, value: 0.6, tolerance: 0.1}]", OK, 1},
		{"[{epoch: 1, metric: hits@1, value: 0.6, tolerance: 0.1}, {epoch: 0, metric: ndcg@10, value: 0.1, tolerance: 0.1}]", OKish, 2},
		{"[{epoch: 1, metric: hits@1, value: 0.9, tolerance: 0.1}, {epoch: 0, metric: ndcg@10, value: 0.1, tolerance: 0.1}]", Fail, 2},
	} {
		r := finished(t, "small", 0.3, 0.5, 0.6)
		if err := r.Recipe.Set("expected=" + test.expected); err != nil {
			t.Fatal(err)
		}
		if got := r.Verdict(); got != test.want || len(r.Verdicts()) != test.count {
			t.Errorf("expected %s: %s of %d verdicts, want %s of %d", test.expected, got, len(r.Verdicts()), test.want, test.count)
		}
	}
}

func TestReport(t *testing.T) {
	r := finished(t, "small", 0.25, 0.5, 0.65)
	r.Recipe.Model.Base = "/somebody/else/encoder"
	r.Inputs.Warnings = []string{"something is odd"}
	want := `# small

A recipe for tests.

Base model encoder; trained on 90 triples, evaluated on 20 ads (synthetic), 2 labels.
2 epochs of the pairwise loss, 3 triples a micro-batch, an update every 2 micro-batches, learning rate 0.001, seed 7.

| after     | updates | NDCG@10            | Hits@1             | published  |
|-----------|---------|--------------------|--------------------|------------|
| chance    |         | 0.815              | 0.500              |            |
| untrained | 0       | 0.250 [0.15, 0.35] | 0.250 [0.15, 0.35] |            |
| epoch 0   | 3       | 0.500 [0.40, 0.60] | 0.500 [0.40, 0.60] | - / 0.2500 |
| epoch 1   | 6       | 0.650 [0.55, 0.75] | 0.650 [0.55, 0.75] |            |

[low, high]: 95 % interval over the evaluated ads. Chance: labels in random order.
Published (NDCG@10 / Hits@1): nobody.
Note: something is odd.

| expected | after   | value  | tolerance | reached | verdict |
|----------|---------|--------|-----------|---------|---------|
| Hits@1   | epoch 1 | 0.5000 | 0.5000    | 0.6500  | OK      |

Verdict: OK
`
	if got := r.Report(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// putRun writes a run's files, as far as Readme needs them.
func putRun(t *testing.T, results string, r *Run, started string) {
	t.Helper()
	var err error
	if r.Environment.Started, err = time.Parse(time.DateTime, started); err != nil {
		t.Fatal(err)
	}
	r.Environment.Processor, r.Environment.CPUs, r.Environment.Commit = "Abacus", 2, "0123456789abcdef"
	if err := r.makeFolder(results); err != nil {
		t.Fatal(err)
	}
	for i := range r.Scores.Points {
		r.Scores.Points[i].ranking = eval.Run{"q": {{ID: "1", Score: 1}}}
		if err := eval.WriteTREC(r.path(r.Scores.Points[i].file()), r.Scores.Points[i].ranking, "test"); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.write(nil); err != nil {
		t.Fatal(err)
	}
}

func TestReadme(t *testing.T) {
	results := t.TempDir()
	first, second, stopped, real := finished(t, "small", 0.3, 0.5, 0.6), finished(t, "small", 0.3, 0.5, 0.7), finished(t, "small", 0.3), finished(t, "other", 0.1, 0.2, 0.25)
	real.Scores.Data = "reliefweb"
	putRun(t, results, second, "2026-11-24 10:00:00")
	putRun(t, results, first, "2026-11-23 09:00:00")
	putRun(t, results, stopped, "2026-11-25 09:00:00")
	putRun(t, results, real, "2026-11-22 09:00:00")
	for _, r := range []*Run{first, second, real} {
		content := []byte(r.Environment.Started.Add(90*time.Second).Format(time.RFC3339) + "\n")
		if err := r.writeFile(doneFile, content); err != nil {
			t.Fatal(err)
		}
	}
	page, err := readmeOf(t, results)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| [other](#other) | NDCG@10 / Hits@1 | none      | not run                | 0.2500 / 0.2500 (n 20) | OK      | 1    |",
		"| [small](#small) | NDCG@10 / Hits@1 | none      | 0.7000 / 0.7000 (n 20) | not run                | OK      | 2    |",
		"\n## small\n\nA recipe for tests.\n",
		"](small/runs/" + second.ID() + "/plots/metrics.png)",
		"2026-11-23 09:00 | 1.5     | synthetic | 0.001",
		"0123456789ab | Abacus, 2 CPUs |",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(page, stopped.ID()) {
		t.Errorf("an unfinished run is shown:\n%s", page)
	}
	if strings.Index(page, first.ID()+"]") > strings.Index(page, second.ID()+"](") {
		t.Error("runs are not in the order of their time")
	}
	if err := WriteReadme(results); err != nil {
		t.Fatal(err)
	}
	if again, err := readmeOf(t, results); err != nil || again != page {
		t.Errorf("the page changes when it is there: %v", err)
	}
	foreign := filepath.Join(results, "README.md")
	if err := os.WriteFile(foreign, []byte("# Mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteReadme(results); err == nil || !strings.Contains(err.Error(), "README.md is not a page of results") {
		t.Errorf("somebody's page: error %v", err)
	}
	if content, err := os.ReadFile(foreign); err != nil || string(content) != "# Mine\n" {
		t.Errorf("somebody's page is %q now: %v", content, err)
	}
}

func TestReadmeReportsABrokenRun(t *testing.T) {
	results := t.TempDir()
	run := finished(t, "small", 0.3, 0.5, 0.6)
	putRun(t, results, run, "2026-11-24 10:00:00")
	for name, content := range map[string]string{doneFile: "2026-11-24T10:05:00Z\n", scoresFile: "{"} {
		if err := run.writeFile(name, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := readmeOf(t, results); err == nil || !strings.Contains(err.Error(), scoresFile) {
		t.Errorf("error %v", err)
	}
}

func TestScoresFileKeepsItsForm(t *testing.T) {
	content, err := json.Marshal(finished(t, "small", 0.5).Scores)
	want := `{"experiment":"small","data":"synthetic","definition":"","trained":90,"queries":20,"labels":[{"id":1,"name":"Water"},{"id":2,"name":"Logistics"}],` +
		`"points":[{"name":"untrained","epoch":-1,"updates":0,"scores":[{"metric":"ndcg@10","value":0.5,"n":20,"low":0.4,"high":0.6},{"metric":"hits@1","value":0.5,"n":20,"low":0.4,"high":0.6}]}]}`
	if err != nil || string(content) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, content, want)
	}
}

func readmeOf(t *testing.T, results string) (string, error) {
	t.Helper()
	return Readme(os.DirFS(results))
}
