package experiment

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

var seconds = regexp.MustCompile(`"seconds":[^,}]*`)

// interrupt cancels an execution at a moment and returns its folder.
func interrupt(t *testing.T, recipe Recipe, options Options, when func(Progress) bool) (dir string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	options.Backend = "go"
	options.Progress = func(p Progress) {
		if when(p) {
			cancel()
		}
	}
	_, err := Execute(ctx, recipe, options)
	var unfinished *UnfinishedError
	if !errors.As(err, &unfinished) || !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	return unfinished.Dir
}

func inEpoch(epoch int) func(Progress) bool {
	return func(p Progress) bool { return p.Phase == Train && p.Epoch == epoch }
}

// A run that is interrupted twice, in the midst of an accumulation and of an evaluation, equals one that is not; its progress goes on
// where it was.
func TestResumedRunIsIdentical(t *testing.T) {
	recipe := tinyRecipe(t, "train.epochs=3", "train.accumulation=4", "train.tail=flush", "train.schedule=linear", "expected=[]")
	whole := execute(t, recipe, t.TempDir())
	results := t.TempDir()
	dir := interrupt(t, recipe, Options{Results: results}, func(p Progress) bool { return p.Step == 3 })
	dir = interrupt(t, recipe, Options{Resume: dir}, func(p Progress) bool { return p.Phase == Evaluate && p.Epoch == 1 })
	var reports []Progress
	again, err := Execute(t.Context(), recipe, Options{Resume: dir, Backend: "go", Progress: func(p Progress) { reports = append(reports, p) }})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"model/model.safetensors", "model/README.md", "scores.json", "rankings/untrained.trec", "rankings/epoch0.trec", "rankings/epoch2.trec", "per_query.csv",
		"config.yaml", "inputs.json", "table.md", "plots/loss.svg", "metrics.jsonl",
	} {
		want, got := seconds.ReplaceAll(readRunFile(t, whole, name), nil), seconds.ReplaceAll(readRunFile(t, again, name), nil)
		if !bytes.Equal(want, got) {
			t.Errorf("%s differs", name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, checkpointFolder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a finished run keeps its checkpoint: %v", err)
	}
	last := reports[len(reports)-1]
	if last.Done != last.Total || reports[len(reports)/2].Step < 12 {
		t.Errorf("progress ends at %+v", last)
	}
	if _, err := Execute(t.Context(), recipe, Options{Resume: dir}); err == nil || !strings.Contains(err.Error(), "finished") {
		t.Errorf("a finished run is resumed: %v", err)
	}
}

func TestResumeRefuses(t *testing.T) {
	recipe := tinyRecipe(t, "expected=[]")
	dir := interrupt(t, recipe, Options{Results: t.TempDir()}, inEpoch(1))
	for name, test := range map[string]struct {
		change func(r *Recipe)
		want   []string
	}{
		"recipe": {func(r *Recipe) { r.Train.LearningRate, r.Model.Query.Prefix = 2e-3, "" },
			[]string{"train.learning_rate was 0.001, is 0.002", `model.query.prefix was "[Q] ", is ""`}},
		"data": {func(r *Recipe) {
			r.Data.Source = writeData(t, 5)
		}, []string{"data file job_tagger_training_train.json was", "data.source was"}},
		"model": {func(r *Recipe) {
			r.Model.Base = tinyModel(t)
			path := filepath.Join(r.Model.Base, "model.safetensors")
			content, err := os.ReadFile(path)
			if err == nil {
				content[len(content)-1] ^= 1
				err = os.WriteFile(path, content, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, []string{"model file model.safetensors was"}},
	} {
		t.Run(name, func(t *testing.T) {
			changed := recipe
			test.change(&changed)
			_, err := Execute(t.Context(), changed, Options{Resume: dir, Backend: "go"})
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want %q", err, want)
				}
			}
		})
	}
	if _, err := Execute(t.Context(), recipe, Options{Resume: t.TempDir(), Backend: "go"}); err == nil || !strings.Contains(err.Error(), "no run folder") {
		t.Errorf("another folder is resumed: %v", err)
	}
}

// The data's own checks are made before there is a run folder.
func TestUnteachableDataIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(set *dataset.Set)
		want   string
	}{
		"one label": {func(set *dataset.Set) {
			set.Train = slices.DeleteFunc(set.Train, func(t dataset.Triple) bool { return t.Label != 1 })
		}, "nothing to tell apart"},
	} {
		t.Run(name, func(t *testing.T) {
			recipe := tinyRecipe(t)
			recipe.Data.Source = writeChangedData(t, test.change)
			results := filepath.Join(t.TempDir(), "results")
			if _, err := Execute(t.Context(), recipe, Options{Results: results, Backend: "go"}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if _, err := os.Stat(results); err == nil {
				t.Error("made a results folder before finding the error")
			}
		})
	}
}

// Triples that were made with other labels than those of labels.json are refused.
func TestMixedLabelVersionsAreRefused(t *testing.T) {
	recipe := tinyRecipe(t)
	recipe.Data.Labels = filepath.Join(t.TempDir(), "labels.json")
	labels := []dataset.Label{{ID: 1, Name: "Water", Description: topics[0].description}, {ID: 77, Name: "Logistics", Description: topics[1].description}, {ID: 3, Name: "Health", Description: "Health."}}
	if err := dataset.WriteLabels(recipe.Data.Labels, labels); err != nil {
		t.Fatal(err)
	}
	if _, err := Execute(t.Context(), recipe, Options{Results: t.TempDir(), Backend: "go"}); err == nil || !strings.Contains(err.Error(), `"label" is 2, but "positive" describes 77`) {
		t.Errorf("error %v", err)
	}
}

// The version of labels follows from what they say, not from what their file is called; the manifest's is that of the folder's own labels.
func TestLabelVersion(t *testing.T) {
	recipe := tinyRecipe(t)
	version := func() string {
		t.Helper()
		fsys, err := DataFS(recipe.Data.Source)
		if err != nil {
			t.Fatal(err)
		}
		var inputs Inputs
		if _, err := recipe.Data.read(fsys, &inputs); err != nil {
			t.Fatal(err)
		}
		return inputs.LabelVersion
	}
	if got := version(); got != "three-topics" {
		t.Errorf("the manifest's version is %q", got)
	}
	set, err := dataset.ReadSet(os.DirFS(recipe.Data.Source))
	if err != nil {
		t.Fatal(err)
	}
	recipe.Data.Labels = filepath.Join(t.TempDir(), "labels.json")
	for _, name := range []string{set.Labels[2].Name, "Renamed"} {
		set.Labels[2].Name = name
		if err := dataset.WriteLabels(recipe.Data.Labels, set.Labels); err != nil {
			t.Fatal(err)
		}
		if got, want := version(), dataset.LabelsVersion(set.Labels); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	recipe.Data.Labels = ""
	if err := os.Remove(filepath.Join(recipe.Data.Source, dataset.ManifestFile)); err != nil {
		t.Fatal(err)
	}
	if got := version(); !strings.HasPrefix(got, "labels-3-") {
		t.Errorf("without a manifest, the version is %q", got)
	}
}

// A label that training lacks is allowed, and said.
func TestUnseenLabelIsSaid(t *testing.T) {
	recipe := tinyRecipe(t, "train.epochs=1", "train.loss=listwise", "train.temperature=0.05", "expected=[]")
	recipe.Data.Source = writeChangedData(t, func(set *dataset.Set) {
		set.Train = slices.DeleteFunc(set.Train, func(t dataset.Triple) bool { return t.Label == 2 })
	})
	run := execute(t, recipe, t.TempDir())
	if want := "6 of the 18 evaluated ads have a label that training has no ads of: Logistics"; !strings.Contains(run.Report(), want) {
		t.Errorf("no %q in\n%s", want, run.Report())
	}
}

// writeChangedData is writeData with something else in it.
func writeChangedData(t *testing.T, change func(set *dataset.Set)) string {
	t.Helper()
	set, err := dataset.ReadSet(os.DirFS(writeData(t, 6)))
	if err != nil {
		t.Fatal(err)
	}
	change(&set)
	dir := t.TempDir()
	if err := set.Write(dir, dataset.Manifest{Version: "three-topics", Source: "by hand"}); err != nil {
		t.Fatal(err)
	}
	return dir
}
