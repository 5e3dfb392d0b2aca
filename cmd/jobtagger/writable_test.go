package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestWritable(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "file", "")
	for folder, want := range map[string]bool{"": true, ".": true, "new": true, "new/and/deep": true, "file": false, "file/new": false} {
		if err := writable(folder); (err == nil) != want {
			t.Errorf("%q: %v, want it writable: %v", folder, err, want)
		}
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// What takes long says at once that its output cannot be written, once, and what to do about it.
func TestNothingBeginsThatCannotBeWritten(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("where nobody may write, not even root, is Linux's")
	}
	const sealed = "/sys/results"
	workplace(t)
	if err := os.Symlink("/sys", "sealed"); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"reproduce my/recipe.yaml --results " + sealed, "train --data my/data --model my/encoder --results " + sealed, "train --resume /sys",
		"compare my/recipe.yaml --results " + sealed, "model pretrain --recipe my.yaml --output " + sealed,
		"data split --from board.csv --labels my/labels.json --output " + sealed, "data audit my/data --output " + sealed,
		"notebook run my/a.ipynb --output sealed/a.ipynb", "eval --calibrate --model sealed --data ads.jsonl",
	} {
		status, stdout, stderr := jobtagger(t, "", strings.Fields(args)...)
		if status != failure || stdout != "" || strings.Count(stderr, "no file can be made in /") != 1 || strings.Count(stderr, "\n") != 2 || !strings.HasSuffix(stderr, permissionAdvice+"\n") {
			t.Errorf("jobtagger %s: status %d, %s\n%s", args, status, stdout, stderr)
		}
	}
	if made, _ := filepath.Glob("results/*"); len(made) > 0 {
		t.Errorf("begun: %q", made)
	}
}
