package modelio

// pyLateConfig is config_sentence_transformers.json of PyLate 1 (models/colbert.py, save).
type pyLateConfig struct {
	ModelType      string            `json:"model_type"`
	Versions       map[string]string `json:"__version__"`
	Prompts        map[string]string `json:"prompts"`
	DefaultPrompt  *string           `json:"default_prompt_name"`
	Similarity     string            `json:"similarity_fn_name"`
	QueryPrefix    *string           `json:"query_prefix"`
	DocumentPrefix *string           `json:"document_prefix"`
	QueryLength    *int              `json:"query_length"`
	DocumentLength *int              `json:"document_length"`
	Attend         bool              `json:"attend_to_expansion_tokens"`
	SkiplistWords  *[]string         `json:"skiplist_words"`
	Expand         *bool             `json:"do_query_expansion"`
}

// valueOr is *pointer, or what PyLate takes where the key is absent.
func valueOr[T any](pointer *T, absent T) T {
	if pointer == nil {
		return absent
	}
	return *pointer
}

// readPyLate reads a PyLate ColBERT: Transformer and Dense modules. Masking and normalising, which its code does, have no
// modules. A pair's score is that of mask-min; its rank.rerank and its training let padding take part, see package maxsim.
func (f *Folder) readPyLate(src source, modules modules) error {
	var config pyLateConfig
	if src.has(modelFile) {
		if err := src.json(modelFile, &config); err != nil {
			return err
		}
	}
	f.Similarity = maskMin
	f.Query = Role{Marker: valueOr(config.QueryPrefix, "[Q] "), Length: valueOr(config.QueryLength, 32)}
	f.Document = Role{Marker: valueOr(config.DocumentPrefix, "[D] "), Length: valueOr(config.DocumentLength, 180)}
	for role, prompt := range config.Prompts {
		if prompt != "" && !src.has(ownFile) {
			f.warn("%s: prompt %q for %s is not applied: PyLate applies it only on request", modelFile, prompt, role)
		}
	}
	if valueOr(config.Expand, true) {
		tokenizer, err := f.tokenizerConfig(src)
		if err != nil {
			return err
		}
		f.Query.Expansion = &Expansion{Strategy: "fixed", Length: f.Query.Length, Token: string(tokenizer.Mask), Attend: config.Attend}
	}
	var err error
	if f.Document.Skiplist, err = f.skiplist(src, valueOr(config.SkiplistWords, punctuation())); err != nil {
		return err
	}
	for i, m := range modules.list {
		switch kind := m.kind(); {
		case kind == "Transformer" && i == 0:
		case kind == "Dense":
			d, err := readDense(src.sub(m.Path))
			if err != nil {
				return err
			}
			f.Head = append(f.Head, d)
		default: // PyLate drops other modules when it loads a folder
			f.warn("%s: %s is not applied, as in PyLate", modulesFile, kind)
		}
	}
	if len(f.Head) == 0 {
		return src.errorf(modulesFile, "no Dense module, expected at least one in a PyLate folder")
	}
	return nil
}
