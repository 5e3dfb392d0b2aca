package tokenize

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// advertisement is written for this package, in the manner of job advertisements in aid work.
const advertisement = `Water, Sanitation and Hygiene (WASH) Programme Manager - Juba, South Sudan
Closing date: 12/05/2026. Duration: 12 months, renewable; P3 or equivalent.

Under the supervision of the Head of Mission, the WASH Programme Manager leads a team of 14 engineers and community
mobilisers in three field sites. The post-holder is accountable for planning, implementing and reporting on water supply,
latrine construction and hygiene promotion for some 85,000 displaced people in Upper Nile and Jonglei states.

Key responsibilities:
• Draw up work plans, budgets and procurement plans; review expenditure every month with the Finance Coordinator.
• Supervise the drilling and rehabilitation of boreholes, and make sure that water quality is tested at every source.
• Represent the organisation at the WASH cluster, with local authorities, partners and donors (ECHO, UNICEF, BHA).
• Write donor reports and contribute to proposals; capture lessons learnt and share them with the country office.
• Recruit, coach and appraise national staff; delegate, and encourage colleagues to propose their own solutions.

Requirements: a degree in civil engineering, hydrogeology or public health; at least five years' experience in
humanitarian emergencies, two of them in management; fluent English, working French ("niveau B2 exigé"), Arabic an asset.
Qualified women are strongly encouraged to apply. Write to recruitment@example.org, reference SSD/WASH/07.
`

// benchmarkEncode reports tokens per second. Run it with GOMAXPROCS=1 to compare with other libraries' figures.
func benchmarkEncode(b *testing.B, tokenizer *Tokenizer, text string, maxLength int) {
	tokens := len(tokenizer.Encode(text, maxLength).IDs)
	b.ReportAllocs()
	for b.Loop() {
		tokenizer.Encode(text, maxLength)
	}
	b.ReportMetric(float64(tokens*b.N)/b.Elapsed().Seconds(), "tokens/s")
}

func BenchmarkEncode(b *testing.B) {
	tokenizer := newBert(b)
	french := "Chargé·e de la logistique à N’Djaména — expérience exigée, maîtrise de l’anglais appréciée. "
	b.Run("small", func(b *testing.B) { benchmarkEncode(b, tokenizer, advertisement[:80], 0) })
	b.Run("medium", func(b *testing.B) { benchmarkEncode(b, tokenizer, advertisement, 0) })
	b.Run("large", func(b *testing.B) { benchmarkEncode(b, tokenizer, strings.Repeat(advertisement, 100), 0) })
	b.Run("french", func(b *testing.B) { benchmarkEncode(b, tokenizer, strings.Repeat(french, 20), 0) })
	b.Run("cut", func(b *testing.B) { benchmarkEncode(b, tokenizer, strings.Repeat(advertisement, 500), 512) })
	b.Run("uncached", func(b *testing.B) {
		benchmarkEncode(b, uncut(newBert(b)), advertisement, 0) // one chunk, too long to be remembered
	})
	b.Run("bytelevel", func(b *testing.B) { benchmarkEncode(b, mustNew(b, bpeConfig(b)), advertisement, 0) })
	b.Run("bytelevel uncached", func(b *testing.B) {
		benchmarkEncode(b, uncut(mustNew(b, bpeConfig(b))), advertisement, 0)
	})
	b.Run("prefixed", func(b *testing.B) { // PyLate's models hold their prefixes as added tokens, found after normalising
		config := bertConfig(b)
		addTokens(config, object{"id": 30522, "content": "[Q] ", "normalized": true})
		benchmarkEncode(b, mustNew(b, config), "[Q] "+advertisement, 0)
	})
}

// BenchmarkEncodeMixed encodes texts with a large vocabulary, of which the cache holds only a part.
func BenchmarkEncodeMixed(b *testing.B) {
	tokenizer := newBert(b)
	random := rand.New(rand.NewPCG(1, 2))
	vocab := bertVocab()[2000:]
	var text strings.Builder
	for range 20000 {
		text.WriteString(strings.TrimPrefix(vocab[random.IntN(len(vocab))], "##") + " ")
	}
	benchmarkEncode(b, tokenizer, text.String(), 0)
}

func BenchmarkNew(b *testing.B) {
	data := marshal(b, bertConfig(b))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTrainWordPiece(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields(advertisement)
	var texts []string
	size := 0
	for range 2000 {
		var text strings.Builder
		for range 100 {
			text.WriteString(words[random.IntN(len(words))] + " " + bertVocab()[2000+random.IntN(20000)] + " ")
		}
		texts = append(texts, text.String())
		size += text.Len()
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := TrainWordPiece(slices.Values(texts), 8000); err != nil {
			b.Fatal(err)
		}
	}
}
