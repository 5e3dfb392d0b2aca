package tokenize

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sugarme/tokenizer/model/bpe"
)

func bpeConfig(t testing.TB) (config object) {
	t.Helper()
	readJSON(t, "testdata/golden/bpe_tokenizer.json", &config)
	return config
}

// withMergesAsStrings returns the tokenizer.json with merges as older files have them, "a b" for ["a","b"].
func withMergesAsStrings(t *testing.T) object {
	t.Helper()
	config := bpeConfig(t)
	model := config["model"].(object)
	var merges []string
	for _, pair := range model["merges"].([]any) {
		merges = append(merges, pair.([]any)[0].(string)+" "+pair.([]any)[1].(string))
	}
	model["merges"] = merges
	return config
}

// The golden files are made with tokenizers 0.23.3: a byte-level BPE with ModernBERT's settings.
func TestGoldenBytePairs(t *testing.T) {
	var file struct{ Cases, Truncated []golden }
	readJSON(t, "testdata/golden/bpe_golden.json", &file)
	if len(file.Cases) != 60 || len(file.Truncated) != 8 {
		t.Fatalf("%d golden texts and %d truncated ones, want 60 and 8", len(file.Cases), len(file.Truncated))
	}
	data, err := os.ReadFile("testdata/golden/bpe_tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := New(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, tokenizer := range []*Tokenizer{pairs, mustNew(t, withMergesAsStrings(t))} {
		for _, g := range slices.Concat(file.Cases, file.Truncated) {
			// The library lists an added token with the white space that it took along.
			for i, token := range g.Tokens {
				if strings.HasSuffix(token, "[MASK]") {
					g.Tokens[i] = "[MASK]"
				}
			}
			g.check(t, tokenizer, g.Text, g.MaxLength)
		}
	}
}

// The plainest form of the algorithm: look for the first merge that applies, apply it, look again.
func naiveMerge(b *bytePairs, word []byte) (ids []int32) {
	for _, c := range word {
		ids = append(ids, int32(b.bytes[c]))
	}
	for {
		best, at := bpe.PairVal{}, -1
		for i := range len(ids) - 1 {
			m, ok := b.merges[bpe.Pair{C1: int(ids[i]), C2: int(ids[i+1])}]
			if ok && (at < 0 || m.Rank < best.Rank) {
				best, at = m, i
			}
		}
		if at < 0 {
			return ids
		}
		ids[at] = int32(best.NewId)
		ids = slices.Delete(ids, at+1, at+2)
	}
}

func TestBytePairsEqualNaiveMerging(t *testing.T) {
	b := mustNew(t, bpeConfig(t)).model.(*bytePairs)
	random := rand.New(rand.NewPCG(6, 6))
	for range 5000 {
		word := make([]byte, 1+random.IntN(40))
		for i := range word {
			word[i] = " aeinorst"[random.IntN(9)]
		}
		var got []int32
		end := 0
		for _, p := range b.pieces(nil, word) {
			got = append(got, p.id)
			if p.start != end || p.end <= p.start {
				t.Fatalf("%q: the piece %v does not follow at %d", word, p, end)
			}
			end = p.end
		}
		if want := naiveMerge(b, word); !slices.Equal(got, want) || end != len(word) {
			t.Fatalf("%q: ids %v up to byte %d, want %v", word, got, end, want)
		}
	}
}

// A word of a megabyte must not take time that grows with its square.
func TestLongWordOfBytePairs(t *testing.T) {
	text := strings.Repeat("es", 1<<19)
	if got := mustNew(t, bpeConfig(t)).Encode(text, 512); len(got.IDs) != 512 || !got.Truncated {
		t.Errorf("%d tokens, Truncated %v", len(got.IDs), got.Truncated)
	}
}

func TestNewNamesWhatItCannotReadOfBytePairs(t *testing.T) {
	model := func(key string, v any) func(object) {
		return func(c object) { c["model"].(object)[key] = v }
	}
	preTokenizer := func(key string, v any) func(object) {
		return func(c object) { c["pre_tokenizer"].(object)[key] = v }
	}
	for name, test := range map[string]struct {
		change func(object)
		want   string
	}{
		"dropout":                  {model("dropout", 0.1), "dropout 0.1 is not supported"},
		"prefix":                   {model("continuing_subword_prefix", "##"), "continuing_subword_prefix ## is not supported"},
		"suffix":                   {model("end_of_word_suffix", "</w>"), "end_of_word_suffix </w> is not supported"},
		"ignored merges":           {model("ignore_merges", true), "ignore_merges true is not supported"},
		"no merges":                {model("merges", nil), "model: malformed"},
		"merge of three":           {model("merges", []any{"a b c"}), "model: "},
		"merge of another kind":    {model("merges", []any{7}), "model: "},
		"merge to an unknown one":  {model("merges", []any{"q q"}), "model: "},
		"not byte-level":           {model("vocab", object{"a": 0, "b": 1}), "is missing: not a byte-level vocabulary"},
		"prefix space":             {preTokenizer("add_prefix_space", true), "add_prefix_space false"},
		"no regular expression":    {preTokenizer("use_regex", false), "use_regex true"},
		"setting of another kind":  {preTokenizer("use_regex", "yes"), "pre_tokenizer: json"},
		"other pre-tokenizer":      {preTokenizer("type", "Metaspace"), `pre_tokenizer "Metaspace" is not supported: with this model ByteLevel is`},
		"pre-tokenizer of BERT":    {preTokenizer("type", "BertPreTokenizer"), `pre_tokenizer "BertPreTokenizer" is not supported`},
		"normalizer of BERT":       {func(c object) { c["normalizer"] = object{"type": "BertNormalizer"} }, `normalizer "BertNormalizer" is not supported`},
		"post-processor ByteLevel": {func(c object) { c["post_processor"] = object{"type": "ByteLevel"} }, `post_processor: "ByteLevel" is not supported`},
	} {
		t.Run(name, func(t *testing.T) {
			config := bpeConfig(t)
			if name == "not byte-level" {
				config["model"].(object)["merges"] = []any{}
			}
			test.change(config)
			checkNewFails(t, config, test.want)
		})
	}
}

// Old files have no "type" in "model"; merges tell the kind.
func TestOldBytePairFilesAreRead(t *testing.T) {
	config := bpeConfig(t)
	delete(config["model"].(object), "type")
	tokenizer := mustNew(t, config)
	if got := tokensOf(tokenizer, tokenizer.Encode("records in Juba", 0).IDs); !slices.Contains(got, "Ġin") {
		t.Errorf("tokens %q", got)
	}
}
