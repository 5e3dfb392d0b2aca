package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// notRun are the examples in help texts that a test cannot run, and why.
var notRun = map[string]string{
	"jobtagger data split": "needs what data fetch has fetched; TestFromFetchToForget has it",
	"jobtagger data split --train all --by employer --output data/processed-by-employer":                               "as data split",
	"jobtagger data forget 9000003 9000017":                                                                            "as data split",
	"jobtagger reproduce":                                                                                              "minutes; .ci/run has it",
	"jobtagger reproduce starter --set train.seed=2":                                                                   "minutes",
	"jobtagger train --data my/data":                                                                                   "the starter encoder on ads of any length: minutes",
	"jobtagger train --data FOLDER":                                                                                    "a placeholder",
	"jobtagger reproduce reported --set data.source=data/processed":                                                    "needs data that is not public",
	"jobtagger notebook run notebooks/04_training.ipynb":                                                               "minutes; .ci/run has it",
	"jobtagger notebook run notebooks/04_training.ipynb --output out.ipynb":                                            "minutes",
	"jobtagger model pretrain --recipe data/starter/recipe.yaml --output data/starter":                                 "half an hour or more",
	"jobtagger data fetch":                                                                                             "needs an appname and the network; fetch_test.go fetches from the fake",
	"jobtagger data fetch --output data/raw-2025 --since 2025-01-01 --json":                                            "likewise",
	"jobtagger data fetch --endpoint http://127.0.0.1:8089/v2 --appname example-jobtagger-x7k2 --output data/raw-fake": "needs a fake on that port",
	"jobtagger data fake-api --address 127.0.0.1:8089":                                                                 "runs until it is stopped; fetch_test.go starts and stops it",
	"jobtagger data fake-api --address 127.0.0.1:0 --ads 500 --seed 7 --faults 0.2":                                    "likewise",
	"jobtagger bench --size 6x384 --json":                                                                              "half a minute",
	"jobtagger model export starter tagger.onnx":                                                                       "needs ONNX Runtime; .ci/run has it",
	"jobtagger model export my/model my.onnx --json":                                                                   "likewise",
	"jobtagger notebook install":                                                                                       "needs the kernel, and writes to the user's own files; the images have it",
	"jobtagger notebook install --gonb bin/gonb --repository .":                                                        "likewise",
	"jobtagger data synth --output data/synthetic":                                                                     "its test is synth's own",
	"jobtagger compare": "half an hour",
	"jobtagger compare starter listwise --seeds 5 --sizes 90,270":        "an hour",
	"jobtagger compare starter --grid train.lr=5e-4,1e-3,2e-3 --seeds 1": "a quarter of an hour",
	"jobtagger compare listwise --leave-one-label-out":                   "half an hour",
	"jobtagger reproduce --resume results/starter/runs/d61069da-2":       "resume_test.go has it",
	"jobtagger train --resume results/own/runs/0a1b2c3d-1":               "resume_test.go has it",
}

// TestExamplesRun executes every command that a help text shows, in a folder that has the files which they name.
func TestExamplesRun(t *testing.T) {
	onlineHub(t)
	workplace(t)
	if err := os.CopyFS("my/model", os.DirFS(trained(t))); err != nil {
		t.Fatal(err)
	}
	var visit func(command *cobra.Command)
	seen := map[string]bool{}
	visit = func(command *cobra.Command) {
		for line := range strings.Lines(command.Example) {
			example, _, _ := strings.Cut(strings.TrimSpace(line), "  #")
			example = strings.TrimSpace(example)
			seen[example] = true
			if notRun[example] == "" {
				t.Run(example, func(t *testing.T) { runExample(t, example) })
			}
		}
		for _, verb := range command.Commands() {
			visit(verb)
		}
	}
	visit((&app{stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}).root())
	for example := range notRun {
		if !seen[example] && example != "jobtagger train --data FOLDER" {
			t.Errorf("%q is excused, but no help text has it", example)
		}
	}
}

// TestEveryVerbHasExamples: help texts show how to use what does something.
func TestEveryVerbHasExamples(t *testing.T) {
	var visit func(command *cobra.Command)
	visit = func(command *cobra.Command) {
		if !command.HasSubCommands() && command.Example == "" {
			t.Errorf("%s --help has no example", command.CommandPath())
		}
		for _, verb := range command.Commands() {
			visit(verb)
		}
	}
	visit((&app{}).root())
}

// words splits a command at spaces, but not between quotation marks.
func words(command string) (list []string) {
	for i, part := range strings.Split(command, `"`) {
		if i%2 == 1 {
			list = append(list, part)
		} else {
			list = append(list, strings.Fields(part)...)
		}
	}
	return list
}

// runExample understands "echo '…' | jobtagger …", "jobtagger … < file" and arguments in quotation marks.
func runExample(t *testing.T, example string) {
	t.Helper()
	stdin := ""
	if echo, rest, ok := strings.Cut(example, " | "); ok {
		stdin, example = strings.Trim(strings.TrimPrefix(echo, "echo "), "'")+"\n", rest
	}
	if command, file, ok := strings.Cut(example, " < "); ok {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		stdin, example = string(content), command
	}
	args := words(example)
	if args[0] != "jobtagger" {
		t.Fatalf("%q is no command of this program", example)
	}
	if status, _, stderr := jobtagger(t, stdin, args[1:]...); status != fine {
		t.Errorf("status %d\n%s", status, stderr)
	}
}
