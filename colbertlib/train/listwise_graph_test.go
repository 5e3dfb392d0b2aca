package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// plainListwise is the loss of one query after the other, with no padding between texts, no batch and no sharing: each score takes
// query and label anew.
func plainListwise(m *colbert.Model, data Data, temperature float64, g *Graph) *Node {
	embed := func(role modelio.Role, text string) (rows *Node, padded bool) { // [L, D]
		tokens := m.Tokenize(role, text)
		mask := Const(g, [][]float32{repeat(1, len(tokens.IDs))})
		return Squeeze(m.Embed(Const(g, [][]int32{tokens.IDs}), mask, mask), 0), colbert.Padded(role, tokens)
	}
	sum := ScalarZero(g, dtypes.Float32)
	for _, triple := range data.Triples {
		var logits []*Node
		right := 0
		for i, label := range data.Labels {
			query, _ := embed(m.Query, triple.Query)
			document, padded := embed(m.Document, label.Description)
			best := ReduceMax(Einsum("qd,kd->qk", query, document), -1) // [Lq]
			if m.Similarity == maxsim.ClipZero && padded {
				best = MaxScalar(best, 0)
			}
			logits = append(logits, DivScalar(ReduceAllMean(best), temperature))
			if label.ID == triple.Label {
				right = i
			}
		}
		all := Stack(logits, 0) // [N]
		sum = Add(sum, Sub(Log(ReduceAllSum(Exp(all))), logits[right]))
	}
	return DivScalar(sum, float64(len(data.Triples)))
}

func repeat(value float32, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = value
	}
	return values
}

// listwiseData has queries and labels of different lengths, and a negative that no label describes, as it is not looked at.
var listwiseData = Data{
	Triples: []dataset.Triple{
		{Query: "digs wells and mends pumps for clean water in camps", Positive: "Wells.", Negative: "not read", Label: 7},
		{Query: "drives trucks", Positive: "Trucks, warehouses and fuel.", Label: 3},
		{Query: "a nurse for the clinic and its vaccines", Label: 5},
	},
	Labels: []dataset.Label{
		{ID: 3, Name: "Logistics", Description: "Trucks, warehouses and fuel."},
		{ID: 5, Name: "Health", Description: "Clinics, nurses, vaccines, medicines and everything else that keeps people well."},
		{ID: 7, Name: "Water", Description: "Wells."},
	},
}

// Loss and gradients of all parameters equal those of the plain formulation, in which automatic differentiation does everything.
func TestListwiseEqualsPlainFormulation(t *testing.T) {
	for _, similarity := range maxsim.Variants() {
		t.Run(string(similarity), func(t *testing.T) {
			m := openModel(t, "nc/bert/initial")
			m.Similarity = similarity
			const temperature = 0.05
			l, err := newListwise(m, listwiseData, temperature, 1)
			if err != nil {
				t.Fatal(err)
			}
			inputs, tokens := l.inputs([]int{0, 1, 2})
			got := lossAndGradients(t, m, func(in []*Node) *Node { return l.loss(in) }, inputs...)
			want := lossAndGradients(t, m, func(in []*Node) *Node {
				return plainListwise(m, listwiseData, temperature, in[0].Graph())
			}, float32(0))
			if len(got) != len(want) || tokens < 40 {
				t.Fatalf("%d results, want %d; %d tokens", len(got), len(want), tokens)
			}
			for i := range want {
				largest := 1e-2 // a true gradient of zero is rounding only
				for _, x := range want[i] {
					largest = max(largest, math.Abs(float64(x)))
				}
				if off := golden.Distance(got[i], want[i]); off > 1e-4*largest {
					t.Errorf("result %d (0 is the loss) is off by %g of %g", i, off, largest)
				}
			}
		})
	}
}

// lossAndGradients returns the loss, then the gradient of each parameter.
func lossAndGradients(t *testing.T, m *colbert.Model, loss func(in []*Node) *Node, inputs ...any) [][]float32 {
	t.Helper()
	exec, err := model.NewExec(m.Backend(), m.Parameters.Store, func(scope *model.Scope, in []*Node) []*Node {
		value := loss(in)
		return append([]*Node{value}, scope.BuildTrainableVariablesGradientsGraph(value)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := exec.Call(inputs...)
	if err != nil {
		t.Fatal(err)
	}
	values := make([][]float32, len(outputs))
	for i, output := range outputs {
		values[i] = tensors.MustCopyFlatData[float32](output)
	}
	return values
}

func values(tensor any) [][]int32 { return tensor.(*tensors.Tensor).Value().([][]int32) }

// Every wording of a label takes part, none of another label does, and what is drawn depends on the seed and the triples only.
func TestListwiseDrawsWordings(t *testing.T) {
	m := openModel(t, "nc/bert/initial")
	data := Data{Labels: listwiseData.Labels}
	for i := range 8 {
		data.Triples = append(data.Triples, dataset.Triple{Query: "digs", Positive: []string{"Wells.", "Water for all.", "Pumps and pipes."}[i%3], Label: 7})
	}
	l, err := newListwise(m, data, 0.05, 3)
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]bool{}
	for i := range 40 {
		inputs, _ := l.inputs([]int{i % 8, (i + i/8) % 8})
		again, _ := l.inputs([]int{i % 8, (i + i/8) % 8})
		ids, same := values(inputs[documentIDs]), values(again[documentIDs])
		for label := range ids {
			if !slices.Equal(ids[label], same[label]) {
				t.Fatalf("label %d: other wordings for the same triples", label)
			}
		}
		if !slices.Equal(ids[0], m.Pad([]colbert.Tokens{m.Tokenize(m.Document, data.Labels[0].Description)}, l.documents.longest).IDs.Value().([][]int32)[0]) {
			t.Fatal("a label of one wording has another")
		}
		drawn[fmt.Sprint(ids[2])] = true
	}
	if len(drawn) != 3 {
		t.Errorf("%d wordings of a label were drawn in 40 micro-batches, want all 3", len(drawn))
	}
}
