package train

import (
	"math"
	"slices"
	"strings"
	"testing"

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
	trainer, err := New(openModel(t, "nc/bert/initial"), listwiseData, options)
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

// Restored in the midst of an accumulation, training goes on as if nothing had been.
func TestRestore(t *testing.T) {
	options := small(func(o *Options) { o.Schedule, o.Tail, o.ClipNorm = Linear, Flush, 1 })
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
