package tokenize

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
)

func checkNewFails(t *testing.T, config object, want string) {
	t.Helper()
	_, err := New(marshal(t, config))
	if err == nil || !strings.HasPrefix(err.Error(), "tokenize: tokenizer.json: ") || !strings.Contains(err.Error(), want) {
		t.Errorf("error %q, want one with %q", err, want)
	}
}

// unreadable is a change that makes a tokenizer.json unreadable, and what the error must say.
type unreadable struct {
	name   string
	change func(object)
	want   string
}

func checkUnreadable(t *testing.T, tests []unreadable) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var config object
			readJSON(t, "testdata/tokenizer.json", &config)
			test.change(config)
			checkNewFails(t, config, test.want)
		})
	}
}

func TestNewNamesWhatItCannotReadOfTheModel(t *testing.T) {
	part := func(v any) func(object) {
		return func(c object) { c["model"] = v }
	}
	vocab := func(v any) func(object) {
		return func(c object) { c["model"].(object)["vocab"] = v }
	}
	model := func(key string, v any) func(object) {
		return func(c object) { c["model"].(object)[key] = v }
	}
	checkUnreadable(t, []unreadable{
		{"unigram", model("type", "Unigram"), `model: type "Unigram" is not supported`},
		{"no model", part(nil), "model: missing"},
		{"model of another kind", part("WordPiece"), "cannot unmarshal string"},
		{"no vocabulary", vocab(nil), "model: vocab: want an object"},
		{"empty vocabulary", vocab(object{}), "model: vocab: want an object"},
		{"id of another kind", vocab(object{"[UNK]": "0"}), `"[UNK]" has the id 0`},
		{"negative id", vocab(object{"[UNK]": -1}), `"[UNK]" has the id -1`},
		{"broken id", vocab(object{"[UNK]": 1.5}), `"[UNK]" has the id 1.5`},
		{"huge id", vocab(object{"[UNK]": 1e12}), `"[UNK]" has the id 1e+12`},
		{"no unknown token", model("unk_token", "<unk>"), `unk_token "<unk>" is not in the vocabulary`},
		{"setting of another kind", model("max_input_chars_per_word", "100"), "max_input_chars_per_word is 100"},
		{"prefix of another kind", model("continuing_subword_prefix", 2), "continuing_subword_prefix is 2"},
	})
}

func TestNewNamesWhatItCannotReadOfTheRest(t *testing.T) {
	part := func(key string, v any) func(object) {
		return func(c object) { c[key] = v }
	}
	single := func(items ...object) object {
		return object{"type": "TemplateProcessing", "single": items, "special_tokens": object{"[CLS]": object{"ids": []any{2}}}}
	}
	cls, text := object{"SpecialToken": object{"id": "[CLS]"}}, object{"Sequence": object{"id": "A"}}
	stranger := object{"SpecialToken": object{"id": "<s>"}}
	checkUnreadable(t, []unreadable{
		{"other normalizer", part("normalizer", object{"type": "Precompiled"}), `normalizer "Precompiled" is not supported`},
		{"normalizer without type", part("normalizer", object{}), `normalizer: "type" is missing`},
		{"normalizer of another kind", part("normalizer", 3), "normalizer: json"},
		{"wrong setting of the normalizer", part("normalizer", object{"type": "BertNormalizer", "lowercase": 1}), "normalizer: json"},
		{"other pre-tokenizer", part("pre_tokenizer", object{"type": "Metaspace"}), `pre_tokenizer "Metaspace" is not supported`},
		{"no pre-tokenizer", part("pre_tokenizer", nil), `pre_tokenizer "" is not supported`},
		{"other post-processor", part("post_processor", object{"type": "RobertaProcessing"}), `post_processor: "RobertaProcessing" is not supported`},
		{"template without text", part("post_processor", single(cls)), "holds the text 0 times"},
		{"template with two texts", part("post_processor", single(text, text)), "holds the text 2 times"},
		{"template with an unknown item", part("post_processor", single(text, object{})), "neither a special token nor a sequence"},
		{"template with an unknown token", part("post_processor", single(text, stranger)), `"<s>" of the template has no id`},
		{"template with an id of no token", func(c object) {
			c["post_processor"] = object{
				"type": "TemplateProcessing", "single": []object{text, cls}, "special_tokens": object{"[CLS]": object{"ids": []any{999}}},
			}
		}, "id 999"},
		{"added token with a bad id", part("added_tokens", []object{{"id": -5, "content": "new"}}), `"new" has the id -5`},
	})
}

func TestNewRefusesWhatIsNoTokenizer(t *testing.T) {
	for _, data := range []string{"", "null", "[]", "{", `{"model": null}`} {
		if _, err := New([]byte(data)); err == nil {
			t.Errorf("New(%q) succeeds", data)
		}
	}
}

