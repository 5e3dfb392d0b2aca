package tokenize

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// bertVocab returns the 30522 tokens of bert-base-uncased (Apache-2.0). testdata's copy stems from
// pretrained/model/bert-base-uncased-vocab.txt of github.com/sugarme/tokenizer v0.3.0.
var bertVocab = sync.OnceValue(func() []string {
	const sha256OfJoined = "0f052197aac305fe42f378b5c61554b7bacb34b8be4af83fec2cfdcdffbc9973" // joined by \n, as the golden files state it
	packed, err := os.ReadFile("testdata/bert-base-uncased-vocab.txt.gz")
	if err != nil {
		panic(err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err)
	}
	lines, err := io.ReadAll(reader)
	if err != nil {
		panic(err)
	}
	joined := strings.TrimSuffix(string(lines), "\n")
	if sum := sha256.Sum256([]byte(joined)); hex.EncodeToString(sum[:]) != sha256OfJoined {
		panic("testdata holds another vocabulary than the golden files were made with")
	}
	return strings.Split(joined, "\n")
})

// object is a part of a tokenizer.json.
type object = map[string]any

// bertConfig returns a tokenizer.json of bert-base-uncased, of which tests change parts. Like many such files it asks for
// truncation and padding.
func bertConfig(t testing.TB) (config object) {
	t.Helper()
	data, err := encodeWordPiece(bertVocab())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &config); err != nil {
		t.Fatal(err)
	}
	config["truncation"] = object{"max_length": 3, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}
	config["padding"] = object{"strategy": object{"Fixed": 9}, "pad_id": 0, "pad_token": "[PAD]"}
	return config
}

// addTokens appends to the added tokens of a tokenizer.json.
func addTokens(config object, tokens ...object) {
	added, _ := config["added_tokens"].([]any)
	for _, token := range tokens {
		added = append(added, token)
	}
	config["added_tokens"] = added
}

func marshal(t testing.TB, config object) []byte {
	t.Helper()
	data, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mustNew(t testing.TB, config object) *Tokenizer {
	t.Helper()
	tokenizer, err := New(marshal(t, config))
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

func newBert(t testing.TB) *Tokenizer {
	t.Helper()
	return mustNew(t, bertConfig(t))
}

// newSmall returns a tokenizer with a vocabulary of a few words.
func newSmall(t testing.TB) *Tokenizer {
	t.Helper()
	var config object
	readJSON(t, "testdata/tokenizer.json", &config)
	return mustNew(t, config)
}

// readJSON reads a file of testdata into v.
func readJSON(t testing.TB, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// runeOffsets turns byte offsets into the code point offsets of the golden files.
func runeOffsets(text string, offsets [][2]int) [][2]int {
	runes := make([][2]int, len(offsets))
	for i, o := range offsets {
		runes[i] = [2]int{utf8.RuneCountInString(text[:o[0]]), utf8.RuneCountInString(text[:o[1]])}
	}
	return runes
}

func tokensOf(t *Tokenizer, ids []int32) []string {
	tokens := make([]string, len(ids))
	for i, id := range ids {
		tokens[i] = t.Token(id)
	}
	return tokens
}
