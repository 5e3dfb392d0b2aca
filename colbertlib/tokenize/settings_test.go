package tokenize

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"testing"
	"unicode"
)

// change is a part of a tokenizer.json to change, and what tokenizers 0.23.3 makes of texts then.
type change struct {
	Name       string
	Normalizer object // nil for none
	Added      []object
	Model      object
	Cases      []golden
}

// apply changes config.
func (c change) apply(config object) {
	if c.Normalizer != nil {
		maps.Copy(config["normalizer"].(object), c.Normalizer)
	} else {
		config["normalizer"] = nil
	}
	for _, added := range c.Added {
		if _, ok := added["normalized"]; !ok {
			added["normalized"] = true
		}
		addTokens(config, added)
	}
	maps.Copy(config["model"].(object), c.Model)
	if c.Name == "no post-processor" {
		config["post_processor"] = nil
	}
}

// Every setting of BertNormalizer, every kind of added token, and NFC where marks change places.
func TestGoldenSettings(t *testing.T) {
	for _, test := range []struct {
		file   string
		config func(testing.TB) object
		want   int
	}{
		{"testdata/golden/settings.json", bertConfig, 13},
		{"testdata/golden/bpe_settings.json", bpeConfig, 3},
	} {
		var file struct{ Settings []change }
		readJSON(t, test.file, &file)
		if len(file.Settings) != test.want {
			t.Fatalf("%d settings, want %d", len(file.Settings), test.want)
		}
		for _, s := range file.Settings {
			t.Run(s.Name, func(t *testing.T) {
				config := test.config(t)
				s.apply(config)
				tokenizer := mustNew(t, config)
				for _, g := range s.Cases {
					g.check(t, tokenizer, g.Text, 0)
				}
			})
		}
	}
}

// codePoints says how tokenizers 0.23.3 treats each code point: ranges of code points, and normal forms that differ from
// the code point (without those of Hangul syllables, which are decomposed by rule).
type codePoints struct {
	Removed     [][2]rune
	WhiteSpace  [][2]rune `json:"white_space"`
	Punctuation [][2]rune
	Ideographs  [][2]rune
	Normal      map[string]string
}

func readCodePoints(t *testing.T) (c codePoints) {
	t.Helper()
	packed, err := os.ReadFile("testdata/golden/codepoints.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(reader).Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

func set(ranges [][2]rune) map[rune]bool {
	s := map[rune]bool{}
	for _, r := range ranges {
		for c := r[0]; c <= r[1]; c++ {
			s[c] = true
		}
	}
	return s
}

// TestEveryCodePoint guards the tables of chars.go, which must be brought up to date when Go's Unicode tables change.
func TestEveryCodePoint(t *testing.T) {
	want := readCodePoints(t)
	removed, space := set(want.Removed), set(want.WhiteSpace)
	punctuation, ideographs := set(want.Punctuation), set(want.Ideographs)
	b := &bert{CleanText: true, HandleChineseChars: true, Lowercase: true}
	var n normal
	checked := 0
	for r := range unicode.MaxRune + 1 {
		// U+11938 is the one code point whose decomposition is younger than the library's tables.
		if unicode.In(r, unicode.Cn, unicode.Cs) || r == 0x11938 {
			continue
		}
		checked++
		if isPunctuation(r) != punctuation[r] || unicode.IsSpace(r) != space[r] {
			t.Errorf("%U: punctuation %v, white space %v; want %v, %v", r, isPunctuation(r), unicode.IsSpace(r), punctuation[r], space[r])
		}
		if unicode.Is(unicode.Hangul, r) {
			continue
		}
		normalized, ok := want.Normal[string(r)]
		switch {
		case removed[r]:
			normalized = ""
		case ideographs[r]:
			normalized = " " + string(r) + " "
		case !ok:
			normalized = string(r)
		}
		n.reset(string(r))
		if b.normalize(&n); string(n.text) != normalized {
			t.Errorf("%U becomes %+q, want %+q", r, n.text, normalized)
		}
	}
	if checked < 280000 {
		t.Errorf("only %d code points checked", checked)
	}
}
