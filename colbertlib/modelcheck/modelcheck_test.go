package modelcheck_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
	"github.com/jobtagger/jobtagger/colbertlib/modelcheck"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/pretrain"
)

// Configurations as they are published, cut to the keys that matter.
const (
	bertBase = `{"model_type": "bert", "architectures": ["BertForMaskedLM"], "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
		"intermediate_size": 3072, "vocab_size": 30522, "max_position_embeddings": 512, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}`
	miniLM = `{"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12,
		"intermediate_size": 1536, "vocab_size": 30522, "max_position_embeddings": 512, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}`
	distilBERT = `{"model_type": "distilbert", "architectures": ["DistilBertForMaskedLM"], "dim": 768, "n_layers": 6, "n_heads": 12, "hidden_dim": 3072,
		"vocab_size": 30522, "max_position_embeddings": 512, "activation": "gelu", "tie_weights_": true}`
	gteMLM = `{"model_type": "new", "architectures": ["NewForMaskedLM"], "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
		"intermediate_size": 3072, "vocab_size": 30528, "max_position_embeddings": 8192, "type_vocab_size": 0, "layer_norm_eps": 1e-12, "hidden_act": "gelu",
		"position_embedding_type": "rope", "rope_theta": 500000, "rope_scaling": null, "pack_qkv": true, "layer_norm_type": "layer_norm",
		"auto_map": {"AutoModelForMaskedLM": "Alibaba-NLP/new-impl--modeling.NewForMaskedLM"}}`
	gteMLMLarge = `{"model_type": "new", "architectures": ["NewForMaskedLM"], "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
		"intermediate_size": 4096, "vocab_size": 30528, "max_position_embeddings": 8192, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu",
		"position_embedding_type": "rope", "rope_theta": 500000}`
	gteNative = `{"model_type": "gte", "architectures": ["GteForMaskedLM"], "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
		"intermediate_size": 3072, "vocab_size": 30528, "max_position_embeddings": 8192, "type_vocab_size": 0, "layer_norm_eps": 1e-12, "hidden_act": "gelu",
		"rope_parameters": {"rope_theta": 500000, "rope_type": "default"}}`
	modernBERT = `{"model_type": "modernbert", "architectures": ["ModernBertForMaskedLM"], "hidden_size": 768, "num_hidden_layers": 22, "num_attention_heads": 12,
		"intermediate_size": 1152, "vocab_size": 50368, "max_position_embeddings": 8192, "norm_eps": 1e-5, "hidden_activation": "gelu", "norm_bias": false,
		"mlp_bias": false, "attention_bias": false, "classifier_bias": false, "decoder_bias": true, "global_attn_every_n_layers": 3, "local_attention": 128,
		"global_rope_theta": 160000, "local_rope_theta": 10000, "tie_word_embeddings": true}`
)

// bertWith is bertBase with a change: new keys come first, and of two equal ones JSON's readers take the last, so old is replaced.
func bertWith(old, replacement string) string {
	return strings.Replace(bertBase, old, replacement, 1)
}

func scalar(name string) modelio.Tensor {
	return modelio.Tensor{Name: name, DType: "F32", Shape: []int{1}}
}

// want is the part of a report that tells models apart.
type want struct {
	Family  string
	MLM     modelcheck.Head
	Verdict modelcheck.Verdict
	Reason  string // a part of it
}

