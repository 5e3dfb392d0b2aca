package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// BenchmarkMicroStep makes a micro-step and an update with encoders of random weights and nine labels of 64 tokens, on the backend that the
// environment names. starter and minilm have the shapes of those models, long is the longest query that the reported experiment allows,
// on an encoder of its size. peak-MB is the process's: run one at a time.
func BenchmarkMicroStep(b *testing.B) {
	for _, size := range []struct {
		name                  string
		layers, hidden, heads int
		batch, length         int
		activations           Activations
	}{
		{"starter", 2, 128, 2, 5, 256, Keep}, {"minilm", 6, 384, 12, 5, 320, Keep},
		{"long-keep", 12, 768, 12, 1, 2048, Keep}, {"long-recompute", 12, 768, 12, 1, 2048, Recompute},
	} {
		for _, loss := range []Loss{Pairwise, Listwise} {
			b.Run(fmt.Sprintf("%s/%s", size.name, loss), func(b *testing.B) {
				options := NeuralCherche
				options.Loss, options.Epochs, options.BatchSize, options.Accumulation, options.LearningRate = loss, 1<<20, size.batch, 1, 1e-5
				if loss == Listwise {
					options.Temperature = 0.05
				}
				options.Activations = size.activations
				trainer, err := New(randomModel(b, size.layers, size.hidden, size.heads, size.length), longTexts(size.batch), options)
				if err != nil {
					b.Fatal(err)
				}
				defer trainer.Close()
				tokens := 0
				for b.Loop() {
					step, err := trainer.Step()
					if err != nil {
						b.Fatal(err)
					}
					tokens += step.Tokens
				}
				b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "tokens/s")
				b.ReportMetric(peakMB(b), "peak-MB")
			})
		}
	}
}

// longTexts are queries that fill any length, and labels that fill theirs.
func longTexts(n int) (data Data) {
	for i := range 9 {
		data.Labels = append(data.Labels, dataset.Label{ID: i + 1, Description: fmt.Sprint("label ", i, strings.Repeat(" well pump", 64))})
	}
	for i := range n + 1 {
		label := data.Labels[i%9]
		data.Triples = append(data.Triples, dataset.Triple{
			Query: fmt.Sprint("query ", i, strings.Repeat(" the officer mends pumps", 1024)), Positive: label.Description, Negative: data.Labels[(i+1)%9].Description, Label: label.ID,
		})
	}
	return data
}

// randomModel is a BERT of random weights with BERT's number of word embeddings and a head of 128 dimensions.
func randomModel(b *testing.B, layers, hidden, heads, length int) *colbert.Model {
	b.Helper()
	config, err := json.Marshal(map[string]any{
		"model_type": "bert", "vocab_size": 30522, "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads,
		"intermediate_size": 4 * hidden, "max_position_embeddings": 2048, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu",
	})
	if err != nil {
		b.Fatal(err)
	}
	parsed, err := encoder.ParseConfig(config)
	if err != nil {
		b.Fatal(err)
	}
	tokenizer, err := fs.ReadFile(golden.FS(b), "models/bert-tiny/tokenizer.json")
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var weights []modelio.Tensor
	for _, param := range parsed.Params() {
		if param.MLM {
			continue
		}
		tensor := modelio.Tensor{DType: "F32", Shape: param.Shape}
		values := make([]float32, tensor.NumElements())
		for i := range values {
			values[i] = float32(0.02 * rng.NormFloat64())
		}
		weights = append(weights, modelio.NewF32(param.Name, param.Shape, values))
	}
	opened, err := backend.Open("")
	if err != nil {
		b.Fatal(err)
	}
	folder := &modelio.Folder{Config: config, Tokenizer: tokenizer, Weights: modelio.NewWeights(weights), Similarity: string(maxsim.ClipZero)}
	model, err := colbert.Open(opened, folder)
	if err == nil {
		err = errors.Join(model.AddHead(128, 1), model.SetRoles(modelio.Role{Prefix: "[Q] ", Length: length}, modelio.Role{Prefix: "[D] ", Length: 64}, maxsim.ClipZero))
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		model.Close()
		opened.Finalize()
	})
	return model
}

// peakMB is the largest amount of memory that this process had, where the system tells it.
func peakMB(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kB float64
	if _, err := fmt.Sscan(after, &kB); err != nil {
		b.Fatal(err)
	}
	return kB / 1024
}
