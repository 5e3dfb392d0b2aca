package colbert

import (
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Folder describes the model with its present parameters, which are copied, so that package modelio can write it.
func (m *Model) Folder() (*modelio.Folder, error) {
	all, err := m.Parameters.Tensors()
	if err != nil {
		return nil, err
	}
	head := map[string]*modelio.Tensor{}
	var encoderTensors []modelio.Tensor
	for i, tensor := range all {
		if strings.HasPrefix(tensor.Name, "head.") {
			head[tensor.Name] = &all[i]
		} else {
			encoderTensors = append(encoderTensors, tensor)
		}
	}
	folder := m.source
	folder.Weights = modelio.NewWeights(encoderTensors)
	folder.Query, folder.Document, folder.Similarity = m.Query, m.Document, string(m.Similarity)
	for _, layer := range m.head {
		folder.Head = append(folder.Head, modelio.Dense{
			Weight: *head[layer.name+".weight"], Bias: head[layer.name+".bias"], Residual: head[layer.name+".residual"],
			Activation: layer.activation, UseResidual: layer.useResidual,
		})
	}
	return &folder, nil
}
