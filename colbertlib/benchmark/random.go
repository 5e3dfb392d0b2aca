package benchmark

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// RandomFolder writes a BERT of the given size with random weights to the folder dir, which must exist.
func RandomFolder(dir string, layers, hidden int, tokenizerJSON []byte) error {
	headSize := 64
	if hidden < 512 {
		headSize = 32 // MiniLM's
	}
	if layers < 1 || hidden < headSize || hidden%headSize != 0 {
		return fmt.Errorf("benchmark: a model of %d layers and width %d: want at least one layer and a width that is a multiple of %d", layers, hidden, headSize)
	}
	tokenizer := struct {
		Model struct{ Vocab map[string]int }
	}{}
	if err := json.Unmarshal(tokenizerJSON, &tokenizer); err != nil {
		return fmt.Errorf("benchmark: tokenizer.json: %w", err)
	}
	configJSON, err := json.Marshal(map[string]any{
		"model_type": "bert", "vocab_size": len(tokenizer.Model.Vocab), "hidden_size": hidden, "num_hidden_layers": layers,
		"num_attention_heads": hidden / headSize, "intermediate_size": 4 * hidden, "max_position_embeddings": 512, "type_vocab_size": 2,
		"layer_norm_eps": 1e-12, "hidden_act": "gelu",
	})
	if err != nil {
		return err
	}
	config, err := encoder.ParseConfig(configJSON)
	if err != nil {
		return err
	}
	opened, err := backend.Open("go")
	if err != nil {
		return err
	}
	defer opened.Finalize()
	parameters := colbert.NewParameters(opened)
	defer parameters.Store.Finalize()
	if err := parameters.AddRandomEncoder(config, false, 1); err != nil {
		return err
	}
	weights, err := parameters.Tensors()
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "config.json"), configJSON, 0o644),
		os.WriteFile(filepath.Join(dir, "tokenizer.json"), tokenizerJSON, 0o644),
		modelio.SaveSafetensors(filepath.Join(dir, "model.safetensors"), weights, nil))
}

// OpenRandom loads what RandomFolder wrote, and gives it a head and neural-cherche's settings.
func OpenRandom(dir, backendName string) (*colbertlib.Model, error) {
	model, err := colbertlib.Load(dir, &colbertlib.Options{Backend: backendName})
	if err != nil {
		return nil, err
	}
	query, document := modelio.Role{Prefix: "[Q] ", Length: 512}, modelio.Role{Prefix: "[D] ", Length: 128}
	if err := errors.Join(model.Core().AddHead(128, 1), model.Core().SetRoles(query, document, maxsim.ClipZero)); err != nil {
		return nil, errors.Join(err, model.Close())
	}
	return model, nil
}
