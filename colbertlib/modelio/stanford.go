package modelio

import "encoding/json"

// stanfordHead is the tensor in model.safetensors that is the head.
const stanfordHead = "linear.weight"

// readStanford reads a checkpoint of Stanford's ColBERT: settings in artifact.metadata (infra/config), the head beside the
// encoder's tensors (modeling/hf_colbert.py), markers put behind [CLS] by id (modeling/tokenization).
func (f *Folder) readStanford(src source) error {
	const file = "artifact.metadata"
	type settings struct {
		QueryToken     string `json:"query_token_id"`
		DocumentToken  string `json:"doc_token_id"`
		QueryLength    int    `json:"query_maxlen"`
		DocumentLength int    `json:"doc_maxlen"`
		Attend         bool   `json:"attend_to_mask_tokens"`
		Punctuation    bool   `json:"mask_punctuation"`
		Similarity     string `json:"similarity"`
	}
	defaults := settings{"[unused0]", "[unused1]", 32, 220, false, true, "cosine"}
	config := struct {
		settings
		Nested json.RawMessage `json:"config"` // some versions put all of it here
	}{settings: defaults}
	if err := src.json(file, &config); err != nil {
		return err
	}
	if config.Nested != nil {
		if err := src.decode(file, config.Nested, &config.settings); err != nil {
			return err
		}
	}
	if config.Similarity != "cosine" {
		return src.errorf(file, `similarity %q, expected "cosine"`, config.Similarity)
	}
	tokenizer, err := f.tokenizerConfig(src)
	if err != nil {
		return err
	}
	f.Similarity = maskMin
	f.Query = Role{Marker: config.QueryToken, Length: config.QueryLength}
	f.Query.Expansion = &Expansion{Strategy: "fixed", Length: config.QueryLength, Token: string(tokenizer.Mask), Attend: config.Attend}
	f.Document = Role{Marker: config.DocumentToken, Length: config.DocumentLength}
	if config.Punctuation {
		if f.Document.Skiplist, err = f.skiplist(src, punctuation()); err != nil {
			return err
		}
	}
	weight, err := f.Weights.Read(stanfordHead)
	if err != nil {
		return err
	}
	f.Head = []Dense{{Weight: weight, Activation: "identity"}}
	f.Weights.hide(stanfordHead)
	return nil
}
