package maxsim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
)

// pair is a query and a document with the scores that neural-cherche gave them.
type pair struct {
	Query           int     `json:"query"`
	Document        int     `json:"document"`
	QueryTokens     int     `json:"query_tokens"`
	DocumentTokens  int     `json:"document_tokens"`
	Score           float64 `json:"score"`
	WithoutPadding  float64 `json:"score_without_padding_rows"`
	ClippedAtZero   int     `json:"query_tokens_clipped_at_zero"`
	query, document maxsim.Embedding
}

// goldenPairs reads scores.json, with the embeddings cut to their real tokens.
func goldenPairs(t *testing.T, family string) []pair {
	t.Helper()
	var file struct{ Pairs []pair }
	golden.JSON(t, "nc/"+family+"/scores.json", &file)
	all := golden.Tensors(t, "nc/"+family+"/scores.safetensors")
	rows := func(name string, text, tokens int) maxsim.Embedding {
		tensor := all[name]
		length, dim := tensor.Shape[1], tensor.Shape[2]
		values := golden.Float32s(t, tensor)[text*length*dim:][:tokens*dim]
		return maxsim.Embedding{Values: values, Dim: dim, Padded: tokens < length}
	}
	for i, p := range file.Pairs {
		file.Pairs[i].query = rows("query_embeddings", p.Query, p.QueryTokens)
		file.Pairs[i].document = rows("document_embeddings", p.Document, p.DocumentTokens)
	}
	if len(file.Pairs) == 0 {
		t.Fatal("no pairs")
	}
	return file.Pairs
}

func TestScoresEqualNeuralCherche(t *testing.T) {
	for _, family := range []string{"bert", "gte"} {
		clipped := 0
		for _, p := range goldenPairs(t, family) {
			clipped += p.ClippedAtZero
			for variant, want := range map[maxsim.Variant]float64{
				maxsim.ClipZero: p.Score,
				maxsim.MaskMin:  p.WithoutPadding,
				maxsim.Mean:     p.WithoutPadding / float64(p.QueryTokens),
			} {
				got, err := variant.Score(p.query, p.document)
				if err != nil || math.Abs(got-want) > 5e-5 {
					t.Errorf("%s, query %d, document %d, %s: %v, %v; want %v", family, p.Query, p.Document, variant, got, err, want)
				}
			}
		}
		if clipped == 0 {
			t.Errorf("%s: the golden pairs never clip, so they do not tell the variants apart", family)
		}
	}
}

func randomEmbedding(rng *rand.Rand, tokens, dim int, padded bool) maxsim.Embedding {
	e := maxsim.Embedding{Values: make([]float32, tokens*dim), Dim: dim, Padded: padded}
	for token := range tokens {
		square := 0.0
		for i := range dim {
			e.Row(token)[i] = float32(rng.NormFloat64())
			square += float64(e.Row(token)[i]) * float64(e.Row(token)[i])
		}
		for i := range dim {
			e.Row(token)[i] /= float32(math.Sqrt(square))
		}
	}
	return e
}

func randomEmbeddings(rng *rand.Rand, n, tokens, dim int) []maxsim.Embedding {
	embeddings := make([]maxsim.Embedding, n)
	for i := range embeddings {
		embeddings[i] = randomEmbedding(rng, tokens, dim, true)
	}
	return embeddings
}

// The graph form must agree with the host form for texts of any length in one batch, so that padding never changes a score.
func TestComplianceGraphEqualsHost(t *testing.T) {
	opened := golden.OpenBackend(t)
	const dim, longest = 3, 7 // so few dimensions that many best similarities are negative
	rng := rand.New(rand.NewPCG(5, 6))
	var queries, documents []maxsim.Embedding
	var padded []float32
	for i := range 40 {
		queries = append(queries, randomEmbedding(rng, 1+rng.IntN(longest), dim, false))
		tokens := 1 + rng.IntN(longest)
		isPadded := tokens < longest || i%2 == 0
		documents = append(documents, randomEmbedding(rng, tokens, dim, isPadded))
		padded = append(padded, map[bool]float32{true: 1}[isPadded])
	}
	queryValues, queryMask := pad(queries, longest)
	documentValues, documentMask := pad(documents, longest)
	for _, variant := range maxsim.Variants() {
		scores, err := graph.CallOnce(opened, func(in []*graph.Node) *graph.Node {
			return variant.ScoreGraph(maxsim.Batch{Embeddings: in[0], Mask: in[1]}, maxsim.Batch{Embeddings: in[2], Mask: in[3]}, in[4])
		}, queryValues, queryMask, documentValues, documentMask, padded)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range tensors.MustCopyFlatData[float32](scores) {
			want, err := variant.Score(queries[i], documents[i])
			if err != nil || math.Abs(float64(got)-want) > 1e-5 {
				t.Errorf("%s, pair %d: graph %v, host %v, %v", variant, i, got, want, err)
			}
		}
		all, err := graph.CallOnce(opened, func(in []*graph.Node) *graph.Node {
			return variant.ScoreAllGraph(maxsim.Batch{Embeddings: in[0], Mask: in[1]}, maxsim.Batch{Embeddings: in[2], Mask: in[3]}, in[4])
		}, queryValues, queryMask, documentValues, documentMask, padded)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range tensors.MustCopyFlatData[float32](all) {
			query, document := i/len(documents), i%len(documents)
			want, err := variant.Score(queries[query], documents[document])
			if err != nil || math.Abs(float64(got)-want) > 1e-5 {
				t.Errorf("%s, query %d with document %d: graph %v, host %v, %v", variant, query, document, got, want, err)
			}
		}
	}
}

