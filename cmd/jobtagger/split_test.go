package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/audit"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/tabular"
	"github.com/jobtagger/jobtagger/colbertlib/plaintext"
	"github.com/jobtagger/jobtagger/colbertlib/reliefweb"
	"github.com/jobtagger/jobtagger/colbertlib/reliefweb/fakeapi"
)

// fetchedRaw fills data/raw from a fake API in a new working folder.
func fetchedRaw(t *testing.T, ads int) {
	t.Helper()
	api, err := fakeapi.New(fakeapi.Options{Jobs: ads, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	t.Chdir(t.TempDir())
	client, err := reliefweb.NewClient(server.URL+"/v2", fakeapi.Appname)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reliefweb.Update(t.Context(), client, "data/raw", reliefweb.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestFromFetchToForget(t *testing.T) {
	fetchedRaw(t, 400)
	stdout := must(t, "", "data", "split", "--train", "6", "--validate", "2", "--test", "2")
	if !strings.Contains(stdout, "Human Resources") || !strings.Contains(stdout, "jobtagger train --data data/processed") {
		t.Errorf("split prints\n%s", stdout)
	}
	set, err := dataset.ReadSet(os.DirFS("data/processed"))
	if err != nil || len(set.Test) == 0 || !strings.HasPrefix(set.Test[0].URL, "https://reliefweb.int/") {
		t.Fatalf("%v, %d test ads", err, len(set.Test))
	}
	manifest, err := dataset.ReadManifestFile("data/processed")
	if err != nil || len(manifest.Findings) == 0 || manifest.Source != "reliefweb" || !strings.HasPrefix(manifest.Version, "reliefweb-") {
		t.Errorf("%v: %+v", err, manifest)
	}
	first := hashes(t)
	must(t, "", "data", "split", "--train", "6", "--validate", "2", "--test", "2")
	if again := hashes(t); again != first {
		t.Error("split again, the folder differs")
	}
	id := set.Train[0].ID
	var done forgotten
	if err := json.Unmarshal([]byte(must(t, "", "data", "forget", id, "--json")), &done); err != nil {
		t.Fatal(err)
	}
	if len(done.Raw) != 1 || len(done.Data["data/processed"]) != 2 || len(done.Audit) != 1 {
		t.Errorf("%+v", done)
	}
	must(t, "", "data", "split", "--train", "6", "--validate", "2", "--test", "2")
	content, err := os.ReadFile(filepath.Join("data/processed", dataset.AdsFile))
	if err != nil || strings.Contains(string(content), `"id":"`+id+`"`) {
		t.Errorf("%s came back (%v)", id, err)
	}
	if _, err := dataset.ReadSet(os.DirFS("data/processed")); err != nil {
		t.Error(err)
	}
}

func hashes(t *testing.T) string {
	t.Helper()
	manifest, err := os.ReadFile("data/processed/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(manifest)
}

func TestSplitOfATable(t *testing.T) {
	workplace(t)
	stdout := must(t, "", "data", "split", "--from", "board.csv", "--labels", "my/labels.json", "--columns", "title=Job title,body=Text", "--train", "8", "--validate", "3", "--test", "2", "--output", "out", "--json")
	var manifest dataset.Manifest
	if err := json.Unmarshal([]byte(stdout), &manifest); err != nil || manifest.Splits[0].Triples != 16 || manifest.Source != "board.csv" || !strings.HasPrefix(manifest.Version, "labels-2-") {
		t.Fatalf("%v: %s", err, stdout)
	}
	train, err := os.ReadFile("out/" + dataset.TrainFile)
	if err != nil || strings.Contains(string(train), "@example.org") || strings.Contains(string(train), "**") {
		t.Errorf("%v: contacts or Markdown in\n%.300s", err, train)
	}
	if page, err := os.ReadFile("out/audit/README.md"); err != nil || !strings.Contains(string(page), "| Boats |") {
		t.Errorf("%v\n%s", err, page)
	}
}

// The data card shows how files begin: they are read, mean the same, and the triple is what becomes of the first advertisement.
func TestFilesOfTheDataCard(t *testing.T) {
	card, err := os.ReadFile("../../data/README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```(?:json|csv)\n(.*?)```").FindAllStringSubmatch(string(card), -1)
	if len(blocks) != 4 {
		t.Fatalf("%d blocks, want labels, a table, JSON lines and triples", len(blocks))
	}
	labels, err := dataset.ReadLabels(strings.NewReader(blocks[0][1]), "labels.json")
	if err != nil {
		t.Fatal(err)
	}
	var read [2][]dataset.Ad
	for i, name := range []string{"board.csv", "board.jsonl"} {
		for ad, err := range tabular.Read(strings.NewReader(blocks[i+1][1]), name, nil, labels) {
			if err != nil {
				t.Fatal(err)
			}
			read[i] = append(read[i], ad)
		}
	}
	triples, err := dataset.ReadTriples(strings.NewReader(blocks[3][1]), "train.json", labels)
	if err != nil {
		t.Fatal(err)
	}
	if len(read[0]) != 2 || !slices.Equal(read[0], read[1]) || triples[0].Query != plaintext.FromMarkdown(read[0][0].Text()) || triples[0].Label != read[0][0].Label || triples[0].ID != read[0][0].ID {
		t.Errorf("%+v\n%+v\n%+v", read[0], read[1], triples)
	}
}

// The reported experiment's own files have triples and nothing else: no ids, no labels, no manifest. Beside a labels.json they are a data folder.
func TestFilesOfTheReportedExperiment(t *testing.T) {
	workplace(t)
	for _, name := range []string{dataset.TrainFile, dataset.ValidateFile, dataset.TestFile} {
		content, err := os.ReadFile("my/data/" + name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, "my/data/"+name, regexp.MustCompile(`,"id":"[^"]*","label":\d+,"source":"made-up"`).ReplaceAllString(string(content), ""))
		if content, err = os.ReadFile("my/data/" + name); err != nil || strings.Contains(string(content), "label") {
			t.Fatalf("%v: %.300s", err, content)
		}
	}
	if err := os.Remove("my/data/" + dataset.ManifestFile); err != nil {
		t.Fatal(err)
	}
	model := trained(t)
	for _, args := range [][]string{
		{"eval", "--model", model, "--data", "my/data/" + dataset.TestFile, "--labels", "my/data/labels.json"},
		{"data", "tokens", "my/data/" + dataset.TestFile},
		{"data", "audit", "my/data", "--judge", model},
	} {
		must(t, "", args...)
	}
}

func TestForgetNamesTheRuns(t *testing.T) {
	workplace(t)
	trained(t)
	var done forgotten
	if err := json.Unmarshal([]byte(must(t, "", "data", "forget", "train-0-2", "validate-1-1", "--data", "my/data", "--json")), &done); err != nil {
		t.Fatal(err)
	}
	if len(done.Runs) != 2 || done.Runs[0].Trained == done.Runs[1].Trained || !done.Runs[0].Certain || !done.Runs[0].Model {
		t.Errorf("%+v", done.Runs)
	}
	stdout := must(t, "", "data", "forget", "train-0-3", "--data", "my/data")
	if !strings.Contains(stdout, "train-0-3 taken out of job_tagger_training_train.json") || !strings.Contains(stdout, "perhaps trained on") {
		t.Errorf("forget prints\n%s", stdout)
	}
}

func TestAuditByATrainedModel(t *testing.T) {
	workplace(t)
	var report audit.Report
	stdout := must(t, "", "data", "audit", "my/data", "--judge", trained(t), "--json")
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || len(report.Suspects) == 0 || strings.HasPrefix(report.Suspects[0].ID, "train") {
		t.Errorf("%v: %.500s", err, stdout)
	}
}

func TestWrongUseOfSplitAndForget(t *testing.T) {
	workplace(t)
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"data", "split"}, failure, "jobtagger data fetch gets advertisements"},
		{[]string{"data", "split", "--from", "board.csv"}, usage, "--labels is missing"},
		{[]string{"data", "split", "--from", "board.csv", "--labels", "my/labels.json", "--columns", "titel=x"}, usage, `nearest is "title"`},
		{[]string{"data", "split", "--from", "board.csv", "--labels", "my/labels.json", "--columns", "title=Job"}, failure, `no column is called "Job" (title)`},
		{[]string{"data", "split", "--train", "some"}, usage, "expected a number of advertisements, or all"},
		{[]string{"data", "split", "--from", "board.csv", "--labels", "my/labels.json", "--by", "colour"}, failure, "unknown grouping"},
		{[]string{"data", "forget", "7"}, failure, "neither data/raw"},
		{[]string{"data", "forget"}, usage, ""},
		{[]string{"data", "audit", "nowhere"}, failure, "labels.json"},
	} {
		status, _, stderr := jobtagger(t, "", test.args...)
		if status != test.status || !strings.Contains(stderr, test.want) {
			t.Errorf("%q: status %d, want %d and %q in\n%s", test.args, status, test.status, test.want, stderr)
		}
	}
}
