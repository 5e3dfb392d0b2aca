package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// program builds jobtagger, so that it can be killed.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "jobtagger.exe")
	if output, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return path
}

// succeed runs the program to its end.
func succeed(t *testing.T, bin string, args ...string) {
	t.Helper()
	if output, err := exec.Command(bin, args...).CombinedOutput(); err != nil {
		t.Fatalf("jobtagger %s: %v\n%s", strings.Join(args, " "), err, output)
	}
}

// changing are the parts of a run folder that depend on the time.
var changing = regexp.MustCompile(`"seconds":[^,}]*|"started": "[^"]*"`)

// runFiles reads a run folder, but for what depends on the time.
func runFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		if name != "DONE" {
			files[name] = changing.ReplaceAllString(string(content), "")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func compareRuns(t *testing.T, want, got map[string]string) {
	t.Helper()
	for name, content := range want {
		if got[name] != content {
			t.Errorf("%s differs from the uninterrupted run's", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is left over", name)
		}
	}
}

// only returns the one folder that a pattern matches.
func only(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found[0]
}

// resumable is a run of a tiny model that writes a checkpoint after every micro-step, so that many kills hit the writing.
var resumable = []string{
	"reproduce", "my/recipe.yaml", "--checkpoint", "1ns", "--set", "train.epochs=20", "--set", "train.accumulation=5", "--set", "train.tail=flush", "--set", "expected=[]",
}

// A run that is killed at random moments, dozens of times, ends with the same files as one that is not.
func TestKilledRunIsResumed(t *testing.T) {
	bin := program(t)
	workplace(t)
	killAndCompare(t, bin, resumable, 30)
}

// The same with the starter's encoder and the advertisements of an epoch, on the backend that computes golden values. It takes long, and a
// backend of another's making may use several threads only where there is much to compute.
func TestComplianceKilledRun(t *testing.T) {
	name := os.Getenv("JOBTAGGER_TEST_BACKEND")
	if name == "" || name == "go" {
		t.Skip("JOBTAGGER_TEST_BACKEND names no other backend; on pure Go, TestKilledRunIsResumed does the same with a tiny model")
	}
	bin := program(t)
	t.Setenv("GOMLX_BACKEND", name)
	t.Chdir(t.TempDir())
	killAndCompare(t, bin, []string{"reproduce", "listwise", "--checkpoint", "1ns", "--set", "train.epochs=1"}, 1)
}

// killAndCompare executes the run of args once as a whole and then, until there were so many kills, with kills at random moments.
func killAndCompare(t *testing.T, bin string, args []string, atLeast int) {
	t.Helper()
	start := time.Now()
	succeed(t, bin, append(slices.Clone(args), "--results", "whole")...)
	longest := time.Since(start) / 10 // that a process lives, at first
	whole := runFiles(t, only(t, "whole/*/runs/*"))
	kills, inWriting := 0, 0
	for kills < atLeast {
		for patience := longest; runKilled(t, bin, args, patience); patience += patience / 20 { // or slow machines would not get anywhere
			kills++
			if left, _ := filepath.Glob("killed/*/runs/*/checkpoint/.*.tmp"); len(left) > 0 {
				inWriting++
			}
		}
		compareRuns(t, whole, runFiles(t, only(t, "killed/*/runs/*")))
		if err := os.RemoveAll("killed"); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills, %d of them while a checkpoint was written", kills, inWriting)
}

// runKilled begins or resumes the run in the folder killed, and tells whether it was killed before its end.
func runKilled(t *testing.T, bin string, args []string, patience time.Duration) bool {
	t.Helper()
	args = append(slices.Clone(args), "--results", "killed")
	if done, _ := filepath.Glob("killed/*/runs/*/DONE"); len(done) > 0 { // the last kill hit a process that had nothing left to do but to end
		return false
	}
	if begun, _ := filepath.Glob("killed/*/runs/*/config.yaml"); len(begun) > 0 {
		args = []string{"reproduce", "--checkpoint", "1ns", "--resume", filepath.Dir(begun[0])}
	} else if err := os.RemoveAll("killed"); err != nil { // a folder without recipe, or none
		t.Fatal(err)
	}
	command := exec.Command(bin, args...)
	var output bytes.Buffer
	command.Stderr = &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	killed := make(chan bool, 1)
	timer := time.AfterFunc(rand.N(patience), func() { killed <- command.Process.Kill() == nil })
	err := command.Wait()
	if timer.Stop() {
		killed <- false
	}
	if !<-killed && err != nil {
		t.Fatalf("%v\n%s", err, output.String())
	}
	return err != nil
}

// disturbed runs the command and does something to it in its second epoch. It returns what it wrote to stderr.
func disturbed(t *testing.T, command *exec.Cmd, do func() error) string {
	t.Helper()
	stderr, err := command.StderrPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	done := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		fmt.Fprintln(&output, lines.Text())
		if !done && strings.HasPrefix(lines.Text(), "training, epoch 2") {
			done = true
			if err := do(); err != nil {
				t.Error(err)
			}
		}
	}
	_ = command.Wait() // its status is looked at by the caller
	return output.String()
}

// Ctrl-C ends with a checkpoint, and says how to go on.
func TestInterruptedRunIsResumed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process can send another an interrupt there")
	}
	bin := program(t)
	workplace(t)
	command := exec.Command(bin, "reproduce", "my/recipe.yaml", "--checkpoint", "1h", "--set", "train.epochs=100", "--set", "expected=[]")
	output := disturbed(t, command, func() error { return command.Process.Signal(os.Interrupt) })
	if command.ProcessState.ExitCode() != failure {
		t.Fatalf("%v\n%s", command.ProcessState, output)
	}
	dir := filepath.ToSlash(only(t, "results/tiny/runs/*"))
	if !strings.Contains(output, "to go on: jobtagger reproduce --resume "+dir) {
		t.Errorf("does not say how to go on:\n%s", output)
	}
	only(t, dir+"/checkpoint/checkpoint.safetensors")
	if status, _, stderr := jobtagger(t, "", "train", "--resume", dir, "--set", "train.epochs=3"); status != failure || !strings.Contains(stderr, "train.epochs was 100, is 3") {
		t.Errorf("resumed with another recipe: %d\n%s", status, stderr)
	}
}

