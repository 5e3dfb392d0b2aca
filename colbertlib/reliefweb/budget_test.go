package reliefweb

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/reliefweb/fakeapi"
)

func TestBudgetOfADay(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		api, c := newFake(t, fakeapi.Options{})
		c.Budget = &Budget{Path: filepath.Join(dir, "calls.json"), Limit: 5}
		api.Fail(fakeapi.Unavailable) // calls that fail count too
		for left := range 4 {
			if _, err := c.Jobs(t.Context(), Query{}); err != nil {
				t.Fatal(err)
			}
			if got := must(c.CallsLeft(t.Context())); got != 3-left {
				t.Errorf("%d calls left, want %d", got, 3-left)
			}
			time.Sleep(time.Hour)
		}
		_, err := c.Jobs(t.Context(), Query{})
		var used *BudgetError
		if !errors.As(err, &used) || api.Calls() != 5 || !strings.Contains(err.Error(), "the 5 calls that ReliefWeb allows a day are used up") {
			t.Fatalf("%v after %d calls", err, api.Calls())
		}
		time.Sleep(time.Until(used.Free) - time.Nanosecond)
		if _, err := c.Jobs(t.Context(), Query{}); !errors.As(err, &used) {
			t.Errorf("before %v: %v", used.Free, err)
		}
		time.Sleep(time.Nanosecond)
		if _, err := c.Jobs(t.Context(), Query{}); err != nil {
			t.Error(err)
		}
		if other := must(NewClient(Endpoint, "another-name")); must(c.Budget.left(t.Context(), other.account())) != 5 {
			t.Error("one appname uses up another's calls")
		}
	})
	if content := string(must(os.ReadFile(filepath.Join(dir, "calls.json")))); strings.Contains(content, fakeapi.Appname) {
		t.Errorf("the file names the appname: %s", content)
	}
}

func TestBudgetSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	b := &Budget{Path: filepath.Join(dir, "calls.json"), Limit: 5}
	if err := os.WriteFile(b.Path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := b.spend(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("%v", err)
	}
	if _, err := must(NewClient(Endpoint, "x")).CallsLeft(t.Context()); err == nil {
		t.Error("calls are left of no budget")
	}
	t.Setenv("XDG_CACHE_HOME", dir)
	if b := must(UserBudget()); b.Limit != 1000 || !strings.HasPrefix(b.Path, dir) {
		t.Errorf("%+v", b)
	}
}

// A clock that was wrong for a while does not block anybody for ever.
func TestBudgetForgetsTheFuture(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 30, 0, time.UTC)
	at := func(d time.Duration) int64 { return now.Add(d).Unix() / 60 }
	c := calls{"a": {at(0): 1, at(-23 * time.Hour): 2, at(-25 * time.Hour): 4, at(23 * time.Hour): 8, at(25 * time.Hour): 16}, "b": {at(-48 * time.Hour): 1}}
	if c.prune(now); c.sum("a") != 11 || len(c) != 1 {
		t.Errorf("%v", c)
	}
}

// TestConcurrentBudget has goroutines and processes spend together: no call is counted twice or not at all.
func TestConcurrentBudget(t *testing.T) {
	const each = 20
	if path := os.Getenv("RELIEFWEB_TEST_BUDGET"); path != "" {
		spend(t, path, each)
		return
	}
	path := filepath.Join(t.TempDir(), "calls.json")
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() { spend(t, path, each) })
		group.Go(func() {
			command := exec.Command(os.Args[0], "-test.run=^TestConcurrentBudget$")
			command.Env = append(os.Environ(), "RELIEFWEB_TEST_BUDGET="+path)
			if out, err := command.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	group.Wait()
	b := &Budget{Path: path, Limit: 1000}
	if left := must(b.left(context.Background(), "a")); left != 1000-6*each {
		t.Errorf("%d calls are left, want %s", left, strconv.Itoa(1000-6*each))
	}
}

func spend(t *testing.T, path string, n int) {
	b := &Budget{Path: path, Limit: 1000}
	for range n {
		if err := b.spend(context.Background(), "a"); err != nil {
			t.Error(err)
		}
	}
}
