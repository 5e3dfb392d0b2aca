package bm25

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{ // as LeNLP 1.3.0 gives them
		"  Hello,  World!\n\tx ":    "hello  world\n\tx",
		"a-b_c/d'e":                 "abcde",
		"“Quoted” – dash — … • €":   "quoted  dash    eur",
		"Straße ÆØ ŒÉ":              "strasse aeo oee",
		"北京 работа":                 "bei jing  rabota",
		"a\u00a0b\u2003c\u200bd":    "a b c d",
		"x\x00y\x07z":               "x\x00y\x07z",
		"İI":                        "ii",
		"ﬁ ½ ² ™":                   "fi 12 2 tm",
		"“ hi ”":                    "hi",
		"!!":                        "",
		"A\r\nB":                    "a\r\nb",
		"١٢":                        "12",
		"😀 x":                       "x",
		"\u2028a\u2029":             "a",
		"¿Qué?":                     "que",
		"a`b^c~d|e$f+g<h=i>j@k{l}m": "abcdefghijklm",
	} {
		if got := normalize(in); got != want {
			t.Errorf("normalize(%q) = %q, want %q", in, got, want)
		}
	}
}

// Every character is read as LeNLP reads it: testdata/golden.json has the SHA-256 over all readings, made by golden.py.
func TestEveryCharacterIsReadAsLeNLPDoes(t *testing.T) {
	content, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Want string `json:"normalized_sha256"`
	}
	if err := json.Unmarshal(content, &golden); err != nil {
		t.Fatal(err)
	}
	digest := sha256.New()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if utf8.ValidRune(r) {
			fmt.Fprintf(digest, "%s\n", normalize("x"+string(r)+"x"))
		}
	}
	if got := hex.EncodeToString(digest.Sum(nil)); got != golden.Want {
		t.Errorf("the readings of all characters have the hash %s, LeNLP's have %s", got, golden.Want)
	}
}