func TestCheck(t *testing.T) {
	const (
		decoder = "whose tokens see only those before them"
		random  = "there is no language model head"
	)
	none := func(config string) fs.FS { return folder(t, config, []modelio.Tensor{scalar("x")}) }
	full := func(config string) fs.FS { return folder(t, config, tensorsOf(t, config, true, "F32")) }
	extra := func(config string, tensors ...modelio.Tensor) fs.FS {
		return folder(t, config, append(tensorsOf(t, config, true, "F32"), tensors...))
	}
	without := func(config, name string) fs.FS {
		var kept []modelio.Tensor
		for _, tensor := range tensorsOf(t, config, true, "F32") {
			if tensor.Name != name {
				kept = append(kept, tensor)
			}
		}
		return folder(t, config, kept)
	}
	ownDecoder := modelio.Tensor{Name: "cls.predictions.decoder.weight", DType: "F32", Shape: []int{30522, 768}}
	untied := bertWith("{", `{"tie_word_embeddings": false, `)
	for name, c := range map[string]struct {
		fsys fs.FS
		want
	}{
		"BERT":                             {full(bertBase), want{"bert", modelcheck.Tied, modelcheck.Supported, "complete"}},
		"BERT with its decoder stored":     {extra(bertBase, ownDecoder), want{"bert", modelcheck.Present, modelcheck.Supported, "not read"}},
		"BERT in half precision":           {folder(t, bertBase, tensorsOf(t, bertBase, true, "BF16")), want{"bert", modelcheck.Tied, modelcheck.Supported, "complete"}},
		"a file of BertModel":              {folder(t, miniLM, tensorsOf(t, miniLM, false, "F32")), want{"bert", modelcheck.Absent, modelcheck.EncoderOnly, random}},
		"a head without its bias":          {without(bertBase, "cls.predictions.bias"), want{"bert", modelcheck.Absent, modelcheck.EncoderOnly, "incomplete: cls.predictions.bias [30522] is missing"}},
		"a decoder of its own":             {extra(untied, ownDecoder), want{"bert", modelcheck.Present, modelcheck.EncoderOnly, "not computed here"}},
		"an untied decoder that is gone":   {full(untied), want{"bert", modelcheck.Absent, modelcheck.EncoderOnly, "cls.predictions.decoder.weight is missing"}},
		"DistilBERT":                       {full(distilBERT), want{"distilbert", modelcheck.Tied, modelcheck.Supported, "complete"}},
		"DistilBERT as encoder":            {folder(t, distilBERT, tensorsOf(t, distilBERT, false, "F32")), want{"distilbert", modelcheck.Absent, modelcheck.EncoderOnly, random}},
		"GTE, remote code":                 {full(gteMLM), want{"gte", modelcheck.Tied, modelcheck.Supported, "complete"}},
		"GTE, transformers' own":           {full(gteNative), want{"gte", modelcheck.Tied, modelcheck.Supported, "complete"}},
		"ModernBERT":                       {full(modernBERT), want{"modernbert", modelcheck.Tied, modelcheck.Supported, "complete"}},
		"ModernBERT as encoder":            {folder(t, modernBERT, tensorsOf(t, modernBERT, false, "F32")), want{"modernbert", modelcheck.Absent, modelcheck.EncoderOnly, random}},
		"an encoder tensor is missing":     {without(gteMLM, "new.encoder.layer.7.mlp.up_gate_proj.weight"), want{"gte", modelcheck.Absent, modelcheck.Unsupported, "encoder.layer.7.mlp.up_gate_proj.weight [6144 768] is missing"}},
		"a tensor of another shape":        {folder(t, bertWith("512", "514"), tensorsOf(t, bertBase, true, "F32")), want{"bert", modelcheck.Absent, modelcheck.Unsupported, "position_embeddings.weight has shape [512 768], expected [514 768]"}},
		"quantised weights":                {folder(t, bertBase, tensorsOf(t, bertBase, true, "I8")), want{"bert", modelcheck.Absent, modelcheck.Unsupported, "has type I8, expected F32, F16, BF16, F64"}},
		"a BERT that writes":               {full(bertWith("{", `{"is_decoder": true, `)), want{"bert", modelcheck.Absent, modelcheck.Unsupported, decoder}},
		"another activation":               {none(bertWith(`"gelu"`, `"gelu_new"`)), want{"bert", modelcheck.Absent, modelcheck.Unsupported, `hidden_act "gelu_new"`}},
		"a BERT with ALiBi":                {none(bertWith("{", `{"position_embedding_type": "alibi", `)), want{"bert", modelcheck.Absent, modelcheck.Unsupported, `position_embedding_type "alibi"`}},
		"GPT-2":                            {none(`{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 768, "n_layer": 12, "n_head": 12, "vocab_size": 50257}`), want{"gpt2", modelcheck.Absent, modelcheck.Unsupported, decoder}},
		"Llama":                            {none(`{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32}`), want{"llama", modelcheck.Absent, modelcheck.Unsupported, decoder}},
		"a decoder that is not known":      {none(`{"model_type": "tomorrow", "architectures": ["TomorrowForCausalLM"]}`), want{"tomorrow", modelcheck.Absent, modelcheck.Unsupported, decoder}},
		"T5":                               {none(`{"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "is_encoder_decoder": true, "d_model": 512, "vocab_size": 32128}`), want{"t5", modelcheck.Absent, modelcheck.Unsupported, "an encoder and a decoder"}},
		"RoBERTa":                          {none(`{"model_type": "roberta", "architectures": ["RobertaForMaskedLM"], "hidden_size": 768}`), want{"roberta", modelcheck.Absent, modelcheck.Unsupported, "of a kind that is not computed here"}},
		"ELECTRA, which tells words apart": {none(`{"model_type": "electra", "architectures": ["ElectraForPreTraining"]}`), want{"electra", modelcheck.Absent, modelcheck.Unsupported, "electra is not computed here"}},
		"unknown remote code":              {none(`{"model_type": "nomic_bert", "architectures": ["NomicBertForPreTraining"], "auto_map": {"AutoModelForMaskedLM": "modeling.NomicBertForPreTraining"}}`), want{"nomic_bert", modelcheck.Absent, modelcheck.Unsupported, "which is never run"}},
		"no model_type":                    {none(`{"word_embedding_dimension": 384}`), want{"", modelcheck.Absent, modelcheck.Unsupported, "model_type is missing"}},
		"no JSON":                          {none(`<html>`), want{"", modelcheck.Absent, modelcheck.Unsupported, "config.json: invalid character"}},
		"an absurd size":                   {none(bertWith("30522", "1000000000000")), want{"bert", modelcheck.Absent, modelcheck.Unsupported, "vocab_size is 1000000000000"}},
		"more layers than tensors":         {none(bertWith(`"num_hidden_layers": 12`, `"num_hidden_layers": 16000000`)), want{"bert", modelcheck.Absent, modelcheck.Unsupported, "16000000 layers, but the file has only 1 tensors"}},
		"an empty folder":                  {fstest.MapFS{}, want{"", modelcheck.Absent, modelcheck.Unsupported, "no config.json"}},
		"no weights":                       {fstest.MapFS{"config.json": {Data: []byte(bertBase)}}, want{"bert", modelcheck.Absent, modelcheck.Unsupported, "no model.safetensors"}},
		"a pickle":                         {fstest.MapFS{"config.json": {Data: []byte(bertBase)}, "pytorch_model.bin": {}}, want{"bert", modelcheck.Absent, modelcheck.Unsupported, "convert it in Python"}},
		"a decoder's pickle":               {fstest.MapFS{"config.json": {Data: []byte(`{"model_type": "gpt2"}`)}, "pytorch_model.bin": {}}, want{"gpt2", modelcheck.Absent, modelcheck.Unsupported, decoder}},
		"a cut header": {fstest.MapFS{"config.json": {Data: []byte(bertBase)}, "model.safetensors": {Data: newWeight(t, tensorsOf(t, bertBase, true, "F32")).header[:500]}},
			want{"bert", modelcheck.Absent, modelcheck.Unsupported, "truncated: header needs"}},
		"a pointer to a file": {fstest.MapFS{"config.json": {Data: []byte(bertBase)}, "model.safetensors": {Data: []byte("version https://git-lfs.github.com/spec/v1\n")}},
			want{"bert", modelcheck.Absent, modelcheck.Unsupported, "Git LFS"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := modelcheck.Check(name, c.fsys)
			got := want{r.Family, r.MLM, r.Verdict, r.Reason}
			if !strings.Contains(r.Reason, c.Reason) {
				t.Errorf("reason %q, want one with %q", r.Reason, c.Reason)
			}
			got.Reason = c.Reason
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("differs (-want +got):\n%s", diff)
			}
		})
	}
}

