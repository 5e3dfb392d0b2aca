package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib"
)

func TestTagExplains(t *testing.T) {
	workplace(t)
	model := trained(t)
	stdout := must(t, "", "tag", "--model", model, "--explain", "--html", "why.html", "ads.jsonl")
	for _, want := range []string{"ad a\n", "ad b\n", ": margin +", "most similar in Human Resources"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is missing in\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "\x1b") {
		t.Error("colours outside of a terminal")
	}
	page, err := os.ReadFile("why.html")
	if err != nil || bytes.Count(page, []byte("rather than")) != 2 || !bytes.Contains(page, []byte(`title="`)) {
		t.Errorf("%v; the page is\n%s", err, page)
	}
	var got struct{ Explanation *colbertlib.Explanation }
	if err := json.Unmarshal([]byte(must(t, "", "tag", "--model", model, "--explain", "--json", "ad.txt")), &got); err != nil || got.Explanation == nil {
		t.Fatalf("%v, %+v", err, got)
	}
	sum := 0.0
	for _, token := range got.Explanation.Tokens {
		sum += token.Contribution
	}
	if math.Abs(sum-got.Explanation.Margin) > 1e-5 || got.Explanation.For.Name != "Human Resources" {
		t.Errorf("tokens add up to %v; %+v", sum, got.Explanation)
	}
}

func TestTagExplainsAgainstWhatIsWanted(t *testing.T) {
	workplace(t)
	model := trained(t)
	for _, name := range []string{"logistics/procurement", "human resources"} { // the latter is the best itself
		stdout := must(t, "", "tag", "--model", model, "--explain", "--against", name, "ad.txt")
		if !strings.Contains(stdout, "\nHuman Resources ") || !strings.Contains(stdout, ", Logistics/Procurement ") {
			t.Errorf("against %s:\n%s", name, stdout)
		}
	}
	for args, want := range map[string]string{
		"tag --explain --against Cooking ad.txt": "the labels are Human Resources, Logistics/Procurement",
		"tag --html why.html ad.txt":             "belong to --explain",
		"tag --min-probability 7 ad.txt":         "from 0 to 1",
	} {
		status, _, stderr := jobtagger(t, "", append(strings.Fields(args), "--model", model)...)
		if status != usage || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, want %q in\n%s", args, status, want, stderr)
		}
	}
	write(t, "one.json", `[{"id": 1, "name": "Bread", "description": "Bakers."}]`)
	if status, _, stderr := jobtagger(t, "", "tag", "--model", model, "--labels", "one.json", "--explain", "ad.txt"); status != usage || !strings.Contains(stderr, "only one") {
		t.Errorf("one label: status %d\n%s", status, stderr)
	}
}

func TestWindowsReadLongAds(t *testing.T) {
	workplace(t)
	long := strings.Repeat("wells and pumps ", 100)
	_, stdout, stderr := jobtagger(t, long, "tag", "--model", "my/encoder", "--labels", "labels.json", "--windows", "--json")
	if !strings.Contains(stdout, `"truncated":false`) {
		t.Errorf("%s\n%s", stdout, stderr)
	}
}

func TestCalibrating(t *testing.T) {
	workplace(t)
	if err := os.CopyFS("my/model", os.DirFS(trained(t))); err != nil {
		t.Fatal(err)
	}
	const data = "my/data/job_tagger_training_validate.json"
	if stdout := must(t, "", "eval", "--model", "my/model", "--data", data); strings.Contains(stdout, "probabilities") {
		t.Errorf("a model without calibration:\n%s", stdout)
	}
	stdout := must(t, "", "eval", "--model", "my/model", "--data", data, "--calibrate")
	if !strings.Contains(stdout, "\nbefore ") || !strings.Contains(stdout, "cross-validation") {
		t.Errorf("eval --calibrate prints\n%s", stdout)
	}
	var result struct{ Calibration *reliability }
	if err := json.Unmarshal([]byte(must(t, "", "eval", "--model", "my/model", "--data", data, "--json")), &result); err != nil || result.Calibration == nil || result.Calibration.LogLoss <= 0 {
		t.Errorf("%v, %+v", err, result.Calibration)
	}
	if stdout := must(t, "", "tag", "--model", "my/model", "ad.txt"); !strings.Contains(stdout, " %  Human Resources") {
		t.Errorf("no probability in\n%s", stdout)
	}
	if stdout := must(t, "", "tag", "--model", "my/model", "--min-probability", "1", "ad.txt"); !strings.Contains(stdout, "no label is probable enough") {
		t.Errorf("nothing is certain, but\n%s", stdout)
	}
	if stdout := must(t, "", "tag", "--model", "my/model", "--min-probability", "1", "--json", "ad.txt"); !strings.Contains(stdout, `"tags":[]`) {
		t.Errorf("nothing is certain, but\n%s", stdout)
	}
	for args, want := range map[string]string{
		"eval --calibrate --data ads.jsonl":                                                  "name a folder",
		"eval --calibrate --model my/model --data " + data + " --labels my/labels.json":      "no label has the id 6863",
		"eval --calibrate --model my/model --data ads.jsonl":                                 "5 folds of 2 texts",
		"eval --calibrate --model my/encoder --data " + data + " --labels no/such/file.json": "no/such/file.json",
	} {
		if status, _, stderr := jobtagger(t, "", strings.Fields(args)...); status == fine || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, want %q in\n%s", args, status, want, stderr)
		}
	}
}
