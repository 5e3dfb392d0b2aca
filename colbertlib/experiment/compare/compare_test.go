package compare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
)

// topics are labels and words that their advertisements use. The texts are made up.
var topics = []struct{ name, description, other, words string }{
	{"Water", "Wells, pumps, latrines and clean water.", "Whatever one drinks.", "well pump water latrine pipe"},
	{"Logistics", "Trucks, warehouses, fuel and customs.", "Moving goods.", "truck warehouse fuel fleet customs"},
	{"Health", "Clinics, nurses, vaccines and medicines.", "Care for the sick.", "clinic nurse vaccine doctor medicine"},
}

func triples(split string, n int) (list []dataset.Triple) {
	for k := range n {
		for i, topic := range topics {
			words := strings.Fields(topic.words)
			t := dataset.Triple{
				Query: fmt.Sprintf("%s officer %s\nWork on %s and %s in month %d.", words[k%5], split, words[(k+1)%5], words[(k+3)%5], k), Label: i + 1,
				Positive: topic.description, Negative: topics[(i+1+k%2)%3].description, ID: fmt.Sprintf("%s-%d-%d", split, i, k), Source: "made-up", Language: "en",
			}
			if k%2 == 1 { // in other words
				t.Positive, t.Negative = topic.other, topics[(i+1)%3].other
			}
			list = append(list, t)
		}
	}
	return list
}

func tinyLabels() (labels []dataset.Label) {
	for i, topic := range topics {
		labels = append(labels, dataset.Label{ID: i + 1, Name: topic.name, Description: topic.description})
	}
	return labels
}

