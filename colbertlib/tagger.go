package colbertlib

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// Tagger finds the label that fits a text best. Labels are texts: give it others, and it tags with those. A tagger never changes:
// the methods that begin with With return another one, which shares the model.
type Tagger struct {
	model       *Model
	labels      []dataset.Label
	documents   []Embedding            // one per label
	calibration *calibrate.Calibration // in order of labels; nil: none
	calibrated  bool                   // the calibration was fitted to all labels
	windows     bool
}

// NewTagger encodes the labels' descriptions. labels may be nil: those that the model was trained on. The model must outlive the tagger.
//
// The model's calibration, if it has one, is used for its own labels; labels that it does not know, by id and description, get its
// temperature and no bias, and [Tagging] then says that it is not calibrated.
func NewTagger(ctx context.Context, model *Model, labels []dataset.Label) (*Tagger, error) {
	if labels == nil {
		labels = model.labels
		if len(labels) == 0 {
			return nil, errors.New("colbertlib: a tagger needs labels, and the model has none of its own")
		}
	}
	if len(labels) == 0 {
		return nil, errors.New("colbertlib: a tagger needs labels, but the list is empty; nil stands for the model's own")
	}
	descriptions, ids := make([]string, len(labels)), map[int]bool{}
	for i, label := range labels {
		if ids[label.ID] {
			return nil, fmt.Errorf("colbertlib: two labels have the id %d", label.ID)
		}
		descriptions[i], ids[label.ID] = label.Description, true
	}
	documents, err := model.EncodeDocuments(ctx, descriptions, nil)
	if err != nil {
		return nil, err
	}
	t := &Tagger{model: model, labels: slices.Clone(labels), documents: documents}
	if model.calibration == nil {
		return t, nil
	}
	return t.calibratedBy(*model.calibration, func(label dataset.Label) bool {
		own, ok := dataset.LabelByID(model.labels, label.ID)
		return ok && own.Description == label.Description
	})
}

// calibratedBy returns the tagger with a calibration that holds for the labels that it knows.
func (t *Tagger) calibratedBy(c Calibration, knows func(dataset.Label) bool) (*Tagger, error) {
	known := Calibration{Temperature: c.Temperature, Bias: map[int]float64{}}
	for _, label := range t.labels {
		if bias, ok := c.Bias[label.ID]; ok && knows(label) {
			known.Bias[label.ID] = bias
		}
	}
	ordered, err := known.of(t.labels)
	if err != nil {
		return nil, err
	}
	changed := *t
	changed.calibration, changed.calibrated = &ordered, len(known.Bias) == len(t.labels)
	return &changed, nil
}

// WithCalibration returns a tagger that uses another calibration than the model's. Biases belong to labels by id.
func (t *Tagger) WithCalibration(c Calibration) (*Tagger, error) {
	return t.calibratedBy(c, func(dataset.Label) bool { return true })
}

// With returns a tagger with one more label, for the cost of encoding its description. Its id must be new.
func (t *Tagger) With(ctx context.Context, label dataset.Label) (*Tagger, error) {
	if _, ok := dataset.LabelByID(t.labels, label.ID); ok {
		return nil, fmt.Errorf("colbertlib: two labels have the id %d", label.ID)
	}
	document, err := t.model.EncodeDocuments(ctx, []string{label.Description}, nil)
	if err != nil {
		return nil, err
	}
	changed := *t
	changed.labels, changed.documents = append(slices.Clone(t.labels), label), append(slices.Clone(t.documents), document...)
	if t.calibration != nil {
		changed.calibration = &calibrate.Calibration{Temperature: t.calibration.Temperature, Bias: append(slices.Clone(t.calibration.Bias), 0)}
		changed.calibrated = false
	}
	return &changed, nil
}

// WithWindows returns a tagger that reads long texts to their end, in windows: see [Model.EncodeLongQueries].
func (t *Tagger) WithWindows() *Tagger {
	changed := *t
	changed.windows = true
	return &changed
}

// Labels are the tagger's, in the order in which they were given.
func (t *Tagger) Labels() []dataset.Label { return slices.Clone(t.labels) }

// Truncated are the labels whose descriptions are longer than the model takes ([Options], DocumentLength); what lies beyond is left out.
func (t *Tagger) Truncated() []dataset.Label {
	var truncated []dataset.Label
	for i, label := range t.labels {
		if t.documents[i].Truncated {
			truncated = append(truncated, label)
		}
	}
	return truncated
}

