package tokenize

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

const (
	cacheSlots    = 1 << 14 // advertisements use fewer distinct words than this
	longestCached = 64      // bytes; longer chunks are too rare to come again
)

// cache remembers the pieces of chunks. A chunk has two slots, by its hash; a newer chunk moves the older one to the
// second, out of which it drops. That bounds memory and needs no lock: should two goroutines meet, an entry is lost.
type cache struct {
	seed  maphash.Seed
	slots [cacheSlots]atomic.Pointer[cached]
}

type cached struct {
	chunk  string
	pieces []piece // read only
}

func (c *cache) slot(chunk string) (first, second *atomic.Pointer[cached]) {
	i := maphash.String(c.seed, chunk) % cacheSlots
	return &c.slots[i], &c.slots[i^1]
}

func (c *cache) get(chunk string) ([]piece, bool) {
	if len(chunk) > longestCached {
		return nil, false
	}
	first, second := c.slot(chunk)
	if entry := first.Load(); entry != nil && entry.chunk == chunk {
		return entry.pieces, true
	}
	if entry := second.Load(); entry != nil && entry.chunk == chunk {
		return entry.pieces, true
	}
	return nil, false
}

func (c *cache) put(chunk string, pieces []piece) {
	if len(chunk) > longestCached {
		return
	}
	first, second := c.slot(chunk)
	if older := first.Load(); older != nil {
		second.Store(older)
	}
	// The copy of chunk keeps the whole text, of which it is a part, from staying in memory.
	first.Store(&cached{strings.Clone(chunk), pieces})
}