// The counts are those that the Hub shows for the files, or transformers' num_parameters for models of these names.
func TestParametersAsPublished(t *testing.T) {
	pooler := []modelio.Tensor{{Name: "pooler.dense.weight", DType: "F32", Shape: []int{384, 384}}, {Name: "pooler.dense.bias", DType: "F32", Shape: []int{384}}}
	for name, c := range map[string]struct {
		fsys       fs.FS
		parameters int64
	}{
		"gte-en-mlm-base":   {folder(t, gteMLM, tensorsOf(t, gteMLM, true, "F32")), 137_398_848},
		"gte-en-mlm-large":  {folder(t, gteMLMLarge, tensorsOf(t, gteMLMLarge, true, "F16")), 435_221_312},
		"bert-base-uncased": {folder(t, bertBase, tensorsOf(t, bertBase, true, "F32")), 109_514_298},
		"distilbert-base":   {folder(t, distilBERT, tensorsOf(t, distilBERT, true, "F32")), 66_985_530},
		"ModernBERT-base":   {folder(t, modernBERT, tensorsOf(t, modernBERT, true, "F32")), 149_655_232},
		"all-MiniLM-L6-v2":  {folder(t, miniLM, append(tensorsOf(t, miniLM, false, "F32"), pooler...)), 22_713_216},
	} {
		if got := modelcheck.Check(name, c.fsys); got.Parameters != c.parameters {
			t.Errorf("%s: %d parameters, want %d", name, got.Parameters, c.parameters)
		}
	}
}