// Lack of memory ends a run, here by Go's runtime, which cannot be told otherwise, and it goes on where there is enough. GOGC=off keeps all
// garbage, so that the process is sure to want more after the limit of its address space has been lowered.
func TestLackOfMemoryLosesNothing(t *testing.T) {
	if _, err := exec.LookPath("prlimit"); err != nil {
		t.Skip("no prlimit here, which takes memory from another process")
	}
	bin := program(t)
	workplace(t)
	args := append(resumable, "--set", "train.epochs=6", "--results")
	command := exec.Command(bin, append(args, "little")...)
	command.Env = append(os.Environ(), "GOGC=off")
	output := disturbed(t, command, func() error {
		return exec.Command("prlimit", "--pid", fmt.Sprint(command.Process.Pid), "--as=1").Run()
	})
	if command.ProcessState.Success() || !regexp.MustCompile("out of memory|cannot allocate memory|OS thread|pthread_create").MatchString(output) {
		t.Fatalf("%v without memory\n%s", command.ProcessState, output)
	}
	succeed(t, bin, "reproduce", "--resume", only(t, "little/tiny/runs/*"))
	succeed(t, bin, append(args, "whole")...)
	compareRuns(t, runFiles(t, only(t, "whole/tiny/runs/*")), runFiles(t, only(t, "little/tiny/runs/*")))
}

// A full disk ends a run, which goes on when there is space again.
func TestFullDiskLosesNothing(t *testing.T) {
	bin := program(t)
	workplace(t)
	if err := os.Mkdir("disk", 0o755); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", "disk").CombinedOutput(); err != nil {
		t.Skipf("cannot mount a small disk: %s", output)
	}
	defer func() {
		if output, err := exec.Command("umount", "disk").CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, output)
		}
	}()
	output, err := exec.Command(bin, append(resumable, "--results", "disk")...).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "no space left") {
		t.Fatalf("no error for a full disk: %v\n%s", err, output)
	}
	if output, err := exec.Command("mount", "-o", "remount,size=100m", "disk").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	succeed(t, bin, "reproduce", "--resume", only(t, "disk/tiny/runs/*"))
	succeed(t, bin, append(resumable, "--results", "whole")...)
	compareRuns(t, runFiles(t, only(t, "whole/tiny/runs/*")), runFiles(t, only(t, "disk/tiny/runs/*")))
}
