package reliefweb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// DailyCalls is how many calls ReliefWeb allows an appname in a day.
const DailyCalls = 1000

const (
	// day is how long a call counts. ReliefWeb does not say at which hour its day begins; no 24 hours hold more than the limit, so that it does not matter.
	day    = 24 * time.Hour
	minute = time.Minute
	// pollLock is how often a process that waits for another looks again.
	pollLock = 20 * time.Millisecond
)

// Budget counts calls in a file, over all processes that share it. Its methods are safe for concurrent use.
type Budget struct {
	Path  string // of the file; folders above it are made
	Limit int    // calls in any 24 hours
}

// UserBudget is the budget of 1000 calls a day that all programs of this user share: a file in the user's cache folder.
func UserBudget() (*Budget, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("reliefweb: no folder to count calls in: %w; set HOME or XDG_CACHE_HOME", err)
	}
	return &Budget{Path: filepath.Join(dir, "jobtagger", "reliefweb-calls.json"), Limit: DailyCalls}, nil
}

// calls is the file: for each account how many calls were made in which minute (Unix time / 60).
type calls map[string]map[int64]int

// left is how many calls an account may still make.
func (b *Budget) left(ctx context.Context, account string) (left int, err error) {
	err = b.locked(ctx, func(c calls) error {
		left = b.Limit - c.sum(account)
		return nil
	})
	return max(left, 0), err
}

// spend counts a call before it is made, or returns a *BudgetError.
func (b *Budget) spend(ctx context.Context, account string) error {
	return b.locked(ctx, func(c calls) error {
		if c.sum(account) >= b.Limit {
			return &BudgetError{Limit: b.Limit, Free: c.free(account)}
		}
		if c[account] == nil {
			c[account] = map[int64]int{}
		}
		c[account][time.Now().Truncate(minute).Unix()/60]++
		content, err := json.Marshal(c)
		if err != nil {
			return err
		}
		return atomicfile.WriteBytes(b.Path, content)
	})
}

// locked calls do with the calls that still count, while other processes wait.
func (b *Budget) locked(ctx context.Context, do func(calls) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(b.Path), 0o755); err != nil {
		return fmt.Errorf("reliefweb: count calls: %w", err)
	}
	lock := flock.New(b.Path + ".lock")
	if _, err := lock.TryLockContext(ctx, pollLock); err != nil {
		return fmt.Errorf("reliefweb: count calls: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	c := calls{}
	content, err := os.ReadFile(b.Path)
	if err == nil {
		err = json.Unmarshal(content, &c)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("reliefweb: count calls: %s: %w; if the file is broken, delete it", b.Path, err)
	}
	c.prune(time.Now())
	return do(c)
}

// prune forgets calls that are a day old, and those of a future that a wrong clock showed.
func (c calls) prune(now time.Time) {
	for account, minutes := range c {
		for at := range minutes {
			if age := now.Sub(time.Unix(at*60, 0)); age >= day+minute || age < -day {
				delete(minutes, at)
			}
		}
		if len(minutes) == 0 {
			delete(c, account)
		}
	}
}

func (c calls) sum(account string) (sum int) {
	for _, n := range c[account] {
		sum += n
	}
	return sum
}

// free is when the oldest calls of an account no longer count.
func (c calls) free(account string) time.Time {
	oldest := time.Now().Unix() / 60
	for at := range c[account] {
		oldest = min(oldest, at)
	}
	return time.Unix(oldest*60, 0).Add(day + minute).UTC()
}