func TestReportDescribesTheModel(t *testing.T) {
	got := modelcheck.Check("org/gte", folder(t, gteMLM, append(tensorsOf(t, gteMLM, true, "F32"), scalar("new.pooler.dense.bias"))))
	got.Memory = modelcheck.Memory{} // has a test of its own
	want := modelcheck.Report{
		Model: "org/gte", Family: "gte", MLM: modelcheck.Tied, Verdict: modelcheck.Supported,
		Reason:     "encoder and language model head are complete; the decoder is the word embedding table",
		Parameters: 137_398_849, Layers: 12, Hidden: 768, Heads: 12, Positions: 8192, Vocabulary: 30528,
		DTypes: []string{"F32"}, Missing: []string{}, Unused: []string{"new.pooler.dense.bias"}, Warnings: []string{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}

// Transformers writes the same GTE under four sets of names (reference: its save_pretrained).
func TestNamesOfGTE(t *testing.T) {
	for name, rename := range map[string]*strings.Replacer{
		"gte.":            strings.NewReplacer("new.", "gte."),
		"new.gte.":        strings.NewReplacer("new.", "new.gte.", "lm_head.", "new.lm_head."),
		"without prefix":  strings.NewReplacer("new.", ""),
		"original, again": strings.NewReplacer(),
	} {
		tensors := tensorsOf(t, gteMLM, true, "F32")
		for i := range tensors {
			tensors[i].Name = rename.Replace(tensors[i].Name)
		}
		if got := modelcheck.Check(name, folder(t, gteNative, tensors)); got.Verdict != modelcheck.Supported || len(got.Unused) > 0 {
			t.Errorf("%s: %s: %s, unused %v", name, got.Verdict, got.Reason, got.Unused)
		}
	}
}

func TestPartsOfPackedTensors(t *testing.T) {
	const cut = "gte.layers.1.self_attn.k_proj.bias"
	for _, c := range []struct {
		name    string
		change  func(modelio.Tensor) (modelio.Tensor, bool)
		verdict modelcheck.Verdict
		reason  string
	}{
		{"all there", func(x modelio.Tensor) (modelio.Tensor, bool) { return x, true }, modelcheck.Supported, "complete"},
		{"one missing", func(x modelio.Tensor) (modelio.Tensor, bool) { return x, x.Name != cut }, modelcheck.Unsupported, "encoder.layer.1.attention.k_proj.bias [48] is missing"},
		{"one of another type", func(x modelio.Tensor) (modelio.Tensor, bool) {
			if x.Name == cut {
				x.DType = "F16"
			}
			return x, true
		}, modelcheck.Unsupported, cut + " has type F16, unlike the other parts"},
	} {
		native, err := modelio.Inspect(golden.FS(t), "models/gte-native-tiny")
		if err != nil {
			t.Fatal(err)
		}
		var tensors []modelio.Tensor
		for _, tensor := range native.Tensors {
			if changed, keep := c.change(tensor); keep {
				tensors = append(tensors, changed)
			}
		}
		got := modelcheck.Check(c.name, folder(t, string(native.Config), tensors))
		if got.Verdict != c.verdict || !strings.Contains(got.Reason, c.reason) {
			t.Errorf("%s: %s: %s", c.name, got.Verdict, got.Reason)
		}
	}
}

func TestShards(t *testing.T) {
	tensors := tensorsOf(t, bertBase, true, "F32")
	sharded := folder(t, bertBase, nil)
	delete(sharded.weights, "model.safetensors")
	sharded.weights["a.safetensors"], sharded.weights["b.safetensors"] = newWeight(t, tensors[:40]), newWeight(t, tensors[40:])
	var index []string
	for i, tensor := range tensors {
		file := "a"
		if i >= 40 {
			file = "b"
		}
		index = append(index, `"`+tensor.Name+`": "`+file+`.safetensors"`)
	}
	sharded.MapFS["model.safetensors.index.json"] = &fstest.MapFile{Data: []byte(`{"weight_map": {` + strings.Join(index, ", ") + `}}`)}
	if got := modelcheck.Check("sharded", sharded); got.Verdict != modelcheck.Supported || got.Parameters != 109_514_298 {
		t.Errorf("%s with %d parameters: %s", got.Verdict, got.Parameters, got.Reason)
	}
	delete(sharded.weights, "b.safetensors")
	if got := modelcheck.Check("sharded", sharded); got.Verdict != modelcheck.Unsupported || !strings.Contains(got.Reason, "b.safetensors") {
		t.Errorf("without its second shard: %s: %s", got.Verdict, got.Reason)
	}
}

func TestWarnings(t *testing.T) {
	encoderOnly := tensorsOf(t, bertBase, false, "F32")
	bare := folder(t, bertWith("{", `{"auto_map": {"AutoModel": "modeling.Mine"}, `), encoderOnly)
	delete(bare.MapFS, "tokenizer.json")
	got := modelcheck.Check("", bare)
	if got.Verdict != modelcheck.EncoderOnly || len(got.Warnings) != 3 {
		t.Fatalf("%s, warnings %q", got.Verdict, got.Warnings)
	}
	for i, part := range []string{"no tokenizer.json", "which is not run", "says BertForMaskedLM, but the weights say otherwise"} {
		if !strings.Contains(got.Warnings[i], part) {
			t.Errorf("warning %q, want %q", got.Warnings[i], part)
		}
	}
}

// gte-multilingual has a computable encoder and a tokenizer of XLM-RoBERTa's kind.
func TestTokenizersThatCannotBeRead(t *testing.T) {
	for content, reason := range map[string]string{
		`{"tokenizer_class": "XLMRobertaTokenizerFast"}`: "its tokenizer (XLMRobertaTokenizerFast)",
		`{"tokenizer_class": "BertTokenizer"}`:           "complete",
		`{"tokenizer_class": 7}`:                         "tokenizer_config.json",
	} {
		model := folder(t, gteMLM, tensorsOf(t, gteMLM, true, "F32"))
		model.MapFS["tokenizer_config.json"] = &fstest.MapFile{Data: []byte(content)}
		if got := modelcheck.Check("", model); !strings.Contains(got.Reason, reason) || got.Verdict == modelcheck.Supported != (reason == "complete") {
			t.Errorf("%s: %s: %s", content, got.Verdict, got.Reason)
		}
	}
}

// Whatever Check says of the golden models and checkpoints, loading them agrees.
func TestLoadingAgrees(t *testing.T) {
	opened, err := backend.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	counts := map[modelcheck.Verdict]int{}
	for _, name := range []string{
		"models/bert-tiny", "models/bert-tiny-bare", "models/bert-tiny-gamma", "models/distilbert-tiny", "models/gte-native-tiny", "models/gte-ntk-tiny",
		"models/gte-tiny", "models/modernbert-tiny", "checkpoints/neural-cherche", "checkpoints/pylate-1dense", "checkpoints/pylate-2dense",
		"checkpoints/st6-nc-style", "checkpoints/stanford", "nc/bert/initial", "nc/gte/initial",
	} {
		fsys, err := fs.Sub(golden.FS(t), name)
		if err != nil {
			t.Fatal(err)
		}
		report := modelcheck.Check(name, fsys)
		counts[report.Verdict]++
		folder, err := modelio.Open(fsys, ".")
		if err != nil {
			t.Fatal(err)
		}
		model, err := pretrain.Open(opened, folder) // wants encoder and head
		if err == nil {
			model.Close()
		}
		folder.Close()
		if (err == nil) != (report.Verdict == modelcheck.Supported) {
			t.Errorf("%s is %s, but loading it with its head gives error %v", name, report.Verdict, err)
		}
	}
	if counts[modelcheck.Supported] < 8 || counts[modelcheck.EncoderOnly] < 4 {
		t.Errorf("verdicts %v, want many of both kinds", counts)
	}
}
