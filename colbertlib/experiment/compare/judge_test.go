package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// draw makes logits and labels that follow their softmax.
func draw(n, classes int) (logits [][]float64, right []int) {
	random := rand.New(rand.NewPCG(1, 2))
	for range n {
		row := make([]float64, classes)
		for c := range row {
			row[c] = 2 * random.NormFloat64()
		}
		p, u, label := calibrate.Softmax(row), random.Float64(), 0
		for label < classes-1 && u > p[label] {
			u -= p[label]
			label++
		}
		logits, right = append(logits, row), append(right, label)
	}
	return logits, right
}

func TestTemperatureIsFound(t *testing.T) {
	logits, right := draw(4000, 5)
	for _, scale := range []float64{0.01, 1, 30} {
		scaled := make([][]float64, len(logits))
		for i, row := range logits {
			for _, x := range row {
				scaled[i] = append(scaled[i], x*scale)
			}
		}
		if got := temperature(scaled, right); math.Abs(got/scale-1) > 0.06 {
			t.Errorf("scores of temperature %v: found %v", scale, got)
		}
	}
}

// Where labels follow the softmax of a + 0.5 b, the weight of b beside a is 0.5, whatever the scale; where b is noise, it is next to nothing.
func TestWeightOfBM25IsFound(t *testing.T) {
	const labels = 5
	c := &Comparison{sets: map[string][]dataset.Query{}}
	for l := range labels {
		c.labels = append(c.labels, dataset.Label{ID: l})
	}
	logits, right := draw(4000, labels)
	random, words, rest, alone, noise := rand.New(rand.NewPCG(5, 6)), Scores{}, Scores{}, Scores{}, Scores{}
	for i, row := range logits {
		id := fmt.Sprint(i)
		alone[id] = row
		c.sets[Validate] = append(c.sets[Validate], dataset.Query{ID: id, Label: right[i]})
		for _, logit := range row {
			b := 100 * random.NormFloat64()
			words[id], rest[id], noise[id] = append(words[id], b), append(rest[id], logit-0.5*b), append(noise[id], 100*random.NormFloat64())
		}
	}
	if got := c.weight(rest, words); math.Abs(got-0.5) > 0.01 {
		t.Errorf("the weight is %v, want 0.5", got)
	}
	if got := c.weight(alone, noise); got > 0.001 {
		t.Errorf("the weight of noise is %v", got)
	}
}

// The odds of a label in two classes of one feature are known: log odds = 3x - 1.
func TestRegressionFindsTheOdds(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var rows [][]float64
	var classes []int
	for range 20000 {
		x, class := random.NormFloat64(), 7
		if random.Float64() < 1/(1+math.Exp(1-3*x)) {
			class = 9
		}
		rows, classes = append(rows, []float64{x}), append(classes, class)
	}
	r, err := fitRegression(rows, classes)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []float64{-1, 0, 0.5} {
		p := r.probabilities([]float64{x})
		if got, want := math.Log(p[1]/p[0]), 3*x-1; math.Abs(got-want) > 0.15 {
			t.Errorf("log odds at %v are %v, want %v", x, got, want)
		}
	}
	if _, err := fitRegression([][]float64{{1}, {2}}, []int{3, 3}); err == nil {
		t.Error("one class is accepted")
	}
}

func TestRegressionSeparatesWhatCanBeSeparated(t *testing.T) {
	rows, classes := [][]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0.9, 0.1, 0}}, []int{1, 2, 3, 1}
	r, err := fitRegression(rows, classes)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		p := r.probabilities(row)
		for c, class := range r.classes {
			if class != classes[i] && p[c] >= p[classes[i]-1] {
				t.Errorf("row %d: probabilities %v", i, p)
			}
		}
	}
}

func TestChoicesNameWhatIsNotAsReported(t *testing.T) {
	mixed := train.NeuralCherche
	mixed.Tail, mixed.ClipNorm, mixed.Epochs = train.Flush, 1, 7
	for want, options := range map[string]train.Options{
		"loss pairwise (as reported)":                            train.NeuralCherche,
		"loss pairwise (as reported), tail flush, clip_norm 1":   mixed,
		"loss listwise, temperature 0.05, weight_decay matrices": {Loss: train.Listwise, Temperature: 0.05, Tail: train.Drop, Schedule: train.Constant, WeightDecay: train.Matrices},
	} {
		if got := choices(options); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
