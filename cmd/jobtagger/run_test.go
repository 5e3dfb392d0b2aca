package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

func TestExitStatusAndRemedy(t *testing.T) {
	workplace(t)
	write(t, "bad.jsonl", "\"fine\"\n{\"txt\": \"no text\"}\n")
	write(t, "bad.yaml", strings.Replace(tinyRecipe, "epochs: 2", "epoch: 2", 1))
	write(t, "noword.json", `[{"id": 1, "name": "Water"}]`)
	write(t, "empty.jsonl", "")
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"reproduc", usage, `the nearest is "reproduce"`},
		{"debug tokenise", usage, `the nearest is "tokenize"`},
		{"xyzzy", usage, "the nearest is"},
		{"tag --jsn", usage, "unknown flag: --jsn"},
		{"tag one two", usage, "accepts at most 1 arg"},
		{"reproduce stater", usage, "there are listwise, minilm, minilm-pairwise, reported, starter"},
		{"reproduce no/such.yaml", failure, "no/such.yaml"},
		{"reproduce bad.yaml", failure, "bad.yaml:11: unknown key train.epoch; the nearest is train.epochs"},
		{"reproduce my/recipe.yaml --set train.epoch=1", usage, "the nearest is train.epochs"},
		{"reproduce my/recipe.yaml --set train.epochs=0", usage, "epochs is 0"},
		{"reproduce my/recipe.yaml --results ad.txt", failure, "no file can be made in"},
		{"reproduce reported", failure, "jobtagger model pull Alibaba-NLP/gte-en-mlm-base"},
		{"reproduce reported", failure, "jobtagger data split"},
		{"train", usage, "--data or --recipe"},
		{"train --data nowhere --model my/encoder", failure, "there is no such folder"},
		{"eval --model my/encoder", usage, "--data is missing"},
		{"eval --model my/encoder --data ads.jsonl", usage, "name the labels with --labels"},
		{"eval --model my/encoder --data ads.jsonl --labels my/labels.json", failure, "no label is called"},
		{"eval --model my/encoder --data empty.jsonl --labels labels.json", failure, "empty"},
		{"tag --model my/encoder --labels noword.json ad.txt", failure, `noword.json:1: label 1: "description" is empty or missing`},
		{"tag --model my/encoder --labels labels.json no/ad.txt", failure, "no/ad.txt"},
		{"tag --model nowhere ad.txt", failure, "there is no such folder"},
		{"tag --model ad.txt ad.txt", failure, "is a file"},
		{"tag --model my/data --labels labels.json ad.txt", failure, "no config.json"},
		{"tag --model my/encoder --labels labels.json empty.jsonl", failure, "is empty"},
		{"tag --model my/encoder --labels labels.json --query-length 9999 ad.txt", failure, "160"},
		{"debug tokenize --model my/encoder bad.jsonl", failure, "bad.jsonl:2: no \"text\""},
		{"debug encode --model my/encoder q.jsonl", usage, "want query or document"},
		{"debug encode --model my/encoder --role query q.jsonl", usage, "--output is missing"},
		{"debug score --model my/encoder --queries q.jsonl", usage, "both needed"},
		{"data synth", usage, "--output is missing"},
		{"notebook run", usage, "accepts 1 arg"},
	} {
		status, stdout, stderr := jobtagger(t, "", strings.Fields(test.args)...)
		if status != test.status || !strings.Contains(stderr, test.want) {
			t.Errorf("jobtagger %s: status %d, want %d and %q in\n%s", test.args, status, test.status, test.want, stderr)
		}
		if stdout != "" {
			t.Errorf("jobtagger %s: failed, but printed %q", test.args, stdout)
		}
	}
}