// sugarme's reader panics on such a model; New must not.
func TestPanicsWithinSugarmeBecomeErrors(t *testing.T) {
	config := object{"type": "WordPiece", "vocab": object{"a": "no number"}}
	if _, err := readSugarme(config); err == nil || !strings.Contains(err.Error(), "malformed") {
		t.Errorf("error %v, want one that says malformed", err)
	}
}

// Old files have no "type" in "model", and no "version".
func TestOldFilesAreRead(t *testing.T) {
	var config object
	readJSON(t, "testdata/tokenizer.json", &config)
	delete(config, "version")
	delete(config["model"].(object), "type")
	if got := mustNew(t, config).Encode("water", 0).IDs; !slices.Equal(got, []int32{2, 5, 3}) {
		t.Errorf("ids %v, want [2 5 3]", got)
	}
}

// Truncation and padding of tokenizer.json would be silent surprises (bertConfig's asks for 3 and 9 tokens).
func TestTruncationAndPaddingOfTheFileAreIgnored(t *testing.T) {
	tokenizer := newBert(t)
	for text, want := range map[string]int{"": 2, "one two three four": 6} {
		if got := tokenizer.Encode(text, 0); len(got.IDs) != want || got.Truncated {
			t.Errorf("%q has %d tokens, Truncated %v; want %d", text, len(got.IDs), got.Truncated, want)
		}
	}
}

func TestVocabulary(t *testing.T) {
	tokenizer := newSmall(t)
	if size := tokenizer.VocabSize(); size != 17 {
		t.Errorf("VocabSize %d, want 17", size)
	}
	for id := range int32(17) {
		if got, ok := tokenizer.ID(tokenizer.Token(id)); !ok || got != id {
			t.Errorf("token %q of id %d has the id %d, %v", tokenizer.Token(id), id, got, ok)
		}
	}
	for _, id := range []int32{-1, 17} {
		if token := tokenizer.Token(id); token != "" {
			t.Errorf("id %d has the token %q", id, token)
		}
	}
	if id, ok := tokenizer.ID("river"); ok {
		t.Errorf("a word outside the vocabulary has the id %d", id)
	}
	if id, ok := tokenizer.PadID(); !ok || id != 0 {
		t.Errorf("PadID %d, %v; want 0", id, ok)
	}
	if id, ok := tokenizer.MaskID(); !ok || id != 4 {
		t.Errorf("MaskID %d, %v; want 4", id, ok)
	}
}

func TestVocabularyWithoutSpecialTokens(t *testing.T) {
	var config object
	readJSON(t, "testdata/tokenizer.json", &config)
	config["added_tokens"], config["post_processor"] = []object{{"id": 40, "content": "far away"}}, nil
	config["model"].(object)["vocab"] = object{"[UNK]": 0, "away": 1}
	tokenizer := mustNew(t, config)
	_, pad := tokenizer.PadID()
	_, mask := tokenizer.MaskID()
	if pad || mask {
		t.Errorf("PadID %v and MaskID %v without such tokens", pad, mask)
	}
	if size := tokenizer.VocabSize(); size != 41 {
		t.Errorf("VocabSize %d, want 41: the highest id plus one", size)
	}
	if got := tokenizer.Encode("away far away", 0); !slices.Equal(got.IDs, []int32{1, 40}) {
		t.Errorf("ids %v, want [1 40]", got.IDs)
	}
}

func FuzzNew(f *testing.F) {
	small, err := os.ReadFile("testdata/tokenizer.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small, "Water engineer")
	f.Add(bytes.Replace(small, []byte("##"), []byte(""), 3), "(UNICEF)")
	f.Add(bytes.ReplaceAll(small, []byte(`"normalized": false`), []byte(`"normalized": true, "lstrip": true`)), "in [mask] SUDAN")
	if pairs, err := os.ReadFile("testdata/golden/bpe_tokenizer.json"); err == nil {
		f.Add(pairs, "chargé de l'eau  à Abéché")
	}
	f.Add([]byte(`{"model":{"vocab":{"[UNK]":0}},"pre_tokenizer":{"type":"BertPreTokenizer"}}`), "x")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		tokenizer, err := New(data)
		if err != nil {
			return
		}
		encoding := tokenizer.Encode(text, 0)
		for i, id := range encoding.IDs {
			if int(id) >= tokenizer.VocabSize() || id < 0 {
				t.Errorf("id %d of %q is outside the vocabulary of %d", id, text, tokenizer.VocabSize())
			}
			if span := encoding.Offsets[i]; span[0] < 0 || span[0] > span[1] || span[1] > len(text) {
				t.Errorf("span %v lies outside %q", span, text)
			}
		}
	})
}
