package colbertlib_test

import (
	"context"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
)

// tiny loads neural-cherche's checkpoint of the golden values: random weights, but everything that a real one has.
func tiny(t testing.TB, options *colbertlib.Options) *colbertlib.Model {
	t.Helper()
	folder, err := fs.Sub(golden.FS(t), "nc/bert/initial")
	if err != nil {
		t.Fatal(err)
	}
	model, err := colbertlib.LoadFS(folder, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { model.Close() })
	return model
}

func newTagger(t testing.TB, model *colbertlib.Model) *colbertlib.Tagger {
	t.Helper()
	tagger, err := colbertlib.NewTagger(t.Context(), model, labels)
	if err != nil {
		t.Fatal(err)
	}
	return tagger
}

// Nothing that somebody can paste into a form may end the program or yield half a ranking.
func TestTagTakesAnyText(t *testing.T) {
	tagger := newTagger(t, tiny(t, nil))
	for name, text := range map[string]string{
		"empty":           "",
		"white space":     " \n\t ",
		"control only":    "\x00\x01\u200b\u00ad",
		"invalid UTF-8":   "Finance \xff\xfe officer",
		"another script":  "会計担当者 🏥 مسؤول",
		"a megabyte":      strings.Repeat("finance officer ", 1<<16),
		"one long word":   strings.Repeat("x", 1<<20),
		"special tokens":  "[CLS] [SEP] [MASK] [PAD] [Q] [D]",
		"markup":          "<script>alert('x')</script>",
		"ordinary advert": "Finance Officer\nPrepares budgets.",
	} {
		t.Run(name, func(t *testing.T) {
			tagging, err := tagger.Tag(t.Context(), text)
			if err != nil {
				t.Fatal(err)
			}
			sum, names := 0.0, []string{}
			for i, tag := range tagging.Tags {
				sum += tag.Probability
				names = append(names, tag.Name)
				if math.IsNaN(tag.Score) || i > 0 && tag.Score > tagging.Tags[i-1].Score {
					t.Errorf("tag %d has score %v after %v", i, tag.Score, tagging.Tags[max(i-1, 0)].Score)
				}
			}
			slices.Sort(names)
			if !slices.Equal(names, []string{"Communications", "Finance", "Logistics"}) || math.Abs(sum-1) > 1e-9 {
				t.Errorf("labels %v with probabilities adding up to %v", names, sum)
			}
			if long := len(text) > 1000; tagging.Truncated != long && name != "one long word" {
				t.Errorf("truncated is %v for %d bytes", tagging.Truncated, len(text))
			}
		})
	}
}

