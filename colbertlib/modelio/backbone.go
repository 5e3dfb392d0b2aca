package modelio

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// backbonePrefixes are put before the encoder's tensors in files that hold a head beside it (transformers'
// base_model_prefix). GTE files that went through transformers 5 have two of them.
var backbonePrefixes = []string{"bert.", "distilbert.", "model.", "new.", "gte."}

// readAll reads every tensor.
func (w *Weights) readAll() ([]Tensor, error) {
	tensors := make([]Tensor, 0, len(w.names))
	for _, name := range w.names {
		t, err := w.Read(name)
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, t)
	}
	return tensors, nil
}

// backbone reads the encoder's tensors under the names that a file of the encoder alone has: without prefix. Tensors
// without the prefix that others have are of a head, which late interaction does not use.
func (w *Weights) backbone() ([]Tensor, error) {
	bare := map[string]string{} // by name in the file
	for _, name := range w.names {
		for rest, again := name, true; again; {
			again = false
			for _, prefix := range backbonePrefixes {
				if after, ok := strings.CutPrefix(rest, prefix); ok {
					rest, again = after, true
					bare[name] = rest
				}
			}
		}
	}
	var tensors []Tensor
	for _, name := range w.names {
		rest, ok := bare[name]
		switch {
		case len(bare) == 0:
			rest = name
		case !ok || strings.HasPrefix(rest, "lm_head."): // transformers 5 puts "new." before GTE's head too
			continue
		}
		t, err := w.Read(name)
		if err != nil {
			return nil, err
		}
		t.Name = rest
		tensors = append(tensors, t)
	}
	return tensors, nil
}

// backboneConfig returns config.json for the encoder alone, with the element type that its tensors have: transformers 5
// converts to the type that the file states.
func backboneConfig(config []byte, tensors []Tensor) (map[string]any, error) {
	var keys map[string]any
	if err := unmarshalExact(config, &keys); err != nil {
		return nil, fmt.Errorf("config.json: %w", err)
	}
	delete(keys, "output_hidden_states") // neural-cherche needs them all, others only the last
	if list, ok := keys["architectures"].([]any); ok && len(list) > 0 {
		keys["architectures"] = []any{backboneClass(fmt.Sprint(list[0]), fmt.Sprint(keys["model_type"]))}
	}
	names := map[string]string{"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
	for _, t := range tensors {
		name := names[t.DType]
		if name == "" {
			continue
		}
		for _, key := range []string{"dtype", "torch_dtype"} {
			if _, ok := keys[key]; ok {
				keys[key] = name
			}
		}
		break
	}
	return keys, nil
}

// backboneClass is the transformers class of the encoder alone: BertForMaskedLM becomes BertModel. HF_ColBERT, by which
// Stanford's folders are recognised, says nothing about its encoder.
func backboneClass(class, modelType string) string {
	if before, _, ok := strings.Cut(class, "For"); ok {
		return before + "Model"
	}
	if class == "HF_ColBERT" && modelType == "bert" {
		return "BertModel"
	}
	return class
}

// withPooler adds the pooler that transformers' BertModel has. Late interaction does not use it, but without it transformers
// warns, at every loading, that it made up weights. Here they are zero and therefore the same every time.
func withPooler(tensors []Tensor, hidden int) []Tensor {
	const weight, bias = "pooler.dense.weight", "pooler.dense.bias"
	if slices.ContainsFunc(tensors, func(t Tensor) bool { return t.Name == weight }) {
		return tensors
	}
	return append(tensors,
		NewF32(weight, []int{hidden, hidden}, make([]float32, hidden*hidden)), NewF32(bias, []int{hidden}, make([]float32, hidden)))
}

// unmarshalExact is json.Unmarshal that keeps numbers as they are written.
func unmarshalExact(content []byte, value any) error {
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.UseNumber()
	return decoder.Decode(value)
}

// maxPositions returns the number of positions that config.json gives the encoder.
func maxPositions(config []byte) (int, error) {
	var keys struct {
		Positions int `json:"max_position_embeddings"`
	}
	if err := json.Unmarshal(config, &keys); err != nil {
		return 0, fmt.Errorf("config.json: %w", err)
	}
	if keys.Positions <= 0 {
		return 0, errors.New("config.json: no max_position_embeddings: set the lengths of queries and documents")
	}
	return keys.Positions, nil
}

// withSpecialToken returns tokenizer.json in which a vocabulary entry is recognised in texts as a whole.
func withSpecialToken(tokenizer []byte, content string) ([]byte, error) {
	var keys map[string]json.RawMessage
	var added []map[string]any
	var model struct {
		Vocab map[string]int `json:"vocab"`
	}
	err := json.Unmarshal(tokenizer, &keys)
	if err == nil {
		err = errors.Join(unmarshalExact(keys["added_tokens"], &added), json.Unmarshal(keys["model"], &model))
	}
	if err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	i := slices.IndexFunc(added, func(token map[string]any) bool { return token["content"] == content })
	if i < 0 {
		id, ok := model.Vocab[content]
		if !ok {
			return nil, fmt.Errorf("tokenizer.json: marker %q is no vocabulary entry", content)
		}
		added = append(added, map[string]any{"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false})
		i = len(added) - 1
	}
	maps.Copy(added[i], map[string]any{"normalized": false, "special": true})
	if keys["added_tokens"], err = formatJSON(added); err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	return formatJSON(keys)
}
