package modelio_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// settings leaves out what is compared otherwise.
var settings = cmpopts.IgnoreFields(modelio.Folder{}, "Config", "Tokenizer", "TokenizerConfig", "Weights", "Head")

// describe says what a head does: one line per module.
func describe(head []modelio.Dense) []string {
	var lines []string
	for _, d := range head {
		lines = append(lines, fmt.Sprintf("%v bias %t %s residual %t weight %t",
			d.Weight.Shape, d.Bias != nil, d.Activation, d.UseResidual, d.Residual != nil))
	}
	return lines
}

func punctuation() []string {
	return strings.Split("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "")
}

func TestOpenReadsEveryFormat(t *testing.T) {
	mask := func(length int, attend bool) *modelio.Expansion {
		return &modelio.Expansion{Strategy: "fixed", Length: length, Token: "[MASK]", Attend: attend}
	}
	const plain16 = "[16 32] bias false identity residual false weight false"
	for _, test := range []struct {
		name string
		fsys fs.FS
		dir  string
		want modelio.Folder
		head []string
	}{
		{"bare", golden.FS(t), "models/bert-tiny", modelio.Folder{
			Format: modelio.Bare, Similarity: "mask-min", Warnings: []string{headless},
		}, nil},
		{"neural-cherche", golden.FS(t), "nc/bert/initial", modelio.Folder{
			Format: modelio.NeuralCherche, Similarity: "clip-zero",
			Query: modelio.Role{Prefix: "[Q] ", Length: 40}, Document: modelio.Role{Prefix: "[D] ", Length: 28},
		}, []string{"[24 32] bias false identity residual false weight false"}},
		{"sentence-transformers", checkpoint(t, "st6-nc-style"), ".", modelio.Folder{
			Format: modelio.SentenceTransformers, Similarity: "mask-min",
			Query: modelio.Role{Prefix: "[Q] ", Length: 24}, Document: modelio.Role{Prefix: "[D] ", Length: 32},
		}, []string{plain16}},
		{"sentence-transformers with expansion", checkpoint(t, "st6-expansion-meanmaxsim"), ".", modelio.Folder{
			Format: modelio.SentenceTransformers, Similarity: "mean",
			Query:    modelio.Role{Prefix: "query: ", Length: 24, Expansion: mask(24, false)},
			Document: modelio.Role{Length: 32, Skiplist: punctuation()},
		}, []string{"[24 32] bias true tanh residual true weight true", "[16 24] bias false identity residual false weight false"}},
		{"PyLate", checkpoint(t, "pylate-1dense"), ".", modelio.Folder{
			Format: modelio.PyLate, Similarity: "mask-min",
			Query:    modelio.Role{Marker: "[Q] ", Length: 24, Expansion: mask(24, false)},
			Document: modelio.Role{Marker: "[D] ", Length: 32, Skiplist: punctuation()},
		}, []string{plain16}},
		{"PyLate with two modules", checkpoint(t, "pylate-2dense"), ".", modelio.Folder{
			Format: modelio.PyLate, Similarity: "mask-min",
			Query:    modelio.Role{Marker: "[unused0]", Length: 24, Expansion: mask(24, true)},
			Document: modelio.Role{Marker: "[unused1]", Length: 32, Skiplist: []string{",", ".", "[UNK]", "the"}},
			Warnings: []string{`skiplist word "zzzqqq" is no vocabulary entry: all [UNK] tokens are skipped, as in pylate`},
		}, []string{"[24 32] bias true tanh residual true weight true", "[24 24] bias false identity residual true weight false"}},
		{"PyLate without expansion", checkpoint(t, "pylate-noexp"), ".", modelio.Folder{
			Format: modelio.PyLate, Similarity: "mask-min", Query: modelio.Role{Length: 24}, Document: modelio.Role{Length: 32},
		}, []string{plain16}},
		{"PyLate from before its settings were saved", without(checkpoint(t, "pylate-noexp"), "config_sentence_transformers.json"), ".", modelio.Folder{
			Format: modelio.PyLate, Similarity: "mask-min",
			Query:    modelio.Role{Marker: "[Q] ", Length: 32, Expansion: mask(32, false)},
			Document: modelio.Role{Marker: "[D] ", Length: 180, Skiplist: punctuation()},
		}, []string{plain16}},
		{"Stanford", stanford(t), ".", modelio.Folder{
			Format: modelio.Stanford, Similarity: "mask-min",
			Query:    modelio.Role{Marker: "[unused0]", Length: 24, Expansion: mask(24, false)},
			Document: modelio.Role{Marker: "[unused1]", Length: 32, Skiplist: punctuation()},
		}, []string{plain16}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := open(t, test.fsys, test.dir)
			if diff := cmp.Diff(test.want, *got, settings); diff != "" {
				t.Errorf("folder (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.head, describe(got.Head)); diff != "" {
				t.Errorf("head (-want +got):\n%s", diff)
			}
			if len(got.Config) == 0 || len(got.Tokenizer) == 0 || len(got.Weights.Names()) == 0 {
				t.Error("config.json, tokenizer.json or the weights' names are empty")
			}
		})
	}
}

// Values of nc/bert/initial/linear.pt as Python's struct module reads them from the archive's linear/data/0.
func TestOpenReadsTorchHead(t *testing.T) {
	values := golden.Float32s(t, open(t, golden.FS(t), "nc/bert/initial").Head[0].Weight)
	got := append(slices.Clone(values[:3]), values[len(values)-1])
	want := []float32{-0.017042875289916992, -0.15399864315986633, 0.21954582631587982, -0.04512589052319527}
	if len(values) != 24*32 || !slices.Equal(got, want) {
		t.Errorf("%d values, first three and last %v, want %v", len(values), got, want)
	}
}

func TestOpenHidesStanfordHeadFromEncoder(t *testing.T) {
	f := open(t, stanford(t), ".")
	if want := []string{"bert.embeddings.word_embeddings.weight"}; !slices.Equal(f.Weights.Names(), want) {
		t.Errorf("encoder's tensors %q, want %q", f.Weights.Names(), want)
	}
}

// A folder for embeddings of whole texts, as of all-MiniLM-L6-v2, is an encoder without a head, and says what is not used.
func TestOpenBareFolderOfSentenceEmbeddings(t *testing.T) {
	files := overlay(t, golden.FS(t), "models/bert-tiny")
	with(files, "modules.json", `[{"idx":0,"path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]`)
	with(files, "sentence_bert_config.json", `{"max_seq_length":256,"do_lower_case":false}`)
	replaced(t, files, "tokenizer.json", `"truncation": null`, `"truncation": {"max_length": 128}`)
	f := open(t, files, ".")
	want := []string{
		headless,
		"modules.json: Pooling not applied, because they make one embedding of a text",
		"sentence_bert_config.json: max_seq_length 256 is ignored: texts may have as many tokens as the encoder has positions",
		"tokenizer.json: truncation to 128 tokens is ignored: texts may have as many tokens as the encoder has positions",
	}
	if f.Format != modelio.Bare || f.Query.Length != 0 {
		t.Errorf("format %s, query length %d, want bare and the encoder's own", f.Format, f.Query.Length)
	}
	if diff := cmp.Diff(want, f.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestOpenFollowsJobTagger(t *testing.T) {
	files := checkpoint(t, "st6-nc-style")
	with(files, "jobtagger.json", `{"version":1,"similarity":"clip-zero","query":{"prefix":"[Q] ","length":24},"document":{"length":16},"provenance":{"seed":7}}`)
	with(files, "labels.json", `[]`)
	f := open(t, files, ".")
	want := modelio.Folder{
		Format: modelio.SentenceTransformers, Similarity: "clip-zero",
		Query: modelio.Role{Prefix: "[Q] ", Length: 24}, Document: modelio.Role{Length: 16},
		JobTagger: &modelio.JobTagger{Provenance: []byte(`{"seed":7}`)}, Labels: []byte(`[]`),
		Warnings: []string{"jobtagger.json is followed for the document side, where other files of the folder differ from it"},
	}
	if diff := cmp.Diff(want, *f, settings); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
}

func TestOpenRefuses(t *testing.T) {
	bare := func() fstest.MapFS { return overlay(t, golden.FS(t), "models/bert-tiny") }
	nc := func() fstest.MapFS { return overlay(t, golden.FS(t), "nc/bert/initial") }
	st6 := func() fstest.MapFS { return checkpoint(t, "st6-expansion-meanmaxsim") }
	own := func(content string) fstest.MapFS { return with(st6(), "jobtagger.json", content) }
	for _, test := range []struct {
		name string
		fsys fstest.MapFS
		want string
	}{
		{"empty folder", fstest.MapFS{"x/y": {}}, "no config.json: file does not exist; a model folder holds config.json, tokenizer.json and model.safetensors"},
		{"GGUF", fstest.MapFS{"a.gguf": {}}, "a.gguf is a GGUF file"},
		{"ONNX", fstest.MapFS{"model.onnx": {}}, "model.onnx is an ONNX graph"},
		{"adapter", with(bare(), "adapter_config.json", "{}"), "is an adapter (adapter_config.json), not a whole model: merge it"},
		{"no tokenizer", without(bare(), "tokenizer.json"), "tokenizer.json: file does not exist; write it in Python"},
		{"no weights", without(bare(), "model.safetensors"), "no model.safetensors"},
		{"config is no JSON", with(bare(), "config.json", "{"), "config.json: unexpected end of JSON input"},
		{"metadata.json lost", without(nc(), "metadata.json"), "metadata.json: file does not exist; a neural-cherche folder holds linear.pt"},
		{"linear.pt lost", without(nc(), "linear.pt"), "linear.pt: file does not exist; a neural-cherche folder holds linear.pt"},
		{"lengths lost", with(nc(), "metadata.json", "{}"), `metadata.json: expected "max_length_query" and "max_length_document"`},
		{"other padding", replaced(t, nc(), "metadata.json", "max_length\"", "longest\""), `metadata.json: `},
		{"head for another encoder", replaced(t, nc(), "config.json", `"hidden_size": 32`, `"hidden_size": 48`), "projection module 1: weight has shape [24 32], expected [24, 48] for 48 features"},
		{"module outside", replaced(t, st6(), "modules.json", `"1_Dense"`, `"../1_Dense"`), `path "../1_Dense" leads out of the folder`},
		{"module unknown", replaced(t, st6(), "modules.json", "dense.Dense", "pooling.Pooling"), "module 1 is a Pooling, which is not supported there"},
		{"not normalized", replaced(t, st6(), "modules.json", "normalize.Normalize", "multi_vector_mask.MultiVectorMask"), "no Normalize module"},
		{"expansion not scored", replaced(t, st6(), "modules.json", "multi_vector_mask.MultiVectorMask", "normalize.Normalize"), "without a MultiVectorMask module"},
		{"other scores", replaced(t, st6(), "config_sentence_transformers.json", "meanmaxsim", "cosine"), `similarity_fn_name "cosine", expected "maxsim" or "meanmaxsim"`},
		{"allow-list", replaced(t, st6(), "3_MultiVectorMask/config.json", `"keep_only_token_ids": null`, `"keep_only_token_ids": [1]`), "keep_only_token_ids is not supported"},
		{"activation", replaced(t, st6(), "1_Dense/config.json", "activation.Tanh", "activation.Mish"), `unknown activation_function "torch.nn.modules.activation.Mish"`},
		{"text embeddings", replaced(t, st6(), "1_Dense/config.json", "token_embeddings", "sentence_embedding"), `works on "sentence_embedding", expected "token_embeddings"`},
		{"bias that is not there", replaced(t, st6(), "2_Dense/config.json", `"bias": false`, `"bias": true`), `2_Dense/model.safetensors: no tensor "linear.bias"`},
		{"bias that is not said", replaced(t, st6(), "1_Dense/config.json", `"bias": true`, `"bias": false`), `1_Dense/model.safetensors: tensor "linear.bias" does not fit config.json`},
		{"modules do not fit", replaced(t, st6(), "2_Dense/config.json", `"in_features": 24`, `"in_features": 25`), "linear.weight has shape [16 24], config.json says [16 25]"},
		{"strategy", replaced(t, st6(), "sentence_bert_config.json", `"fixed"`, `"most"`), `queries: expansion strategy "most", expected "fixed" or "min"`},
		{"length", replaced(t, st6(), "sentence_bert_config.json", `"document_length": 32`, `"document_length": -1`), "documents: length -1"},
		{"lower case", replaced(t, st6(), "sentence_bert_config.json", `"query_length"`, `"do_lower_case": true, "query_length"`), "do_lower_case is not supported"},
		{"L2", replaced(t, stanford(t), "artifact.metadata", `"cosine"`, `"l2"`), `similarity "l2", expected "cosine"`},
		{"Stanford without head", checkpoint(t, "stanford"), `model.safetensors: no tensor "linear.weight" among its 1`},
		{"newer jobtagger.json", own(`{"version":2}`), "jobtagger.json: version 2, expected 1"},
		{"unknown key", own(`{"version":1,"querry":{}}`), `jobtagger.json: json: unknown field "querry"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := modelio.Open(test.fsys, ".")
			if err == nil {
				f.Close()
				t.Fatal("opened without an error")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error\n%v\nwant one with\n%s", err, test.want)
			}
		})
	}
	if _, err := modelio.Open(fstest.MapFS{}, "nowhere"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error %v, want one that names the folder and wraps fs.ErrNotExist", err)
	}
}
