package colbert_test

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

func openFolder(t testing.TB, dir string) *modelio.Folder {
	t.Helper()
	folder, err := modelio.Open(golden.FS(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	return folder
}

func openModel(t testing.TB, dir string) *colbert.Model {
	t.Helper()
	m, err := colbert.Open(golden.OpenBackend(t), openFolder(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func encode(t testing.TB, m *colbert.Model, role modelio.Role, texts ...string) []colbert.Text {
	t.Helper()
	encoded, err := m.Encode(t.Context(), role, texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// Truncation, prefixes, the head and the clip at zero: neural-cherche's scores of texts long and short.
func TestComplianceScores(t *testing.T) {
	for _, family := range []string{"bert", "gte"} {
		t.Run(family, func(t *testing.T) {
			var want struct {
				Queries, Documents []string
				Pairs              []struct {
					Query, Document int
					QueryTokens     int `json:"query_tokens"`
					DocumentTokens  int `json:"document_tokens"`
					Score           float64
				}
			}
			golden.JSON(t, "nc/"+family+"/scores.json", &want)
			m := openModel(t, "nc/"+family+"/initial")
			queries, documents := encode(t, m, m.Query, want.Queries...), encode(t, m, m.Document, want.Documents...)
			for _, pair := range want.Pairs {
				query, document := queries[pair.Query], documents[pair.Document]
				if query.Embedding.Tokens() != pair.QueryTokens || document.Embedding.Tokens() != pair.DocumentTokens {
					t.Errorf("query %d has %d tokens, want %d; document %d has %d, want %d", pair.Query, query.Embedding.Tokens(), pair.QueryTokens, pair.Document, document.Embedding.Tokens(), pair.DocumentTokens)
				}
				got, err := m.Similarity.Score(query.Embedding, document.Embedding)
				if err != nil || math.Abs(got-pair.Score) > 5e-5 {
					t.Errorf("query %d, document %d: %v, %v; want %v", pair.Query, pair.Document, got, err, pair.Score)
				}
			}
		})
	}
}

var texts = []string{
	"Finance officer", "", "Water", "Prepares budgets, pays suppliers and keeps the books of three offices in order; reports every month.",
	"\u200b\u00ad", "audit", "Human resources: recruitment, training, payroll", "Chargé de communication à N'Djaména", "x",
}

// Neither the other texts of a batch nor their order may change what a text is encoded to, but for rounding.
func TestBatchingAndOrderChangeNothing(t *testing.T) {
	m := openModel(t, "nc/bert/initial")
	together := encode(t, m, m.Query, texts...)
	reversed := slices.Clone(texts)
	slices.Reverse(reversed)
	backwards := encode(t, m, m.Query, reversed...)
	for i, text := range texts {
		alone := encode(t, m, m.Query, text)[0]
		for name, other := range map[string]colbert.Text{"in a batch": together[i], "in another order": backwards[len(texts)-1-i]} {
			if off := golden.Distance(alone.Values, other.Values); off > 1e-5 {
				t.Errorf("%q %s differs by %g", text, name, off)
			}
		}
		for token := range alone.Embedding.Tokens() {
			norm := 0.0
			for _, x := range alone.Row(token) {
				norm += float64(x) * float64(x)
			}
			if math.Abs(norm-1) > 1e-5 {
				t.Errorf("%q: token %d has squared length %v", text, token, norm)
			}
		}
	}
}

func TestOffsetsReferToTheTextWithoutPrefix(t *testing.T) {
	m := openModel(t, "nc/bert/initial")
	text := "Finance officer"
	tokens := m.Tokenize(m.Query, text)
	var words []string
	for _, span := range tokens.Offsets {
		if span != [2]int{} {
			words = append(words, text[span[0]:span[1]])
		}
	}
	if got := strings.Join(words, ""); got != "Financeofficer" {
		t.Errorf("the spans cover %q", got)
	}
	if m.Query.Prefix == "" || len(tokens.IDs) != len(words)+2+len(m.Tokenizer.Encode(m.Query.Prefix, 0).IDs)-2 {
		t.Errorf("prefix %q and text give %d tokens, %d of them of the text", m.Query.Prefix, len(tokens.IDs), len(words))
	}
}

// A saved model must open with the same embeddings, to the last bit.
func TestSaveAndOpen(t *testing.T) {
	source := openFolder(t, "models/gte-tiny")
	source.Labels, source.JobTagger = []byte(`[{"id":1,"name":"Water","description":"Wells."}]`), &modelio.JobTagger{Provenance: []byte(`{"base":"b"}`)}
	m, err := colbert.Open(golden.OpenBackend(t), source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	query, document := modelio.Role{Prefix: "[Q] ", Length: 64}, modelio.Role{Prefix: "[D] ", Length: 32}
	if err := errors.Join(m.AddHead(16, 7), m.SetRoles(query, document, maxsim.ClipZero)); err != nil {
		t.Fatal(err)
	}
	folder, err := m.Folder()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := modelio.Write(dir+"/model", folder, modelio.SentenceTransformers); err != nil {
		t.Fatal(err)
	}
	saved, err := modelio.Open(os.DirFS(dir), "model")
	if err != nil {
		t.Fatal(err)
	}
	defer saved.Close()
	again, err := colbert.Open(golden.OpenBackend(t), saved)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.Similarity != maxsim.ClipZero || again.Query.Prefix != "[Q] " || again.Document.Length != 32 || again.Dim() != 16 {
		t.Errorf("opened with similarity %s, query %+v, document %+v, %d dimensions", again.Similarity, again.Query, again.Document, again.Dim())
	}
	if string(saved.Labels) != string(source.Labels) || saved.JobTagger == nil || !strings.Contains(string(saved.JobTagger.Provenance), `"base": "b"`) {
		t.Errorf("labels %s and provenance %+v did not survive", saved.Labels, saved.JobTagger)
	}
	for i, want := range encode(t, m, m.Query, texts...) {
		if got := encode(t, again, again.Query, texts...)[i]; !slices.Equal(got.Values, want.Values) {
			t.Errorf("%q is encoded otherwise after saving and opening", texts[i])
		}
	}
}

func TestOpenNamesWhatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(folder *modelio.Folder)
		want   string
	}{
		{"unknown model type", func(f *modelio.Folder) { f.Config = []byte(`{"model_type": "gpt2"}`) }, `"gpt2" is not supported`},
		{"another architecture", func(f *modelio.Folder) { f.Config = readFile(t, "models/gte-tiny/config.json") }, "is missing"},
		{"a small table", func(f *modelio.Folder) {
			f.Config = []byte(strings.Replace(string(f.Config), `"vocab_size": 1200`, `"vocab_size": 1199`, 1))
		}, "they belong to different models"},
		{"other shape", func(f *modelio.Folder) {
			f.Config = []byte(strings.Replace(string(f.Config), `"intermediate_size": 64`, `"intermediate_size": 60`, 1))
		}, "intermediate.dense.weight has shape [64 32], want [60 32]"},
		{"absurdly deep", func(f *modelio.Folder) {
			f.Config = []byte(strings.Replace(string(f.Config), `"num_hidden_layers": 2`, `"num_hidden_layers": 16000000`, 1))
		}, "16000000 layers, but the weights are"},
		{"head of another width", func(f *modelio.Folder) {
			f.Head = []modelio.Dense{{Weight: modelio.NewF32("w", []int{4, 5}, make([]float32, 20)), Activation: "identity"}}
		}, "takes 5 values, but gets 32"},
		{"length", func(f *modelio.Folder) { f.Query.Length = 100_000 }, "query length 100000"},
		{"marker", func(f *modelio.Folder) { f.Query.Marker = "[X]" }, `marker of queries, "[X]"`},
		{"query expansion", func(f *modelio.Folder) { f.Query.Expansion = &modelio.Expansion{Token: "[FILL]"} }, `expansion token of queries, "[FILL]"`},
		{"variant", func(f *modelio.Folder) { f.Similarity = "max" }, "unknown variant"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := openFolder(t, "models/bert-tiny")
			c.change(folder)
			_, err := colbert.Open(golden.OpenBackend(t), folder)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v; want an error with %q", err, c.want)
			}
		})
	}
}

func TestUnusedTensorsAreListed(t *testing.T) {
	m := openModel(t, "models/bert-tiny-gamma")
	for _, want := range []string{"bert.pooler.dense.weight", "cls.seq_relationship.weight", "cls.predictions.bias"} {
		if !slices.Contains(m.Unused, want) {
			t.Errorf("%s is not listed among the unused tensors %v", want, m.Unused)
		}
	}
}

func TestEncodeStopsWithItsContext(t *testing.T) {
	m := openModel(t, "nc/bert/initial")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Encode(ctx, m.Query, texts, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestEncodeIsSafeForConcurrentUse(t *testing.T) {
	m := openModel(t, "nc/bert/initial")
	want := encode(t, m, m.Query, texts...)
	done := make(chan []colbert.Text)
	for range 4 {
		go func() {
			got, err := m.Encode(context.Background(), m.Query, texts, nil)
			if err != nil {
				t.Error(err)
			}
			done <- got
		}()
	}
	for range 4 {
		for i, text := range <-done {
			if !slices.Equal(text.Values, want[i].Values) {
				t.Errorf("%q is encoded otherwise beside other calls", texts[i])
			}
		}
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := fs.ReadFile(golden.FS(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
