package train

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/jobtagger/jobtagger/colbertlib/internal/colbert"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// small are the options of tests, which train on listwiseData.
func small(change func(o *Options)) Options {
	o := NeuralCherche
	o.Loss, o.Temperature, o.Epochs, o.BatchSize, o.Accumulation, o.LearningRate, o.Seed = Listwise, 0.05, 4, 2, 3, 1e-3, 1
	if change != nil {
		change(&o)
	}
	return o
}

func TestOptionsAreChecked(t *testing.T) {
	for want, change := range map[string]func(o *Options){
		`loss is "listwize"`:                 func(o *Options) { o.Loss = "listwize" },
		`tail is ""`:                         func(o *Options) { o.Tail = "" },
		`schedule is "cosine"`:               func(o *Options) { o.Schedule = "cosine" },
		`activations is "none"`:              func(o *Options) { o.Activations = "none" },
		`weight_decay is "none"`:             func(o *Options) { o.WeightDecay = "none" },
		"temperature is 0, but loss list":    func(o *Options) { o.Temperature = 0 },
		"temperature is 0.05, but loss pair": func(o *Options) { o.Loss = Pairwise },
		"batch_size is 0":                    func(o *Options) { o.BatchSize = 0 },
		"accumulation is -1":                 func(o *Options) { o.Accumulation = -1 },
		"learning_rate is NaN":               func(o *Options) { o.LearningRate = math.NaN() },
		"clip_norm is -1":                    func(o *Options) { o.ClipNorm = -1 },
		"dropout is 1":                       func(o *Options) { o.Dropout = 1 },
		"dropout is NaN":                     func(o *Options) { o.Dropout = math.NaN() },
		"frozen_layers is -1":                func(o *Options) { o.FrozenLayers = -1 },
	} {
		if err := small(change).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := small(nil).Validate(); err != nil {
		t.Error(err)
	}
}

func TestDataIsChecked(t *testing.T) {
	m := openModel(t, "nc/bert/initial")
	for want, change := range map[string]func(d *Data){
		"no triples":                   func(d *Data) { d.Triples = nil },
		"nothing to tell apart":        func(d *Data) { d.Triples = d.Triples[:1] },
		"needs at least two":           func(d *Data) { d.Labels = d.Labels[:1] },
		"triple 2 (x) has the label 9": func(d *Data) { d.Triples[1].Label, d.Triples[1].ID = 9, "x" },
		"two labels have the number":   func(d *Data) { d.Labels[1].ID = 3 },
	} {
		data := Data{Triples: slices.Clone(listwiseData.Triples), Labels: slices.Clone(listwiseData.Labels)}
		change(&data)
		if _, err := New(m, data, small(nil)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// Three triples of the same length in batches of two: every second batch has one triple, which makes two shapes.
func TestCompilingIsToldOncePerShape(t *testing.T) {
	data := Data{Triples: slices.Clone(listwiseData.Triples), Labels: listwiseData.Labels}
	for i := range data.Triples {
		data.Triples[i].Query = data.Triples[0].Query
	}
	trainer, err := New(openModel(t, "nc/bert/initial"), data, small(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	graphs := 0
	trainer.Compiling = func() { graphs++ }
	for step := 0; !trainer.Done(); step++ {
		if _, err := trainer.Step(); err != nil {
			t.Fatal(err)
		}
		if want := min(step+1, 2); graphs != want {
			t.Errorf("%d graphs after %d micro-steps, want %d", graphs, step+1, want)
		}
	}
}

// Three triples in batches of two are two micro-steps an epoch, and eight in all: an update every three leaves two.
func TestTail(t *testing.T) {
	for tail, want := range map[Tail][]int{Drop: {0, 0, 1, 1, 1, 2, 2, 2}, Flush: {0, 0, 1, 1, 1, 2, 2, 3}} {
		options := small(func(o *Options) { o.Tail = tail })
		var updates []int
		for _, step := range fit(t, options) {
			updates = append(updates, step.Updates)
		}
		if !slices.Equal(updates, want) || options.Updates(3) != want[7] {
			t.Errorf("%s: updates %v, %d in all; want %v", tail, updates, options.Updates(3), want)
		}
	}
}

func fit(t *testing.T, options Options) (steps []Step) {
	t.Helper()
	return fitModel(t, openModel(t, "nc/bert/initial"), options)
}

func fitModel(t *testing.T, m *colbert.Model, options Options) (steps []Step) {
	t.Helper()
	trainer, err := New(m, listwiseData, options)
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	for !trainer.Done() {
		step, err := trainer.Step()
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}

// Dropout leaves out its share, keeps the mean, draws anew for each micro-step and side, and reaches both losses.
func TestDropout(t *testing.T) {
	d := dropout{share: 0.25, seed: 1, hidden: 100}
	ids := tensors.FromFlatDataAndDimensions(make([]int32, 40), 4, 10)
	draw := func(step int) [][]float32 {
		inputs := d.addTo([]any{queryIDs: ids, documentIDs: ids}, step)
		return [][]float32{tensors.MustCopyFlatData[float32](inputs[4].(*tensors.Tensor)), tensors.MustCopyFlatData[float32](inputs[5].(*tensors.Tensor))}
	}
	first, again, second := draw(7), draw(7), draw(8)
	dropped, sum := 0, 0.0
	for _, factor := range first[0] {
		sum += float64(factor)
		if factor == 0 {
			dropped++
		}
	}
	if n := float64(len(first[0])); n != 4000 || math.Abs(float64(dropped)/n-d.share) > 0.03 || math.Abs(sum/n-1) > 0.04 {
		t.Errorf("of %v factors %d are 0, their sum is %v", n, dropped, sum)
	}
	if !slices.Equal(first[1], again[1]) || slices.Equal(first[0], first[1]) || slices.Equal(first[0], second[0]) {
		t.Error("a micro-step draws the same each time, other micro-steps and sides something else")
	}
	for _, loss := range []Loss{Pairwise, Listwise} {
		losses := map[float64]float64{}
		for _, share := range []float64{0, 0.5} {
			data := Data{Triples: slices.Clone(listwiseData.Triples), Labels: listwiseData.Labels}
			for i := range data.Triples {
				data.Triples[i].Positive, data.Triples[i].Negative = data.Labels[i].Description, data.Labels[(i+1)%3].Description
			}
			options := small(func(o *Options) { o.Loss, o.Dropout = loss, share })
			if loss == Pairwise {
				options.Temperature = 0
			}
			trainer, err := New(openModel(t, "nc/bert/initial"), data, options)
			if err != nil {
				t.Fatal(err)
			}
			defer trainer.Close()
			step, err := trainer.Step()
			if err != nil {
				t.Fatal(err)
			}
			losses[share] = step.Loss
		}
		if losses[0] == losses[0.5] {
			t.Errorf("%s: dropout makes no difference", loss)
		}
	}
}

// Frozen layers stay as they are to the bit, and so do the embeddings; all else changes.
func TestFrozenLayers(t *testing.T) {
	for _, activations := range []Activations{Keep, Recompute} {
		before, m := openModel(t, "nc/bert/initial"), openModel(t, "nc/bert/initial")
		if _, err := New(m, listwiseData, small(func(o *Options) { o.FrozenLayers = m.Config.Layers + 1 })); err == nil || !strings.Contains(err.Error(), "frozen_layers") {
			t.Errorf("more frozen layers than there are: %v", err)
		}
		fitModel(t, m, small(func(o *Options) { o.FrozenLayers, o.Activations = 1, activations }))
		frozen := m.Config.Bottom(1)
		old, changed := parameters(t, before), parameters(t, m)
		for i, tensor := range changed {
			same := slices.Equal(tensor.Data, old[i].Data)
			if same != slices.Contains(frozen, tensor.Name) && !strings.HasSuffix(tensor.Name, "key.bias") { // whose gradient is zero
				t.Errorf("%s: %s is the same: %v", activations, tensor.Name, same)
			}
		}
		if len(frozen) < 10 || len(frozen) >= len(changed) {
			t.Errorf("%d of %d parameters are frozen", len(frozen), len(changed))
		}
	}
}

func parameters(t *testing.T, m *colbert.Model) []modelio.Tensor {
	t.Helper()
	list, err := m.Parameters.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestLinearSchedule(t *testing.T) {
	o := Options{LearningRate: 1, Schedule: Linear}
	for update, want := range map[int]float64{0: 0.5, 1: 1, 2: 1, 3: 17. / 18, 19: 1. / 18} {
		if got := o.rate(update, 20); math.Abs(got-want) > 1e-12 {
			t.Errorf("update %d of 20: rate %v, want %v", update, got, want)
		}
	}
}

// A loss that is no number ends training and names the batch.
func TestNaNStopsWithTheBatch(t *testing.T) {
	data := Data{Triples: slices.Clone(listwiseData.Triples), Labels: listwiseData.Labels}
	for i := range data.Triples {
		data.Triples[i].ID = string(rune('a' + i))
	}
	trainer, err := New(openModel(t, "nc/bert/initial"), data, small(func(o *Options) { o.LearningRate, o.Accumulation, o.BatchSize = 1e30, 1, 3 }))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	for range 4 {
		if _, err = trainer.Step(); err != nil {
			break
		}
	}
	for _, want := range []string{"micro-step", "NaN", "1 (a)", "3 (c)", "learning_rate"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// A gradient that is no number ends training and names what it was summed over, here from the third micro-batch of the first epoch to the first of
// the second. One loss after the other was finite: the sum that is restored is not.
func TestNaNGradientStopsWithTheAccumulation(t *testing.T) {
	data := Data{Triples: slices.Clone(listwiseData.Triples), Labels: listwiseData.Labels}
	for i := range data.Triples {
		data.Triples[i].ID = string(rune('a' + i))
	}
	trainer, err := New(openModel(t, "nc/bert/initial"), data, small(func(o *Options) { o.BatchSize, o.Accumulation = 1, 2 }))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	trainer.epochOrder = func(epoch int) []int { return [][]int{{0, 1, 2}, {1, 0, 2}}[epoch] }
	for range 3 {
		if _, err := trainer.Step(); err != nil {
			t.Fatal(err)
		}
	}
	state, err := trainer.State()
	if err != nil {
		t.Fatal(err)
	}
	if err := trainer.Restore(3, func(name string) (modelio.Tensor, error) {
		i := slices.IndexFunc(state, func(tensor modelio.Tensor) bool { return tensor.Name == name })
		if strings.Contains(name, "gradient") {
			binary.LittleEndian.PutUint32(state[i].Data, math.Float32bits(float32(math.NaN())))
		}
		return state[i], nil
	}); err != nil {
		t.Fatal(err)
	}
	_, err = trainer.Step()
	for _, want := range []string{"update 1 after micro-step 3", "norm is NaN", "[3 (c) 2 (b)]", "learning_rate"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// Restored in the midst of an accumulation, training goes on as if nothing had been.
func TestRestore(t *testing.T) {
	options := small(func(o *Options) { o.Schedule, o.Tail, o.ClipNorm, o.Dropout = Linear, Flush, 1, 0.2 })
	want := fit(t, options)
	first, err := New(openModel(t, "nc/bert/initial"), listwiseData, options)
	if err != nil {
		t.Fatal(err)
	}
	const before = 4
	for range before {
		if _, err := first.Step(); err != nil {
			t.Fatal(err)
		}
	}
	state, err := first.State()
	if err != nil {
		t.Fatal(err)
	}
	tensors := map[string]modelio.Tensor{}
	for _, tensor := range state {
		tensors[tensor.Name] = tensor
	}
	second, err := New(openModel(t, "nc/bert/initial"), listwiseData, options)
	if err == nil {
		err = second.Restore(before, func(name string) (modelio.Tensor, error) { return tensors[name], nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range want[before:] {
		got, err := second.Step()
		if err != nil {
			t.Fatal(err)
		}
		if step.Seconds, got.Seconds = 0, 0; got != step {
			t.Errorf("after restoring %+v, want %+v", got, step)
		}
	}
}
