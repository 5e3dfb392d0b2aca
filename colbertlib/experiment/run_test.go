package experiment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
)

// topics are three labels and words that their ads use, so that a tiny model has something to learn.
var topics = []struct{ name, description, words string }{
	{"Water", "Wells, pumps, latrines and clean water.", "well pump water latrine pipe"},
	{"Logistics", "Trucks, warehouses, fuel and customs.", "truck warehouse fuel fleet customs"},
	{"Health", "Clinics, nurses, vaccines and medicines.", "clinic nurse vaccine doctor medicine"},
}

// writeData makes a data folder with n training and n validation ads of each label.
func writeData(t *testing.T, n int) string {
	t.Helper()
	var set dataset.Set
	for i, topic := range topics {
		set.Labels = append(set.Labels, dataset.Label{ID: i + 1, Name: topic.name, Description: topic.description})
	}
	split := func(name string) []dataset.Triple {
		var triples []dataset.Triple
		for k := range n {
			for i, topic := range topics {
				words := strings.Fields(topic.words)
				triples = append(triples, dataset.Triple{
					Query:    fmt.Sprintf("%s officer %s\nWork on %s and %s in month %d.", words[k%5], name, words[(k+1)%5], words[(k+3)%5], k),
					Positive: topic.description, Negative: topics[(i+1+k%2)%3].description,
					ID: fmt.Sprintf("%s-%d-%d", name, i, k), Label: i + 1, Source: "made-up",
				})
			}
		}
		return triples
	}
	set.Train, set.Validate, set.Test = split("train"), split("validate"), split("test")
	dir := t.TempDir()
	if err := set.Write(dir, dataset.Manifest{Version: "three-topics", Source: "by hand"}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tinyModel is a copy of the golden BERT without head: 2 layers of 32 dimensions with random weights.
func tinyModel(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"config.json", "tokenizer.json", "model.safetensors"} {
		content, err := fs.ReadFile(golden.FS(t), "models/bert-tiny/"+name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), content, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tinyRecipe is the small recipe on a tiny model and 18 ads.
func tinyRecipe(t *testing.T, assignments ...string) Recipe {
	t.Helper()
	return smallRecipe(t, append([]string{"data.source=" + writeData(t, 6), "model.base=" + tinyModel(t)}, assignments...)...)
}

var equalMetrics = cmp.Comparer(func(a, b eval.Metric) bool { return a == b })

func execute(t *testing.T, recipe Recipe, results string) *Run {
	t.Helper()
	run, err := Execute(t.Context(), recipe, Options{Results: results, Backend: "go"})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func readRunFile(t *testing.T, run *Run, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(run.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestRun looks at one run from several sides.
func TestRun(t *testing.T) {
	recipe := tinyRecipe(t)
	var reports []Progress
	run, err := Execute(t.Context(), recipe, Options{Results: t.TempDir(), Backend: "go", Progress: func(p Progress) { reports = append(reports, p) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the folder is complete", func(t *testing.T) { testFolder(t, recipe, run) })
	t.Run("no file holds the text of an ad", func(t *testing.T) { testNoText(t, run) })
	t.Run("progress ends at its total", func(t *testing.T) { testProgress(t, reports) })
	t.Run("the model can be loaded and scores alike", func(t *testing.T) { testModel(t, run) })
	t.Run("the run can be opened", func(t *testing.T) { testOpen(t, run) })
}

func testFolder(t *testing.T, recipe Recipe, run *Run) {
	for _, name := range []string{
		"config.yaml", "environment.json", "inputs.json", "metrics.jsonl", "scores.json", "per_query.csv", "table.md", "DONE",
		"rankings/untrained.trec", "rankings/epoch0.trec", "rankings/epoch1.trec",
		"plots/metrics.png", "plots/metrics.svg", "plots/loss.png", "plots/loss.svg", "plots/confusion.png", "plots/confusion.svg",
		"model/config.json", "model/model.safetensors", "model/tokenizer.json", "model/labels.json", "model/README.md", "model/jobtagger.json",
	} {
		if len(readRunFile(t, run, name)) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	names, err := filepath.Glob(filepath.Join(run.Dir, ".*"))
	if err != nil || len(names) > 0 {
		t.Errorf("left over: %v, %v", names, err)
	}
	if diff := cmp.Diff(recipe, run.Recipe, equalMetrics); diff != "" {
		t.Errorf("config.yaml is not the recipe: %s", diff)
	}
	if run.Inputs.LabelVersion != "three-topics" || len(run.Inputs.Data) != 3 || len(run.Inputs.Model) != 3 {
		t.Errorf("inputs %+v", run.Inputs)
	}
	if e := run.Environment; e.Go == "" || e.Backend == "" || e.CPUs < 1 || e.Started.After(run.Finished.Add(1e9)) {
		t.Errorf("environment %+v, finished %v", e, run.Finished)
	}
}

// 18 triples make 6 micro-batches of 3 an epoch, and an update every 2 of them.
func TestExecuteMeasures(t *testing.T) {
	run := execute(t, tinyRecipe(t, "train.epochs=4", "train.learning_rate=0.01"), t.TempDir())
	if len(run.Steps) != 24 || run.Steps[23].Updates != 12 || run.Steps[23].Epoch != 3 {
		t.Errorf("%d micro-steps, the last %+v", len(run.Steps), run.Steps[len(run.Steps)-1])
	}
	for i, want := range []struct {
		name    string
		updates int
	}{{"untrained", 0}, {"epoch 0", 3}, {"epoch 1", 6}, {"epoch 2", 9}, {"epoch 3", 12}} {
		point := run.Scores.Points[i]
		if point.Name != want.name || point.Updates != want.updates || len(point.Scores) != 2 || point.Scores[0].N != 18 {
			t.Errorf("point %d is %+v, want %+v", i, point, want)
		}
	}
	first, _ := run.Scores.Points[0].score(eval.Hits(1))
	last, _ := run.lastPoint().score(eval.Hits(1))
	if !(last.Value > first.Value) || last.Value < 0.9 {
		t.Errorf("Hits@1 went from %v to %v, but words and labels are easily learnt", first, last)
	}
	rows := strings.Split(strings.TrimSpace(string(readRunFile(t, run, "per_query.csv"))), "\n")
	if len(rows) != 19 || rows[0] != "id,label,untrained,epoch 0,epoch 1,epoch 2,epoch 3" || !strings.HasPrefix(rows[1], "validate-0-0,1,") {
		t.Errorf("per_query.csv: %d rows: %q, %q", len(rows), rows[0], rows[1])
	}
	ones := 0
	for _, row := range rows[1:] {
		if strings.HasSuffix(row, ",1") {
			ones++
		}
	}
	if float64(ones)/18 != last.Value {
		t.Errorf("per_query.csv has %d ads at rank 1, Hits@1 is %v of 18", ones, last)
	}
}

// Run folders are published, texts of ads may not be.
func testNoText(t *testing.T, run *Run) {
	err := filepath.WalkDir(run.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte("in month")) || bytes.Contains(content, []byte("officer validate")) {
			t.Errorf("%s holds advertisement text", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRepetitionIsIdentical(t *testing.T) {
	recipe, results := tinyRecipe(t, "train.epochs=1", "expected=[]"), t.TempDir()
	first, second := execute(t, recipe, results), execute(t, recipe, results)
	if strings.TrimSuffix(first.ID(), "1") != strings.TrimSuffix(second.ID(), "2") {
		t.Errorf("ids %s and %s, want the same with numbers 1 and 2", first.ID(), second.ID())
	}
	for _, name := range []string{"scores.json", "model/model.safetensors", "rankings/epoch0.trec", "per_query.csv", "config.yaml", "table.md", "plots/metrics.svg"} {
		if !bytes.Equal(readRunFile(t, first, name), readRunFile(t, second, name)) {
			t.Errorf("%s differs between two runs of one recipe", name)
		}
	}
	recipe.Train.Seed++
	other := execute(t, recipe, results)
	if bytes.Equal(readRunFile(t, first, "model/model.safetensors"), readRunFile(t, other, "model/model.safetensors")) {
		t.Error("another seed gives the same weights")
	}
	if strings.HasPrefix(other.ID(), first.ID()[:8]) {
		t.Errorf("another seed has the same configuration hash %s", other.ID())
	}
}

func testOpen(t *testing.T, run *Run) {
	again, err := Open(run.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.Report() != string(readRunFile(t, run, "table.md")) {
		t.Errorf("table.md is not the report of the opened run:\n%s", again.Report())
	}
	drawn, err := again.ConfusionFigure()
	if err != nil {
		t.Fatal(err)
	}
	if svg, err := drawn.SVG(); err != nil || !bytes.Equal(svg, readRunFile(t, run, "plots/confusion.svg")) {
		t.Errorf("the opened run draws another confusion matrix: %v", err)
	}
	if err := os.Remove(run.path("DONE")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(run.Dir); !errors.Is(err, ErrUnfinished) {
		t.Errorf("Open without DONE: %v", err)
	}
}

func testModel(t *testing.T, run *Run) {
	model, err := OpenModel(t.Context(), run.ModelDir(), &colbertlib.Options{Backend: "go"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := model.Close(); err != nil {
			t.Error(err)
		}
	}()
	if warnings := model.Warnings(); len(warnings) > 0 || model.Dim() != 16 {
		t.Errorf("%d dimensions, warnings %q", model.Dim(), warnings)
	}
	var inputs Inputs
	c, err := run.Recipe.Data.read(os.DirFS(run.Recipe.Data.Source), &inputs)
	if err != nil {
		t.Fatal(err)
	}
	ranking, err := Rank(t.Context(), model, c.labels, c.queries, Exhaustive, nil)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := Judge(c.queries, ranking, run.Recipe.Evaluation.Metrics)
	if diff := cmp.Diff(run.lastPoint().Scores, scores, equalMetrics); err != nil || diff != "" {
		t.Errorf("the written model scores differently: %v\n%s", err, diff)
	}
	card := string(readRunFile(t, run, "model/README.md"))
	if !strings.HasPrefix(card, "---\nlibrary_name: sentence-transformers\n") || !strings.Contains(card, run.Table()) || !strings.Contains(card, "states no licence") || !strings.Contains(card, `models.ColBERT("PYLATE")`) {
		t.Errorf("model card:\n%s", card)
	}
	for _, file := range append(run.Inputs.Data, run.Inputs.Model...) {
		if !strings.Contains(card, file.SHA256) {
			t.Errorf("the card does not name the hash of %s", file.Name)
		}
	}
	if strings.Contains(card, filepath.Dir(run.Recipe.Model.Base)) || strings.Contains(card, run.Recipe.Data.Source) {
		t.Errorf("the card names places of this machine:\n%s", card)
	}
}

// A model that has a head keeps it: it is trained further, not from a new head.
func TestFurtherTraining(t *testing.T) {
	recipe, results := tinyRecipe(t, "train.epochs=1"), t.TempDir()
	first := execute(t, recipe, results)
	recipe.Model.Base = first.ModelDir()
	recipe.Model.Head = 999
	second := execute(t, recipe, results)
	if got, want := second.Recipe.Model.Head, 16; got != want {
		t.Errorf("config.yaml has a head of %d dimensions, the model has %d", got, want)
	}
	if !slices.ContainsFunc(second.Inputs.Warnings, func(w string) bool { return strings.Contains(w, "is one of late interaction already") }) {
		t.Errorf("warnings %q", second.Inputs.Warnings)
	}
	before, after := first.lastPoint().Scores, second.Scores.Points[0].Scores
	if diff := cmp.Diff(before, after, equalMetrics); diff != "" {
		t.Errorf("further training does not begin where the first ended: %s", diff)
	}
}

func TestCancelledRunStopsCleanly(t *testing.T) {
	for name, when := range map[string]func(Progress) bool{
		"before training":        func(p Progress) bool { return p.Phase == Evaluate && p.Epoch == untrained },
		"in the second epoch":    func(p Progress) bool { return p.Phase == Train && p.Step == 8 },
		"in the last evaluation": func(p Progress) bool { return p.Phase == Evaluate && p.Epoch == 1 },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			results := t.TempDir()
			_, err := Execute(ctx, tinyRecipe(t), Options{Results: results, Backend: "go", Progress: func(p Progress) {
				if when(p) {
					cancel()
				}
			}})
			if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "unfinished") {
				t.Fatalf("error %v", err)
			}
			folders, err := filepath.Glob(filepath.Join(results, "small", "runs", "*"))
			if err != nil || len(folders) != 1 {
				t.Fatalf("run folders %v, %v", folders, err)
			}
			if _, err := Open(folders[0]); !errors.Is(err, ErrUnfinished) {
				t.Errorf("Open: %v", err)
			}
			if leftOver, err := filepath.Glob(filepath.Join(folders[0], ".*")); err != nil || len(leftOver) > 0 {
				t.Errorf("left over: %v, %v", leftOver, err)
			}
		})
	}
}

func testProgress(t *testing.T, all []Progress) {
	for i := 1; i < len(all); i++ {
		if all[i].Done < all[i-1].Done || all[i].Step < all[i-1].Step {
			t.Errorf("progress goes back: %+v, %+v", all[i-1], all[i])
		}
	}
	last := all[len(all)-1]
	if last.Done != last.Total || last.Step != 12 || last.Steps != 12 || last.Phase != Write || last.Loss == 0 || last.Total != 3*18+2*18*3 {
		t.Errorf("the last report is %+v", last)
	}
}

func TestExecuteRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		set     []string
		results string
		want    []string
	}{
		"data and model missing": {[]string{"data.source=nowhere", "model.base=no/model", "model.obtain=fetch it"}, "", []string{"data nowhere", "make some", "model no/model", "fetch it"}},
		"results is a file":      {nil, file, []string{"results"}},
		"too few micro-steps":    {[]string{"train.accumulation=13"}, "", []string{"13 of 12 micro-steps makes no update"}},
		"query too long":         {[]string{"model.query.length=161"}, "", []string{"query length 161", "160"}},
		"no labels":              {[]string{"data.labels=labels.json"}, "", []string{"labels.json"}},
		"invalid":                {[]string{}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			recipe := tinyRecipe(t, test.set...)
			if name == "invalid" {
				recipe.Train.Epochs, test.want = 0, []string{"epochs is 0"}
			}
			results := test.results
			if results == "" {
				results = filepath.Join(t.TempDir(), "results")
			}
			_, err := Execute(t.Context(), recipe, Options{Results: results, Backend: "go"})
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want one with %q", err, want)
				}
			}
			if _, err := os.Stat(results); test.results == "" && err == nil {
				t.Error("made a results folder before finding the error")
			}
		})
	}
}

func TestLeakIsReported(t *testing.T) {
	recipe := tinyRecipe(t, "train.epochs=1")
	dir := writeData(t, 2)
	file := filepath.Join(dir, dataset.TrainFile)
	content, err := os.ReadFile(file)
	if err == nil {
		err = errors.Join(os.WriteFile(filepath.Join(dir, dataset.ValidateFile), content, 0o644), os.Remove(filepath.Join(dir, dataset.ManifestFile)))
	}
	if err != nil {
		t.Fatal(err)
	}
	recipe.Data.Source = dir
	run := execute(t, recipe, t.TempDir())
	if want := "6 of the 6 evaluated ads are also trained on"; !strings.Contains(run.Report(), want) {
		t.Errorf("no %q in\n%s", want, run.Report())
	}
}

func TestChangedDataIsRefused(t *testing.T) {
	recipe := tinyRecipe(t)
	if err := os.WriteFile(filepath.Join(recipe.Data.Source, dataset.TestFile), []byte("[]"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Execute(t.Context(), recipe, Options{Results: t.TempDir()}); !errors.Is(err, dataset.ErrChanged) {
		t.Errorf("error %v", err)
	}
}

func TestBM25Candidates(t *testing.T) {
	run := execute(t, tinyRecipe(t, "evaluation.candidates=bm25", "train.epochs=1"), t.TempDir())
	for id, ranking := range run.lastPoint().ranking {
		if len(ranking) > 3 {
			t.Errorf("query %s has %d candidates", id, len(ranking))
		}
	}
	var scores Scores
	if err := json.Unmarshal(readRunFile(t, run, "scores.json"), &scores); err != nil {
		t.Fatal(err)
	}
	if scores.Queries != 18 || scores.Points[1].Scores[1].N != 18 {
		t.Errorf("queries without candidates must still count: %+v", scores)
	}
}
