package parallel_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/internal/parallel"
)

// numbers counts up to n, says how many it gave, and ends with err.
func numbers(n int, given *atomic.Int64, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			given.Add(1)
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

func square(x int) int { return x * x }

func TestConcurrentMapKeepsTheOrder(t *testing.T) {
	for _, n := range []int{0, 1, 31, 32, 33, 5000} {
		next := 0
		for got, err := range parallel.Map(t.Context(), numbers(n, new(atomic.Int64), nil), square) {
			if err != nil || got != next*next {
				t.Fatalf("value %d is %d, %v", next, got, err)
			}
			next++
		}
		if next != n {
			t.Errorf("%d values, want %d", next, n)
		}
	}
}

func TestConcurrentMapGivesTheErrorInItsPlace(t *testing.T) {
	broken := errors.New("broken")
	values := 0
	var last error
	for _, err := range parallel.Map(t.Context(), numbers(100, new(atomic.Int64), broken), square) {
		if err == nil {
			values++
		}
		last = err
	}
	if values != 100 || !errors.Is(last, broken) {
		t.Errorf("%d values, then %v", values, last)
	}
}

func TestConcurrentMapStops(t *testing.T) {
	var given atomic.Int64
	for got := range parallel.Map(t.Context(), numbers(1_000_000, &given, nil), square) {
		if got == 100 {
			break
		}
	}
	if n := given.Load(); n > 10_000 {
		t.Errorf("%d values were made after the consumer had left", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for got, err := range parallel.Map(ctx, numbers(1_000_000, &given, nil), square) {
		if got == 100 {
			cancel()
		}
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("cancelled, the stream ends with %v", last)
	}
}
