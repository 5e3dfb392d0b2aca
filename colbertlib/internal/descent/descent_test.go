package descent_test

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/internal/descent"
)

// reference is AdamW as PyTorch documents it, for one weight w and loss (w-x)²/2, in float64.
type reference struct {
	descent.AdamW
	w, m, v float64
	updates int
}

func (r *reference) update(xs []float64, learningRate float64) (norm float64) {
	gradient := 0.0
	for _, x := range xs {
		gradient += (r.w - x) / float64(len(xs))
	}
	norm = math.Abs(gradient)
	if r.ClipNorm > 0 {
		gradient *= min(1, r.ClipNorm/norm)
	}
	r.updates++
	r.w -= learningRate * r.WeightDecay * r.w
	r.m = r.Beta1*r.m + (1-r.Beta1)*gradient
	r.v = r.Beta2*r.v + (1-r.Beta2)*gradient*gradient
	mean, variance := r.m/(1-math.Pow(r.Beta1, float64(r.updates))), r.v/(1-math.Pow(r.Beta2, float64(r.updates)))
	r.w -= learningRate * mean / (math.Sqrt(variance) + r.Epsilon)
	return norm
}

func TestUpdatesEqualAdamW(t *testing.T) {
	opened, err := backend.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	clipped := descent.TorchDefaults
	clipped.ClipNorm = 0.5
	for name, adamW := range map[string]descent.AdamW{"torch defaults": descent.TorchDefaults, "clipped": clipped} {
		t.Run(name, func(t *testing.T) {
			store := model.NewStore()
			if _, err := store.CreateVariable("/w", tensors.FromScalar(float32(1))); err != nil {
				t.Fatal(err)
			}
			d, err := descent.New(opened, store, func(in []*graph.Node) *graph.Node {
				w := store.GetVariable("/w").NodeValue(in[0].Graph())
				return graph.MulScalar(graph.Square(graph.Sub(w, in[0])), 0.5)
			}, adamW)
			if err != nil {
				t.Fatal(err)
			}
			want := reference{AdamW: adamW, w: 1}
			for update, xs := range [][]float64{{3, 2, -1}, {0.5}, {-2, 4}, {1, 1, 1, 1}} {
				for _, x := range xs {
					loss, err := d.MicroStep(float32(x))
					if err != nil {
						t.Fatal(err)
					}
					if off := math.Abs(loss - (want.w-x)*(want.w-x)/2); off > 1e-5 {
						t.Errorf("update %d: loss %v is off by %g", update, loss, off)
					}
				}
				learningRate := 0.1 / float64(update+1)
				norm, err := d.Update(len(xs), learningRate)
				if err != nil {
					t.Fatal(err)
				}
				if wantNorm := want.update(xs, learningRate); math.Abs(norm-wantNorm) > 1e-5 {
					t.Errorf("update %d: gradient norm %v, want %v", update, norm, wantNorm)
				}
				got := tensors.ToScalar[float32](store.GetVariable("/w").MustValue())
				if math.Abs(float64(got)-want.w) > 1e-5 {
					t.Errorf("update %d: weight %v, want %v", update, got, want.w)
				}
			}
			if err := d.Finalize(); err != nil {
				t.Fatal(err)
			}
			if left := store.NumVariables(); left != 1 {
				t.Errorf("%d variables are left in the store, want the weight alone", left)
			}
		})
	}
}

func TestUpdateNeedsAMicroStep(t *testing.T) {
	opened, err := backend.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	d, err := descent.New(opened, model.NewStore(), func(in []*graph.Node) *graph.Node { return in[0] }, descent.TorchDefaults)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Finalize()
	if _, err := d.Update(0, 1e-3); err == nil {
		t.Error("an update without a micro-step is no error")
	}
}
