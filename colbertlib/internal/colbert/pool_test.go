package colbert_test

import (
	"math"
	"testing"
)

// A text has the same pooled embedding alone and beside longer ones, of unit length, and other texts have others. That it is the mean of
// hidden states is shown with real weights, where it ranks as Python does: see compare's integration test.
func TestPoolingDoesNotDependOnTheBatch(t *testing.T) {
	m := openModel(t, "models/bert-tiny")
	texts := []string{"wells", "trucks and warehouses, fuel and customs", "a nurse for the clinic and its vaccines, and for the children of the camp"}
	together, err := m.Pool(t.Context(), m.Query, texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		alone, err := m.Pool(t.Context(), m.Query, []string{text})
		if err != nil {
			t.Fatal(err)
		}
		norm, other := 0.0, 0.0
		for k, x := range alone[0] {
			norm += float64(x) * float64(x)
			other += float64(x) * float64(together[(i+1)%len(texts)][k])
			if math.Abs(float64(x-together[i][k])) > 1e-5 {
				t.Fatalf("%q, value %d: %v alone, %v in a batch", text, k, x, together[i][k])
			}
		}
		if len(alone[0]) != m.Config.HiddenSize || math.Abs(norm-1) > 1e-5 || other > 0.9999 {
			t.Errorf("%q: %d values, square of length %v, similarity to another text %v", text, len(alone[0]), norm, other)
		}
	}
}