func TestComplaint(t *testing.T) {
	exhausted := errors.New("PJRT error (code=8): RESOURCE_EXHAUSTED: Out of memory allocating 99 bytes.")
	unfinished := &experiment.UnfinishedError{Dir: "results/my own/runs/0a1b2c3d-1", Err: exhausted}
	for _, test := range []struct {
		name    string
		err     error
		command string
		status  int
		want    string
	}{
		{"failure", errors.New("no such file"), "tag", failure, "jobtagger: no such file\n"},
		{"usage", fmt.Errorf("tag: %w", usageError{errors.New("unknown flag")}), "tag", usage, "jobtagger: tag: unknown flag\nSee: jobtagger tag --help\n"},
		{"verdict", errVerdict, "reproduce", verdictFail, "jobtagger: " + errVerdict.Error() + "\n"},
		{"interrupted", &experiment.UnfinishedError{Dir: "a", Err: context.Canceled}, "train", failure, "jobtagger: experiment: a is unfinished: context canceled\njobtagger: to go on: jobtagger train --resume a\n"},
		{"out of memory", exhausted, "tag", failure, "jobtagger: " + exhausted.Error() + "\n" + memoryAdvice + "\n"},
		{"out of memory in training", unfinished, "train", failure, "jobtagger: " + unfinished.Error() + "\n" + memoryAdvice + "\njobtagger: to go on: jobtagger train --resume 'results/my own/runs/0a1b2c3d-1'\n"},
		{"not ours to write", &fs.PathError{Op: "mkdir", Path: "/results", Err: syscall.EACCES}, "reproduce", failure, "jobtagger: mkdir /results: permission denied\n" + permissionAdvice + "\n"},
		{"read-only", &fs.PathError{Op: "open", Path: "/results/a", Err: syscall.EROFS}, "reproduce", failure, "jobtagger: open /results/a: " + syscall.EROFS.Error() + "\n" + permissionAdvice + "\n"},
		{"in a comparison", unfinished, "compare", failure, "jobtagger: " + unfinished.Error() + "\n" + memoryAdvice + "\n"},
	} {
		var stderr strings.Builder
		if status := (&app{stderr: &stderr}).complain(test.err, "jobtagger "+test.command); status != test.status || stderr.String() != test.want {
			t.Errorf("%s: status %d, want %d; printed\n%s\nwant\n%s", test.name, status, test.status, stderr.String(), test.want)
		}
	}
}

func TestHelp(t *testing.T) {
	if stdout := must(t, ""); !strings.Contains(stdout, "Exit status: 0 fine, 1 failure, 2 wrong usage, 3 a run") {
		t.Errorf("no arguments print %q", stdout)
	}
	if stdout := must(t, "", "data", "synth", "--help"); !strings.Contains(stdout, "Examples:\n  jobtagger data synth --output") {
		t.Errorf("data synth --help has no example:\n%s", stdout)
	}
}

func TestReproduce(t *testing.T) {
	workplace(t)
	status, stdout, stderr := jobtagger(t, "", "reproduce", "my/recipe.yaml")
	if status != fine {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	for _, want := range []string{
		`(?m)^# tiny$`, `12 ads \(made-up\), 2 labels`, `(?m)^\| chance    \|         \| 0\.815 +\| 0\.500 +\|$`,
		`(?m)^\| untrained \| 0       \| 0\.\d{3} \[`, `(?m)^\| epoch 1   \| 6       \| `, `(?m)^Verdict: OK$`, `(?m)^Run folder: results/tiny/runs/[0-9a-f]{8}-1$`,
	} {
		if !regexp.MustCompile(want).MatchString(stdout) {
			t.Errorf("no match for %s in\n%s", want, stdout)
		}
	}
	for _, want := range []string{"evaluating the untrained model", "training, epoch 1: micro-step", "writing plots and model"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in the progress:\n%s", want, stderr)
		}
	}
	page, err := os.ReadFile("results/README.md")
	if err != nil || !strings.Contains(string(page), "## tiny") {
		t.Errorf("results/README.md: %v\n%s", err, page)
	}
	checkReport(t)
}

