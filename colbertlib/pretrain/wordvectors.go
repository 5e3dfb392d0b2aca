package pretrain

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// spread is the first word embeddings' root mean square: large enough beside the position embeddings' 0.02 that LayerNorm keeps the words apart.
const spread = 0.05

// setWordEmbeddings replaces the random word embeddings of a new model by those that counting gives: tokens of the same texts get similar
// ones. They are U·√S of the largest singular vectors and values of the matrix of tokens by texts (latent semantic analysis; Deerwester et
// al. 1990). Counting takes a minute; masked language modelling, which looks at neighbours only, does not find out what belongs to one subject in hours.
func (m *Model) setWordEmbeddings(texts iter.Seq[string], seed uint64) error {
	counted := m.countTexts(texts)
	rng := rand.New(rand.NewPCG(seed, 3))
	factor := counted.factor(m.config.HiddenSize, rng) // [V, H]
	scale := spread * math.Sqrt(float64(len(factor))) / floats.Norm(factor, 2)
	values := make([]float32, len(factor))
	for i, value := range factor {
		// A little noise, or all tokens that the texts lack would be the same.
		values[i] = float32(scale*value + spread/100*rng.NormFloat64())
	}
	if err := m.parameters.Set(modelio.NewF32("embeddings.word_embeddings.weight", []int{counted.tokens, m.config.HiddenSize}, values)); err != nil {
		return fmt.Errorf("pretrain: %w", err)
	}
	return nil
}

// counts is a matrix of texts by tokens [N, V] without its zeros. A text's row has length 1; a token weighs log(N / texts that have it).
type counts struct {
	tokens int
	rows   [][]entry
}

type entry struct {
	token  int32
	weight float64
}

// rare is the number of texts that a token must be in to be counted: what stands in fewer says little.
const rare = 5

func (m *Model) countTexts(texts iter.Seq[string]) counts {
	var distinct [][]int32 // the tokens of each text
	frequency := make([]int, m.config.VocabSize)
	for text := range texts {
		ids := m.tokenizer.Encode(text, 0).IDs
		ids = slices.Clone(ids[1 : len(ids)-1]) // without [CLS] and [SEP]
		slices.Sort(ids)
		ids = slices.Compact(ids)
		for _, id := range ids {
			frequency[id]++
		}
		distinct = append(distinct, ids)
	}
	c := counts{tokens: m.config.VocabSize, rows: make([][]entry, 0, len(distinct))}
	for _, ids := range distinct {
		c.rows = append(c.rows, row(ids, frequency, len(distinct)))
	}
	return c
}

func row(ids []int32, frequency []int, texts int) []entry {
	var row []entry
	square := 0.0
	for _, id := range ids {
		if frequency[id] >= min(rare, texts) {
			weight := math.Log(float64(texts) / float64(frequency[id]))
			row = append(row, entry{id, weight})
			square += weight * weight
		}
	}
	for i := range row {
		if square > 0 {
			row[i].weight /= math.Sqrt(square)
		}
	}
	return row
}

// factor returns the rows of V·√S [V, rank], V and S being the largest right singular vectors and values, found by subspace iteration
// from a random start (Halko, Martinsson and Tropp 2011, algorithm 4.4).
func (c counts) factor(rank int, rng *rand.Rand) []float64 {
	const (
		oversampling = 16
		iterations   = 6
	)
	size := min(rank+oversampling, c.tokens)
	basis := mat.NewDense(c.tokens, size, nil) // [V, size]
	for i := range c.tokens {
		for j := range size {
			basis.Set(i, j, rng.NormFloat64())
		}
	}
	for range iterations {
		basis, _ = leftVectors(c.square(basis))
	}
	vectors, squares := leftVectors(c.square(basis))
	rows := make([]float64, 0, c.tokens*rank)
	for i := range c.tokens {
		for j := range rank {
			rows = append(rows, vectors.At(i, j)*math.Pow(squares[j], 0.25)) // squares are those of the singular values
		}
	}
	return rows
}

// square returns cᵀ·c·b [V, columns of b].
func (c counts) square(b *mat.Dense) *mat.Dense {
	_, columns := b.Dims()
	product := mat.NewDense(c.tokens, columns, nil)
	sum := make([]float64, columns) // a row of c·b
	for _, row := range c.rows {
		clear(sum)
		for _, e := range row {
			floats.AddScaled(sum, e.weight, b.RawRowView(int(e.token)))
		}
		for _, e := range row {
			floats.AddScaled(product.RawRowView(int(e.token)), e.weight, sum)
		}
	}
	return product
}

// leftVectors returns a tall matrix's left singular vectors, an orthonormal basis of its columns, and its singular values.
func leftVectors(a *mat.Dense) (*mat.Dense, []float64) {
	var svd mat.SVD
	svd.Factorize(a, mat.SVDThin)
	var u mat.Dense
	svd.UTo(&u)
	return &u, svd.Values(nil)
}
