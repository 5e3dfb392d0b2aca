package colbert

import (
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
)

// Batch is texts side by side, as Embed takes them.
type Batch struct {
	IDs      *tensors.Tensor // [B, L] int32
	Attended *tensors.Tensor // [B, L] float32, 1 for tokens that others attend to
	Scored   *tensors.Tensor // [B, L] float32, 1 for tokens that take part in MaxSim
}

// Pad lays texts side by side, padded on the right to at least length and to a multiple of what suits the backend, but never above the
// encoder's maximum.
func (m *Model) Pad(texts []Tokens, length int) Batch {
	return m.pad(texts, length, m.lengthStep())
}

// lengthStep is what lengths are rounded up to where graphs have fixed shapes, so that there are few of them.
func (m *Model) lengthStep() int {
	if backend.DearShapes(m.backend) {
		return 64
	}
	return 16
}

func (m *Model) pad(texts []Tokens, length, step int) Batch {
	for _, text := range texts {
		length = max(length, len(text.IDs))
	}
	length = m.roundUp(length, step)
	ids, attended, scored := make([]int32, len(texts)*length), make([]float32, len(texts)*length), make([]float32, len(texts)*length)
	pad := m.padID()
	for i, text := range texts {
		row := ids[i*length : (i+1)*length]
		for j := copy(row, text.IDs); j < length; j++ {
			row[j] = pad
		}
		for j := range text.IDs {
			if j < text.Attended {
				attended[i*length+j] = 1
			}
			if text.Skipped == nil || !text.Skipped[j] {
				scored[i*length+j] = 1
			}
		}
	}
	tensor := func(values []float32) *tensors.Tensor {
		return tensors.FromFlatDataAndDimensions(values, len(texts), length)
	}
	return Batch{IDs: tensors.FromFlatDataAndDimensions(ids, len(texts), length), Attended: tensor(attended), Scored: tensor(scored)}
}

func (m *Model) roundUp(length, step int) int {
	return min((length+step-1)/step*step, m.Config.MaxPositions)
}

// padID is any valid id: padding is masked everywhere.
func (m *Model) padID() int32 {
	if id, ok := m.Tokenizer.PadID(); ok {
		return id
	}
	return 0
}