// checkReport removes the table and the plots of the only run; report makes the same again, and passes by what was only begun.
func checkReport(t *testing.T) {
	t.Helper()
	write(t, "results/tiny/runs/0a1b2c3d-1/environment.json", "{}")
	table, err := filepath.Glob("results/tiny/runs/*/table.md")
	plots, err2 := filepath.Glob("results/tiny/runs/*/plots/*")
	if err != nil || err2 != nil || len(table) != 1 || len(plots) != 6 {
		t.Fatalf("%q, %q", table, plots)
	}
	before := map[string][]byte{}
	for _, file := range append(table, plots...) {
		if before[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	status, stdout, stderr := jobtagger(t, "", "report")
	if status != fine || !strings.HasPrefix(stdout, "results/tiny/runs/") || !strings.Contains(stderr, "0a1b2c3d-1: there is no DONE") {
		t.Errorf("report: status %d\n%s\n%s", status, stdout, stderr)
	}
	for file, content := range before {
		if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, content) {
			t.Errorf("%s was not made anew, or differs: %v", file, err)
		}
	}
}

func TestVerdictFailIsStatus3(t *testing.T) {
	workplace(t)
	status, stdout, stderr := jobtagger(t, "", "reproduce", "my/recipe.yaml", "--set", "train.learning_rate=1e-9",
		"--set", "expected=[{epoch: 1, metric: hits@1, value: 2, tolerance: 0.1}]", "--json")
	if status != verdictFail || !strings.Contains(stderr, "verdict is FAIL") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	var got outcome
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || got.Verdict != experiment.Fail || len(got.Scores.Points) != 3 {
		t.Errorf("%v in %s", err, stdout)
	}
}

func TestTrainSaysWhatToDoNext(t *testing.T) {
	workplace(t)
	stdout := must(t, "", "train", "--data", "my/data", "--model", "my/encoder", "--set", "train.epochs=1", "--set", "model.query.length=32", "--set", "model.document.length=16")
	var commands []string
	for line := range strings.Lines(stdout) {
		if command, ok := strings.CutPrefix(strings.TrimSpace(line), "jobtagger "); ok {
			commands = append(commands, command)
		}
	}
	if len(commands) != 2 || !strings.HasPrefix(commands[0], "tag --model results/own/runs/") {
		t.Fatalf("commands %q in\n%s", commands, stdout)
	}
	for _, command := range commands {
		must(t, "", strings.Fields(command)...)
	}
}

func TestPretrain(t *testing.T) {
	workplace(t)
	if stdout := must(t, "", "model", "pretrain", "--recipe", "my.yaml", "--output", "new/encoder"); !regexp.MustCompile(`^new/encoder/model: loss \d\.\d{3} on held-out advertisements after 2 steps\n$`).MatchString(stdout) {
		t.Errorf("pretrain prints %q", stdout)
	}
	log, err := os.ReadFile("new/encoder/loss.jsonl")
	if lines := strings.Count(string(log), "\n"); err != nil || lines != 2 || !strings.Contains(string(log), "held_out") {
		t.Errorf("loss.jsonl has %d lines, %v\n%s", lines, err, log)
	}
	card, err := os.ReadFile("new/encoder/model/README.md")
	for _, want := range []string{"license: apache-2.0\n", "# encoder\n", "Base model: none", "## Recipe\n\n```yaml\nvocabulary:", "nats per guessed token on the", "## Limits\n"} {
		if err != nil || !strings.Contains(string(card), want) {
			t.Errorf("no %q in the card, %v:\n%s", want, err, card)
		}
	}
	stdout := must(t, "", "tag", "--model", "new/encoder/model", "--labels", "labels.json", "ad.txt")
	if !strings.Contains(stdout, "Human Resources") {
		t.Errorf("the new encoder tags\n%s", stdout)
	}
	if status, _, stderr := jobtagger(t, "", "model", "pretrain", "--recipe", "my/recipe.yaml", "--output", "x"); status != failure || !strings.Contains(stderr, "unknown key name") {
		t.Errorf("another kind of recipe: %d\n%s", status, stderr)
	}
}

func TestCtrlCStopsCleanly(t *testing.T) {
	workplace(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	status, stdout, stderr := jobtaggerIn(ctx, "", "reproduce", "my/recipe.yaml")
	if status != failure || stdout != "" || !strings.Contains(stderr, "jobtagger: stopped") {
		t.Errorf("status %d, %q\n%s", status, stdout, stderr)
	}
	done, err := filepath.Glob("results/*/runs/*/DONE")
	if err != nil || len(done) > 0 {
		t.Errorf("a stopped run is marked as done: %v, %v", done, err)
	}
}

func TestVersionAndDoctor(t *testing.T) {
	stdout := must(t, "", "version")
	if !strings.HasPrefix(stdout, "jobtagger ") || !strings.Contains(stdout, "go1.") {
		t.Errorf("version: %q", stdout)
	}
	if flag := must(t, "", "--version"); flag != stdout {
		t.Errorf("--version prints %q, version %q", flag, stdout)
	}
	var e experiment.Environment
	if err := json.Unmarshal([]byte(must(t, "", "version", "--json")), &e); err != nil || e.Version == "" || !strings.HasPrefix(e.Go, "go1.") {
		t.Errorf("version --json: %v, %+v", err, e)
	}
	_, stdout, _ = jobtagger(t, "", "doctor")
	for _, want := range []string{"computes with ", "SIMD ", "processor "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("doctor says nothing about %q:\n%s", want, stdout)
		}
	}
	t.Setenv("GOMLX_BACKEND", "tpu")
	if status, _, stderr := jobtagger(t, "", "doctor"); status != failure || !strings.Contains(stderr, "--backend auto") {
		t.Errorf("doctor with an unknown backend: %d\n%s", status, stderr)
	}
}
