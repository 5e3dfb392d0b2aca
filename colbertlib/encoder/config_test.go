package encoder_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
)

// configJSON is bert-tiny's or gte-tiny's config.json with some keys changed; nil takes one out.
func configJSON(t *testing.T, name string, changes map[string]any) []byte {
	t.Helper()
	keys := map[string]any{}
	golden.JSON(t, "models/"+name+"/config.json", &keys)
	maps.Copy(keys, changes)
	maps.DeleteFunc(keys, func(_ string, value any) bool { return value == nil })
	content, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// What cannot be computed must be refused by name, never computed as something else.
func TestParseConfigRefuses(t *testing.T) {
	for _, c := range []struct {
		name, model string
		changes     map[string]any
		want        string
	}{
		{"unknown model type", "bert-tiny", map[string]any{"model_type": "t5"}, `model_type "t5" is not supported; supported are bert`},
		{"no model type", "bert-tiny", map[string]any{"model_type": nil}, "model_type is missing"},
		{"no layers", "bert-tiny", map[string]any{"num_hidden_layers": 0}, "num_hidden_layers is 0"},
		{"missing size", "bert-tiny", map[string]any{"hidden_size": nil}, "hidden_size is 0"},
		{"absurd size", "bert-tiny", map[string]any{"vocab_size": 1 << 40}, "vocab_size"},
		{"odd heads", "bert-tiny", map[string]any{"num_attention_heads": 5}, "not a multiple"},
		{"other activation", "bert-tiny", map[string]any{"hidden_act": "gelu_new"}, `hidden_act "gelu_new"`},
		{"relative positions", "bert-tiny", map[string]any{"position_embedding_type": "relative_key"}, "relative_key"},
		{"negative token types", "bert-tiny", map[string]any{"type_vocab_size": -1}, "type_vocab_size is -1"},
		{"epsilon", "bert-tiny", map[string]any{"layer_norm_eps": 0}, "layer_norm_eps"},
		{"wrong type", "bert-tiny", map[string]any{"hidden_size": "many"}, "config.json"},
		{"absolute positions in gte", "gte-tiny", map[string]any{"position_embedding_type": "absolute"}, "absolute"},
		{"rms norm", "gte-tiny", map[string]any{"layer_norm_type": "rms_norm"}, "rms_norm"},
		{"logn scaling", "gte-tiny", map[string]any{"logn_attention_scale": true}, "logn_attention_scale"},
		{"other rope scaling", "gte-tiny", map[string]any{"rope_scaling": map[string]any{"type": "yarn", "factor": 2}}, "yarn"},
		{"rope factor", "gte-tiny", map[string]any{"rope_scaling": map[string]any{"type": "ntk", "factor": -2}}, "factor"},
		{"rope type", "gte-native-tiny", map[string]any{"rope_parameters": map[string]any{"rope_type": "yarn", "rope_theta": 1e4}}, `rope_type "yarn"`},
		{"linear factor", "gte-native-tiny", map[string]any{"rope_parameters": map[string]any{"rope_type": "linear", "rope_theta": 1e4}}, "rope factor is 0"},
		{"DistilBERT's own keys", "distilbert-tiny", map[string]any{"n_heads": 5}, "dim 32 is not a multiple of n_heads 5"},
		{"DistilBERT's activation", "distilbert-tiny", map[string]any{"activation": "relu"}, `activation "relu"`},
		{"ModernBERT's activation", "modernbert-tiny", map[string]any{"hidden_activation": "silu"}, `hidden_activation "silu"`},
		{"ModernBERT's biases", "modernbert-tiny", map[string]any{"attention_bias": true}, "attention_bias true"},
		{"ModernBERT's head", "modernbert-tiny", map[string]any{"classifier_activation": "relu"}, "classifier_activation"},
		{"no window", "modernbert-tiny", map[string]any{"local_attention": 0}, "local_attention is 0"},
		{"no global layers", "modernbert-tiny", map[string]any{"global_attn_every_n_layers": 0}, "global_attn_every_n_layers is 0"},
		{"too few layer types", "modernbert-tiny", map[string]any{"layer_types": []string{"full_attention"}}, "layer_types has 1 entries for 5 layers"},
		{"unknown layer type", "modernbert-tiny", map[string]any{"layer_types": []string{"chunked", "chunked", "chunked", "chunked", "chunked"}}, `"chunked"`},
		{"rope theta", "gte-tiny", map[string]any{"rope_theta": -1}, "rope_theta"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := encoder.ParseConfig(configJSON(t, c.model, c.changes))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v; want an error with %q", err, c.want)
			}
		})
	}
}

