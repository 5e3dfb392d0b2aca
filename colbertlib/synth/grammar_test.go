package synth

import (
	"bytes"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// The least number of entries of the lists that the generator draws from; French and Spanish need a third.
var leastEntries = map[string]int{
	"titles": 55, "misleading_titles": 10, "purpose": 25, "duties": 140, "qualifications": 50, "skills": 25,
}

func TestEveryListIsLongEnough(t *testing.T) {
	g := newGenerator(t)
	for _, l := range g.languages {
		share := 1
		if l.code != "en" {
			share = 3
		}
		for i, s := range l.scopes {
			for name, least := range leastEntries {
				if n := len(s.list(name)); n < least/share {
					t.Errorf("%s/%s.yaml: list %s has %d entries, want at least %d", l.code, g.mixture.Categories[i].Slug, name, n, least/share)
				}
			}
		}
		for _, name := range sharedLists {
			if n := len(l.scopes[0].shared[name]); l.code == "en" && n < 10 && name != "employer" && name != "place" || n == 0 {
				t.Errorf("%s/shared.yaml: list %s has %d entries", l.code, name, n)
			}
		}
	}
}

// TestNoListIsIdle finds lists that nothing can reach: usually a misspelt name.
func TestNoListIsIdle(t *testing.T) {
	g := newGenerator(t)
	for _, l := range g.languages {
		shared := map[string]bool{}
		for i, s := range l.scopes {
			reached := map[string]bool{}
			for _, name := range slices.Concat(categoryLists, sharedLists) {
				reach(s, name, reached)
			}
			for _, name := range slices.Sorted(maps.Keys(s.own)) {
				if !reached[name] {
					t.Errorf("%s/%s.yaml: nothing uses list %s", l.code, g.mixture.Categories[i].Slug, name)
				}
			}
			maps.Copy(shared, reached)
		}
		for _, name := range slices.Sorted(maps.Keys(l.scopes[0].shared)) {
			if !shared[name] {
				t.Errorf("%s/shared.yaml: nothing uses list %s", l.code, name)
			}
		}
	}
}

func reach(s scope, name string, reached map[string]bool) {
	if reached[name] {
		return
	}
	reached[name] = true
	for _, p := range s.list(name) {
		slots(p.parts, func(slot string) { reach(s, slot, reached) })
	}
}

func TestNewNamesWhatIsWrongWithAGrammar(t *testing.T) {
	for _, test := range []struct {
		name, file, add string
		want            []string
	}{
		{"unknown slot", "en/ict.yaml", "extra: [\"a {nonsense}\"]\n", []string{"en/ict.yaml", "extra", "nonsense"}},
		{"loop", "en/ict.yaml", "one: [\"{two}\"]\ntwo: [\"{one}\"]\n", []string{"en/ict.yaml", "leads back"}},
		{"empty list", "fr/shared.yaml", "extra: []\n", []string{"fr/shared.yaml", "extra", "empty"}},
		{"entry twice", "es/ict.yaml", "extra: [a, a]\n", []string{"es/ict.yaml", "extra", "twice"}},
		{"bad braces", "en/ict.yaml", "extra: [\"{a\"]\n", []string{"en/ict.yaml", "extra", "without its }"}},
		{"list twice", "en/ict.yaml", "duties: [a]\n", []string{"en/ict.yaml", "duties"}},
		{"unknown key", "mixture.yaml", "nonsense: 1\n", []string{"mixture.yaml", "nonsense"}},
		{"label too many", "labels.yaml", "- {id: 1, slug: x, name: x, description: x}\n", []string{"labels.yaml", "10 labels"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := grammarFiles(t)
			file := path.Join("grammar", test.file)
			files[file] = &fstest.MapFile{Data: append(slices.Clone(files[file].Data), test.add...)}
			_, err := load(files)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error with %q", err, want)
				}
			}
		})
	}
	files := grammarFiles(t)
	mixture := files["grammar/mixture.yaml"]
	mixture.Data = bytes.Replace(mixture.Data, []byte("memory: {employer"), []byte("memory: {nonsense"), 1)
	if _, err := load(files); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("a memory of an unknown list: got %v", err)
	}
	for _, file := range []string{"en/shared.yaml", "es/human-resources.yaml", "labels.yaml", "mixture.yaml"} {
		files := grammarFiles(t)
		delete(files, path.Join("grammar", file))
		if _, err := load(files); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("without %s: got %v, want an error that names it", file, err)
		}
	}
}

// grammarFiles copies the embedded grammar.
func grammarFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(embedded, "grammar", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(embedded, name)
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// parsed is the grammar, parsed once for all tests.
var parsed = sync.OnceValues(New)

func newGenerator(t testing.TB) *Generator {
	t.Helper()
	g, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestTheGrammarIsOurOwnAndFictional looks for what must not be in it: addresses of real domains, and real links.
func TestTheGrammarIsOurOwnAndFictional(t *testing.T) {
	for file, content := range grammarFiles(t) {
		for number, line := range strings.Split(string(content.Data), "\n") {
			if strings.Contains(line, "http") || strings.Contains(strings.ReplaceAll(line, "@example.org", ""), "@") {
				t.Errorf("%s:%d: a link or an address outside example.org", file, number+1)
			}
		}
	}
}
