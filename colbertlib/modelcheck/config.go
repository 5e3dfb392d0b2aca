package modelcheck

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/encoder"
)

// newImpl is the model_type of Alibaba-NLP's remote code, whose architecture package encoder computes itself.
const newImpl = "new"

// about is the part of config.json that tells kinds of models apart.
type about struct {
	ModelType      string         `json:"model_type"`
	Architectures  []string       `json:"architectures"`
	EncoderDecoder bool           `json:"is_encoder_decoder"`
	Decoder        bool           `json:"is_decoder"`
	CrossAttention bool           `json:"add_cross_attention"`
	Tie            *bool          `json:"tie_word_embeddings"` // nil: true, transformers' default
	AutoMap        map[string]any `json:"auto_map"`            // Python code that comes with the model
}

// refusal says why the model is none that package encoder computes, whose error is err; empty if it is one.
func (a about) refusal(err error) string {
	supported := "supported are " + strings.Join(encoder.ModelTypes(), ", ")
	switch {
	case a.EncoderDecoder:
		return fmt.Sprintf("%s is an encoder and a decoder, trained to write a text from another one; %s", a.ModelType, supported)
	case a.Decoder || a.CrossAttention:
		return "config.json makes it a decoder (is_decoder, add_cross_attention), whose tokens see only those before them"
	case slices.Contains(encoder.ModelTypes(), a.ModelType) || err == nil || a.ModelType == "":
		if err != nil {
			return err.Error()
		}
		return ""
	case slices.Contains(decoderTypes, a.ModelType) || slices.ContainsFunc(a.Architectures, isCausal):
		return fmt.Sprintf("%s is a decoder, whose tokens see only those before them; %s", a.ModelType, supported)
	case len(a.AutoMap) > 0:
		return fmt.Sprintf("%s is computed by Python code that comes with the model (auto_map), which is never run; %s", a.ModelType, supported)
	case slices.ContainsFunc(a.Architectures, isMaskedLM):
		return fmt.Sprintf("%s is a masked language model, but of a kind that is not computed here; %s", a.ModelType, supported)
	}
	return fmt.Sprintf("%s is not computed here; %s", a.ModelType, supported)
}

// decoderTypes are the common ones whose architectures do not end in what isCausal looks for, or are often absent.
var decoderTypes = []string{"gpt2", "gptj", "gpt_neo", "gpt_neox", "llama", "mistral", "mixtral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text", "phi", "phi3", "opt", "bloom", "falcon"}

func isCausal(architecture string) bool {
	return strings.HasSuffix(architecture, "ForCausalLM") || strings.HasSuffix(architecture, "LMHeadModel")
}

func isMaskedLM(architecture string) bool {
	return strings.HasSuffix(architecture, "ForMaskedLM") || architecture == "BertForPreTraining"
}

// otherTokenizers are the classes, without "Tokenizer" and "Fast" at their end, that come with model types which are computed
// here, and whose algorithms (Unigram, a morphological analyser) package tokenize does not have.
var otherTokenizers = []string{"XLMRoberta", "Llama", "Albert", "T5", "DebertaV2", "Camembert", "BertJapanese"}

// tokenizerRefusal says why the model's tokenizer cannot be used; empty if nothing is known against it.
func tokenizerRefusal(tokenizerConfig []byte) string {
	var config struct {
		Class string `json:"tokenizer_class"`
	}
	if tokenizerConfig == nil {
		return ""
	}
	if err := json.Unmarshal(tokenizerConfig, &config); err != nil {
		return fmt.Sprintf("tokenizer_config.json: %v", err)
	}
	if slices.Contains(otherTokenizers, strings.TrimSuffix(strings.TrimSuffix(config.Class, "Fast"), "Tokenizer")) {
		return fmt.Sprintf("its tokenizer (%s) cannot be read; WordPiece and byte-level BPE can", config.Class)
	}
	return ""
}
