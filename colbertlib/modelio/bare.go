package modelio

import "strings"

// readBare reads a folder without a projection head. What sentence-transformers keeps there for embeddings of whole texts
// is not for token embeddings: a pooling module, and lengths that were chosen for it.
func (f *Folder) readBare(src source, modules modules) error {
	f.Similarity = maskMin
	f.warn("no projection head: token embeddings are the encoder's hidden states, without prefixes, scored by %s", maskMin)
	var ignored []string
	for _, m := range modules.list[min(1, len(modules.list)):] {
		ignored = append(ignored, m.kind())
	}
	if len(ignored) > 0 {
		f.warn("%s: %s not applied, because they make one embedding of a text", modulesFile, strings.Join(ignored, ", "))
	}
	var transformer struct {
		MaxLength *int `json:"max_seq_length"`
	}
	if src.has(transformerFile) {
		if err := src.json(transformerFile, &transformer); err != nil {
			return err
		}
	}
	if transformer.MaxLength != nil {
		f.warn("%s: max_seq_length %d is ignored: texts may have as many tokens as the encoder has positions", transformerFile, *transformer.MaxLength)
	}
	var tokenizer struct {
		Truncation *struct {
			MaxLength int `json:"max_length"`
		} `json:"truncation"`
	}
	if err := src.decode("tokenizer.json", f.Tokenizer, &tokenizer); err != nil {
		return err
	}
	if tokenizer.Truncation != nil {
		f.warn("tokenizer.json: truncation to %d tokens is ignored: texts may have as many tokens as the encoder has positions", tokenizer.Truncation.MaxLength)
	}
	return nil
}
