package tokenize

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"slices"
)

// file is the part of a tokenizer.json that is used. Truncation, padding and the decoder are not.
type file struct {
	AddedTokens   []addedToken    `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Model         map[string]any  `json:"model"`
}

// New reads a tokenizer.json. What this package does not follow exactly is an error that names it.
func New(tokenizerJSON []byte) (*Tokenizer, error) {
	t, err := newTokenizer(tokenizerJSON)
	if err != nil {
		return nil, fmt.Errorf("tokenize: tokenizer.json: %w", err)
	}
	return t, nil
}

func newTokenizer(tokenizerJSON []byte) (*Tokenizer, error) {
	var f file
	if err := json.Unmarshal(tokenizerJSON, &f); err != nil {
		return nil, err
	}
	t := &Tokenizer{added: map[string]int32{}, tokens: map[int32]string{}}
	t.cache.seed = maphash.MakeSeed()
	vocab, err := t.readModel(f.Model)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	for token, id := range vocab {
		if other, ok := t.tokens[int32(id)]; !ok || token < other { // the same in every run, should two share an id
			t.tokens[int32(id)] = token
		}
	}
	if err := t.readSplitter(f.Normalizer, f.PreTokenizer); err != nil {
		return nil, err
	}
	if err := t.readAddedTokens(f.AddedTokens); err != nil {
		return nil, fmt.Errorf("added_tokens: %w", err)
	}
	if t.prefix, t.suffix, err = readTemplate(f.PostProcessor); err != nil {
		return nil, fmt.Errorf("post_processor: %w", err)
	}
	for _, id := range slices.Concat(t.prefix, t.suffix) {
		if _, ok := t.tokens[id]; !ok {
			return nil, fmt.Errorf("post_processor: adds the id %d, which is no token's", id)
		}
	}
	for id := range t.tokens {
		t.vocabSize = max(t.vocabSize, int(id)+1)
	}
	return t, nil
}

// readSplitter reads the normalizer and the pre-tokenizer, of which two combinations are known, one for each kind of model.
func (t *Tokenizer) readSplitter(normalizer, preTokenizer json.RawMessage) error {
	normalizerKind, err := typeOf(normalizer)
	if err != nil {
		return fmt.Errorf("normalizer: %w", err)
	}
	kind, err := typeOf(preTokenizer)
	if err != nil {
		return fmt.Errorf("pre_tokenizer: %w", err)
	}
	wanted, read := "BertPreTokenizer", t.readBert
	if _, ok := t.model.(*bytePairs); ok {
		wanted, read = "ByteLevel", t.readByteLevel
	}
	if kind != wanted {
		return fmt.Errorf("pre_tokenizer %q is not supported: with this model %s is", kind, wanted)
	}
	return read(normalizerKind, normalizer, preTokenizer)
}

func (t *Tokenizer) readBert(kind string, normalizer, _ json.RawMessage) error {
	b := &bert{}
	switch kind {
	case "":
	case "BertNormalizer":
		*b = bert{CleanText: true, HandleChineseChars: true, Lowercase: true}
		if err := json.Unmarshal(normalizer, b); err != nil {
			return fmt.Errorf("normalizer: %w", err)
		}
	default:
		return fmt.Errorf("normalizer %q is not supported: with BertPreTokenizer BertNormalizer or none is", kind)
	}
	t.splitter, t.cut = b, b.cut
	return nil
}

func (t *Tokenizer) readByteLevel(kind string, _, preTokenizer json.RawMessage) error {
	if kind != "" && kind != "NFC" {
		return fmt.Errorf("normalizer %q is not supported: with ByteLevel NFC or none is", kind)
	}
	settings := struct {
		AddPrefixSpace bool `json:"add_prefix_space"`
		UseRegex       bool `json:"use_regex"`
	}{AddPrefixSpace: true, UseRegex: true}
	if err := json.Unmarshal(preTokenizer, &settings); err != nil {
		return fmt.Errorf("pre_tokenizer: %w", err)
	}
	if settings.AddPrefixSpace || !settings.UseRegex {
		return errors.New("pre_tokenizer: ByteLevel is supported with add_prefix_space false and use_regex true only")
	}
	t.splitter, t.cut = &byteLevel{kind == "NFC"}, newJoints(nil).cut
	return nil
}

// readAddedTokens gives every added token the id it has in the vocabulary, its own only if it is not in there.
func (t *Tokenizer) readAddedTokens(tokens []addedToken) error {
	var raw, normalized []addedToken
	var n normal
	for _, token := range tokens {
		if token.Content == "" {
			continue
		}
		if id, ok := t.model.id(token.Content); ok {
			token.ID = int64(id)
		}
		if token.ID < 0 || token.ID > math.MaxInt32 {
			return fmt.Errorf("%q has the id %d, outside 0 to 2^31-1", token.Content, token.ID)
		}
		t.added[token.Content] = int32(token.ID)
		t.tokens[int32(token.ID)] = token.Content
		if !token.Normalized {
			raw = append(raw, token)
			continue
		}
		n.reset(token.Content)
		t.splitter.normalize(&n)
		if token.Content = string(n.text); token.Content != "" {
			normalized = append(normalized, token)
		}
	}
	t.raw, t.normalized = newAddedSet(raw), newAddedSet(normalized)
	if len(normalized) > 0 {
		t.cut = newJoints(normalized).cut
	}
	return nil
}

// readTemplate returns the special tokens that the post-processor puts before and after a single text.
func readTemplate(data json.RawMessage) (prefix, suffix []int32, err error) {
	type specialToken struct{ IDs []int32 }
	var template struct {
		Single []struct {
			SpecialToken, Sequence *struct{ ID string }
		}
		SpecialTokens map[string]specialToken `json:"special_tokens"`
	}
	kind, err := typeOf(data)
	if err != nil || kind == "" {
		return nil, nil, err
	}
	if kind != "TemplateProcessing" {
		return nil, nil, fmt.Errorf("%q is not supported: TemplateProcessing or none is", kind)
	}
	if err := json.Unmarshal(data, &template); err != nil {
		return nil, nil, err
	}
	sequences := 0
	for _, item := range template.Single {
		switch special := item.SpecialToken; {
		case item.Sequence != nil:
			sequences++
		case special == nil:
			return nil, nil, errors.New(`"single" has an item that is neither a special token nor a sequence`)
		case len(template.SpecialTokens[special.ID].IDs) == 0:
			return nil, nil, fmt.Errorf("the special token %q of the template has no id", special.ID)
		case sequences == 0:
			prefix = append(prefix, template.SpecialTokens[special.ID].IDs...)
		default:
			suffix = append(suffix, template.SpecialTokens[special.ID].IDs...)
		}
	}
	if sequences != 1 {
		return nil, nil, fmt.Errorf(`"single" holds the text %d times, not once`, sequences)
	}
	return prefix, suffix, nil
}

// typeOf returns the "type" of a part of tokenizer.json, "" if the part is absent or null.
func typeOf(data json.RawMessage) (string, error) {
	var part *struct{ Type string }
	if len(data) == 0 {
		return "", nil
	}
	if err := json.Unmarshal(data, &part); err != nil || part == nil {
		return "", err
	}
	if part.Type == "" {
		return "", errors.New(`"type" is missing`)
	}
	return part.Type, nil
}
