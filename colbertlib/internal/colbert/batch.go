package colbert

import (
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/tokenize"
)

// lengthStep is what batch lengths are rounded up to, so that few shapes of graphs are compiled.
const lengthStep = 16

// Tokenize turns a text into the ids of a query or document: prefix and text together, cut to the role's length. Offsets refer
// to the text; the prefix's tokens have the empty span {0, 0}, like special tokens.
func (m *Model) Tokenize(role modelio.Role, text string) tokenize.Encoding {
	encoding := m.Tokenizer.Encode(role.Prefix+text, role.Length)
	for i, span := range encoding.Offsets {
		if span[1] <= len(role.Prefix) {
			encoding.Offsets[i] = [2]int{}
		} else {
			encoding.Offsets[i] = [2]int{max(span[0]-len(role.Prefix), 0), span[1] - len(role.Prefix)}
		}
	}
	return encoding
}

// Padded tells whether neural-cherche would pad the text: it has fewer tokens than its role allows.
func Padded(role modelio.Role, encoding tokenize.Encoding) bool {
	return len(encoding.IDs) < role.Length
}

// Pad lays texts side by side, padded on the right to at least length and to a multiple of 16, but never above the encoder's maximum:
// ids [B, L] int32, mask [B, L] float32.
func (m *Model) Pad(encodings []tokenize.Encoding, length int) (ids, mask *tensors.Tensor) {
	for _, encoding := range encodings {
		length = max(length, len(encoding.IDs))
	}
	length = min((length+lengthStep-1)/lengthStep*lengthStep, m.Config.MaxPositions)
	idValues, maskValues := make([]int32, len(encodings)*length), make([]float32, len(encodings)*length)
	pad := m.padID()
	for i, encoding := range encodings {
		row := idValues[i*length : (i+1)*length]
		for j := copy(row, encoding.IDs); j < length; j++ {
			row[j] = pad
		}
		for j := range encoding.IDs {
			maskValues[i*length+j] = 1
		}
	}
	return tensors.FromFlatDataAndDimensions(idValues, len(encodings), length), tensors.FromFlatDataAndDimensions(maskValues, len(encodings), length)
}

// padID is any valid id: padding is masked everywhere.
func (m *Model) padID() int32 {
	if id, ok := m.Tokenizer.PadID(); ok {
		return id
	}
	return 0
}
