package modelio_test

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

func TestFloat32s(t *testing.T) {
	u16 := func(values ...uint16) []byte {
		var data []byte
		for _, v := range values {
			data = binary.LittleEndian.AppendUint16(data, v)
		}
		return data
	}
	inf := float32(math.Inf(1))
	for _, test := range []struct {
		dtype string
		data  []byte
		want  []float32
	}{
		{"F32", binary.LittleEndian.AppendUint32(nil, math.Float32bits(1.5)), []float32{1.5}},
		// IEEE 754 binary16: one, -2, the largest, the smallest normal, the smallest subnormal and the largest one, infinity.
		{"F16", u16(0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x03ff, 0x7c00, 0x8000),
			[]float32{1, -2, 65504, 0x1p-14, 0x1p-24, 0x1p-14 - 0x1p-24, inf, float32(math.Copysign(0, -1))}},
		{"BF16", u16(0x3f80, 0xc049, 0xff80), []float32{1, -3.140625, -inf}},
		{"F64", binary.LittleEndian.AppendUint64(nil, math.Float64bits(0.1)), []float32{0.1}},
	} {
		t.Run(test.dtype, func(t *testing.T) {
			got, err := modelio.Tensor{Name: "a", DType: test.dtype, Shape: []int{len(test.want)}, Data: test.data}.Float32s()
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %v, %v; want %v", got, err, test.want)
			}
		})
	}
}

func TestFloat32sKeepsNaN(t *testing.T) {
	got, err := modelio.Tensor{DType: "F16", Shape: []int{1}, Data: []byte{0, 0x7e}}.Float32s()
	if err != nil || len(got) != 1 || !math.IsNaN(float64(got[0])) {
		t.Errorf("got %v, %v; want NaN", got, err)
	}
}

// A tensor cut out of a larger buffer may begin anywhere; reading it in place would then fault on some machines.
func TestFloat32sOfMisalignedData(t *testing.T) {
	aligned := modelio.NewF32("a", []int{2}, []float32{1.25, -8})
	buffer := append([]byte{0}, aligned.Data...)
	got, err := modelio.Tensor{DType: "F32", Shape: []int{2}, Data: buffer[1:]}.Float32s()
	if err != nil || !slices.Equal(got, []float32{1.25, -8}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestFloat32sRefuses(t *testing.T) {
	for _, test := range []struct {
		tensor modelio.Tensor
		want   string
	}{
		{modelio.Tensor{Name: "a", DType: "I64", Shape: []int{1}, Data: make([]byte, 8)}, `tensor "a": elements are I64, expected F32, F16, BF16 or F64`},
		{modelio.Tensor{Name: "a", DType: "F32", Shape: []int{2, 2}, Data: make([]byte, 8)}, `tensor "a": F32[2 2] needs 16 bytes, has 8`},
		{modelio.Tensor{Name: "a", DType: "F32", Shape: []int{2}}, `needs 8 bytes, has 0`},
	} {
		if _, err := test.tensor.Float32s(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want one with %q", err, test.want)
		}
	}
}
