package pretrain_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/pretrain"
)

// The texts follow a rule that a masked language model can learn: each sentence repeats one word.
var sentences = []string{
	"finance finance finance finance finance finance", "water water water water water water",
	"report report report report report report", "training training training training training training",
}

func texts(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(sentences[i%len(sentences)]) {
				return
			}
		}
	}
}

func newModel(t testing.TB, seed uint64) *pretrain.Model {
	t.Helper()
	opened, err := backend.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	config, err := fs.ReadFile(golden.FS(t), "models/bert-tiny/config.json")
	if err != nil {
		t.Fatal(err)
	}
	tokenizer, err := fs.ReadFile(golden.FS(t), "models/bert-tiny/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	m, err := pretrain.New(opened, config, tokenizer, seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.Close()
		opened.Finalize()
	})
	return m
}

var options = pretrain.Options{Steps: 60, BatchSize: 4, Length: 16, LearningRate: 5e-3, Warmup: 3, MaskProbability: 0.2, Seed: 5}

func fit(t testing.TB, m *pretrain.Model, options pretrain.Options) (losses []float64) {
	t.Helper()
	if err := m.Fit(t.Context(), texts(10_000), options, func(step pretrain.Step) error {
		losses = append(losses, step.Loss)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return losses
}

func TestFitLearns(t *testing.T) {
	m := newModel(t, 1)
	before, err := m.Loss(t.Context(), texts(1000), options, 4)
	if err != nil {
		t.Fatal(err)
	}
	if uniform := math.Log(1200); math.Abs(before-uniform) > 0.5 {
		t.Errorf("a new model's loss is %v, want about ln(vocabulary) = %.2f", before, uniform)
	}
	losses := fit(t, m, options)
	if len(losses) != options.Steps {
		t.Errorf("%d steps, want %d", len(losses), options.Steps)
	}
	after, err := m.Loss(t.Context(), texts(1000), options, 4)
	if err != nil {
		t.Fatal(err)
	}
	if after > before/2 {
		t.Errorf("the loss fell from %.2f to %.2f only", before, after)
	}
}

func TestFitIsDeterministic(t *testing.T) {
	first, second, other := fit(t, newModel(t, 1), options), fit(t, newModel(t, 1), options), fit(t, newModel(t, 2), options)
	if !slices.Equal(first, second) {
		t.Error("two trainings with the same seed differ")
	}
	if slices.Equal(first, other) {
		t.Error("the seed of the weights has no effect")
	}
}

// What Save writes must open again with the same loss: the language model head is there, and training can go on.
func TestSavedModelGoesOn(t *testing.T) {
	m := newModel(t, 1)
	fit(t, m, options)
	want, err := m.Loss(t.Context(), texts(1000), options, 4)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() + "/model"
	if err := m.Save(dir, nil); err != nil {
		t.Fatal(err)
	}
	opened, err := backend.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	folder, err := modelio.Open(os.DirFS(dir), ".")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	again, err := pretrain.Open(opened, folder)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	got, err := again.Loss(t.Context(), texts(1000), options, 4)
	if err != nil || math.Abs(got-want) > 1e-6 {
		t.Errorf("the loss is %v after saving and opening, %v before (%v)", got, want, err)
	}
}

func TestFitRefusesAndStops(t *testing.T) {
	m := newModel(t, 1)
	for name, change := range map[string]func(o *pretrain.Options){
		"steps":            func(o *pretrain.Options) { o.Steps = 0 },
		"length":           func(o *pretrain.Options) { o.Length = 10_000 },
		"learning_rate":    func(o *pretrain.Options) { o.LearningRate = math.NaN() },
		"warmup":           func(o *pretrain.Options) { o.Warmup = o.Steps },
		"mask_probability": func(o *pretrain.Options) { o.MaskProbability = 0.9 },
	} {
		changed := options
		change(&changed)
		if err := m.Fit(t.Context(), texts(100), changed, nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := m.Fit(t.Context(), texts(3), options, nil); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Errorf("too few texts: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Fit(ctx, texts(10_000), options, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// A checkpoint without a language model head cannot be trained further, and the error says so.
func TestOpenNeedsLanguageModelHead(t *testing.T) {
	opened, err := backend.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	folder, err := modelio.Open(golden.FS(t), "models/bert-tiny-bare")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	if _, err := pretrain.Open(opened, folder); err == nil || !strings.Contains(err.Error(), "masked language modelling head") {
		t.Errorf("got %v", err)
	}
}

func TestNewRefusesTokenizersThatDoNotFit(t *testing.T) {
	config, err := json.Marshal(map[string]any{
		"model_type": "bert", "vocab_size": 10, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
		"intermediate_size": 16, "max_position_embeddings": 32,
	})
	if err != nil {
		t.Fatal(err)
	}
	tokenizer, err := fs.ReadFile(golden.FS(t), "models/bert-tiny/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pretrain.New(nil, config, tokenizer, 1); err == nil || !strings.Contains(err.Error(), "vocab_size 10") {
		t.Errorf("got %v", err)
	}
}
