package modelio

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unsafe"
)

// Tensor is a named array as it lies in a file.
type Tensor struct {
	Name  string
	DType string // safetensors' name of the element type: "F32", "F16", "BF16", "I64", …
	Shape []int  // row-major; empty for a scalar
	Data  []byte // little-endian elements, product(Shape) of them; nil where only the header was read
}

// dtypes lists the element types that the safetensors format defines in whole bytes. The order is the format's own
// (safetensors/src/tensor.rs, enum Dtype, which says it is by increasing alignment); WriteSafetensors sorts by it.
var dtypes = []struct {
	name string
	size int // bytes
}{
	{"BOOL", 1}, {"U8", 1}, {"I8", 1}, {"F8_E5M2", 1}, {"F8_E4M3", 1}, {"F8_E8M0", 1},
	{"I16", 2}, {"U16", 2}, {"F16", 2}, {"BF16", 2},
	{"I32", 4}, {"U32", 4}, {"F32", 4},
	{"C64", 8}, {"F64", 8}, {"I64", 8}, {"U64", 8},
}

// dtypeRank returns the position of name in dtypes, or -1.
func dtypeRank(name string) int {
	for i, d := range dtypes {
		if d.name == name {
			return i
		}
	}
	return -1
}

// NumElements returns the product of the shape: 1 for a scalar.
func (t Tensor) NumElements() int {
	n := 1
	for _, dim := range t.Shape {
		n *= dim
	}
	return n
}

// NumBytes returns the size of the elements in bytes, also where Data was not read; 0 for an unknown DType.
func (t Tensor) NumBytes() int {
	rank := dtypeRank(t.DType)
	if rank < 0 {
		return 0
	}
	return t.NumElements() * dtypes[rank].size
}

// NewF32 returns a tensor of float32 values, row-major. The tensor may share memory with values (and does on the usual,
// little-endian machines): leave values alone while the tensor is in use.
func NewF32(name string, shape []int, values []float32) Tensor {
	return Tensor{Name: name, DType: "F32", Shape: slices.Clone(shape), Data: bytesOfFloat32s(values)}
}

// Float32s returns the values of an F32, F16, BF16 or F64 tensor; the last is rounded to float32. The result may share
// memory with Data (and does for F32 on the usual, little-endian machines), so that loading needs the weights' memory
// only once: clone it before changing it if Data is still needed.
func (t Tensor) Float32s() ([]float32, error) {
	if want := t.NumBytes(); len(t.Data) != want {
		return nil, fmt.Errorf("modelio: tensor %q: %s%v needs %d bytes, has %d", t.Name, t.DType, t.Shape, want, len(t.Data))
	}
	if t.DType == "F32" {
		return float32sOfBytes(t.Data), nil
	}
	values := make([]float32, t.NumElements())
	switch t.DType {
	case "F16":
		for i := range values {
			values[i] = float32FromF16(binary.LittleEndian.Uint16(t.Data[2*i:]))
		}
	case "BF16": // the upper half of a float32
		for i := range values {
			values[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(t.Data[2*i:])) << 16)
		}
	case "F64":
		for i := range values {
			values[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(t.Data[8*i:])))
		}
	default:
		return nil, fmt.Errorf("modelio: tensor %q: elements are %s, expected F32, F16, BF16 or F64", t.Name, t.DType)
	}
	return values, nil
}

// float32FromF16 widens an IEEE 754 half: 1 sign, 5 exponent (bias 15) and 10 fraction bits. Every half is a float32.
func float32FromF16(half uint16) float32 {
	sign := uint32(half&0x8000) << 16
	exponent := uint32(half>>10) & 0x1f
	fraction := uint32(half & 0x3ff)
	switch exponent {
	case 0: // zero and subnormal numbers: fraction · 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*0x1p-24))
	case 0x1f: // infinity, NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent-15+127)<<23 | fraction<<13)
}

// littleEndian says whether this machine keeps numbers in memory as files do.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// float32sOfBytes reads little-endian float32 values, in place where the machine allows.
func float32sOfBytes(data []byte) []float32 {
	start := unsafe.SliceData(data)
	if littleEndian && uintptr(unsafe.Pointer(start))%4 == 0 {
		return unsafe.Slice((*float32)(unsafe.Pointer(start)), len(data)/4)
	}
	values := make([]float32, len(data)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return values
}

// bytesOfFloat32s is the inverse of float32sOfBytes.
func bytesOfFloat32s(values []float32) []byte {
	if littleEndian {
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))
	}
	data := make([]byte, 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
	}
	return data
}
