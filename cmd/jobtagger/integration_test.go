//go:build integration

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// TestMiniLMTrainsOnRealAds needs the real all-MiniLM-L6-v2 and real advertisements; see colbertlib/integration_test.go for the environment
// variables. It trains for a few updates through the command line and wants the loss to fall.
func TestMiniLMTrainsOnRealAds(t *testing.T) {
	model, shared := os.Getenv("JOBTAGGER_MINILM"), os.Getenv("JOBTAGGER_SHARED")
	if model == "" || shared == "" {
		t.Fatal("set JOBTAGGER_MINILM and JOBTAGGER_SHARED")
	}
	folder, results := realData(t, filepath.Join(shared, "data")), t.TempDir()
	must(t, "", "train", "--data", folder, "--model", model, "--results", results, "--set", "train.learning_rate=3e-5",
		"--set", "train.epochs=3", "--set", "model.query.length=96", "--set", "model.document.length=64")
	run, err := experiment.Latest(results, "own")
	if err != nil {
		t.Fatal(err)
	}
	perEpoch := len(run.Steps) / 3
	first, last := meanLoss(run.Steps[:perEpoch]), meanLoss(run.Steps[2*perEpoch:])
	t.Logf("mean loss of the first epoch %.3f, of the last %.3f, after %d updates", first, last, run.Steps[len(run.Steps)-1].Updates)
	if !(last < first) {
		t.Errorf("the loss does not fall: %.3f in the first epoch, %.3f in the last", first, last)
	}
}

func meanLoss(steps []train.Step) float64 {
	sum := 0.0
	for _, step := range steps {
		sum += step.Loss
	}
	return sum / float64(len(steps))
}

// realData makes a data folder of the real advertisements: every sixth is for validation.
func realData(t *testing.T, dir string) string {
	t.Helper()
	open := func(name string) *os.File {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		return file
	}
	labels, err := dataset.ReadLabels(open("categories.json"), "categories.json")
	if err != nil {
		t.Fatal(err)
	}
	ads, err := dataset.ReadAds(open("real_jobs_dev.jsonl"), "real_jobs_dev.jsonl", labels)
	if err != nil {
		t.Fatal(err)
	}
	set := dataset.Set{Labels: labels}
	for i, ad := range ads {
		positive, _ := dataset.LabelByID(labels, ad.Label)
		negative := labels[(i+1)%len(labels)]
		if negative.ID == positive.ID {
			negative = labels[(i+2)%len(labels)]
		}
		triple := dataset.Triple{Query: ad.Text(), Positive: positive.Description, Negative: negative.Description, ID: ad.ID, Label: ad.Label}
		split := &set.Train
		if i%6 == 0 {
			split = &set.Validate
		}
		*split = append(*split, triple)
	}
	set.Test = set.Validate
	folder := t.TempDir()
	if err := set.Write(folder, dataset.Manifest{Version: "real", Source: "for a test"}); err != nil {
		t.Fatal(err)
	}
	return folder
}
