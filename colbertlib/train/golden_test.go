package train

import (
	"io/fs"
	"math"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// recording is a training run of neural-cherche: see golden's testdata/README.md.
type recording struct {
	Triples []struct {
		Anchor, Positive, Negative string
	} `json:"triples"`
	Labels []struct {
		ID   int    `json:"id"`
		Text string `json:"text"`
	} `json:"labels"`
	Queries []struct {
		Query    string `json:"query"`
		Relevant int    `json:"label"`
	} `json:"eval_queries"`
	Orders       [][]int `json:"order_per_epoch"`
	BatchSize    int     `json:"batch_size"`
	Epochs       int     `json:"epochs"`
	Accumulation int     `json:"gradient_accumulation_steps"`
	LearningRate float64 `json:"lr"`
	MicroSteps   []struct {
		Loss         float64 `json:"loss"`
		Update       *int    `json:"update"`
		GradientNorm float64 `json:"grad_norm"`
	} `json:"micro_steps"`
	Evaluations []struct {
		Epoch    int            `json:"epoch"`
		Rankings [][][2]float64 `json:"rankings"` // per query: label, score
	} `json:"evaluations"`
}

func (r recording) triples() []dataset.Triple {
	triples := make([]dataset.Triple, len(r.Triples))
	for i, t := range r.Triples {
		triples[i] = dataset.Triple{Query: t.Anchor, Positive: t.Positive, Negative: t.Negative}
	}
	return triples
}

func (r recording) options() Options {
	options := NeuralCherche
	options.Epochs, options.BatchSize, options.Accumulation, options.LearningRate = r.Epochs, r.BatchSize, r.Accumulation, r.LearningRate
	return options
}

func (r recording) order(epoch int) []int { return r.Orders[epoch] }

func openRecording(t *testing.T, family string) (recording, *colbert.Model) {
	t.Helper()
	var r recording
	golden.JSON(t, "nc/data.json", &r)
	golden.JSON(t, "nc/"+family+"/trace.json", &r)
	return r, openModel(t, "nc/"+family+"/initial")
}

func openModel(t *testing.T, dir string) *colbert.Model {
	t.Helper()
	root, err := fs.Sub(golden.FS(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := modelio.Open(root, ".")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	model, err := colbert.Open(golden.OpenBackend(t), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Close)
	return model
}

// The whole recorded run is replayed: the loss of every micro-step, the gradient norm of every update, the rankings after every epoch and
// the weights at the end must be neural-cherche's.
func TestComplianceTraining(t *testing.T) {
	for family, lossTolerance := range map[string]float64{"bert": 2e-5, "gte": 5e-4} {
		t.Run(family, func(t *testing.T) {
			r, model := openRecording(t, family)
			r.compareRankings(t, model, 0, 5e-5)
			trainer, err := New(model, Data{Triples: r.triples()}, r.options())
			if err != nil {
				t.Fatal(err)
			}
			trainer.epochOrder = r.order
			steps := 0
			for ; !trainer.Done(); steps++ {
				step, err := trainer.Step()
				if err != nil {
					t.Fatal(err)
				}
				r.compareStep(t, step, lossTolerance)
				if trainer.Epochs() > step.Epoch {
					r.compareRankings(t, model, trainer.Epochs(), 2e-3)
				}
			}
			if err := trainer.Close(); err != nil {
				t.Fatal(err)
			}
			if steps != len(r.MicroSteps) {
				t.Errorf("%d micro-steps, want %d", steps, len(r.MicroSteps))
			}
			compareWeights(t, model, "nc/"+family+"/final.safetensors")
		})
	}
}

func (r recording) compareStep(t *testing.T, step Step, lossTolerance float64) {
	t.Helper()
	want := r.MicroSteps[step.Step]
	if off := math.Abs(step.Loss - want.Loss); !(off <= lossTolerance) {
		t.Errorf("micro-step %d: loss %v, want %v", step.Step, step.Loss, want.Loss)
	}
	if (want.Update != nil) != (step.GradientNorm > 0) {
		t.Fatalf("micro-step %d: gradient norm %v, but update is %v", step.Step, step.GradientNorm, want.Update)
	}
	if want.Update != nil && !(math.Abs(step.GradientNorm/want.GradientNorm-1) <= 1e-3) {
		t.Errorf("micro-step %d: gradient norm %v, want %v", step.Step, step.GradientNorm, want.GradientNorm)
	}
}

// compareRankings checks scores against the recording, and with them the order of all labels that differ by more than the tolerance.
func (r recording) compareRankings(t *testing.T, model *colbert.Model, evaluation int, tolerance float64) {
	t.Helper()
	labels, queries := make([]string, len(r.Labels)), make([]string, len(r.Queries))
	for i, label := range r.Labels {
		labels[i] = label.Text
	}
	for i, query := range r.Queries {
		queries[i] = query.Query
	}
	documents, err := model.Encode(t.Context(), model.Document, labels, nil)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := model.Encode(t.Context(), model.Query, queries, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := r.Evaluations[evaluation]
	if len(want.Rankings) != len(queries) {
		t.Fatalf("the recording ranks %d queries, there are %d", len(want.Rankings), len(queries))
	}
	for i, ranking := range want.Rankings {
		for _, pair := range ranking {
			label := int(pair[0])
			got, err := model.Similarity.Score(encoded[i].Embedding, documents[label].Embedding)
			if err != nil || !(math.Abs(got-pair[1]) <= tolerance) {
				t.Errorf("epoch %d, query %d, label %d: score %v, %v; want %v", want.Epoch, i, label, got, err, pair[1])
			}
		}
	}
}

// compareWeights allows a few weights to differ by up to 3e-3, as Adam turns a gradient near zero into a step whose sign is rounding.
func compareWeights(t *testing.T, model *colbert.Model, file string) {
	t.Helper()
	want := golden.Tensors(t, file)
	got, err := model.Parameters.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	beyond, all := 0, 0
	for _, tensor := range got {
		if strings.HasSuffix(tensor.Name, "attention.self.key.bias") {
			continue // its true gradient is zero, so Adam amplifies rounding
		}
		expected, name := findWeight(want, model, tensor.Name)
		if name == "" {
			t.Errorf("golden has no weight for %s", tensor.Name)
			continue
		}
		values := golden.Float32s(t, tensor)
		for i, w := range golden.Float32s(t, expected) {
			off := math.Abs(float64(values[i]) - float64(w))
			if !(off <= 3e-3) {
				t.Fatalf("%s: weight %d is %v, want %v", tensor.Name, i, values[i], w)
			}
			if off > 2e-5 {
				beyond++
			}
			all++
		}
	}
	if beyond*200 > all {
		t.Errorf("%d of %d weights differ by more than 2e-5", beyond, all)
	}
}

func findWeight(all map[string]modelio.Tensor, model *colbert.Model, name string) (tensor modelio.Tensor, found string) {
	if name == "head.0.weight" {
		return all["linear.weight"], "linear.weight"
	}
	for candidate, tensor := range all {
		if model.Config.CanonicalName(strings.TrimPrefix(candidate, "model.")) == name {
			return tensor, candidate
		}
	}
	return modelio.Tensor{}, ""
}
