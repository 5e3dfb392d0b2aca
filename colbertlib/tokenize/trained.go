package tokenize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// encodeWordPiece returns the tokenizer.json of bert-base-uncased's kind with that vocabulary, in the order of the ids.
// The special tokens must be in it.
func encodeWordPiece(vocab []string) ([]byte, error) {
	type object = map[string]any
	var added []object
	ids := object{}
	for _, token := range specialTokens {
		id := slices.Index(vocab, token)
		ids[token] = object{"id": token, "ids": []int{id}, "tokens": []string{token}}
		added = append(added, object{
			"id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true,
		})
	}
	special := func(token string, text int) object {
		return object{"SpecialToken": object{"id": token, "type_id": text}}
	}
	sequence := func(name string, text int) object { return object{"Sequence": object{"id": name, "type_id": text}} }
	single := []object{special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)}
	config := struct {
		Version       string   `json:"version"`
		Truncation    any      `json:"truncation"`
		Padding       any      `json:"padding"`
		AddedTokens   []object `json:"added_tokens"`
		Normalizer    object   `json:"normalizer"`
		PreTokenizer  object   `json:"pre_tokenizer"`
		PostProcessor object   `json:"post_processor"`
		Decoder       object   `json:"decoder"`
		Model         any      `json:"model"`
	}{
		Version:     "1.0",
		AddedTokens: added,
		Normalizer: object{
			"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil, "lowercase": true,
		},
		PreTokenizer: object{"type": "BertPreTokenizer"},
		PostProcessor: object{
			"type": "TemplateProcessing", "single": single, "pair": append(single[:3:3], sequence("B", 1), special("[SEP]", 1)),
			"special_tokens": object{"[CLS]": ids["[CLS]"], "[SEP]": ids["[SEP]"]},
		},
		Decoder: object{"type": "WordPiece", "prefix": continuation, "cleanup": true},
		Model: object{
			"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": continuation,
			"max_input_chars_per_word": maxWordRunes, "vocab": orderedVocab(vocab),
		},
	}
	var file bytes.Buffer
	encoder := json.NewEncoder(&file)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(config); err != nil {
		return nil, fmt.Errorf("tokenize: write tokenizer.json: %w", err)
	}
	return file.Bytes(), nil
}

// orderedVocab is written as an object in the order of the ids, as people expect to read it.
type orderedVocab []string

// MarshalJSON implements json.Marshaler.
func (v orderedVocab) MarshalJSON() ([]byte, error) {
	var object bytes.Buffer
	encoder := json.NewEncoder(&object)
	encoder.SetEscapeHTML(false)
	object.WriteByte('{')
	for id, token := range v {
		if id > 0 {
			object.WriteByte(',')
		}
		if err := encoder.Encode(token); err != nil {
			return nil, err
		}
		fmt.Fprintf(&object, ":%d", id)
	}
	object.WriteByte('}')
	return object.Bytes(), nil
}
