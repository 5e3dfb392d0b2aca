package modelio

import "slices"

// transformerConfig is sentence_bert_config.json as sentence-transformers 6 writes it (base/modules/transformer.py).
type transformerConfig struct {
	Task           string                    `json:"transformer_task"`
	Modality       map[string]modalityConfig `json:"modality_config"`
	Output         string                    `json:"module_output_name"`
	QueryLength    *int                      `json:"query_length,omitempty"`
	DocumentLength *int                      `json:"document_length,omitempty"`
	MaxLength      *int                      `json:"max_seq_length,omitempty"` // older folders: both roles
	Expansion      *expansionConfig          `json:"query_expansion,omitempty"`
	LowerCase      bool                      `json:"do_lower_case,omitempty"` // older folders
}

type modalityConfig struct {
	Method string `json:"method"`
	Output string `json:"method_output_name"`
}

// expansionConfig is Expansion with the token that a tokenizer supplies where it is null.
type expansionConfig struct {
	Strategy string  `json:"strategy"`
	Attend   bool    `json:"attend"`
	Token    *string `json:"token"`
	Length   int     `json:"length"`
}

// maskConfig is config.json of MultiVectorMask (multi_vector_encoder/modules/multi_vector_mask.py).
type maskConfig struct {
	SkiplistWords []string `json:"skiplist_words"`
	SkiplistTasks []string `json:"skiplist_tasks"`
	KeepOnly      []int    `json:"keep_only_token_ids"`
}

// normalizeConfig is config.json of Normalize (base/modules/normalize.py).
type normalizeConfig struct {
	Input  string `json:"module_input_name"`
	Output string `json:"module_output_name"`
}

// modelConfig is config_sentence_transformers.json of a MultiVectorEncoder.
type modelConfig struct {
	Versions      map[string]string `json:"__version__"`
	DefaultPrompt *string           `json:"default_prompt_name"`
	ModelType     string            `json:"model_type"`
	Prompts       map[string]string `json:"prompts"`
	Similarity    *string           `json:"similarity_fn_name"` // null means "maxsim"
}

// readSentenceTransformers reads a MultiVectorEncoder: Transformer, any number of Dense, MultiVectorMask, Normalize.
func (f *Folder) readSentenceTransformers(src source, modules modules) error {
	var model modelConfig
	if err := src.json(modelFile, &model); err != nil {
		return err
	}
	f.Query.Prefix, f.Document.Prefix = model.Prompts["query"], model.Prompts["document"]
	switch {
	case model.Similarity == nil || *model.Similarity == "maxsim":
		f.Similarity = maskMin
	case *model.Similarity == "meanmaxsim":
		f.Similarity = mean
	default:
		return src.errorf(modelFile, `similarity_fn_name %q, expected "maxsim" or "meanmaxsim"`, *model.Similarity)
	}
	if err := f.readTransformer(src.sub(modules.encoder())); err != nil {
		return err
	}
	masked, normalized := false, false
	for i, m := range modules.list {
		var err error
		switch kind := m.kind(); {
		case kind == "Transformer" && i == 0:
		case kind == "Dense" && !normalized:
			var d Dense
			d, err = readDense(src.sub(m.Path))
			f.Head = append(f.Head, d)
		case kind == "MultiVectorMask":
			masked = true
			err = f.readMask(src.sub(m.Path))
		case kind == "Normalize":
			normalized = true
			err = readNormalize(src.sub(m.Path))
		default:
			err = src.errorf(modulesFile, "module %d is a %s, which is not supported there", i, kind)
		}
		if err != nil {
			return err
		}
	}
	if !normalized {
		return src.errorf(modulesFile, "no Normalize module: token embeddings that are not of unit length are not supported")
	}
	if f.Query.Expansion != nil && !masked {
		return src.errorf(modulesFile, "query_expansion without a MultiVectorMask module is not supported")
	}
	return nil
}

// readTransformer reads lengths and query expansion.
func (f *Folder) readTransformer(src source) error {
	var config transformerConfig
	if err := src.json(transformerFile, &config); err != nil {
		return err
	}
	if config.LowerCase {
		return src.errorf(transformerFile, "do_lower_case is not supported: let the tokenizer do it")
	}
	if config.Task != "" && config.Task != "feature-extraction" {
		return src.errorf(transformerFile, `transformer_task %q, expected "feature-extraction"`, config.Task)
	}
	fallback, err := f.tokenizerLength(src)
	if err != nil {
		return err
	}
	if config.MaxLength != nil {
		fallback = *config.MaxLength
	}
	f.Query.Length, f.Document.Length = fallback, fallback
	if config.QueryLength != nil {
		f.Query.Length = *config.QueryLength
	}
	if config.DocumentLength != nil {
		f.Document.Length = *config.DocumentLength
	}
	if config.Expansion == nil {
		return nil
	}
	e := *config.Expansion
	f.Query.Expansion = &Expansion{Strategy: e.Strategy, Length: e.Length, Attend: e.Attend}
	if e.Token != nil {
		f.Query.Expansion.Token = *e.Token
		return nil
	}
	vocabulary, err := f.vocabulary(src)
	f.Query.Expansion.Token = vocabulary.mask
	return err
}

// readMask reads the skiplist. Words that are no vocabulary entries are left out, as sentence-transformers does.
func (f *Folder) readMask(src source) error {
	var config maskConfig
	if err := src.json("config.json", &config); err != nil {
		return err
	}
	if config.KeepOnly != nil {
		return src.errorf("config.json", "keep_only_token_ids is not supported")
	}
	if len(config.SkiplistWords) == 0 {
		return nil
	}
	vocabulary, err := f.vocabulary(src)
	if err != nil {
		return err
	}
	var words []string
	for _, word := range config.SkiplistWords {
		if !vocabulary.has(word) {
			f.warn("skiplist word %q is no vocabulary entry and is ignored, as in sentence-transformers", word)
			continue
		}
		words = append(words, word)
	}
	if config.SkiplistTasks == nil || slices.Contains(config.SkiplistTasks, "document") {
		f.Document.Skiplist = words
	}
	if slices.Contains(config.SkiplistTasks, "query") {
		f.Query.Skiplist = words
	}
	return nil
}

func readNormalize(src source) error {
	config := normalizeConfig{tokenEmbeddings, tokenEmbeddings}
	if src.has("config.json") {
		if err := src.json("config.json", &config); err != nil {
			return err
		}
	}
	if config.Input != tokenEmbeddings || config.Output != tokenEmbeddings {
		return src.errorf("config.json", "works on %q and %q, expected %q", config.Input, config.Output, tokenEmbeddings)
	}
	return nil
}
