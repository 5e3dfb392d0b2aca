package compare

import (
	"context"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
)

// features are what a model says of texts. Those of the untrained model are computed once for all rows.
type features struct {
	texts  map[string]text
	labels [][]float32 // [N, H], pooled descriptions
}

type text struct {
	similarities []float64 // [N], MaxSim divided by the number of tokens
	pooled       []float32 // [H], the mean of the encoder's hidden states, unit length; nil where nobody asks for it
}

// computeFeatures encodes labels and texts with a model, without pooling. progress may be nil.
func computeFeatures(ctx context.Context, model *colbertlib.Model, labels []dataset.Label, texts []string, progress func(done, total int)) (*features, error) {
	documents, err := model.EncodeDocuments(ctx, descriptions(labels), nil)
	if err != nil {
		return nil, err
	}
	f := &features{texts: map[string]text{}}
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
			f.texts[content] = text{similarities: similarities}
		}
		if progress != nil {
			progress(start+len(some), len(texts))
		}
	}
	return f, nil
}

// similarities are the scores of all descriptions, divided by the number of tokens where the rule adds them up.
func similarities(model *colbertlib.Model, query colbertlib.Embedding, documents []colbertlib.Embedding) ([]float64, error) {
	scores, err := model.Scores(query, documents)
	if err != nil {
		return nil, err
	}
	if model.Similarity() != maxsim.Mean {
		for i := range scores {
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

// pool adds the pooled texts and labels.
func (f *features) pool(ctx context.Context, model *colbertlib.Model, labels []dataset.Label, texts []string) error {
	core := model.Core()
	var err error
	if f.labels, err = core.Pool(ctx, core.Document, descriptions(labels)); err != nil {
		return err
	}
	pooled, err := core.Pool(ctx, core.Query, texts)
	if err != nil {
		return err
	}
	for i, content := range texts {
		f.texts[content] = text{f.texts[content].similarities, pooled[i]}
	}
	return nil
}

func wide(row []float32) []float64 {
	values := make([]float64, len(row))
	for i, x := range row {
		values[i] = float64(x)
	}
	return values
}
