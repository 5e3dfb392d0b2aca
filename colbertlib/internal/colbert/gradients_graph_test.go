package colbert_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// The gradient of each parameter, for a batch of two triples with neural-cherche's loss, must be torch's.
func TestComplianceGradients(t *testing.T) {
	for _, name := range []string{"bert-tiny", "distilbert-tiny", "gte-tiny", "gte-ntk-tiny", "gte-native-tiny", "modernbert-tiny"} {
		t.Run(name, func(t *testing.T) {
			want := golden.Tensors(t, "models/"+name+"/expected.safetensors")
			m := openModel(t, "models/"+name)
			head := want["loss.head_weight"]
			if err := errors.Join(m.AddHead(head.Shape[0], 1), m.SetRoles(modelio.Role{Length: 24}, modelio.Role{Length: 20}, maxsim.ClipZero)); err != nil {
				t.Fatal(err)
			}
			head.Name = "head.0.weight"
			if err := m.Parameters.Set(head); err != nil {
				t.Fatal(err)
			}
			compareGradients(t, m, want, gradients(t, m, want))
			m.Recompute = true
			compareGradients(t, m, want, gradients(t, m, want))
		})
	}
}

// gradients returns the gradient of each parameter under its name.
func gradients(t *testing.T, m *colbert.Model, batch map[string]modelio.Tensor) map[string][]float32 {
	t.Helper()
	var inputs []any
	for _, part := range []string{"query", "pos", "neg"} {
		ids, mask := batch["loss."+part+"_ids"], batch["loss."+part+"_mask"]
		idValues, maskValues := make([]int32, ids.NumElements()), make([]float32, ids.NumElements())
		for i, id := range golden.Int64s(t, ids) {
			idValues[i], maskValues[i] = int32(id), float32(golden.Int64s(t, mask)[i])
		}
		inputs = append(inputs, tensors.FromFlatDataAndDimensions(idValues, ids.Shape...), tensors.FromFlatDataAndDimensions(maskValues, ids.Shape...))
	}
	exec, err := model.NewExec(m.Backend(), m.Parameters.Store, func(scope *model.Scope, in []*Node) []*Node {
		embed := func(i int) maxsim.Batch {
			return maxsim.Batch{Embeddings: m.Embed(in[i], in[i+1], in[i+1]), Mask: in[i+1]}
		}
		queries := embed(0)
		score := func(documents maxsim.Batch) *Node { // a document is padded where its mask has a zero
			padded := OneMinus(ReduceMin(documents.Mask, -1))
			return InsertAxes(m.Similarity.ScoreGraph(queries, documents, padded), -1)
		}
		logits := Concatenate([]*Node{score(embed(2)), score(embed(4))}, -1) // [B, 2]
		loss := Neg(ReduceAllMean(Slice(LogSoftmax(logits, -1), AxisRange(), AxisElem(0))))
		return scope.BuildTrainableVariablesGradientsGraph(loss)
	})
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := exec.Call(inputs...)
	if err != nil {
		t.Fatal(err)
	}
	parameters, err := m.Parameters.Tensors()
	if err != nil || len(parameters) != len(outputs) {
		t.Fatalf("%d gradients for %d parameters, %v", len(outputs), len(parameters), err)
	}
	byName := map[string][]float32{}
	for i, output := range outputs {
		byName[parameters[i].Name] = tensors.MustCopyFlatData[float32](output)
	}
	return byName
}

func compareGradients(t *testing.T, m *colbert.Model, tensors map[string]modelio.Tensor, got map[string][]float32) {
	t.Helper()
	want := map[string][]float32{}
	for name, tensor := range tensors {
		if parameter, ok := strings.CutPrefix(name, "grad."); ok {
			want[m.Config.CanonicalName(parameter)] = golden.Float32s(t, tensor)
		}
	}
	want["head.0.weight"] = want["head_weight"]
	for _, param := range m.Config.Params() { // gte-native-tiny's are in parts
		for _, part := range param.Parts {
			want[param.Name] = append(want[param.Name], want[part]...)
		}
	}
	for name, values := range got {
		largest := 1.0
		for _, x := range want[name] {
			largest = max(largest, math.Abs(float64(x)))
		}
		if len(want[name]) != len(values) {
			t.Errorf("%s: golden has %d gradients of %d", name, len(want[name]), len(values))
		} else if off := golden.Distance(values, want[name]); off > 1e-4*largest {
			t.Errorf("%s: off by %g", name, off)
		}
	}
}