func pad(embeddings []maxsim.Embedding, length int) (values, mask *tensors.Tensor) {
	dim := embeddings[0].Dim
	v, m := make([]float32, len(embeddings)*length*dim), make([]float32, len(embeddings)*length)
	for i, e := range embeddings {
		copy(v[i*length*dim:], e.Values)
		for token := range e.Tokens() {
			m[i*length+token] = 1
		}
	}
	return tensors.FromFlatDataAndDimensions(v, len(embeddings), length, dim), tensors.FromFlatDataAndDimensions(m, len(embeddings), length)
}

// Of equal document tokens the first gets the whole gradient, as in PyTorch; GoMLX's own maximum gives it to each.
func TestComplianceGradientOfTies(t *testing.T) {
	opened := golden.OpenBackend(t)
	query := [][][]float32{{{1, 0}}}
	document := [][][]float32{{{1, 0}, {1, 0}, {0, 1}}}
	gradient, err := graph.CallOnce(opened, func(query, document *graph.Node) *graph.Node {
		mask := func(n int) *graph.Node { return graph.OnePlus(graph.Zeros(query.Graph(), shape(1, n))) }
		score := maxsim.MaskMin.ScoreGraph(maxsim.Batch{Embeddings: query, Mask: mask(1)}, maxsim.Batch{Embeddings: document, Mask: mask(3)}, nil)
		return graph.Gradient(graph.ReduceAllSum(score), document)[0]
	}, query, document)
	if err != nil {
		t.Fatal(err)
	}
	got := tensors.MustCopyFlatData[float32](gradient)
	if want := []float32{1, 0, 0, 0, 0, 0}; golden.Distance(got, want) != 0 {
		t.Errorf("gradient %v, want %v", got, want)
	}
}

// However many processors share the documents, each has the score that it has alone.
func TestConcurrentScoresDoNotDependOnProcessors(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	query, documents := randomEmbedding(rng, 100, 384, true), randomEmbeddings(rng, 17, 40, 384) // work for eleven
	documents[3] = maxsim.Embedding{}
	processors := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(processors)
	for _, n := range []int{1, 2, 5, 64} {
		runtime.GOMAXPROCS(n)
		scores, err := maxsim.Mean.Scores(query, documents)
		if err != nil {
			t.Fatal(err)
		}
		for i, document := range documents {
			if alone, err := maxsim.Mean.Score(query, document); scores[i] != alone || err != nil {
				t.Errorf("%d processors, document %d: %v, alone %v, %v", n, i, scores[i], alone, err)
			}
		}
	}
}

// Memory for a score is a few rows, not a matrix of all pairs of tokens.
func TestScoreTakesLittleMemory(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	query, document := randomEmbedding(rng, 1000, 16, true), randomEmbedding(rng, 500, 16, true)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := maxsim.Mean.Score(query, document); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if bytes, blocks := after.TotalAlloc-before.TotalAlloc, after.Mallocs-before.Mallocs; bytes > 100_000 || blocks > 20 {
		t.Errorf("%d bytes in %d blocks; all pairs would take 2,000,000 bytes", bytes, blocks)
	}
}

func TestEmptyAndMismatchedTexts(t *testing.T) {
	two, three := maxsim.Embedding{Values: []float32{1, 0}, Dim: 2}, maxsim.Embedding{Values: []float32{1, 0, 0}, Dim: 3}
	for _, variant := range maxsim.Variants() {
		if score, err := variant.Score(two, maxsim.Embedding{Dim: 2}); score != 0 || err != nil {
			t.Errorf("%s: an empty document scores %v, %v", variant, score, err)
		}
		if score, err := variant.Score(maxsim.Embedding{}, two); score != 0 || err != nil {
			t.Errorf("%s: an empty query scores %v, %v", variant, score, err)
		}
	}
	if _, err := maxsim.MaskMin.Scores(two, []maxsim.Embedding{two, three}); err == nil {
		t.Error("embeddings of different models are scored")
	}
	if _, err := maxsim.ParseVariant("max"); err == nil {
		t.Error("an unknown variant is accepted")
	}
}

// BenchmarkScores is one query for several documents, as when a text is tagged.
func BenchmarkScores(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range []struct{ query, documents, document, dim int }{
		{20, 9, 30, 128}, {20, 1, 30, 128}, {256, 1, 96, 128}, {256, 1, 96, 384}, {256, 9, 96, 128}, {256, 9, 96, 384}, {2048, 9, 96, 128},
	} {
		query := randomEmbedding(rng, size.query, size.dim, true)
		documents := randomEmbeddings(rng, size.documents, size.document, size.dim)
		b.Run(fmt.Sprintf("query=%d/documents=%dx%d/dim=%d", size.query, size.documents, size.document, size.dim), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := maxsim.ClipZero.Scores(query, documents); err != nil {
					b.Fatal(err)
				}
			}
			flop := 2 * size.query * size.documents * size.document * size.dim
			b.ReportMetric(float64(flop)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func shape(dims ...int) shapes.Shape { return shapes.Make(dtypes.Float32, dims...) }
