// Package parallel applies a function to a stream on all processors.
package parallel

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

// chunk is how many values travel together: enough that passing them on costs nothing, few enough to stay small in memory.
const chunkSize = 32

type chunk[In, Out any] struct {
	in   []In
	out  []Out
	err  error // ends the stream after out
	done chan struct{}
}

// Map gives f of each value, in the order of the values. f must be safe for concurrent use. An error of in, or the end of ctx, is given in its
// place and ends the stream. in runs in a goroutine of its own and has ended when the stream has. A bounded number of values is in memory.
func Map[In, Out any](ctx context.Context, in iter.Seq2[In, error], f func(In) Out) iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		outer := ctx
		ctx, cancel := context.WithCancel(ctx)
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()
		workers := runtime.GOMAXPROCS(0)
		work, results := make(chan *chunk[In, Out]), make(chan *chunk[In, Out], 2*workers)
		running.Go(func() { produce(ctx, in, work, results) })
		for range workers {
			running.Go(func() {
				for c := range work {
					for _, value := range c.in {
						c.out = append(c.out, f(value))
					}
					close(c.done)
				}
			})
		}
		for c := range results {
			<-c.done
			for _, value := range c.out {
				if !yield(value, nil) {
					return
				}
			}
			if c.err != nil {
				var none Out
				yield(none, c.err)
				return
			}
		}
		if err := outer.Err(); err != nil {
			var none Out
			yield(none, err)
		}
	}
}

// produce cuts the stream into chunks and passes each to a worker and, in order, to the consumer.
func produce[In, Out any](ctx context.Context, in iter.Seq2[In, error], work, results chan<- *chunk[In, Out]) {
	defer close(results)
	defer close(work)
	send := func(c *chunk[In, Out]) bool {
		c.done = make(chan struct{})
		select {
		case work <- c:
		case <-ctx.Done():
			return false
		}
		select {
		case results <- c:
			return true
		case <-ctx.Done():
			return false
		}
	}
	current := &chunk[In, Out]{}
	for value, err := range in {
		if err != nil {
			current.err = err
			send(current)
			return
		}
		if current.in = append(current.in, value); len(current.in) == chunkSize {
			if !send(current) {
				return
			}
			current = &chunk[In, Out]{}
		}
	}
	send(current)
}
