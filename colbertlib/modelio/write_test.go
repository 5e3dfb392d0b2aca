package modelio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// writeAndOpen writes a folder and opens it again.
func writeAndOpen(t *testing.T, f *modelio.Folder, format modelio.Format) (dir string, again *modelio.Folder, warnings []string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "model")
	warnings, err := modelio.Write(dir, f, format)
	if err != nil {
		t.Fatal(err)
	}
	return dir, open(t, os.DirFS(dir), "."), warnings
}

// sameJSON compares the JSON file name in dir with the one that the Python library wrote; the versions that wrote them differ.
func sameJSON(t *testing.T, name, dir string, want fs.FS) {
	t.Helper()
	var values [2]any
	for i, fsys := range []fs.FS{want, os.DirFS(dir)} {
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(content, &values[i]); err != nil {
			t.Fatal(err)
		}
		if object, ok := values[i].(map[string]any); ok {
			delete(object, "__version__")
		}
	}
	if diff := cmp.Diff(values[0], values[1]); diff != "" {
		t.Errorf("%s (-Python's +ours):\n%s", name, diff)
	}
}

// names lists the files of a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	return slices.Sorted(maps.Keys(overlay(t, os.DirFS(dir), ".")))
}

// What the libraries wrote is read and written again: every file but jobtagger.json is then the library's own.
func TestWriteGivesTheFilesOfThePythonLibraries(t *testing.T) {
	for _, test := range []struct {
		name   string
		format modelio.Format
		extra  []string // files that Python's folder has not
	}{
		{"st6-nc-style", modelio.SentenceTransformers, nil},
		{"st6-expansion-meanmaxsim", modelio.SentenceTransformers, nil},
		{"pylate-1dense", modelio.PyLate, []string{"special_tokens_map.json"}},
		{"pylate-noexp", modelio.PyLate, []string{"special_tokens_map.json"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := checkpoint(t, test.name)
			dir, _, warnings := writeAndOpen(t, open(t, files, "."), test.format)
			if len(warnings) > 0 {
				t.Errorf("warnings %q, want none: nothing changes", warnings)
			}
			want := append(slices.Collect(maps.Keys(files)), append(test.extra, "jobtagger.json")...)
			if diff := cmp.Diff(slices.Sorted(slices.Values(want)), names(t, dir)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			for name := range files {
				if filepath.Ext(name) != ".json" || test.format == modelio.PyLate && name == "sentence_bert_config.json" {
					continue // PyLate stores there the last length that it happened to use
				}
				sameJSON(t, name, dir, files)
			}
		})
	}
}

// Whatever the format, what was written is what is read.
func TestWriteAndOpenAgain(t *testing.T) {
	transformed := cmpopts.IgnoreFields(modelio.Folder{}, "Format", "Config", "Tokenizer", "TokenizerConfig", "Weights", "Head", "Warnings", "JobTagger", "Card")
	for name, f := range map[string]*modelio.Folder{
		"neural-cherche":          open(t, golden.FS(t), "nc/bert/initial"),
		"sentence-transformers":   open(t, checkpoint(t, "st6-expansion-meanmaxsim"), "."),
		"PyLate with two modules": open(t, checkpoint(t, "pylate-2dense"), "."),
		"Stanford":                open(t, stanford(t), "."),
	} {
		for _, format := range []modelio.Format{modelio.SentenceTransformers, modelio.PyLate} {
			t.Run(name+" to "+string(format), func(t *testing.T) {
				f.JobTagger = &modelio.JobTagger{Calibration: []byte(`{"temperature":2}`), Provenance: []byte(`{"base":"b"}`)}
				f.Labels = []byte(`[{"id":1}]`)
				f.Card = func(warnings []string) ([]byte, error) { return fmt.Appendf(nil, "# Card\n%q\n", warnings), nil }
				want := *f
				if format == modelio.SentenceTransformers { // which has markers as text that is one token
					for _, role := range []*modelio.Role{&want.Query, &want.Document} {
						role.Prefix, role.Marker = role.Marker+role.Prefix, ""
					}
				}
				dir, got, warnings := writeAndOpen(t, f, format)
				if diff := cmp.Diff(want, *got, transformed); diff != "" {
					t.Errorf("folder (-written +read):\n%s", diff)
				}
				if got.Format != format || len(got.Warnings) > 0 {
					t.Errorf("read as %s with warnings %q", got.Format, got.Warnings)
				}
				for i, d := range got.Head {
					if string(d.Weight.Data) != string(f.Head[i].Weight.Data) {
						t.Errorf("head %d has other values", i)
					}
				}
				if card, err := os.ReadFile(filepath.Join(dir, "README.md")); err != nil || string(card) != fmt.Sprintf("# Card\n%q\n", warnings) {
					t.Errorf("model card %q, %v", card, err)
				}
				for _, json := range []json.RawMessage{got.JobTagger.Calibration, got.JobTagger.Provenance} {
					if len(json) == 0 {
						t.Error("calibration or provenance lost")
					}
				}
			})
		}
	}
}

func TestWriteKeepsOnlyTheEncoder(t *testing.T) {
	f := open(t, golden.FS(t), "nc/bert/initial")
	dir, got, _ := writeAndOpen(t, f, modelio.SentenceTransformers)
	for _, name := range got.Weights.Names() {
		if strings.HasPrefix(name, "bert.") || strings.HasPrefix(name, "cls.") {
			t.Errorf("tensor %s: want no prefix and no language model head", name)
		}
		if name == "pooler.dense.weight" || name == "pooler.dense.bias" {
			continue
		}
		want, err := f.Weights.Read("bert." + name)
		if err != nil {
			t.Fatal(err)
		}
		if tensor, err := got.Weights.Read(name); err != nil || string(tensor.Data) != string(want.Data) {
			t.Errorf("tensor %s differs: %v", name, err)
		}
	}
	if _, ok := got.Weights.Info("pooler.dense.weight"); !ok {
		t.Error("no pooler: transformers would warn that it makes one up")
	}
	var config map[string]any
	content, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err == nil {
		err = json.Unmarshal(content, &config)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{"BertModel"}, config["architectures"]); diff != "" {
		t.Errorf("architectures (-want +got):\n%s", diff)
	}
	if _, ok := config["output_hidden_states"]; ok || config["torch_dtype"] != "float32" || config["layer_norm_eps"] != 1e-12 {
		t.Errorf("config %v", config)
	}
}

// The four ways in which GTE's tensors are called on disk; see the model's own prefix, and the head that moved under it.
func TestWriteStripsEveryPrefix(t *testing.T) {
	for name, file := range map[string][]string{
		"new":     {"new.embeddings.a", "lm_head.b"},
		"gte":     {"gte.embeddings.a", "lm_head.b"},
		"new.gte": {"new.gte.embeddings.a", "new.lm_head.b"},
		"bare":    {"embeddings.a"},
	} {
		t.Run(name, func(t *testing.T) {
			f := *open(t, golden.FS(t), "models/gte-tiny")
			var tensors []modelio.Tensor
			for _, name := range file {
				tensors = append(tensors, modelio.NewF32(name, []int{1}, []float32{1}))
			}
			f.Weights = modelio.NewWeights(tensors)
			_, got, warnings := writeAndOpen(t, &f, modelio.SentenceTransformers)
			if want := []string{"embeddings.a"}; !slices.Equal(got.Weights.Names(), want) {
				t.Errorf("tensors %q, want %q", got.Weights.Names(), want)
			}
			if len(warnings) != 0 {
				t.Errorf("warnings %q, want none: transformers has this encoder", warnings)
			}
			f.Head = []modelio.Dense{{Weight: modelio.NewF32("w", []int{2, 48}, make([]float32, 96)), Activation: "identity"}}
			if _, _, warnings := writeAndOpen(t, &f, modelio.PyLate); len(warnings) != 1 || !strings.Contains(warnings[0], "trust_remote_code") {
				t.Errorf("warnings %q, want one about code that PyLate's transformers has not", warnings)
			}
		})
	}
}

// Alibaba-NLP's configuration becomes that of transformers' own GTE, which must mean the same: the angles of the rotary positions, with and without
// scaling, and everything else that is computed.
func TestWriteTurnsGTEIntoTransformersOwn(t *testing.T) {
	for _, name := range []string{"gte-tiny", "gte-ntk-tiny"} {
		t.Run(name, func(t *testing.T) {
			f := open(t, golden.FS(t), "models/"+name)
			_, got, _ := writeAndOpen(t, f, modelio.SentenceTransformers)
			var want, is encoder.Config
			for content, config := range map[*[]byte]*encoder.Config{&f.Config: &want, &got.Config: &is} {
				parsed, err := encoder.ParseConfig(*content)
				if err != nil {
					t.Fatal(err)
				}
				*config = parsed
			}
			if is.ModelType != "gte" || want.ModelType != "new" || strings.Contains(string(got.Config), "auto_map") {
				t.Errorf("model types %s and %s; config.json %s", want.ModelType, is.ModelType, got.Config)
			}
			is.ModelType = want.ModelType
			if diff := cmp.Diff(want, is, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWriteBareKeepsEverything(t *testing.T) {
	f := open(t, golden.FS(t), "models/bert-tiny") // has no tokenizer_config.json
	dir, got, _ := writeAndOpen(t, f, modelio.Bare)
	if diff := cmp.Diff(f.Weights.Names(), got.Weights.Names()); diff != "" {
		t.Errorf("tensors (-written +read):\n%s", diff)
	}
	if string(got.Config) != string(f.Config) || string(got.Tokenizer) != string(f.Tokenizer) {
		t.Error("config.json or tokenizer.json changed")
	}
	content, err := os.ReadFile(filepath.Join(dir, "tokenizer_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]any
	if err := json.Unmarshal(content, &config); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 160.0,
		"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]",
	}
	if diff := cmp.Diff(want, config); diff != "" {
		t.Errorf("tokenizer_config.json (-want +got):\n%s", diff)
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	f := open(t, checkpoint(t, "st6-expansion-meanmaxsim"), ".")
	first, _, _ := writeAndOpen(t, f, modelio.SentenceTransformers)
	second, _, _ := writeAndOpen(t, f, modelio.SentenceTransformers)
	if diff := cmp.Diff(overlay(t, os.DirFS(first), "."), overlay(t, os.DirFS(second), ".")); diff != "" {
		t.Errorf("second writing differs:\n%s", diff)
	}
}

func TestWriteWarnsOfOtherScores(t *testing.T) {
	f := open(t, golden.FS(t), "nc/bert/initial")
	_, _, warnings := writeAndOpen(t, f, modelio.SentenceTransformers)
	if want := []string{"sentence-transformers has no clip-zero and scores by mask-min: documents of fewer than 28 tokens may score lower there"}; !slices.Equal(warnings, want) {
		t.Errorf("warnings %q, want %q", warnings, want)
	}
	_, _, warnings = writeAndOpen(t, f, modelio.PyLate)
	if len(warnings) != 2 || !strings.Contains(warnings[0], `prompt_name="query"`) || !strings.Contains(warnings[1], "no clip-zero") {
		t.Errorf("warnings %q, want one about prefixes and one about scores", warnings)
	}
}

func TestWriteRefuses(t *testing.T) {
	expanded := func() *modelio.Folder {
		f := *open(t, checkpoint(t, "st6-expansion-meanmaxsim"), ".")
		return &f
	}
	expansion := &modelio.Expansion{Strategy: "min", Length: 8, Token: "[MASK]"}
	for _, test := range []struct {
		name   string
		format modelio.Format
		change func(*modelio.Folder)
		want   string
	}{
		{"nothing", modelio.Bare, func(f *modelio.Folder) { *f = modelio.Folder{} }, "Config, Tokenizer and Weights are required"},
		{"format", modelio.Stanford, func(*modelio.Folder) {}, `format "stanford-colbert" is read, not written`},
		{"head in a bare folder", modelio.Bare, func(*modelio.Folder) {}, "no place for a projection head"},
		{"no head for PyLate", modelio.PyLate, func(f *modelio.Folder) { f.Head = nil }, "random projection head"},
		{"other expansion for PyLate", modelio.PyLate, func(f *modelio.Folder) { f.Query.Expansion = expansion }, `the model has "min", 8 of [MASK]`},
		{"expanded documents", modelio.SentenceTransformers, func(f *modelio.Folder) { f.Document.Expansion = expansion }, "expands queries only"},
		{"two skiplists", modelio.SentenceTransformers, func(f *modelio.Folder) { f.Query.Skiplist = []string{"a"} }, "one skiplist for both roles"},
		{"skipped queries for PyLate", modelio.PyLate, func(f *modelio.Folder) { f.Query.Skiplist = []string{"a"} }, "skips tokens of documents only"},
		{"unknown marker", modelio.SentenceTransformers, func(f *modelio.Folder) { f.Query.Marker = "[Z]" }, `marker "[Z]" is no vocabulary entry`},
		{"unknown variant", modelio.SentenceTransformers, func(f *modelio.Folder) { f.Similarity = "dot" }, `unknown similarity "dot"`},
		{"head does not fit", modelio.SentenceTransformers, func(f *modelio.Folder) { f.Head = f.Head[1:] }, "weight has shape [16 24], expected [16, 32] for 32 features"},
		{"activation", modelio.SentenceTransformers, func(f *modelio.Folder) { f.Head[0].Activation = "mish" }, `unknown activation "mish"`},
		{"null", modelio.PyLate, func(f *modelio.Folder) { f.TokenizerConfig = []byte("null") }, "tokenizer_config.json: null, expected an object"},
		{"same tensor twice", modelio.SentenceTransformers, func(f *modelio.Folder) {
			one := modelio.NewF32("embeddings.a", []int{1}, []float32{1})
			f.Weights = modelio.NewWeights([]modelio.Tensor{one, one})
		}, `tensor "embeddings.a": given twice`},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := expanded()
			test.change(f)
			parent := t.TempDir()
			_, err := modelio.Write(filepath.Join(parent, "model"), f, test.format)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if entries, err := os.ReadDir(parent); err != nil || len(entries) > 0 {
				t.Errorf("left behind %v, %v", entries, err)
			}
		})
	}
}

func TestWriteReplacesOnlyItsOwnFolders(t *testing.T) {
	f := open(t, checkpoint(t, "st6-nc-style"), ".")
	parent := t.TempDir()
	dir := filepath.Join(parent, "model")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 { // first over an empty folder, then over our own
		if _, err := modelio.Write(dir, f, modelio.SentenceTransformers); err != nil {
			t.Fatal(err)
		}
	}
	if entries, err := os.ReadDir(parent); err != nil || len(entries) != 1 {
		t.Errorf("beside the folder stand %v, %v", entries, err)
	}
	notes := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(notes, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := modelio.Write(dir, f, modelio.SentenceTransformers); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "notes.txt") {
		t.Errorf("error %v, want one that names notes.txt and wraps fs.ErrExist", err)
	}
	if err := errors.Join(os.Remove(notes), os.Remove(filepath.Join(dir, "jobtagger.json"))); err != nil {
		t.Fatal(err)
	}
	if _, err := modelio.Write(dir, f, modelio.SentenceTransformers); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "not written by this program") {
		t.Errorf("error %v, want one that says whose folder it is and wraps fs.ErrExist", err)
	}
}
