package colbert_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Every library's folder must give that library's embeddings and scores: markers, query expansion (attended to or not), skiplists, chained
// heads, and the rule of scoring.
func TestComplianceCheckpoints(t *testing.T) {
	for name, scores := range map[string]string{
		"neural-cherche": "scores", "stanford": "scores", "st6-nc-style": "scores", "st6-expansion-meanmaxsim": "scores",
		"pylate-1dense": "scores_pairwise", "pylate-2dense": "scores_pairwise", "pylate-noexp": "scores_pairwise",
	} {
		t.Run(name, func(t *testing.T) {
			var texts struct{ Queries, Documents []string }
			golden.JSON(t, "checkpoints/"+name+"/expected.json", &texts)
			want := golden.Tensors(t, "checkpoints/"+name+"/expected.safetensors")
			m := openModel(t, "checkpoints/"+name)
			queries, documents := encode(t, m, m.Query, texts.Queries...), encode(t, m, m.Document, texts.Documents...)
			compareEmbeddings(t, "query", queries, want)
			compareEmbeddings(t, "document", documents, want)
			expected := golden.Float32s(t, want[scores])
			for i, query := range queries {
				for j, document := range documents {
					got, err := m.Similarity.Score(query.Embedding, document.Embedding)
					if err != nil {
						t.Fatal(err)
					}
					if off := math.Abs(got - float64(expected[i*len(documents)+j])); off > 1e-4 {
						t.Errorf("query %d, document %d: score %v is off by %g", i, j, got, off)
					}
				}
			}
		})
	}
}

func compareEmbeddings(t *testing.T, role string, got []colbert.Text, want map[string]modelio.Tensor) {
	t.Helper()
	for i, text := range got {
		tensor := want[role+"."+strconv.Itoa(i)]
		expected := golden.Float32s(t, tensor)
		for token := tensor.Shape[0] - 1; token >= text.Embedding.Tokens(); token-- { // neural-cherche's rows of padding
			row := expected[token*text.Dim:]
			if golden.Distance(row, make([]float32, len(row))) > 0 {
				t.Fatalf("%s %d has %d tokens, want %d", role, i, text.Embedding.Tokens(), token+1)
			}
			expected = expected[:token*text.Dim]
		}
		if off := golden.Distance(text.Values, expected); off > 2e-5 {
			t.Errorf("%s %d is off by %g", role, i, off)
		}
		if len(text.Tokens.IDs) != text.Embedding.Tokens() || len(text.Tokens.Offsets) != text.Embedding.Tokens() {
			t.Errorf("%s %d has %d rows for %d tokens", role, i, text.Embedding.Tokens(), len(text.Tokens.IDs))
		}
	}
}
