package modelcheck_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jobtagger/jobtagger/colbertlib/modelcheck"
)

// Whatever the configurations say, there is a verdict with a reason, and none is better than the weights.
func FuzzCheck(f *testing.F) {
	for _, config := range []string{bertBase, gteMLM, modernBERT, `{"model_type": "t5", "is_encoder_decoder": true}`, `{"model_type": "x", "auto_map": {"AutoModel": ["a", null]}}`, `[]`, ``} {
		f.Add([]byte(config), []byte(`{"tokenizer_class": "BertTokenizer"}`))
	}
	f.Fuzz(func(t *testing.T, config, tokenizerConfig []byte) {
		model := folder(t, string(config), tensorsOf(t, `{"model_type": "bert", "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 4, "vocab_size": 8, "max_position_embeddings": 8}`, true, "F32"))
		model.MapFS["tokenizer_config.json"] = &fstest.MapFile{Data: tokenizerConfig}
		report := modelcheck.Check("fuzzed", model)
		if report.Reason == "" || report.Verdict == modelcheck.Supported != (report.MLM != modelcheck.Absent && !strings.Contains(report.Reason, "not computed")) {
			t.Errorf("%s, %s: %q", report.Verdict, report.MLM, report.Reason)
		}
		if report.Verdict == modelcheck.Unsupported && report.Memory != (modelcheck.Memory{}) {
			t.Errorf("unsupported, but needs %+v", report.Memory)
		}
	})
}