// tinyRecipe trains the golden BERT, 2 layers of 32 dimensions with random weights, on 12 advertisements.
func tinyRecipe(t *testing.T) experiment.Recipe {
	t.Helper()
	data, model := t.TempDir(), t.TempDir()
	set := dataset.Set{Labels: tinyLabels(), Train: triples("train", 4), Validate: triples("validate", 2), Test: triples("test", 3)}
	var natural strings.Builder
	for k := range 4 {
		fmt.Fprintf(&natural, `{"id": "n%d", "title": "Nurse", "body": "Clinic and vaccine, month %d.", "category_id": 3, "language": "en"}`+"\n", k, k)
	}
	if err := errors.Join(set.Write(data, dataset.Manifest{Version: "three-topics", Source: "by hand"}),
		os.WriteFile(filepath.Join(data, naturalFile), []byte(natural.String()), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"config.json", "tokenizer.json", "model.safetensors"} {
		content, err := os.ReadFile(filepath.Join(goldenDir(t), "models/bert-tiny", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(model, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	recipe, err := experiment.ReadRecipe([]byte(`name: tiny
about: A recipe for tests.
data: {source: DATA, labels: "", train: train, evaluate: validate, obtain: ""}
model:
  base: MODEL
  head: 8
  similarity: clip-zero
  query: {prefix: "[Q] ", length: 32}
  document: {prefix: "[D] ", length: 16}
  obtain: ""
train: {epochs: 1, batch_size: 4, accumulation: 1, learning_rate: 0.005, seed: 1}
evaluation: {metrics: [hits@1], candidates: exhaustive}
published: {source: "", scores: []}
expected: []
`), "tiny.yaml")
	if err == nil {
		err = recipe.Set("data.source="+data, "model.base="+model)
	}
	if err != nil {
		t.Fatal(err)
	}
	return recipe
}

func goldenDir(t *testing.T) string {
	t.Helper()
	return fmt.Sprint(golden.FS(t))
}

func tinySpec(t *testing.T) Spec {
	t.Helper()
	return Spec{Name: "tiny", Rows: []Trained{{"tiny", tinyRecipe(t)}}, Seeds: 2, Sizes: []int{6}, LeaveOneLabelOut: true}
}

// A whole comparison: it is stopped in the middle, goes on without running a finished trial again, and its tables can be made anew.
func TestExecute(t *testing.T) {
	spec, results := tinySpec(t), t.TempDir()
	var run []string
	ctx, cancel := context.WithCancel(t.Context())
	train := func(ctx context.Context, dir, trial string) error {
		run = append(run, trial)
		if len(run) == 3 {
			cancel() // in the middle of a training
		}
		return RunTrial(ctx, dir, trial, "go", nil)
	}
	options := Options{Results: results, Backend: "go", Train: train}
	if _, err := Execute(ctx, spec, options); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "the same command goes on") {
		t.Fatalf("stopped: %v", err)
	}
	if _, err := Latest(results, "tiny"); err == nil || !strings.Contains(err.Error(), "no finished comparison") {
		t.Errorf("of an unfinished one: %v", err)
	}
	stopped := run[2]
	c, err := Execute(t.Context(), spec, options)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(run)
	want := []string{"tiny/seed-1", "tiny/seed-1-size-6", "tiny/seed-1-without-1", "tiny/seed-1-without-2", "tiny/seed-1-without-3",
		"tiny/seed-2", "tiny/seed-2-size-6", "tiny/seed-2-without-1", "tiny/seed-2-without-2", "tiny/seed-2-without-3", stopped}
	slices.Sort(want)
	if !slices.Equal(run, want) {
		t.Errorf("trained %q, want %q: only the one that was stopped twice", run, want)
	}
	checkComparison(t, c)
	run, spec.Seeds, spec.Sizes, spec.LeaveOneLabelOut = nil, 3, nil, false
	third := []string{"tiny/seed-3", "tiny/seed-3-size-6", "tiny/seed-3-without-1", "tiny/seed-3-without-2", "tiny/seed-3-without-3"}
	if c, err = Execute(t.Context(), spec, options); err != nil || c.Spec.Seeds != 3 || !slices.Equal(run, third) {
		t.Fatalf("a third seed: trained %q, want %q, %v", run, third, err)
	}
	report, err := os.ReadFile(filepath.Join(c.Dir, tableFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"zero-shot MaxSim + biases", "ColBERT tiny", "Natural mix", "without their titles", "A label that training never saw", "| 6 ", "ColBERT tiny + BM25", "; ColBERT tiny ", "ColBERT tiny: loss pairwise (as reported); epochs 1,"} {
		if !strings.Contains(string(report), part) {
			t.Errorf("the report lacks %q:\n%s", part, report)
		}
	}
	again, err := Latest(results, "tiny")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := again.Report(); err != nil || text != string(report) {
		t.Errorf("read again, the report differs (%v):\n%s", err, text)
	}
	for _, plot := range []string{"rows", "rows-natural", "titles", "curve", "unseen", "confusion-tiny", "calibration-tiny"} {
		if !exists(filepath.Join(c.Dir, "plots", plot+".png")) || !exists(filepath.Join(c.Dir, "plots", plot+".svg")) {
			t.Errorf("there is no plot %s", plot)
		}
	}
	checkEnvironments(t, c.Dir)
	if left, _ := filepath.Glob(filepath.Join(c.Dir, "trials", "*", "*", "work")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// checkEnvironments wants one for the untrained rows, and one for each trained trial.
func checkEnvironments(t *testing.T, dir string) {
	t.Helper()
	trials, err := filepath.Glob(filepath.Join(dir, "trials", "tiny", "*"))
	if err != nil || len(trials) != 15 {
		t.Fatalf("%d trials of the trained row, %v", len(trials), err)
	}
	for _, folder := range append(trials, dir) {
		var e experiment.Environment
		if err := readJSON(os.DirFS(folder), environmentFile, &e); err != nil || e.Started.IsZero() || e.Backend == "" {
			t.Errorf("%s: %v, %+v", folder, err, e)
		}
	}
}

func checkComparison(t *testing.T, c *Comparison) {
	t.Helper()
	judged, err := c.Judge(Test, nil)
	if err != nil || len(judged) != len(baselines)+3 { // the trained row, and two with BM25
		t.Fatalf("%d rows, %v", len(judged), err)
	}
	words := judged[2]
	if words.Row != "TF-IDF + logistic regression" || words.Scores[0].Value < 0.8 || words.Scores[0].N != 9 {
		t.Errorf("words tell these topics apart, but %+v", words)
	}
	unseen, err := c.Unseen()
	if err != nil || len(unseen) != len(judged) {
		t.Fatalf("%d rows, %v", len(unseen), err)
	}
	curve, err := c.CurveTable()
	if err != nil || slices.ContainsFunc(curve, func(line []string) bool { return strings.Contains(line[0], "BM25") }) {
		t.Errorf("the learning curve has rows whose weight of BM25 was chosen with more advertisements (%v): %q", err, curve)
	}
	if u := unseen[2]; u.New.Value != 0 || u.New.N != 9 || u.Trained < 0.8 || u.Others < 0.8 {
		t.Errorf("a classifier cannot find a label that it never saw, but keeps the others: %+v", u)
	}
}

func TestPartsWithoutALabelHaveNoTraceOfIt(t *testing.T) {
	c := &corpus{labels: tinyLabels(), train: triples("train", 10), sets: map[string][]dataset.Query{}}
	p := c.part(Variant{Seed: 1, Without: 2})
	if len(p.labels) != 2 || len(p.train) != 20 {
		t.Fatalf("%d labels, %d triples", len(p.labels), len(p.train))
	}
	for _, triple := range p.train {
		for _, text := range []string{triple.Positive, triple.Negative} {
			if text == topics[1].description || text == topics[1].other {
				t.Errorf("%s: the description of the label that is left out: %q", triple.ID, text)
			}
		}
		if triple.Negative == triple.Positive || triple.Negative == topics[triple.Label-1].description || triple.Negative == topics[triple.Label-1].other {
			t.Errorf("%s: the negative describes the right label", triple.ID)
		}
	}
	if c.train[0].Negative != triples("train", 1)[0].Negative {
		t.Error("the corpus was changed")
	}
}

func TestSamplesHaveTheirShareOfEachLabel(t *testing.T) {
	c := &corpus{labels: tinyLabels(), train: triples("train", 20), sets: map[string][]dataset.Query{}}
	first, other := c.part(Variant{Seed: 1, Size: 15}).train, c.part(Variant{Seed: 2, Size: 15}).train
	count := map[int]int{}
	for _, triple := range first {
		count[triple.Label]++
	}
	if count[1] != 5 || count[2] != 5 || count[3] != 5 {
		t.Errorf("labels of a sample of 15: %v", count)
	}
	if again := c.part(Variant{Seed: 1, Size: 15}).train; !slices.Equal(first, again) || slices.Equal(first, other) {
		t.Error("samples must depend on the seed, and on nothing else")
	}
}

func TestFoldsKeepTwinsTogetherAndLabelsApart(t *testing.T) {
	c := &corpus{labels: tinyLabels(), folds: 3, sets: map[string][]dataset.Query{}}
	for i, topic := range topics {
		for k := range 6 {
			text := strings.Repeat(fmt.Sprintf("%s number %d of its kind ", topic.name, k/2), 4) // each twice
			c.sets[Test] = append(c.sets[Test], dataset.Query{ID: fmt.Sprint(i, "-", k), Text: text, Label: i + 1})
		}
	}
	fold, perFold := c.deal(1), map[[2]int]int{}
	for _, query := range c.sets[Test] {
		perFold[[2]int{fold[query.ID], query.Label}]++
	}
	for i := range topics {
		for k := 0; k < 6; k += 2 {
			if a, b := fold[fmt.Sprint(i, "-", k)], fold[fmt.Sprint(i, "-", k+1)]; a != b {
				t.Errorf("twins in folds %d and %d", a, b)
			}
		}
		for f := 1; f <= 3; f++ {
			if perFold[[2]int{f, i + 1}] != 2 {
				t.Errorf("label %d: %d advertisements in fold %d, want 2", i+1, perFold[[2]int{f, i + 1}], f)
			}
		}
	}
}

func TestSpecRefuses(t *testing.T) {
	for want, change := range map[string]func(*Spec){
		"there is no recipe":       func(s *Spec) { s.Rows = nil },
		"0 seeds":                  func(s *Spec) { s.Seeds = 0 },
		"two rows are called tiny": func(s *Spec) { s.Rows = append(s.Rows, s.Rows[0]) },
		"a training set of -1":     func(s *Spec) { s.Sizes = []int{-1} },
		"have different data": func(s *Spec) {
			s.Rows = append(s.Rows, Trained{"b", s.Rows[0].Recipe})
			s.Rows[1].Recipe.Data.Source = "x"
		},
		"data.evaluate is test":                func(s *Spec) { s.Rows[0].Recipe.Data.Evaluate = "test" },
		"data.labels is other.json":            func(s *Spec) { s.Rows[0].Recipe.Data.Labels = "other.json" },
		"the labels of ads.jsonl are missing":  func(s *Spec) { s.Ads, s.Folds = "ads.jsonl", 5 },
		"1 folds":                              func(s *Spec) { s.Ads, s.Labels, s.Folds = "ads.jsonl", "labels.json", 1 },
		"neither a learning curve":             func(s *Spec) { s.Ads, s.Labels, s.Folds = "ads.jsonl", "labels.json", 5 },
		"learning_rate is -1":                  func(s *Spec) { s.Rows[0].Recipe.Train.LearningRate = -1 },
		"13 advertisements is asked for":       func(s *Spec) { s.Sizes = []int{13} },
		"there is no such folder":              func(s *Spec) { s.Rows[0].Recipe.Data.Source = "nowhere" },
		"have 1 label, so there is nothing to": func(s *Spec) { s.Rows[0].Recipe.Data.Source = singleLabel(t) },
	} {
		spec := tinySpec(t)
		change(&spec)
		if _, err := Execute(t.Context(), spec, Options{Results: t.TempDir(), Backend: "go"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// singleLabel is a data folder whose training advertisements have one label only.
func singleLabel(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	set := dataset.Set{Labels: tinyLabels(), Train: triples("train", 1)[:1], Validate: triples("validate", 1), Test: triples("test", 1)}
	if err := set.Write(dir, dataset.Manifest{Version: "v", Source: "by hand"}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A label without training advertisements is allowed, and said.
func TestLabelsThatTrainingLacks(t *testing.T) {
	spec, dir := tinySpec(t), t.TempDir()
	set := dataset.Set{Labels: tinyLabels(), Train: slices.DeleteFunc(triples("train", 4), func(t dataset.Triple) bool { return t.Label == 3 }), Validate: triples("validate", 2), Test: triples("test", 2)}
	if err := set.Write(dir, dataset.Manifest{Version: "v", Source: "by hand"}); err != nil {
		t.Fatal(err)
	}
	spec.Rows[0].Recipe.Data.Source, spec.Sizes, spec.Seeds, spec.LeaveOneLabelOut = dir, nil, 1, false
	c, err := Execute(t.Context(), spec, Options{Results: t.TempDir(), Backend: "go"})
	if err != nil {
		t.Fatal(err)
	}
	if report, err := c.Report(); err != nil || !strings.Contains(report, "Note: no training advertisement has the label Health") {
		t.Errorf("%v\n%s", err, report)
	}
}

func TestGrid(t *testing.T) {
	spec := tinySpec(t)
	if err := spec.Grid("train.lr=1e-5,3e-5", "train.epochs=1,2"); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, row := range spec.Rows {
		keys = append(keys, row.Key)
	}
	want := []string{"tiny,learning_rate=1e-5,epochs=1", "tiny,learning_rate=1e-5,epochs=2", "tiny,learning_rate=3e-5,epochs=1", "tiny,learning_rate=3e-5,epochs=2"}
	if !slices.Equal(keys, want) || spec.Rows[3].Recipe.Train.LearningRate != 3e-5 || spec.Rows[3].Recipe.Train.Epochs != 2 {
		t.Errorf("rows %q, the last is %+v", keys, spec.Rows[3].Recipe.Train)
	}
	for _, bad := range []string{"train.lr", "train.lr=", "train.rate=1,2", "train.epochs=0"} {
		if err := spec.Grid(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestCrossValidation(t *testing.T) {
	dir := t.TempDir()
	var ads strings.Builder
	for _, triple := range triples("real", 4) {
		title, body, _ := strings.Cut(triple.Query, "\n")
		fmt.Fprintf(&ads, `{"id": %q, "title": %q, "body": %q, "category_id": %d}`+"\n", triple.ID, title, body, triple.Label)
	}
	spec := tinySpec(t)
	spec.Sizes, spec.LeaveOneLabelOut, spec.Folds = nil, false, 2
	spec.Ads, spec.Labels = filepath.Join(dir, "ads.jsonl"), filepath.Join(dir, "labels.json")
	if err := errors.Join(os.WriteFile(spec.Ads, []byte(ads.String()), 0o600), dataset.WriteLabels(spec.Labels, tinyLabels())); err != nil {
		t.Fatal(err)
	}
	c, err := Execute(t.Context(), spec, Options{Results: t.TempDir(), Backend: "go"})
	if err != nil {
		t.Fatal(err)
	}
	judged, err := c.Judge(Test, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range judged {
		if line.Scores[0].N != 12 {
			t.Errorf("%s is judged by %d advertisements, want all 12", line.Row, line.Scores[0].N)
		}
	}
	if len(c.runs(c.rows[0], Test, Variant{})) != 2 {
		t.Error("the folds were not dealt twice")
	}
	if want := dataset.LabelsVersion(tinyLabels()); c.Inputs.LabelVersion != want {
		t.Errorf("the labels' version is %q, want %q", c.Inputs.LabelVersion, want)
	}
}