// Tag is a label with its score for a text.
type Tag struct {
	LabelID int     `json:"label_id"`
	Name    string  `json:"name"`
	Score   float64 `json:"score"`
	// Probability is calibrated if the tagging says so. Without a calibration it is the softmax of the scores over all labels: what training by
	// cross-entropy makes the model believe, and usually far too sure of itself. Use that to order, not to decide.
	Probability float64 `json:"probability"`
	// Similarity is the mean similarity of the text's tokens to the label's: the score divided by their number (for [maxsim.Mean], the score
	// itself). Unlike scores, similarities can be compared between texts.
	Similarity float64 `json:"-"`
}

// Tagging is what a tagger says of one text.
type Tagging struct {
	// Tags are all labels, highest score first. Where the calibration's biases are large, another than the first can be the most probable.
	Tags       []Tag `json:"tags"`
	Truncated  bool  `json:"truncated"`  // the text was longer than the model takes; what lies beyond was left out
	Calibrated bool  `json:"calibrated"` // the probabilities are calibrated
}

// Above returns the tags of at least that probability, most probable first. For one label per text: the first of them, or none where the
// tagger should rather leave the decision to somebody (see [calibrate.Precision]). For several labels per text: all of them.
func (t Tagging) Above(probability float64) []Tag {
	tags := slices.DeleteFunc(slices.Clone(t.Tags), func(tag Tag) bool { return tag.Probability < probability })
	slices.SortStableFunc(tags, func(a, b Tag) int { return cmp.Compare(b.Probability, a.Probability) })
	return tags
}

// Tag ranks the labels for one text. Any text will do, an empty one and one of megabytes included: see [Tagging]'s Truncated. Errors are the end of
// ctx and those of the backend.
func (t *Tagger) Tag(ctx context.Context, text string) (Tagging, error) {
	taggings, err := t.TagAll(ctx, []string{text}, nil)
	if err != nil {
		return Tagging{}, err
	}
	return taggings[0], nil
}

// TagAll ranks the labels for each text, which is faster than one text at a time. Memory is bounded, whatever the number of texts.
// progress, if not nil, is called now and then with the number of texts done.
func (t *Tagger) TagAll(ctx context.Context, texts []string, progress func(done int)) ([]Tagging, error) {
	taggings := make([]Tagging, len(texts))
	if err := t.each(ctx, texts, progress, func(i int, query Embedding) (err error) {
		taggings[i], err = t.tag(query)
		return err
	}); err != nil {
		return nil, err
	}
	return taggings, nil
}

// chunk bounds how many texts' embeddings are in memory.
const chunk = 256

// each encodes the texts and hands them over one by one.
func (t *Tagger) each(ctx context.Context, texts []string, progress func(done int), use func(text int, query Embedding) error) error {
	encode := t.model.EncodeQueries
	if t.windows {
		encode = t.model.EncodeLongQueries
	}
	for start := 0; start < len(texts); start += chunk {
		shifted := progress
		if progress != nil {
			shifted = func(done int) { progress(start + done) }
		}
		queries, err := encode(ctx, texts[start:min(start+chunk, len(texts))], shifted)
		if err != nil {
			return err
		}
		for i, query := range queries {
			if err := use(start+i, query); err != nil {
				return fmt.Errorf("text %d: %w", start+i, err)
			}
		}
	}
	return nil
}

func (t *Tagger) tag(query Embedding) (Tagging, error) {
	tags, err := t.tags(query)
	if err != nil {
		return Tagging{}, err
	}
	slices.SortStableFunc(tags, func(a, b Tag) int { return cmp.Compare(b.Score, a.Score) })
	return Tagging{Tags: tags, Truncated: query.Truncated, Calibrated: t.calibrated}, nil
}

// tags are in the order of the labels.
func (t *Tagger) tags(query Embedding) ([]Tag, error) {
	scores, err := t.model.Scores(query, t.documents)
	if err != nil {
		return nil, err
	}
	probabilities, similarities := calibrate.Softmax(scores), t.model.perToken(query, scores)
	if t.calibration != nil {
		if probabilities, err = t.calibration.Probabilities(similarities); err != nil {
			return nil, err
		}
	}
	tags := make([]Tag, len(scores))
	for i, label := range t.labels {
		tags[i] = Tag{LabelID: label.ID, Name: label.Name, Score: scores[i], Probability: probabilities[i], Similarity: similarities[i]}
	}
	return tags, nil
}
