package modelio

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// versions says which releases a folder is written for. The libraries compare it with their own and warn about models
// of the future.
func versions(library, release, transformers string) map[string]string {
	return map[string]string{library: release, "transformers": transformers}
}

// sentenceTransformers writes what sentence-transformers 6.2 saves for a MultiVectorEncoder.
func (w *folderWriter) sentenceTransformers() error {
	if err := errors.Join(w.markersToPrefixes(), w.setLengths()); err != nil {
		return err
	}
	similarity, err := w.sentenceSimilarity()
	if err != nil {
		return err
	}
	mask, err := w.mask()
	if err != nil {
		return err
	}
	const base = "sentence_transformers.base.modules."
	list, err := w.head(base+"dense.Dense", func(config *denseConfig) {
		name := tokenEmbeddings
		config.Input, config.Output = &name, &name
		if !*config.UseResidual {
			config.UseResidual = nil // left out for older releases
		}
	})
	if err != nil {
		return err
	}
	list = slices.Insert(list, 0, module{Name: "0", Type: base + "transformer.Transformer"})
	add := func(kind, class string) string {
		i := len(list)
		list = append(list, module{Index: i, Name: strconv.Itoa(i), Path: fmt.Sprintf("%d_%s", i, kind), Type: class})
		return list[i].Path + "/config.json"
	}
	model := modelConfig{
		Versions:  versions("sentence_transformers", "6.2.0", "5.23.0"),
		ModelType: "MultiVectorEncoder", Prompts: map[string]string{"query": w.Query.Prefix, "document": w.Document.Prefix},
		Similarity: similarity,
	}
	return errors.Join(
		w.encoder(),
		w.tokenizer(nil),
		w.json(modelFile, model),
		w.json(transformerFile, w.transformer()),
		w.json(add("MultiVectorMask", "sentence_transformers.multi_vector_encoder.modules.multi_vector_mask.MultiVectorMask"), mask),
		w.json(add("Normalize", base+"normalize.Normalize"), normalizeConfig{tokenEmbeddings, tokenEmbeddings}),
		w.json(modulesFile, list),
	)
}

// transformer is sentence_bert_config.json.
func (w *folderWriter) transformer() transformerConfig {
	config := transformerConfig{
		Task:        "feature-extraction",
		Modality:    map[string]modalityConfig{"text": {"forward", "last_hidden_state"}},
		Output:      tokenEmbeddings,
		QueryLength: &w.Query.Length, DocumentLength: &w.Document.Length,
	}
	if e := w.Query.Expansion; e != nil {
		config.Expansion = &expansionConfig{Strategy: e.Strategy, Attend: e.Attend, Token: &e.Token, Length: e.Length}
	}
	return config
}

// sentenceSimilarity is similarity_fn_name: null, which stands for "maxsim", or "meanmaxsim".
func (w *folderWriter) sentenceSimilarity() (*string, error) {
	switch w.Similarity {
	case maskMin:
		return nil, nil
	case clipZero:
		w.warn("sentence-transformers has no %s and scores by %s: documents of fewer than %d tokens may score lower there", clipZero, maskMin, w.Document.Length)
		return nil, nil
	case mean:
		name := "meanmaxsim"
		return &name, nil
	}
	return nil, fmt.Errorf("unknown similarity %q", w.Similarity)
}

// mask is config.json of MultiVectorMask, whose one skiplist serves the roles that it names.
func (w *folderWriter) mask() (maskConfig, error) {
	if w.Document.Expansion != nil {
		return maskConfig{}, errors.New("sentence-transformers expands queries only")
	}
	config := maskConfig{SkiplistWords: []string{}, SkiplistTasks: []string{"document"}}
	query, document := w.Query.Skiplist, w.Document.Skiplist
	switch {
	case len(query) == 0:
		config.SkiplistWords = append(config.SkiplistWords, document...)
	case len(document) == 0:
		config.SkiplistWords, config.SkiplistTasks = query, []string{"query"}
	case slices.Equal(query, document):
		config.SkiplistWords, config.SkiplistTasks = query, []string{"query", "document"}
	default:
		return maskConfig{}, errors.New("sentence-transformers has one skiplist for both roles, the model has two")
	}
	return config, nil
}

// markersToPrefixes turns a token that is put behind [CLS] by its id into text with the same effect, for which the
// tokenizer has to know it as a special token (as sentence-transformers itself does when it loads a PyLate folder).
func (w *folderWriter) markersToPrefixes() error {
	for _, role := range []*Role{&w.Query, &w.Document} {
		if role.Marker == "" {
			continue
		}
		tokenizer, err := withSpecialToken(w.Tokenizer, role.Marker)
		if err != nil {
			return err
		}
		w.Tokenizer = tokenizer
		role.Prefix, role.Marker = role.Marker+role.Prefix, ""
	}
	return nil
}

// setLengths writes out lengths that stand for the encoder's own: other libraries have other defaults.
func (w *folderWriter) setLengths() error {
	for _, role := range []*Role{&w.Query, &w.Document} {
		if role.Length != 0 {
			continue
		}
		length, err := maxPositions(w.Config)
		if err != nil {
			return err
		}
		role.Length = length
	}
	return nil
}
