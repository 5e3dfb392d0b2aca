package modelio

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// pyLate writes what PyLate 1.6 saves for a ColBERT.
func (w *folderWriter) pyLate() error {
	if err := errors.Join(w.setLengths(), w.checkPyLate()); err != nil {
		return err
	}
	list, err := w.head("pylate.models.Dense.Dense", func(*denseConfig) {})
	if err != nil {
		return err
	}
	list = slices.Insert(list, 0, module{Name: "0", Type: "sentence_transformers.models.Transformer"})
	expand := w.Query.Expansion != nil
	words := append([]string{}, w.Document.Skiplist...)
	config := pyLateConfig{
		ModelType: "ColBERT", Versions: versions("sentence_transformers", "5.3.0", "5.3.0"),
		Prompts:     map[string]string{"query": w.Query.Prefix, "document": w.Document.Prefix},
		Similarity:  "MaxSim",
		QueryPrefix: &w.Query.Marker, DocumentPrefix: &w.Document.Marker,
		QueryLength: &w.Query.Length, DocumentLength: &w.Document.Length,
		Attend: expand && w.Query.Expansion.Attend, SkiplistWords: &words, Expand: &expand,
	}
	transformer := struct {
		MaxLength int  `json:"max_seq_length"`
		LowerCase bool `json:"do_lower_case"`
	}{max(w.Query.Length, w.Document.Length), false}
	tokenizer, err := w.tokenizerConfig(w.src)
	if err != nil {
		return err
	}
	return errors.Join(
		w.encoder(),
		w.tokenizer(map[string]any{"pad_token": tokenizer.Mask}), // PyLate pads with [MASK] in order to expand
		w.json(modelFile, config),
		w.json(transformerFile, transformer),
		w.json(modulesFile, list),
	)
}

// checkPyLate says what PyLate cannot do: embeddings that would differ are an error, scores a warning.
func (w *folderWriter) checkPyLate() error {
	if len(w.Head) == 0 {
		return errors.New("PyLate adds a random projection head to a model without one")
	}
	if w.Document.Expansion != nil || len(w.Query.Skiplist) > 0 {
		return errors.New("PyLate expands queries only, and skips tokens of documents only")
	}
	tokenizer, err := w.tokenizerConfig(w.src)
	if err != nil {
		return err
	}
	if e := w.Query.Expansion; e != nil && (e.Strategy != "fixed" || e.Length != w.Query.Length || e.Token != string(tokenizer.Mask)) {
		return fmt.Errorf(`PyLate expands by %s to the query length only: strategy "fixed", %d tokens; the model has %q, %d of %s`,
			tokenizer.Mask, w.Query.Length, e.Strategy, e.Length, e.Token)
	}
	if prefix := cmp.Or(w.Query.Prefix, w.Document.Prefix); prefix != "" {
		w.warn(`PyLate puts text prefixes such as %q only where asked: call encode(…, prompt_name="query") and encode(…, prompt_name="document", is_query=False)`, prefix)
	}
	if w.Similarity != maskMin {
		w.warn("PyLate has no %s: its scores of single pairs are those of %s, and its rank.rerank lets padding take part", w.Similarity, maskMin)
	}
	return nil
}
