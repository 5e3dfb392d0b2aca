package compare

import (
	"context"
	"math"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"gonum.org/v1/gonum/floats"
)

// features are what a model says of texts. Those of the untrained model are computed once for all rows.
type features struct {
	texts  map[string]text
	labels [][]float64 // [N, D], the means of the descriptions' token embeddings, unit length
}

type text struct {
	similarities []float64 // [N], MaxSim divided by the number of tokens
	pooled       []float64 // [D], the mean of the token embeddings, unit length
}

// computeFeatures encodes labels and texts with a model. progress may be nil.
func computeFeatures(ctx context.Context, model *colbertlib.Model, labels []dataset.Label, texts []string, progress func(done, total int)) (*features, error) {
	documents, err := model.EncodeDocuments(ctx, descriptions(labels), nil)
	if err != nil {
		return nil, err
	}
	f := &features{texts: map[string]text{}}
	for _, document := range documents {
		f.labels = append(f.labels, mean(document.Embedding))
	}
	const chunk = 64 // texts whose token embeddings are in memory
	for start := 0; start < len(texts); start += chunk {
		some := texts[start:min(start+chunk, len(texts))]
		embeddings, err := model.EncodeQueries(ctx, some, nil)
		if err != nil {
			return nil, err
		}
		for i, content := range some {
			similarities, err := similarities(model, embeddings[i], documents)
			if err != nil {
				return nil, err
			}
			f.texts[content] = text{similarities, mean(embeddings[i].Embedding)}
		}
		if progress != nil {
			progress(start+len(some), len(texts))
		}
	}
	return f, nil
}

// similarities are the scores of all descriptions, divided by the number of tokens where the rule adds them up.
func similarities(model *colbertlib.Model, query colbertlib.Embedding, documents []colbertlib.Embedding) ([]float64, error) {
	scores := make([]float64, len(documents))
	for i, document := range documents {
		score, err := model.Score(query, document)
		if err != nil {
			return nil, err
		}
		scores[i] = score
		if model.Similarity() != maxsim.Mean {
			scores[i] /= float64(max(query.Tokens(), 1))
		}
	}
	return scores, nil
}

// texts are all advertisements, trained on or judged, each once.
func (c *corpus) texts() []string {
	var list []string
	seen := map[string]bool{}
	add := func(content string) {
		if !seen[content] {
			seen[content] = true
			list = append(list, content)
		}
	}
	for _, triple := range c.train {
		add(triple.Query)
	}
	for _, name := range []string{Validate, Test, Body, Natural} {
		for _, query := range c.sets[name] {
			add(query.Text)
		}
	}
	return list
}

// mean is the mean of the rows of an embedding, at unit length.
func mean(e maxsim.Embedding) []float64 {
	sum := make([]float64, e.Dim)
	for i, value := range e.Values {
		sum[i%e.Dim] += float64(value)
	}
	if norm := floats.Norm(sum, 2); norm > 0 {
		floats.Scale(1/norm, sum)
	}
	return sum
}

func dot(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.NaN()
	}
	return floats.Dot(a, b)
}
