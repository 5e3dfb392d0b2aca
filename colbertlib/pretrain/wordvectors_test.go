package pretrain

import (
	"io/fs"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"gonum.org/v1/gonum/floats"
)

// Of a symmetric matrix without negative eigenvalues the factor must give the matrix back: a = V·S·Vᵀ = (V·√S)(V·√S)ᵀ.
func TestFactorGivesTheMatrixBack(t *testing.T) {
	const size, rank = 60, 3
	rng := rand.New(rand.NewPCG(1, 1))
	want := make([][]float64, size)
	for i := range want {
		want[i] = make([]float64, size)
	}
	for range rank {
		vector := make([]float64, size)
		for i := range vector {
			vector[i] = rng.NormFloat64()
		}
		for i := range size {
			floats.AddScaled(want[i], vector[i], vector)
		}
	}
	matrix := counts{tokens: size, rows: make([][]entry, size)}
	for i, row := range want {
		for j, value := range row {
			matrix.rows[i] = append(matrix.rows[i], entry{int32(j), value})
		}
	}
	factor := matrix.factor(rank, rng)
	for i := range size {
		for j := range size {
			if got := floats.Dot(factor[i*rank:(i+1)*rank], factor[j*rank:(j+1)*rank]); math.Abs(got-want[i][j]) > 1e-9 {
				t.Fatalf("product at %d, %d is %v, want %v", i, j, got, want[i][j])
			}
		}
	}
}

// Two words of the same texts begin closer to each other than to words of other texts.
func TestWordsOfTheSameTextsBeginAlike(t *testing.T) {
	config, err := fs.ReadFile(golden.FS(t), "models/bert-tiny/config.json")
	if err != nil {
		t.Fatal(err)
	}
	tokenizer, err := fs.ReadFile(golden.FS(t), "models/bert-tiny/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(nil, config, tokenizer, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	texts := slices.Values(slices.Repeat([]string{"the finance report for the donor", "training staff in health", "the water project"}, rare))
	if err := m.setWordEmbeddings(texts, 1); err != nil {
		t.Fatal(err)
	}
	weights, err := m.parameters.Store.GetVariable("/weights/embeddings.word_embeddings.weight").Value()
	if err != nil {
		t.Fatal(err)
	}
	values, err := tensors.CopyFlatData[float32](weights)
	if err != nil {
		t.Fatal(err)
	}
	cosine := func(a, b string) float64 {
		row := func(word string) []float64 {
			ids := m.tokenizer.Encode(word, 0).IDs
			if len(ids) != 3 {
				t.Fatalf("%q is not one token: %v", word, ids)
			}
			row := make([]float64, m.config.HiddenSize)
			for i := range row {
				row[i] = float64(values[int(ids[1])*m.config.HiddenSize+i])
			}
			return row
		}
		return floats.Dot(row(a), row(b)) / floats.Norm(row(a), 2) / floats.Norm(row(b), 2)
	}
	if alike, other := cosine("finance", "donor"), cosine("finance", "staff"); alike < 0.9 || other > 0.3 {
		t.Errorf("finance and donor: cosine %.2f, want nearly 1; finance and staff: %.2f, want nearly 0", alike, other)
	}
}
