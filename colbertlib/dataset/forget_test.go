package dataset_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// withAds is writeSet with a file of advertisements.
func withAds(t *testing.T) string {
	t.Helper()
	dir, set := writeSet(t)
	ads := []dataset.Ad{{ID: "train1", Title: "secret", Label: 10}, {ID: "x", Title: "other"}}
	if err := dataset.WriteAds(filepath.Join(dir, dataset.AdsFile), ads); err != nil {
		t.Fatal(err)
	}
	if err := set.Write(dir, dataset.Manifest{Version: "v1", Source: "test"}, dataset.AdsFile); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestForget(t *testing.T) {
	dir := withAds(t)
	before, err := dataset.ReadManifestFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	removals, err := dataset.Forget(dir, "train1", "nowhere")
	if err != nil || len(removals) != 2 || removals[0].File != dataset.AdsFile || removals[1].File != dataset.TrainFile {
		t.Fatalf("%+v, %v", removals, err)
	}
	for _, file := range before.Files {
		if file.Name == dataset.TrainFile && file.SHA256 != removals[1].SHA256 {
			t.Error("the hash is not that of the file as it was")
		}
	}
	set, err := dataset.ReadSet(os.DirFS(dir)) // which compares the hashes
	if err != nil || len(set.Train) != 1 || set.Train[0].ID != "train2" || len(set.Test) != 2 {
		t.Errorf("%v: %+v", err, set.Train)
	}
	after, err := dataset.ReadManifestFile(dir)
	if err != nil || after.Splits[0].Triples != 1 || !slices.Equal(after.Forgotten, []string{"nowhere", "train1"}) {
		t.Errorf("%v: %+v", err, after)
	}
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && (strings.Contains(content(filepath.Join(dir, name)), "secret") || strings.Contains(content(filepath.Join(dir, name)), "train one")) {
			t.Errorf("%s still holds the text", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if removals, err := dataset.Forget(dir, "train1"); err != nil || len(removals) != 0 {
		t.Errorf("again: %+v, %v", removals, err)
	}
}

func TestForgetGoesOnAfterAnInterruption(t *testing.T) {
	dir := withAds(t)
	train := filepath.Join(dir, dataset.TrainFile)
	original := content(train)
	if _, err := dataset.Forget(dir, "train1"); err != nil {
		t.Fatal(err)
	}
	// as if the process had ended before it wrote this file, and the other one's hash
	if err := os.WriteFile(train, []byte(original), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := dataset.ReadSet(os.DirFS(dir)); !errors.Is(err, dataset.ErrChanged) {
		t.Fatalf("the mixture was read: %v", err)
	}
	if _, err := dataset.Forget(dir, "train1"); err != nil {
		t.Fatal(err)
	}
	if set, err := dataset.ReadSet(os.DirFS(dir)); err != nil || len(set.Train) != 1 {
		t.Errorf("%v: %+v", err, set.Train)
	}
}

func TestForgetRefuses(t *testing.T) {
	dir := withAds(t)
	if _, err := dataset.Forget(dir, "train1", "train2"); err == nil || !strings.Contains(err.Error(), "nothing would be left") {
		t.Errorf("the whole split: %v", err)
	}
	dir = withAds(t)
	if err := os.WriteFile(filepath.Join(dir, dataset.TestFile), []byte("[]"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := dataset.Forget(dir, "train1"); !errors.Is(err, dataset.ErrChanged) {
		t.Errorf("a folder that somebody changed: %v", err)
	}
	if _, err := dataset.Forget(t.TempDir(), "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
}

func ExampleForget() {
	dir, err := os.MkdirTemp("", "set")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	list := []dataset.Triple{{ID: "7", Query: "Driver", Positive: "Trucks.", Negative: "Wells.", Label: 2}, {ID: "8", Query: "Digger", Positive: "Wells.", Negative: "Trucks.", Label: 1}}
	set := dataset.Set{
		Labels: []dataset.Label{{ID: 1, Name: "Water", Description: "Wells."}, {ID: 2, Name: "Logistics", Description: "Trucks."}},
		Train:  list, Validate: list[1:], Test: list[1:],
	}
	if err := set.Write(dir, dataset.Manifest{Version: "example"}); err != nil {
		fmt.Println(err)
		return
	}
	removals, err := dataset.Forget(dir, "7")
	fmt.Println(len(removals), removals[0].File, err)
	// Output: 1 job_tagger_training_train.json <nil>
}
