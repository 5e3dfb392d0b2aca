package modelio_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// bert-tiny has 2 layers, H 32, intermediate 64, vocabulary 1200, 160 positions, 2 token types; the decoder is tied.
func TestInspect(t *testing.T) {
	const (
		h, layers  = 32, 2
		embeddings = (1200+160+2)*h + 2*h
		layer      = 4*(h*h+h) + 2*2*h + h*64 + 64 + 64*h + h
		head       = h*h + h + 2*h + 1200
	)
	got, err := modelio.Inspect(golden.FS(t), "models/bert-tiny")
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(embeddings + layers*layer + head); got.Parameters != want || got.Bytes != 4*want {
		t.Errorf("%d parameters and %d bytes, want %d and 4 bytes each", got.Parameters, got.Bytes, want)
	}
	if n := len(got.Tensors); n != 5+layers*16+5 || got.Tensors[0].Data != nil || len(got.Config) == 0 {
		t.Errorf("%d tensors, first %+v", n, got.Tensors[0])
	}
}

// Tables of positions are stored in some files, but are no parameters.
func TestInspectCountsFloatsOnly(t *testing.T) {
	bare, err := modelio.Inspect(golden.FS(t), "models/bert-tiny-bare")
	if err != nil {
		t.Fatal(err)
	}
	if positions := bare.Bytes - 4*bare.Parameters; positions != 160*8 {
		t.Errorf("%d bytes are no parameters, want 160 int64 positions", positions)
	}
}

func TestInspectRefuses(t *testing.T) {
	_, err := modelio.Inspect(fstest.MapFS{"a.gguf": {}}, ".")
	if err == nil || !strings.Contains(err.Error(), "GGUF") {
		t.Errorf("error %v, want one that says what the folder holds", err)
	}
}

// The projection head of a Stanford checkpoint lies among the encoder's tensors, but is none of them.
func TestInspectLeavesTheHeadOut(t *testing.T) {
	got, err := modelio.Inspect(golden.FS(t), "checkpoints/stanford")
	if err != nil || len(got.TokenizerConfig) == 0 || !got.HasTokenizer {
		t.Fatalf("error %v, %d bytes of tokenizer_config.json, tokenizer: %v", err, len(got.TokenizerConfig), got.HasTokenizer)
	}
	for _, tensor := range got.Tensors {
		if tensor.Name == "linear.weight" {
			t.Error("linear.weight is listed")
		}
	}
	if len(got.Tensors) < 10 {
		t.Errorf("only %d tensors", len(got.Tensors))
	}
}

// What a configuration says is worth knowing even where the weights cannot be read.
func TestInspectKeepsTheConfigurationOfBrokenWeights(t *testing.T) {
	config := []byte(`{"model_type": "bert"}`)
	got, err := modelio.Inspect(fstest.MapFS{"config.json": {Data: config}, "pytorch_model.bin": {}}, ".")
	if err == nil || !strings.Contains(err.Error(), "pickle") || string(got.Config) != string(config) {
		t.Errorf("config %q, error %v, want the configuration and an error about the pickle", got.Config, err)
	}
}
