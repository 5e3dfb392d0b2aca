package pretrain

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"gonum.org/v1/gonum/mat"
)

// A new model's word embeddings begin where counting leads, and masked language modelling goes on from there. Words with the same neighbours
// get similar embeddings: the rows of a low-rank factor of the matrix of positive pointwise mutual information (Levy and Goldberg 2014, "Neural
// word embedding as implicit matrix factorization"). It takes half a minute to count what masked language modelling needs thousands of updates to learn.
const (
	window    = 4    // tokens to either side count as neighbours, each by the inverse of its distance
	smoothing = 0.75 // exponent of the neighbours' counts (Levy, Goldberg and Dagan 2015, section 3.2)
	// spread is the embeddings' root mean square: large enough beside the position embeddings' 0.02 that LayerNorm keeps the words apart.
	spread = 0.05
)

// setWordEmbeddings replaces the random word embeddings of a new model by those that the texts' co-occurrences give.
func (m *Model) setWordEmbeddings(texts iter.Seq[string], seed uint64) error {
	information := m.mutualInformation(texts)
	rng := rand.New(rand.NewPCG(seed, 3))
	factor := information.factor(m.config.HiddenSize, rng) // [V, H]
	scale := spread * math.Sqrt(float64(len(factor))) / floatsNorm(factor)
	values := make([]float32, len(factor))
	for i, value := range factor {
		// A little noise, or all tokens that the texts lack would be the same.
		values[i] = float32(scale*value + spread/25*rng.NormFloat64())
	}
	if err := m.parameters.Set(modelio.NewF32("embeddings.word_embeddings.weight", []int{len(information), m.config.HiddenSize}, values)); err != nil {
		return fmt.Errorf("pretrain: %w", err)
	}
	return nil
}

func floatsNorm(values []float64) float64 { return mat.Norm(mat.NewVecDense(len(values), values), 2) }

// sparseMatrix is a square matrix without its zeros, row by row in the order of columns.
type sparseMatrix [][]entry

type entry struct {
	column int32
	value  float64
}

// mutualInformation is max(0, log P(w, c) / (P(w) P(c))) for each token w and neighbour c [V, V].
func (m *Model) mutualInformation(texts iter.Seq[string]) sparseMatrix {
	counts := m.cooccurrences(texts)
	rowSums, total := make([]float64, len(counts)), 0.0
	for token, row := range counts {
		for _, e := range row {
			rowSums[token] += e.value
		}
		total += math.Pow(rowSums[token], smoothing)
	}
	for token, row := range counts {
		positive := row[:0]
		for _, e := range row {
			expected := rowSums[token] * math.Pow(rowSums[e.column], smoothing) / total
			if information := math.Log(e.value / expected); information > 0 {
				positive = append(positive, entry{e.column, information})
			}
		}
		counts[token] = positive
	}
	return counts
}

// cooccurrences counts the tokens' neighbours [V, V]. The matrix is symmetric.
func (m *Model) cooccurrences(texts iter.Seq[string]) sparseMatrix {
	sums := make([]map[int32]float64, m.config.VocabSize)
	for i := range sums {
		sums[i] = map[int32]float64{}
	}
	for text := range texts {
		ids := m.tokenizer.Encode(text, 0).IDs
		ids = ids[1 : len(ids)-1] // without [CLS] and [SEP]
		for i, token := range ids {
			for distance, neighbour := range ids[i+1 : min(i+1+window, len(ids))] {
				weight := 1 / float64(distance+1)
				sums[token][neighbour] += weight
				sums[neighbour][token] += weight
			}
		}
	}
	matrix := make(sparseMatrix, len(sums))
	for token, row := range sums {
		for column, value := range row {
			matrix[token] = append(matrix[token], entry{column, value})
		}
		slices.SortFunc(matrix[token], func(a, b entry) int { return int(a.column - b.column) }) // maps have no order, sums must have one
	}
	return matrix
}

// factor returns the rows of U·√S [V, rank], U and S being the largest singular vectors and values of a matrix that is nearly symmetric,
// found by subspace iteration from a random start (Halko, Martinsson and Tropp 2011, algorithm 4.4).
func (a sparseMatrix) factor(rank int, rng *rand.Rand) []float64 {
	const (
		oversampling = 16
		iterations   = 6
	)
	size := min(rank+oversampling, len(a))
	basis := mat.NewDense(len(a), size, nil) // [V, size]
	for i := range len(a) {
		for j := range size {
			basis.Set(i, j, rng.NormFloat64())
		}
	}
	for range iterations {
		basis = orthonormal(a.multiply(basis))
	}
	var svd mat.SVD
	svd.Factorize(a.multiply(basis), mat.SVDThin)
	var u mat.Dense
	svd.UTo(&u)
	values := svd.Values(nil)
	rows := make([]float64, 0, len(a)*rank)
	for i := range len(a) {
		for j := range rank {
			rows = append(rows, u.At(i, j)*math.Sqrt(values[j]))
		}
	}
	return rows
}

// multiply returns a·b [V, columns of b].
func (a sparseMatrix) multiply(b *mat.Dense) *mat.Dense {
	_, columns := b.Dims()
	product := mat.NewDense(len(a), columns, nil)
	for i, row := range a {
		to := product.RawRowView(i)
		for _, e := range row {
			for j, value := range b.RawRowView(int(e.column)) {
				to[j] += e.value * value
			}
		}
	}
	return product
}

// orthonormal returns an orthonormal basis of the columns of a tall matrix.
func orthonormal(a *mat.Dense) *mat.Dense {
	var svd mat.SVD
	svd.Factorize(a, mat.SVDThin)
	var u mat.Dense
	svd.UTo(&u)
	return &u
}
