package colbertlib_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// saved is the tiny model in a folder.
func saved(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "model")
	if _, err := tiny(t, nil).Save(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func load(t *testing.T, dir string) *colbertlib.Model {
	t.Helper()
	model, err := colbertlib.Load(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { model.Close() })
	return model
}

// judged are labelled texts, ten of each label.
func judged() (queries []dataset.Query) {
	for i := range 10 {
		for _, label := range labels {
			queries = append(queries, dataset.Query{Text: fmt.Sprintf("%s officer %d: %s", label.Name, i, label.Description), Label: label.ID})
		}
	}
	return queries
}

func calibration(t *testing.T, tagger *colbertlib.Tagger) colbertlib.Calibration {
	t.Helper()
	queries := judged()
	taggings, err := tagger.TagAll(t.Context(), dataset.Texts(queries), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := colbertlib.Calibrate(tagger.Labels(), taggings, queries)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tag(t *testing.T, tagger *colbertlib.Tagger, text string) colbertlib.Tagging {
	t.Helper()
	tagging, err := tagger.Tag(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	return tagging
}

func probabilities(tagging colbertlib.Tagging) map[int]float64 {
	m := map[int]float64{}
	for _, tag := range tagging.Tags {
		m[tag.LabelID] = tag.Probability
	}
	return m
}

// A calibration that was written to the model's folder must be what the next tagger uses, and change nothing but probabilities.
func TestCalibrationStaysWithTheModel(t *testing.T) {
	dir, text := saved(t), "Keeps the accounts and pays suppliers."
	before := newTagger(t, load(t, dir))
	c := calibration(t, before)
	if err := colbertlib.WriteCalibration(dir, c, labels); err != nil {
		t.Fatal(err)
	}
	model := load(t, dir)
	if own := model.Calibration(); own == nil || own.Temperature != c.Temperature || own.Ads != 30 || len(own.Bias) != 3 {
		t.Fatalf("the model has %+v, want %+v", own, c)
	}
	if !slices.Equal(model.Labels(), labels) {
		t.Errorf("the model has labels %v", model.Labels())
	}
	old := tag(t, before, text)
	given, err := before.WithCalibration(c)
	if err != nil {
		t.Fatal(err)
	}
	for name, tagging := range map[string]colbertlib.Tagging{"written": tag(t, newTagger(t, model), text), "given": tag(t, given, text)} {
		if !tagging.Calibrated || old.Calibrated {
			t.Errorf("%s: calibrated %v, before %v", name, tagging.Calibrated, old.Calibrated)
		}
		sum := 0.0
		for i, tag := range tagging.Tags {
			sum += tag.Probability
			if tag.Score != old.Tags[i].Score || tag.Probability == old.Tags[i].Probability {
				t.Errorf("%s: tag %+v was %+v", name, tag, old.Tags[i])
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s: probabilities add up to %v", name, sum)
		}
	}
	again := filepath.Join(t.TempDir(), "again")
	if _, err := model.Save(again); err != nil {
		t.Fatal(err)
	}
	if own := load(t, again).Calibration(); own == nil || own.Temperature != c.Temperature {
		t.Errorf("saving loses the calibration: %+v", own)
	}
}

// The longer an advertisement, the larger its scores; the probabilities must not become surer for that alone.
func TestCalibratedProbabilitiesDoNotGrowWithLength(t *testing.T) {
	tagger := newTagger(t, tiny(t, nil))
	tagger, err := tagger.WithCalibration(colbertlib.Calibration{Temperature: 0.05})
	if err != nil {
		t.Fatal(err)
	}
	text := "Keeps the accounts and pays suppliers of three offices. "
	long := tag(t, tagger.WithWindows(), strings.Repeat(text, 500))
	longer := tag(t, tagger.WithWindows(), strings.Repeat(text, 1000))
	for id, p := range probabilities(long) {
		if other := probabilities(longer)[id]; math.Abs(p-other) > 0.01 {
			t.Errorf("label %d: probability %v for 500 sentences, %v for 1000", id, p, other)
		}
	}
}

func TestOtherLabelsAreNotCalibrated(t *testing.T) {
	dir := saved(t)
	if err := colbertlib.WriteCalibration(dir, calibration(t, newTagger(t, load(t, dir))), labels); err != nil {
		t.Fatal(err)
	}
	model := load(t, dir)
	own := newTagger(t, model)
	more, err := own.With(t.Context(), dataset.Label{ID: 4, Name: "Legal", Description: "Courts and contracts."})
	if err != nil {
		t.Fatal(err)
	}
	changed := slices.Clone(labels)
	changed[0].Description = "Money."
	other, err := colbertlib.NewTagger(t.Context(), model, changed)
	if err != nil {
		t.Fatal(err)
	}
	fewer, err := colbertlib.NewTagger(t.Context(), model, labels[1:])
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		tagger *colbertlib.Tagger
		want   bool
	}{"own": {own, true}, "one more": {more, false}, "one described otherwise": {other, false}, "one less": {fewer, true}} {
		if got := tag(t, c.tagger, "Finance").Calibrated; got != c.want {
			t.Errorf("%s: calibrated is %v, want %v", name, got, c.want)
		}
	}
}

func TestWithEqualsNewTagger(t *testing.T) {
	model := tiny(t, nil)
	whole := newTagger(t, model)
	part, err := colbertlib.NewTagger(t.Context(), model, labels[:2])
	if err != nil {
		t.Fatal(err)
	}
	grown, err := part.With(t.Context(), labels[2])
	if err != nil {
		t.Fatal(err)
	}
	text := "Campaigns and warehouses"
	want := probabilities(tag(t, whole, text))
	for id, p := range probabilities(tag(t, grown, text)) {
		if math.Abs(p-want[id]) > 1e-4 {
			t.Errorf("label %d: probability %v, want %v", id, p, want[id])
		}
	}
	if n := len(tag(t, part, text).Tags); n != 2 {
		t.Errorf("the tagger that was there has %d labels now", n)
	}
	if _, err := part.With(t.Context(), labels[0]); err == nil {
		t.Error("an id is taken twice")
	}
}

func TestAboveIsMostProbableFirst(t *testing.T) {
	tagging := colbertlib.Tagging{Tags: []colbertlib.Tag{{LabelID: 1, Probability: 0.3}, {LabelID: 2, Probability: 0.6}, {LabelID: 3, Probability: 0.1}}}
	for least, want := range map[float64][]int{0: {2, 1, 3}, 0.3: {2, 1}, 0.5: {2}, 0.7: nil} {
		var got []int
		for _, tag := range tagging.Above(least) {
			got = append(got, tag.LabelID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("above %v: %v, want %v", least, got, want)
		}
	}
	if tagging.Tags[0].LabelID != 1 {
		t.Error("the tagging has changed")
	}
}

func TestBadCalibrations(t *testing.T) {
	dir := saved(t)
	good := colbertlib.Calibration{Temperature: 1, Bias: map[int]float64{1: 0, 2: 0, 3: 0}, Ads: 9}
	for name, err := range map[string]error{
		"no temperature":    colbertlib.WriteCalibration(dir, colbertlib.Calibration{}, labels),
		"not a number":      colbertlib.WriteCalibration(dir, colbertlib.Calibration{Temperature: math.NaN()}, labels),
		"no such folder":    colbertlib.WriteCalibration(filepath.Join(dir, "no"), good, labels),
		"no model folder":   colbertlib.WriteCalibration(t.TempDir(), good, labels),
		"labels, then less": firstError(colbertlib.WriteCalibration(dir, good, labels), colbertlib.WriteCalibration(dir, good, labels[1:])),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	file := filepath.Join(dir, "jobtagger.json")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{`"temperature": -1`, `"temperature": "x"`, `"warmth": 1`} {
		if err := os.WriteFile(file, []byte(strings.Replace(string(content), `"temperature": 1`, wrong, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := colbertlib.Load(dir, nil); err == nil || !strings.Contains(err.Error(), "calib") {
			t.Errorf("%s: loading says %v", wrong, err)
		}
	}
	taggings := []colbertlib.Tagging{{Tags: []colbertlib.Tag{{LabelID: 1}, {LabelID: 2, Similarity: 1}}}, {Tags: []colbertlib.Tag{{LabelID: 2}, {LabelID: 1, Similarity: 1}}}}
	if _, err := colbertlib.Calibrate(labels[:2], taggings, []dataset.Query{{Label: 1}, {Label: 2}}); err != nil {
		t.Error(err)
	}
	if _, err := colbertlib.Calibrate(labels[:2], taggings, []dataset.Query{{Label: 1}, {Label: 7}}); err == nil {
		t.Error("a label that there is not is accepted")
	}
	for name, others := range map[string][]dataset.Label{"more": labels, "others": labels[1:]} {
		if _, err := colbertlib.Calibrate(others, taggings, []dataset.Query{{Label: 2}, {Label: 2}}); err == nil || !strings.Contains(err.Error(), "tagging 0 has other labels") {
			t.Errorf("taggings with %s labels: %v", name, err)
		}
	}
}

// firstError is what the second call says, unless the first fails.
func firstError(first, second error) error {
	if first != nil {
		panic(first)
	}
	return second
}
