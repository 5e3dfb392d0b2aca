package colbertlib

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// Tagger finds the label that fits a text best. Labels are texts: give it others, and it tags with those.
type Tagger struct {
	model     *Model
	labels    []dataset.Label
	documents []Embedding // one per label
}

// NewTagger encodes the labels' descriptions. The model must outlive the tagger.
func NewTagger(ctx context.Context, model *Model, labels []dataset.Label) (*Tagger, error) {
	if len(labels) == 0 {
		return nil, errors.New("colbertlib: a tagger needs labels")
	}
	descriptions := make([]string, len(labels))
	for i, label := range labels {
		descriptions[i] = label.Description
	}
	documents, err := model.EncodeDocuments(ctx, descriptions, nil)
	if err != nil {
		return nil, err
	}
	return &Tagger{model: model, labels: labels, documents: documents}, nil
}

// Tag is a label with its score for a text.
type Tag struct {
	LabelID int     `json:"label_id"`
	Name    string  `json:"name"`
	Score   float64 `json:"score"`
	// Probability is the softmax of the scores over all labels. It is what training by cross-entropy makes the model believe, and
	// usually far too sure of itself: use it to order, not to decide.
	Probability float64 `json:"probability"`
}

// Tagging is what a tagger says of one text.
type Tagging struct {
	Tags      []Tag `json:"tags"`      // all labels, best first
	Truncated bool  `json:"truncated"` // the text was longer than the model takes
}

// Tag ranks the labels for one text.
func (t *Tagger) Tag(ctx context.Context, text string) (Tagging, error) {
	taggings, err := t.TagAll(ctx, []string{text}, nil)
	if err != nil {
		return Tagging{}, err
	}
	return taggings[0], nil
}

// TagAll ranks the labels for each text, which is faster than one text at a time. progress, if not nil, is called now and then with the
// number of texts done.
func (t *Tagger) TagAll(ctx context.Context, texts []string, progress func(done int)) ([]Tagging, error) {
	queries, err := t.model.EncodeQueries(ctx, texts, progress)
	if err != nil {
		return nil, err
	}
	taggings := make([]Tagging, len(texts))
	for i, query := range queries {
		if taggings[i], err = t.tag(query); err != nil {
			return nil, fmt.Errorf("text %d: %w", i, err)
		}
	}
	return taggings, nil
}

func (t *Tagger) tag(query Embedding) (Tagging, error) {
	ranking, err := t.model.Rank(query, t.documents)
	if err != nil {
		return Tagging{}, err
	}
	tagging := Tagging{Tags: make([]Tag, len(ranking)), Truncated: query.Truncated}
	sum := 0.0
	for i, ranked := range ranking {
		label := t.labels[ranked.Index]
		weight := math.Exp(ranked.Score - ranking[0].Score)
		sum += weight
		tagging.Tags[i] = Tag{LabelID: label.ID, Name: label.Name, Score: ranked.Score, Probability: weight}
	}
	for i := range tagging.Tags {
		tagging.Tags[i].Probability /= sum
	}
	return tagging, nil
}