func TestTagAllEqualsTagOneByOneConcurrently(t *testing.T) {
	tagger := newTagger(t, tiny(t, nil))
	texts := []string{"Finance Officer", "Drives trucks and keeps the warehouse in order, counts stocks", "Press", ""}
	together, err := tagger.TagAll(t.Context(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	type answer struct {
		text    int
		tagging colbertlib.Tagging
		err     error
	}
	answers := make(chan answer)
	for i, text := range texts {
		go func() {
			tagging, err := tagger.Tag(context.Background(), text)
			answers <- answer{i, tagging, err}
		}()
	}
	for range texts {
		a := <-answers
		if a.err != nil {
			t.Fatal(a.err)
		}
		near := cmp.Comparer(func(x, y float64) bool { return math.Abs(x-y) < 1e-4 })
		if difference := cmp.Diff(together[a.text], a.tagging, near); difference != "" {
			t.Errorf("%q is tagged otherwise alone:\n%s", texts[a.text], difference)
		}
	}
}

func TestProgressReachesTheEnd(t *testing.T) {
	model := tiny(t, nil)
	var seen []int
	texts := slices.Repeat([]string{"Finance Officer"}, 1000)
	if _, err := model.EncodeQueries(t.Context(), texts, func(done int) { seen = append(seen, done) }); err != nil {
		t.Fatal(err)
	}
	if len(seen) < 2 || seen[len(seen)-1] != len(texts) || !slices.IsSorted(seen) {
		t.Errorf("progress %v for %d texts", seen, len(texts))
	}
}

func TestLengthsCanBeOverridden(t *testing.T) {
	texts := []string{"Prepares budgets, pays suppliers and keeps the books of three offices in order."}
	short, err := tiny(t, &colbertlib.Options{QueryLength: 8}).EncodeQueries(t.Context(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := short[0].Tokens(); n != 8 || !short[0].Truncated {
		t.Errorf("%d tokens, truncated %v; want 8 and true", n, short[0].Truncated)
	}
	labels := []dataset.Label{{ID: 1, Name: "Finance", Description: texts[0]}, {ID: 2, Name: "Water", Description: "Wells"}}
	for length, want := range map[int]int{8: 1, 64: 0} {
		tagger, err := colbertlib.NewTagger(t.Context(), tiny(t, &colbertlib.Options{DocumentLength: length}), labels)
		if err != nil {
			t.Fatal(err)
		}
		if cut := tagger.Truncated(); len(cut) != want || want == 1 && cut[0].ID != 1 {
			t.Errorf("%d tokens: the descriptions of %v are said to be cut", length, cut)
		}
	}
	folder, err := fs.Sub(golden.FS(t), "nc/bert/initial")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := colbertlib.LoadFS(folder, &colbertlib.Options{QueryLength: 100_000}); err == nil {
		t.Error("a length beyond the encoder's positions is accepted")
	}
}

func TestErrorsNameTheProblem(t *testing.T) {
	model := tiny(t, nil)
	if _, err := colbertlib.NewTagger(t.Context(), model, nil); err == nil {
		t.Error("a tagger without labels is made")
	}
	if _, err := colbertlib.NewTagger(t.Context(), model, []dataset.Label{}); err == nil || !strings.Contains(err.Error(), "the list is empty") {
		t.Errorf("no labels: got %v", err)
	}
	if _, err := colbertlib.Load("no/such/folder", nil); err == nil || !strings.Contains(err.Error(), "no/such/folder") {
		t.Errorf("a folder that is not there: got %v", err)
	}
	query, err := model.EncodeQueries(t.Context(), []string{"Finance"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	other := query[0]
	other.Dim = 12
	if _, err := model.Rank(query[0], []colbertlib.Embedding{query[0], other}); err == nil || !strings.Contains(err.Error(), "document 1") {
		t.Errorf("embeddings of another model: got %v", err)
	}
	if _, err := colbertlib.LoadFS(golden.FS(t), nil); err == nil || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("a folder that is no model: got %v", err)
	}
}

func TestOneLabelIsCertain(t *testing.T) {
	tagger, err := colbertlib.NewTagger(t.Context(), tiny(t, nil), []dataset.Label{labels[0]})
	if err != nil {
		t.Fatal(err)
	}
	tagging, err := tagger.Tag(t.Context(), "anything")
	if err != nil || len(tagging.Tags) != 1 || tagging.Tags[0].Probability != 1 {
		t.Errorf("got %+v, %v", tagging, err)
	}
}

// BenchmarkTag is one advertisement of 500 words, from text to ranking, by the starter on the backend that GOMLX_BACKEND names; in windows, as the
// starter reads the first half at most.
func BenchmarkTag(b *testing.B) {
	model := starter()
	defer model.Close()
	tagger := newTagger(b, model)
	b.Run("cut", func(b *testing.B) { benchmarkTag(b, tagger) })
	b.Run("windows", func(b *testing.B) { benchmarkTag(b, tagger.WithWindows()) })
}

// benchmarkTag reports the middle time too, which other programs on the machine disturb least.
func benchmarkTag(b *testing.B, tagger *colbertlib.Tagger) {
	text := "Finance Officer\n" + strings.Repeat("Prepares the monthly accounts, pays suppliers and reports to donors on time. ", 41) // 12 words each
	var times []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		if _, err := tagger.Tag(b.Context(), text); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "median-ms")
}

// A folder without a card gets one that says so; saved again, the model keeps it.
func TestSaveWritesACard(t *testing.T) {
	dir := t.TempDir()
	model := tiny(t, nil)
	for _, name := range []string{"once", "twice"} {
		folder := filepath.Join(dir, name)
		if _, err := model.Save(folder); err != nil {
			t.Fatal(err)
		}
		card, err := os.ReadFile(filepath.Join(folder, "README.md"))
		if err != nil || strings.Count(string(card), "## What is not known\n") != 1 || strings.Count(string(card), "## Conversion\n") != 1 || !strings.Contains(string(card), "clip-zero") {
			t.Errorf("%s: %v, card\n%s", name, err, card)
		}
		if model, err = colbertlib.Load(folder, nil); err != nil {
			t.Fatal(err)
		}
		defer model.Close()
	}
}
