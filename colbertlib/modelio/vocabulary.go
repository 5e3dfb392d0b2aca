package modelio

import (
	"encoding/json"
	"math"
)

// vocabulary is what a folder's settings refer to by name: the tokenizer's entries and two of its special tokens.
type vocabulary struct {
	entries       map[string]bool
	mask, unknown string
}

func (v vocabulary) has(word string) bool { return v.entries[word] }

// specialToken is a token in tokenizer_config.json: a string, or an object with the string as "content".
type specialToken string

func (t *specialToken) UnmarshalJSON(content []byte) error {
	if len(content) > 0 && content[0] == '{' {
		var object struct {
			Content string `json:"content"`
		}
		err := json.Unmarshal(content, &object)
		*t = specialToken(object.Content)
		return err
	}
	return json.Unmarshal(content, (*string)(t))
}

// tokenizerConfig is the part of tokenizer_config.json that matters here.
type tokenizerConfig struct {
	MaxLength float64      `json:"model_max_length"` // Python's "none" is 1e30
	Mask      specialToken `json:"mask_token"`
	Unknown   specialToken `json:"unk_token"`
}

func (f *Folder) tokenizerConfig(src source) (tokenizerConfig, error) {
	config := tokenizerConfig{Mask: "[MASK]", Unknown: "[UNK]"} // of the tokenizers that this project's encoders have
	if f.TokenizerConfig == nil {
		return config, nil
	}
	return config, src.decode("tokenizer_config.json", f.TokenizerConfig, &config)
}

// tokenizerLength returns the tokens that a text may have at most by tokenizer_config.json, 0 where it sets no limit.
func (f *Folder) tokenizerLength(src source) (int, error) {
	config, err := f.tokenizerConfig(src)
	if err != nil || config.MaxLength < 1 || config.MaxLength > math.MaxInt32 {
		return 0, err
	}
	return int(config.MaxLength), nil
}

// vocabulary reads tokenizer.json. It is only needed where settings name words.
func (f *Folder) vocabulary(src source) (vocabulary, error) {
	config, err := f.tokenizerConfig(src)
	if err != nil {
		return vocabulary{}, err
	}
	var tokenizer struct {
		Added []struct {
			Content string `json:"content"`
		} `json:"added_tokens"`
		Model struct {
			Entries json.RawMessage `json:"vocab"`
		} `json:"model"`
	}
	if err := src.decode("tokenizer.json", f.Tokenizer, &tokenizer); err != nil {
		return vocabulary{}, err
	}
	var ids map[string]int
	if err := src.decode("tokenizer.json", tokenizer.Model.Entries, &ids); err != nil {
		return vocabulary{}, err
	}
	v := vocabulary{entries: map[string]bool{}, mask: string(config.Mask), unknown: string(config.Unknown)}
	for entry := range ids {
		v.entries[entry] = true
	}
	for _, token := range tokenizer.Added {
		v.entries[token.Content] = true
	}
	return v, nil
}

// skiplist resolves words as PyLate and Stanford's ColBERT do: one that is no vocabulary entry stands for the unknown
// token, so that all unknown tokens are skipped.
func (f *Folder) skiplist(src source, words []string) ([]string, error) {
	if len(words) == 0 {
		return nil, nil
	}
	vocabulary, err := f.vocabulary(src)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var resolved []string
	for _, word := range words {
		if !vocabulary.has(word) {
			f.warn("skiplist word %q is no vocabulary entry: all %s tokens are skipped, as in %s", word, vocabulary.unknown, f.Format)
			word = vocabulary.unknown
		}
		if !seen[word] {
			resolved = append(resolved, word)
		}
		seen[word] = true
	}
	return resolved, nil
}

// punctuation is Python's string.punctuation, the usual skiplist.
func punctuation() []string {
	var words []string
	for _, r := range "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" {
		words = append(words, string(r))
	}
	return words
}
