package colbertlib

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Calibration makes probabilities of a tagger's similarities: the softmax of similarity/Temperature + Bias. See package calibrate. It holds for texts
// about as long as those that it was fitted to: the fewer the tokens, the more their mean depends on chance, and of much shorter texts the
// probabilities are too sure.
type Calibration struct {
	Temperature float64         `json:"temperature"` // in mean similarity of query tokens
	Bias        map[int]float64 `json:"bias"`        // in logits, by label id; a label that is missing has 0, the mean
	Ads         int             `json:"ads"`         // on how many labelled texts it was fitted
}

// Calibrate fits a calibration to the taggings of labelled texts, one by one, that the model was not trained on; 180 for example. labels are those of
// the tagger.
func Calibrate(labels []dataset.Label, taggings []Tagging, queries []dataset.Query) (Calibration, error) {
	similarities, err := Similarities(labels, taggings)
	if err != nil {
		return Calibration{}, err
	}
	places, err := Places(labels, queries)
	if err != nil {
		return Calibration{}, err
	}
	fitted, err := calibrate.Fit(similarities, places)
	if err != nil {
		return Calibration{}, err
	}
	c := Calibration{Temperature: round(fitted.Temperature), Bias: map[int]float64{}, Ads: len(queries)}
	for place, label := range labels {
		c.Bias[label.ID] = round(fitted.Bias[place])
	}
	return c, nil
}

// Similarities are those of n taggings with N labels, [n, N], in the order of labels: the scores that package calibrate takes.
func Similarities(labels []dataset.Label, taggings []Tagging) ([][]float64, error) {
	return matrix(labels, taggings, func(t Tag) float64 { return t.Similarity })
}

// Scores are those of n taggings with N labels, [n, N], in the order of labels.
func Scores(labels []dataset.Label, taggings []Tagging) ([][]float64, error) {
	return matrix(labels, taggings, func(t Tag) float64 { return t.Score })
}

// Probabilities are those of n taggings with N labels, [n, N], in the order of labels.
func Probabilities(labels []dataset.Label, taggings []Tagging) ([][]float64, error) {
	return matrix(labels, taggings, func(t Tag) float64 { return t.Probability })
}

func matrix(labels []dataset.Label, taggings []Tagging, value func(Tag) float64) ([][]float64, error) {
	place := map[int]int{}
	for i, label := range labels {
		place[label.ID] = i
	}
	rows := make([][]float64, len(taggings))
	for i, tagging := range taggings {
		rows[i] = make([]float64, len(labels))
		for _, tag := range tagging.Tags {
			column, ok := place[tag.LabelID]
			if !ok || len(tagging.Tags) != len(labels) {
				return nil, fmt.Errorf("colbertlib: tagging %d has other labels, %d of them, than the %d given", i, len(tagging.Tags), len(labels))
			}
			rows[i][column] = value(tag)
		}
	}
	return rows, nil
}

// Places finds the right labels of n texts among N labels, [n]: the form in which package calibrate takes them.
func Places(labels []dataset.Label, queries []dataset.Query) ([]int, error) {
	places := make([]int, len(queries))
	for i, query := range queries {
		places[i] = slices.IndexFunc(labels, func(l dataset.Label) bool { return l.ID == query.Label })
		if places[i] < 0 {
			return nil, fmt.Errorf("colbertlib: text %d (%s) has label %d, which is none of the %d labels", i, query.ID, query.Label, len(labels))
		}
	}
	return places, nil
}

// round keeps six digits, which is more than the data can tell, so that a file has the same bytes wherever it was made.
func round(x float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64) // what was just formatted can be parsed
	return rounded
}

// Calibration is the one that the model's folder holds, nil if there is none.
func (m *Model) Calibration() *Calibration { return m.calibration }

// WriteCalibration puts the calibration into the model folder dir, in place of one that is there. A folder without labels gets these, as the
// calibration belongs to them; one with other labels is refused. Programs that have loaded the model keep what they have.
func WriteCalibration(dir string, c Calibration, labels []dataset.Label) error {
	content, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("colbertlib: calibration: %w", err)
	}
	if _, err := parseCalibration(content); err != nil {
		return err
	}
	path := filepath.Join(dir, dataset.LabelsFile)
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = dataset.WriteLabels(path, labels)
	case err == nil:
		err = compareLabels(file, path, labels)
	}
	if err != nil {
		return err
	}
	return modelio.SetCalibration(dir, content)
}

func compareLabels(file *os.File, path string, labels []dataset.Label) error {
	defer file.Close()
	own, err := dataset.ReadLabels(file, path)
	if err != nil {
		return err
	}
	if !slices.Equal(own, labels) {
		return fmt.Errorf("colbertlib: the calibration belongs to other labels than those in %s: fit it with those, or copy the model without that file", path)
	}
	return nil
}

func parseCalibration(content json.RawMessage) (*Calibration, error) {
	if content == nil {
		return nil, nil
	}
	var c Calibration
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return nil, fmt.Errorf("colbertlib: the calibration in jobtagger.json: %w", err)
	}
	if _, err := c.of(nil); err != nil {
		return nil, err
	}
	return &c, nil
}

// of is the calibration for labels in this order.
func (c Calibration) of(labels []dataset.Label) (calibrate.Calibration, error) {
	ordered := calibrate.Calibration{Temperature: c.Temperature, Bias: make([]float64, len(labels))}
	for place, label := range labels {
		ordered.Bias[place] = c.Bias[label.ID]
	}
	return ordered, ordered.Validate()
}
