package modelcheck

import (
	"io/fs"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// The probabilities are the softmax of transformers' logits, at the golden places of the longest text.
func TestMaskProbabilitiesAreTransformers(t *testing.T) {
	opened, err := backend.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	for _, name := range []string{"bert-tiny", "distilbert-tiny", "gte-tiny", "gte-ntk-tiny", "gte-native-tiny", "modernbert-tiny"} {
		expected := golden.Tensors(t, "models/"+name+"/expected.safetensors")
		ids, mask := int32s(t, expected["input_ids"]), int32s(t, expected["attention_mask"])
		length := expected["input_ids"].Shape[1]
		text := fullRow(t, mask, length)
		var rows []int32
		var want []float32
		logits, vocabulary := golden.Float32s(t, expected["mlm_logits"]), expected["mlm_logits"].Shape[1]
		for i, position := range int32s(t, expected["logit_positions"]) {
			if i%2 == 1 && int(int32s(t, expected["logit_positions"])[i-1]) == text {
				rows = append(rows, position)
				want = append(want, softmax(logits[i/2*vocabulary:(i/2+1)*vocabulary])...)
			}
		}
		if len(rows) == 0 {
			t.Fatalf("%s: no golden logits of text %d", name, text)
		}
		config, parameters := load(t, opened, "models/"+name)
		exec, err := model.NewExec1(opened, parameters.Store, func(_ *model.Scope, ids, rows *graph.Node) *graph.Node {
			return maskProbabilities(parameters.Encoder(config, ids.Graph()), ids, rows)
		})
		if err != nil {
			t.Fatal(err)
		}
		output, err := exec.Call([][]int32{ids[text*length : (text+1)*length]}, rows)
		if err != nil {
			t.Fatal(err)
		}
		got := output.Value().([][]float32)
		for i := range got {
			if d := golden.Distance(got[i], want[i*vocabulary:(i+1)*vocabulary]); d > 1e-5 {
				t.Errorf("%s, place %d: probabilities differ by %g", name, rows[i], d)
			}
		}
	}
}

// fullRow is a text without padding.
func fullRow(t *testing.T, mask []int32, length int) int {
	t.Helper()
	for row := range len(mask) / length {
		if mask[(row+1)*length-1] == 1 {
			return row
		}
	}
	t.Fatal("all texts are padded")
	return 0
}

func softmax(logits []float32) []float32 {
	sum, result := 0.0, make([]float32, len(logits))
	for _, x := range logits {
		sum += math.Exp(float64(x))
	}
	for i, x := range logits {
		result[i] = float32(math.Exp(float64(x)) / sum)
	}
	return result
}

func int32s(t *testing.T, tensor modelio.Tensor) []int32 {
	t.Helper()
	size := tensor.NumBytes() / tensor.NumElements()
	values := make([]int32, tensor.NumElements())
	for i := range values { // little-endian, and all values are small
		values[i] = int32(tensor.Data[i*size]) | int32(tensor.Data[i*size+1])<<8
	}
	return values
}

func load(t *testing.T, opened backend.Backend, dir string) (encoder.Config, *colbert.Parameters) {
	t.Helper()
	folder, err := modelio.Open(golden.FS(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	config, err := encoder.ParseConfig(folder.Config)
	if err != nil {
		t.Fatal(err)
	}
	parameters := colbert.NewParameters(opened)
	if _, err := parameters.AddEncoder(config, folder.Weights, true); err != nil {
		t.Fatal(err)
	}
	return config, parameters
}

func TestFill(t *testing.T) {
	opened, err := backend.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	sub := func(name string) fs.FS {
		fsys, err := fs.Sub(golden.FS(t), name)
		if err != nil {
			t.Fatal(err)
		}
		return fsys
	}
	for _, name := range []string{"models/bert-tiny", "models/modernbert-tiny", "models/gte-tiny"} {
		guesses, err := Fill(opened, sub(name), "finance [MASK] for the [MASK]", 5)
		if err != nil || len(guesses) != 2 {
			t.Fatalf("%s: %d places, error %v", name, len(guesses), err)
		}
		for _, place := range guesses {
			total := 0.0
			for i, guess := range place {
				total += guess.Probability
				if guess.Token == "" || guess.Probability <= 0 || i > 0 && guess.Probability > place[i-1].Probability {
					t.Errorf("%s: guesses %v, want descending ones with names", name, place)
				}
			}
			if len(place) != 5 || total > 1 {
				t.Errorf("%s: %d guesses of %g in all", name, len(place), total)
			}
		}
	}
	for _, c := range []struct{ model, text, want string }{
		{"models/bert-tiny", "no mask", "has no [MASK]"},
		{"models/bert-tiny", strings.Repeat("finance ", 500) + "[MASK]", "among its first 160 tokens"},
		{"models/bert-tiny-bare", "finance [MASK]", "cls.predictions.transform.dense.weight [32 32] is missing"},
		{"models", "finance [MASK]", "no config.json"},
	} {
		if _, err := Fill(opened, sub(c.model), c.text, 5); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %.20q: error %v, want %q", c.model, c.text, err, c.want)
		}
	}
}
