package synth

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAd(b *testing.B) {
	g := newGenerator(b)
	rng := rand.New(rand.NewPCG(1, 1))
	words := 0
	for b.Loop() {
		ad := g.ad(rng, rng.IntN(len(g.labels)), false)
		words += len(ad.Body)
	}
	b.SetBytes(int64(words / b.N))
}
