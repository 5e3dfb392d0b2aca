package bm25

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gosimple/unidecode"
)

// normalize does what LeNLP's normalizer does: characters become ASCII, ASCII becomes lower case, punctuation is dropped, and
// white space is trimmed at both ends. White space inside, line breaks included, stays as it is.
func normalize(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	for _, r := range text {
		if r < utf8.RuneSelf {
			writeASCII(&out, byte(r))
			continue
		}
		ascii := transliterate(r)
		for i := range len(ascii) {
			writeASCII(&out, ascii[i])
		}
	}
	return strings.TrimSpace(out.String())
}

func writeASCII(out *strings.Builder, c byte) {
	switch {
	case 'A' <= c && c <= 'Z':
		out.WriteByte(c + 'a' - 'A')
	case '!' <= c && c <= '/', ':' <= c && c <= '@', '[' <= c && c <= '`', '{' <= c && c <= '~': // punctuation
	default:
		out.WriteByte(c)
	}
}

// transliterate is the reading of a character that is not ASCII. Package unidecode follows another edition of the same tables
// than LeNLP 1.3.0 does, so that a few characters need LeNLP's reading instead.
func transliterate(r rune) string {
	i, found := slices.BinarySearchFunc(readings, r, func(run reading, r rune) int {
		if run.last < r {
			return -1
		}
		return int(max(run.first-r, 0))
	})
	if !found {
		return unidecode.Unidecode(string(r))
	}
	texts := strings.Split(readings[i].texts, "|")
	if len(texts) == 1 {
		return texts[0]
	}
	return texts[r-readings[i].first]
}

// reading is how LeNLP reads a run of characters: one text for all of them, or one for each, separated by "|".
type reading struct {
	first, last rune
	texts       string
}

// readings are the characters that LeNLP 1.3.0 reads otherwise than package unidecode 1.0.1, in order. Where its tables have
// no block at all it gives a blank.
var readings = []reading{
	{0x80, 0x80, "eur"}, // 0x80 to 0x9f: text in Windows' code page taken for Latin-1
	{0x83, 0x83, "f"},
	{0x89, 0x8a, "0|s"},
	{0x8c, 0x8c, "oe"},
	{0x8e, 0x8e, "z"},
	{0x99, 0x9a, "tm|s"},
	{0x9c, 0x9c, "oe"},
	{0x9e, 0x9f, "z|y"},
	{0x2b0, 0x2b0, "h"}, // modifier letters
	{0x2e5, 0x2e9, "5|4|3|2|1"},
	{0x2ef, 0x2ef, "v"},
	{0x2f3, 0x2f3, "o"},
	{0x3f4, 0x3f9, "th|e|e|sh|sh|s"}, // Greek
	{0x3fc, 0x3ff, "r|s|s|s"},
	{0x404, 0x404, "e"}, // Cyrillic
	{0x6ff, 0x6ff, "h"}, // Arabic
	{0x800, 0x8ff, " "},
	{0xaf1, 0xaf1, "r"}, // Gujarati
	{0xaf9, 0xaf9, "zh"},
	{0x13f5, 0x13f5, "mv"}, // Cherokee
	{0x13f8, 0x13fd, "ye|yi|yo|yu|yv|mv"},
	{0x1d6c, 0x1d8e, ""}, // phonetic letters
	{0x1e9c, 0x1e9d, "s"},
	{0x1e9f, 0x1e9f, "d"},
	{0x1efa, 0x1eff, "ll|ll|v|v|y|y"},
	{0x20ac, 0x20ac, "eur"}, // euro sign
	{0x2122, 0x2122, "tm"},
	{0x212a, 0x212b, ""}, // Kelvin and Angstrom signs
	{0x2132, 0x2132, ""},
	{0x214e, 0x214e, ""},
	{0x24d0, 0x24ea, ""},  // circled letters
	{0x25f4, 0x25f7, "o"}, // circles
	{0x2900, 0x2dff, " "},
	{0x3057, 0x3057, "si"}, // Hiragana
	{0x3061, 0x3061, "ti"},
	{0x3063, 0x3064, "tu"},
	{0x30b7, 0x30b7, "si"}, // Katakana
	{0x30c1, 0x30c1, "ti"},
	{0x30c3, 0x30c4, "tu"},
	{0x30ff, 0x30ff, "koto"},
	{0x33ff, 0x33ff, "gal"},
	{0x3400, 0x4cff, " "},
	{0x4e00, 0x4e00, "yi "},
	{0xa500, 0xabff, " "},
	{0xe000, 0xf8ff, " "}, // private use, as icons in web pages
	{0xfdf0, 0xfdf7, "salla|qala|allah|akbar|mohammed|slm|rasul|alayhi"},
	{0xfdf8, 0xfdfb, "wasallam|salla|salla llahu alayhi wasallam|jalla jalalahu"},
	{0xfdfc, 0xfdfd, "rial |bismillah arrahman arrahimi"},
}
