package tokencount_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
	"github.com/jobtagger/jobtagger/colbertlib/tokencount"
	"github.com/jobtagger/jobtagger/data"
)

func open(t testing.TB, fsys fs.FS) *tokencount.Model {
	t.Helper()
	model, err := tokencount.Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func sub(t testing.TB, fsys fs.FS, dir string) fs.FS {
	t.Helper()
	below, err := fs.Sub(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}
	return below
}

var samples = []string{
	"", "Finance officer", "São Tomé: 会 [MASK] !", strings.Repeat("wells ", 40), strings.Repeat("Coordinates vaccination campaigns. ", 50),
}

// The counts are those of the tokens that the model reads, whatever kind of folder it comes in: with marker and prefix, without expansion,
// and what is truncated is what the model truncates.
func TestCountsAreWhatTheModelReads(t *testing.T) {
	for _, dir := range []string{
		"checkpoints/neural-cherche", "checkpoints/stanford", "checkpoints/st6-nc-style", "checkpoints/st6-expansion-meanmaxsim",
		"checkpoints/pylate-1dense", "checkpoints/pylate-2dense", "checkpoints/pylate-noexp",
		"models/bert-tiny", "models/distilbert-tiny", "models/gte-tiny", "models/modernbert-tiny",
	} {
		t.Run(dir, func(t *testing.T) {
			fsys := sub(t, golden.FS(t), dir)
			counter := open(t, fsys)
			model, err := colbertlib.LoadFS(fsys, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := model.Close(); err != nil {
					t.Error(err)
				}
			})
			core := model.Core()
			for name, role := range map[string]struct{ own, model modelio.Role }{"query": {counter.Query, core.Query}, "document": {counter.Document, core.Document}} {
				plain := role.model
				if expansion := plain.Expansion; expansion != nil && expansion.Strategy == "fixed" {
					plain.Length = min(plain.Length, expansion.Length)
				}
				plain.Expansion = nil
				for _, text := range samples {
					read := core.Tokenize(plain, text)
					count := counter.Count(role.own, text)
					if min(count, role.own.Length) != len(read.IDs) || (count > role.own.Length) != read.Truncated {
						t.Errorf("%s %.20q: %d tokens of which %d are read; the model reads %d (truncated: %v)", name, text, count, role.own.Length, len(read.IDs), read.Truncated)
					}
				}
			}
		})
	}
}

// A byte-level BPE, from Hugging Face's tokenizers (tokenize/testdata/README.md), and no weights: what a Hub model costs before it is downloaded.
func TestOpenNeedsNoWeights(t *testing.T) {
	content, err := os.ReadFile("../tokenize/testdata/golden/bpe_tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{
		"tokenizer.json": {Data: content},
		"config.json":    {Data: []byte(`{"model_type": "modernbert", "max_position_embeddings": 8192}`)},
	}
	model := open(t, fsys)
	if model.Query.Length != 8192 || model.Document.Length != 8192 {
		t.Errorf("lengths %d and %d, want the encoder's 8192 positions", model.Query.Length, model.Document.Length)
	}
	if got := model.Count(model.Query, ""); got != 2 {
		t.Errorf("an empty text has %d tokens, want [CLS] and [SEP]", got)
	}
	for _, name := range []string{"tokenizer.json", "config.json"} {
		lacking := fstest.MapFS{}
		for other, file := range fsys {
			if other != name {
				lacking[other] = file
			}
		}
		if _, err := tokencount.Open(lacking); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	fsys["config.json"] = &fstest.MapFile{Data: []byte("{")}
	if _, err := tokencount.Open(fsys); err == nil || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("a broken config.json: %v", err)
	}
}

// texts makes n texts in two languages and of three labels, of which the last is short.
func texts(n int) []tokencount.Text {
	list := make([]tokencount.Text, n)
	for i := range list {
		list[i] = tokencount.Text{Text: strings.Repeat("water ", 1+i%300), Label: []string{"Water", "Water", "Health"}[i%3], Language: []string{"en", "fr"}[i%2]}
	}
	return list
}

