package pretrain

import (
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Save writes the model, language model head included, as a plain Hugging Face folder; card, if not nil, becomes its README.md. A
// folder of that name is replaced if Save wrote it, and refused otherwise.
func (m *Model) Save(dir string, card []byte) error {
	tensors, err := m.parameters.Tensors()
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, param := range m.config.Params() {
		names[param.Name] = m.config.CheckpointName(param)
	}
	for i, tensor := range tensors {
		tensors[i].Name = names[tensor.Name]
	}
	folder := &modelio.Folder{Config: m.configJSON, Tokenizer: m.tokenizerJSON, Weights: modelio.NewWeights(tensors)}
	if card != nil {
		folder.Card = func([]string) ([]byte, error) { return card, nil }
	}
	if _, err := modelio.Write(dir, folder, modelio.Bare); err != nil {
		return fmt.Errorf("pretrain: %w", err)
	}
	return nil
}
