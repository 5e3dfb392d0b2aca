package colbert

import "github.com/gomlx/gomlx/core/tensors"

// lengthStep is what batch lengths are rounded up to, so that few shapes of graphs are compiled.
const lengthStep = 16

// Batch is texts side by side, as Embed takes them.
type Batch struct {
	IDs      *tensors.Tensor // [B, L] int32
	Attended *tensors.Tensor // [B, L] float32, 1 for tokens that others attend to
	Scored   *tensors.Tensor // [B, L] float32, 1 for tokens that take part in MaxSim
}

// Pad lays texts side by side, padded on the right to at least length and to a multiple of 16, but never above the encoder's maximum.
func (m *Model) Pad(texts []Tokens, length int) Batch {
	for _, text := range texts {
		length = max(length, len(text.IDs))
	}
	length = min((length+lengthStep-1)/lengthStep*lengthStep, m.Config.MaxPositions)
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

// padID is any valid id: padding is masked everywhere.
func (m *Model) padID() int32 {
	if id, ok := m.Tokenizer.PadID(); ok {
		return id
	}
	return 0
}
