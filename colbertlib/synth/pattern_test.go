package synth

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// expandAll expands a pattern often enough to meet each of its few texts.
func expandAll(t *testing.T, source string, lists lexicon) map[string]bool {
	t.Helper()
	p, err := parsePattern(source)
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{rng: rand.New(rand.NewPCG(1, 1)), said: map[string]bool{}}
	texts := map[string]bool{}
	for range 200 {
		var b strings.Builder
		clear(w.said)
		w.expand(&b, scope{own: lists}, p.parts)
		texts[b.String()] = true
	}
	return texts
}

func mustParse(t *testing.T, sources ...string) (list []pattern) {
	t.Helper()
	for _, source := range sources {
		p, err := parsePattern(source)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func TestPatternsExpand(t *testing.T) {
	lists := lexicon{
		"grade": mustParse(t, "Senior", "Junior"),
		"team":  mustParse(t, "{grade} team"),
	}
	for _, test := range []struct {
		name, source string
		want         []string
	}{
		{"text", "Finance Officer", []string{"Finance Officer"}},
		{"slot", "{grade} Officer", []string{"Senior Officer", "Junior Officer"}},
		{"choice", "a{b|c}d", []string{"abd", "acd"}},
		{"empty alternative", "{x|}y", []string{"xy", "y"}},
		{"slot in a choice", "{the {grade} one|none}", []string{"the Senior one", "the Junior one", "none"}},
		{"choice in a choice", "{a{1|2}|b}", []string{"a1", "a2", "b"}},
		{"slot in an entry", "{team}", []string{"Senior team", "Junior team"}},
		{"bar outside braces", "a|b", []string{"a|b"}},
		{"nothing", "", []string{""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := expandAll(t, test.source, lists)
			if len(got) != len(test.want) {
				t.Errorf("got %v, want %q", got, test.want)
			}
			for _, want := range test.want {
				if !got[want] {
					t.Errorf("never got %q", want)
				}
			}
		})
	}
}

func TestBadPatternsAreErrors(t *testing.T) {
	for source, want := range map[string]string{
		"a {b":        "without its }",
		"a {b|c":      "without its }",
		"{":           "without its }",
		"b} c":        "without its {",
		"{}":          "neither a list's name",
		"{two words}": "neither a list's name",
		"{Upper}":     "neither a list's name",
		"{a{b}}":      "neither a list's name",
	} {
		if _, err := parsePattern(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parsePattern(%q) = %v, want an error with %q", source, err, want)
		}
	}
}

func FuzzPattern(f *testing.F) {
	for _, source := range []string{"a {b} {c|d{e|}}", "{", "}", "{|}", "{a|{b}", "é{ü}"} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		p, err := parsePattern(source)
		if err == nil && !strings.ContainsAny(source, "{}") && source != "" && (len(p.parts) != 1 || p.parts[0].literal != source) {
			t.Errorf("a text without braces was parsed to %+v", p)
		}
	})
}

func TestAPatternDoesNotSayTheSameTwice(t *testing.T) {
	for text := range expandAll(t, "{grade} and {grade}", lexicon{"grade": mustParse(t, "red", "green", "blue", "white")}) {
		if a, b, _ := strings.Cut(text, " and "); a == b {
			t.Errorf("got %q", text)
		}
	}
}

func TestPolish(t *testing.T) {
	for _, test := range []struct{ language, in, want string }{
		{"en", " a  assistant ,  b", "an assistant, b"},
		{"en", "an user of a UN unit, a NGO, an WASH officer", "a user of a UN unit, an NGO, a WASH officer"},
		{"en", "A hour with an \"university\" and a M&E officer", "An hour with a \"university\" and an M&E officer"},
		{"en", "a European, an one-day course, a urgent call, a honest view", "a European, a one-day course, an urgent call, an honest view"},
		{"en", "Ready? the Willowmere Trust is", "Ready? The Willowmere Trust is"},
		{"en", "María and a Íñigo", "María and a Íñigo"},
		{"fr", "à  Bamako : a un", "à Bamako : a un"},
	} {
		if got := polish(test.language, test.in); got != test.want {
			t.Errorf("polish(%q, %q) = %q, want %q", test.language, test.in, got, test.want)
		}
	}
	for in, want := range map[string]string{"Keep books": "keep books", "HR files": "HR files", "M&E": "M&E", "Évaluer": "évaluer"} {
		if lowerFirst(in) != want {
			t.Errorf("lowerFirst(%q) = %q, want %q", in, lowerFirst(in), want)
		}
	}
}