func TestQueriesByLabelAndLanguage(t *testing.T) {
	model := open(t, sub(t, golden.FS(t), "models/bert-tiny"))
	model.Query.Length = 100
	last, calls := 0, 0
	analysis, err := model.Queries(t.Context(), "f.json", texts(1000), func(done int) {
		if calls++; done <= last {
			t.Errorf("progress went from %d to %d", last, done)
		}
		last = done
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != 1000 || calls < 2 {
		t.Errorf("progress was called %d times and ended at %d of 1000", calls, last)
	}
	var groups []string
	truncated, count := 0, 0
	for _, group := range analysis.Labels {
		groups = append(groups, fmt.Sprintf("%s %d", group.Name, group.Count))
		truncated, count = truncated+group.Truncated, count+group.Count
	}
	for _, group := range analysis.Languages {
		groups = append(groups, fmt.Sprintf("%s %d", group.Name, group.Count))
	}
	if diff := cmp.Diff([]string{"Water 667", "Health 333", "en 500", "fr 500"}, groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if truncated != analysis.Truncated || truncated == 0 || count != analysis.Count || analysis.Role != "query" || analysis.Limit != 100 {
		t.Errorf("%d of %d truncated in the groups, %d of %d in all; role %s, limit %d", truncated, count, analysis.Truncated, analysis.Count, analysis.Role, analysis.Limit)
	}
	again := slices.Clone(analysis.Counts)
	for i, text := range texts(1000) {
		again[i] = model.Count(model.Query, text.Text)
	}
	if diff := cmp.Diff(again, analysis.Counts); diff != "" {
		t.Errorf("counts are not in the order of the texts (-want +got):\n%s", diff)
	}
}

func TestQueriesStopWithTheContext(t *testing.T) {
	model := open(t, sub(t, golden.FS(t), "models/bert-tiny"))
	ctx, cancel := context.WithCancel(t.Context())
	done := 0
	_, err := model.Queries(ctx, "f.json", texts(5000), func(n int) { done = n; cancel() })
	if !errors.Is(err, context.Canceled) || done == 5000 {
		t.Errorf("after %d texts: %v", done, err)
	}
}

func TestTables(t *testing.T) {
	model := open(t, sub(t, golden.FS(t), "models/bert-tiny"))
	model.Query.Length = 100
	analysis, err := model.Queries(t.Context(), "f.json", texts(300), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := analysis.RangeTable(); got[1][0] != "0-63" || got[len(got)-1][3] != "100.0 %" {
		t.Errorf("ranges %q", got)
	}
	var names []string
	for _, row := range analysis.GroupTable() {
		names = append(names, row[0])
	}
	if diff := cmp.Diff([]string{"texts of", "all", "Water", "Health", "language en", "language fr"}, names); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	path := filepath.Join(t.TempDir(), "tokens.csv")
	if err := tokencount.WriteCSV(path, []tokencount.Analysis{analysis}); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll() // which wants rows of one length
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 6 || rows[0][17] != "0-63" || strings.Join(rows[2][:5], " ") != "f.json query label Water 200" {
		t.Errorf("rows %q", rows)
	}
	if err := tokencount.WriteCSV(filepath.Join(path, "below a file"), nil); err == nil {
		t.Error("a path that cannot be written is no error")
	}
}

// The aim is 10,000 advertisements in seconds, on all processors.
func BenchmarkQueries(b *testing.B) {
	model := open(b, sub(b, data.Starter, "tagger"))
	generator, err := synth.New()
	if err != nil {
		b.Fatal(err)
	}
	var ads []tokencount.Text
	for _, triple := range generator.Set(synth.Seed).Train {
		ads = append(ads, tokencount.Text{Text: triple.Query, Label: "label", Language: "en"})
	}
	for len(ads) < 10_000 {
		ads = append(ads, ads...)
	}
	ads = ads[:10_000]
	bytes := 0
	for _, ad := range ads {
		bytes += len(ad.Text)
	}
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := model.Queries(b.Context(), "ads", ads, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(ads)*b.N)/b.Elapsed().Seconds(), "ads/s")
}
