package encoder_test

import (
	"cmp"
	"io/fs"
	"math"
	"path"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// loadGolden reads the weights of a model of the golden values into a store, under their canonical names.
func loadGolden(t testing.TB, name string) (encoder.Config, *model.Store) {
	t.Helper()
	configJSON, err := fs.ReadFile(golden.FS(t), path.Join("models", name, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	config, err := encoder.ParseConfig(configJSON)
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	checkpoint := map[string]modelio.Tensor{}
	for fileName, tensor := range golden.Tensors(t, path.Join("models", name, "model.safetensors")) {
		checkpoint[config.CanonicalName(fileName)] = tensor
	}
	for _, param := range config.Params() { // gte-native-tiny holds some in parts
		for _, part := range param.Parts {
			if tensor, ok := checkpoint[part]; ok {
				checkpoint[param.Name] = modelio.Tensor{DType: tensor.DType, Shape: param.Shape, Data: append(checkpoint[param.Name].Data, tensor.Data...)}
			}
		}
	}
	for name, tensor := range checkpoint {
		if tensor.DType != "F32" {
			continue // position_ids of old checkpoints
		}
		value, err := tensors.FromRaw(nil, 0, shapes.Make(dtypes.Float32, tensor.Shape...), tensor.Data)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.CreateVariable("/"+name, value); err != nil {
			t.Fatal(err)
		}
	}
	return config, store
}

func newEncoder(config encoder.Config, store *model.Store, g *graph.Graph) encoder.Encoder {
	return encoder.Encoder{Config: config, Weight: func(name string) *graph.Node {
		variable := store.GetVariable("/" + name)
		if variable == nil {
			panic("the checkpoint has no tensor " + name)
		}
		return variable.NodeValue(g)
	}}
}

// expected are the golden values of a batch of three texts.
type expected struct {
	batch, length int
	ids           []int32
	mask          []float32
	tensors       map[string]modelio.Tensor
}

func loadExpected(t testing.TB, name string) expected {
	t.Helper()
	e := expected{tensors: golden.Tensors(t, path.Join("models", name, "expected.safetensors"))}
	shape := e.tensors["input_ids"].Shape
	e.batch, e.length = shape[0], shape[1]
	for i, id := range golden.Int64s(t, e.tensors["input_ids"]) {
		e.ids = append(e.ids, int32(id))
		e.mask = append(e.mask, float32(golden.Int64s(t, e.tensors["attention_mask"])[i]))
	}
	return e
}

// hiddenStates encodes rows first to last-1, cut to length tokens.
func hiddenStates(t testing.TB, name string, ids []int32, mask []float32, batch, length int) [][]float32 {
	t.Helper()
	config, store := loadGolden(t, name)
	exec, err := model.NewExec(golden.OpenBackend(t), store, func(_ *model.Scope, ids, mask *graph.Node) []*graph.Node {
		return newEncoder(config, store, ids.Graph()).HiddenStates(ids, mask)
	})
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := exec.Call(tensors.FromFlatDataAndDimensions(ids, batch, length), tensors.FromFlatDataAndDimensions(mask, batch, length))
	if err != nil {
		t.Fatal(err)
	}
	states := make([][]float32, len(outputs))
	for i, output := range outputs {
		states[i] = tensors.MustCopyFlatData[float32](output)
	}
	return states
}

var goldenModels = []struct {
	name, expected string
	hidden, logits float64 // tolerances
}{
	{"bert-tiny", "bert-tiny", 2e-5, 1e-4},
	{"bert-tiny-gamma", "bert-tiny", 2e-5, 1e-4},
	{"bert-tiny-bare", "bert-tiny", 2e-5, 1e-4},
	{"gte-tiny", "gte-tiny", 5e-5, 2e-4},
	{"gte-ntk-tiny", "gte-ntk-tiny", 5e-5, 2e-4},
	{"gte-native-tiny", "gte-native-tiny", 5e-5, 2e-4},
	{"distilbert-tiny", "distilbert-tiny", 2e-5, 1e-4},
	{"modernbert-tiny", "modernbert-tiny", 2e-5, 1e-4},
}

func TestComplianceHiddenStates(t *testing.T) {
	for _, m := range goldenModels {
		t.Run(m.name, func(t *testing.T) {
			want := loadExpected(t, m.expected)
			t.Run("padded", func(t *testing.T) {
				states := hiddenStates(t, m.name, want.ids, want.mask, want.batch, want.length)
				want.compare(t, states, 0, want.batch, want.length, m.hidden)
			})
			for row := range want.batch {
				length := 0
				for _, one := range want.mask[row*want.length : (row+1)*want.length] {
					length += int(one)
				}
				start := row * want.length
				states := hiddenStates(t, m.name, want.ids[start:start+length], want.mask[start:start+length], 1, length)
				want.compare(t, states, row, 1, length, m.hidden)
			}
		})
	}
}

// compare checks the states of rows first to first+batch-1, computed at the given length, wherever there is a token.
func (e expected) compare(t *testing.T, states [][]float32, first, batch, length int, tolerance float64) {
	t.Helper()
	for i, got := range states {
		tensor, ok := e.tensors["hidden_states."+string(rune('0'+i))]
		if !ok {
			t.Fatalf("there are %d hidden states, golden has fewer", len(states))
		}
		want := golden.Float32s(t, tensor)
		h := tensor.Shape[2]
		// The tolerance is meant for normalised states, whose values stay below 4 or so. Between ModernBERT's layers they reach 16,
		// and float32 is as much coarser there.
		largest := slices.MaxFunc(want, func(a, b float32) int { return cmp.Compare(math.Abs(float64(a)), math.Abs(float64(b))) })
		tolerance := tolerance * max(1, math.Abs(float64(largest))/4)
		for row := range batch {
			for token := range length {
				if e.mask[(first+row)*e.length+token] == 0 {
					continue
				}
				a := got[(row*length+token)*h:][:h]
				b := want[((first+row)*e.length+token)*h:][:h]
				if off := golden.Distance(a, b); off > tolerance {
					t.Fatalf("hidden state %d, text %d, token %d: off by %g, tolerance %g", i, first+row, token, off, tolerance)
				}
			}
		}
	}
	if _, more := e.tensors["hidden_states."+string(rune('0'+len(states)))]; more {
		t.Errorf("there are %d hidden states, golden has more", len(states))
	}
}

func TestComplianceMLMLogits(t *testing.T) {
	for _, m := range goldenModels {
		if m.name == "bert-tiny-bare" {
			continue // has no language model head
		}
		t.Run(m.name, func(t *testing.T) {
			want := loadExpected(t, m.expected)
			config, store := loadGolden(t, m.name)
			positions := golden.Int64s(t, want.tensors["logit_positions"])
			var rows []int32
			for i := 0; i < len(positions); i += 2 {
				rows = append(rows, int32(positions[i])*int32(want.length)+int32(positions[i+1]))
			}
			exec, err := model.NewExec1(golden.OpenBackend(t), store, func(_ *model.Scope, ids, mask, rows *graph.Node) *graph.Node {
				e := newEncoder(config, store, ids.Graph())
				states := e.HiddenStates(ids, mask)
				last := graph.Reshape(states[len(states)-1], want.batch*want.length, config.HiddenSize)
				return e.MLMLogits(graph.Gather(last, graph.InsertAxes(rows, -1)))
			})
			if err != nil {
				t.Fatal(err)
			}
			logits, err := exec.Call(tensors.FromFlatDataAndDimensions(want.ids, want.batch, want.length),
				tensors.FromFlatDataAndDimensions(want.mask, want.batch, want.length), rows)
			if err != nil {
				t.Fatal(err)
			}
			off := golden.Distance(tensors.MustCopyFlatData[float32](logits), golden.Float32s(t, want.tensors["mlm_logits"]))
			if off > m.logits {
				t.Errorf("off by %g, tolerance %g", off, m.logits)
			}
		})
	}
}