// transformers 5 writes the same settings under other keys.
func TestParseConfigReadsNewerKeys(t *testing.T) {
	parse := func(model string, changes map[string]any) encoder.Config {
		config, err := encoder.ParseConfig(configJSON(t, model, changes))
		if err != nil {
			t.Fatal(err)
		}
		return config
	}
	ntk := parse("gte-ntk-tiny", nil) // theta 160000, factor 2, heads of 8 values or so
	size := float64(ntk.HiddenSize / ntk.Heads)
	linear := parse("gte-ntk-tiny", map[string]any{
		"model_type": "gte", "rope_theta": nil, "rope_scaling": nil,
		"rope_parameters": map[string]any{"rope_type": "linear", "rope_theta": 2 * 160000, "factor": math.Pow(2, 2/size)},
	})
	for i, want := range ntk.InverseFrequencies {
		if got := linear.InverseFrequencies[i]; math.Abs(got/want-1) > 1e-12 {
			t.Errorf("linear scaling: angle %d is %v, want ntk's %v", i, got, want)
		}
	}
	old := parse("modernbert-tiny", nil)
	newer := parse("modernbert-tiny", map[string]any{
		"global_attn_every_n_layers": nil, "global_rope_theta": nil, "local_rope_theta": nil,
		"layer_types": []string{"full_attention", "sliding_attention", "sliding_attention", "full_attention", "sliding_attention"},
		"rope_parameters": map[string]any{
			"full_attention":    map[string]any{"rope_type": "default", "rope_theta": 160000},
			"sliding_attention": map[string]any{"rope_type": "default", "rope_theta": 10000},
		},
	})
	if diff := cmp.Diff(old, newer); diff != "" {
		t.Errorf("ModernBERT in transformers 5's keys (-old +new):\n%s", diff)
	}
}

// The angles of published checkpoints, whose heads have 64 values, as Alibaba-NLP's code computes them.
func TestRotaryAngles(t *testing.T) {
	for _, c := range []struct {
		name    string
		theta   float64
		scaling any
		want    map[int]float64
	}{
		{"gte-en-mlm-base", 5e5, nil, map[int]float64{0: 1, 1: 0.663601238, 2: 0.440366603, 15: 0.00213111954, 31: 3.01385815e-06}},
		{"gte-base-en-v1.5", 5e5, map[string]any{"type": "ntk", "factor": 2}, map[int]float64{0: 0.978572062, 1: 0.635466722, 2: 0.412660417, 15: 0.00150692908, 31: 1.50692908e-06}},
		{"gte-multilingual-base", 2e4, map[string]any{"type": "ntk", "factor": 8}, map[int]float64{0: 0.937083817, 1: 0.64439133, 2: 0.443119578, 15: 0.00340680437, 31: 8.51701093e-06}},
	} {
		t.Run(c.name, func(t *testing.T) {
			config, err := encoder.ParseConfig(configJSON(t, "gte-tiny", map[string]any{
				"hidden_size": 768, "num_attention_heads": 12, "rope_theta": c.theta, "rope_scaling": c.scaling,
			}))
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range c.want {
				if got := config.InverseFrequencies[i]; math.Abs(got/want-1) > 1e-8 {
					t.Errorf("angle %d is %v, want %v", i, got, want)
				}
			}
		})
	}
}

func TestParamsAreThoseOfCheckpoints(t *testing.T) {
	for _, m := range goldenModels {
		if m.name == "bert-tiny-bare" {
			continue // lacks the language model head
		}
		t.Run(m.name, func(t *testing.T) {
			config, store := loadGolden(t, m.name)
			for _, param := range config.Params() {
				variable := store.GetVariable("/" + param.Name)
				if variable == nil {
					t.Errorf("the checkpoint has no %s", param.Name)
				} else if !slices.Equal(variable.Shape().Dimensions, param.Shape) {
					t.Errorf("%s has shape %v in the checkpoint, %v in Params", param.Name, variable.Shape().Dimensions, param.Shape)
				}
			}
		})
	}
}

func FuzzParseConfig(f *testing.F) {
	for _, name := range []string{"bert-tiny", "gte-ntk-tiny", "gte-native-tiny", "distilbert-tiny", "modernbert-tiny"} {
		content, err := fs.ReadFile(golden.FS(f), "models/"+name+"/config.json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		config, err := encoder.ParseConfig(content)
		if err == nil && (config.Layers < 1 || config.HiddenSize%config.Heads != 0) {
			t.Errorf("accepted %+v", config)
		}
	})
}
