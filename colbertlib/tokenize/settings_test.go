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

// Every setting of BertNormalizer and every kind of added token, against tokenizers 0.23.3.
func TestGoldenSettings(t *testing.T) {
	var file struct {
		Settings []struct {
			Name          string
			Normalizer    object
			Added         []object
			Model         object
			PostProcessor any `json:"post_processor"`
			Cases         []golden
		}
	}
	readJSON(t, "testdata/golden/settings.json", &file)
	if len(file.Settings) != 13 {
		t.Fatalf("%d settings, want 13", len(file.Settings))
	}
	for _, s := range file.Settings {
		t.Run(s.Name, func(t *testing.T) {
			config := bertConfig(t)
			if s.Normalizer == nil {
				config["normalizer"] = nil
			} else {
				maps.Copy(config["normalizer"].(object), s.Normalizer)
			}
			for _, added := range s.Added {
				if _, ok := added["normalized"]; !ok {
					added["normalized"] = true
				}
				addTokens(config, added)
			}
			maps.Copy(config["model"].(object), s.Model)
			if s.Name == "no post-processor" {
				config["post_processor"] = nil
			}
			tokenizer := mustNew(t, config)
			for _, g := range s.Cases {
				g.check(t, tokenizer, g.Text, 0)
			}
		})
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
