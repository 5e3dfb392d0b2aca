package encoder

import (
	"fmt"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
)

// BenchmarkEncoder encodes batches of 5 texts, forward alone and with the gradients of all parameters. small is the starter's size,
// medium MiniLM's.
func BenchmarkEncoder(b *testing.B) {
	for _, size := range []struct {
		name           string
		layers, hidden int
		heads, length  int
	}{{"small 2x128", 2, 128, 2, 256}, {"medium 6x384", 6, 384, 12, 256}} {
		config := Config{
			Family: BERT, VocabSize: 8000, HiddenSize: size.hidden, Layers: size.layers, Heads: size.heads,
			IntermediateSize: 4 * size.hidden, MaxPositions: 512, TokenTypes: 2, LayerNormEpsilon: 1e-12,
		}
		for _, training := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/training=%v", size.name, training), func(b *testing.B) {
				benchmarkEncoder(b, config, size.length, training)
			})
		}
	}
}

func benchmarkEncoder(b *testing.B, config Config, length int, training bool) {
	const batch = 5
	opened := golden.OpenBackend(b)
	store := model.NewStore()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, param := range config.Params() {
		size := 1
		for _, dim := range param.Shape {
			size *= dim
		}
		values := make([]float32, size)
		for j := range values {
			values[j] = float32(0.05 * rng.NormFloat64())
		}
		if _, err := store.CreateVariable("/"+param.Name, tensors.FromFlatDataAndDimensions(values, param.Shape...)); err != nil {
			b.Fatal(err)
		}
	}
	exec, err := model.NewExec(opened, store, func(scope *model.Scope, ids, mask *Node) []*Node {
		g := ids.Graph()
		e := Encoder{Config: config, Weight: func(name string) *Node { return store.GetVariable("/" + name).NodeValue(g) }}
		states := e.HiddenStates(ids, mask)
		last := states[len(states)-1]
		if !training {
			return []*Node{last}
		}
		return scope.BuildTrainableVariablesGradientsGraph(ReduceAllSum(Square(last)))
	})
	if err != nil {
		b.Fatal(err)
	}
	ids, mask := make([]int32, batch*length), make([]float32, batch*length)
	for i := range ids {
		ids[i], mask[i] = int32(i*7%config.VocabSize), 1
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := exec.Call(tensors.FromFlatDataAndDimensions(ids, batch, length), tensors.FromFlatDataAndDimensions(mask, batch, length)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(batch*length*b.N)/b.Elapsed().Seconds(), "tokens/s")
}
