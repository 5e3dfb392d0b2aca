package modelcard_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/modelcard"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

func TestReadHead(t *testing.T) {
	for card, want := range map[string]modelcard.Head{
		"---\nlicense: apache-2.0\nbase_model: org/name\nlanguage: [en, fr]\n---\n# A model": {License: "apache-2.0", BaseModel: "org/name"},
		"---\r\nlicense: mit\r\nlibrary_name: transformers\r\n---\r\nText":                   {License: "mit", Library: "transformers"},
		"---\nlicense: other\nlicense_name: research-only\n---\n":                            {License: "research-only"},
		"---\nlicense: [mit, apache-2.0]\npipeline_tag: fill-mask\n---\n":                    {Pipeline: "fill-mask"},
		"# No head\n---\nlicense: mit\n---\n":                                                {},
		"---\nlicense: mit\n":                                                                {},
		"---\n{\n---\n":                                                                      {},
		"":                                                                                   {},
	} {
		if diff := cmp.Diff(want, modelcard.ReadHead([]byte(card))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", card, diff)
		}
	}
}

func TestConvertedKeepsTheCard(t *testing.T) {
	card := "---\nlicense: mit\nlibrary_name: sentence-transformers\nmodel-index:\n- name: x\n---\n\n# A tagger\n\nIts table.\n"
	once := converted(t, card, "some/where/tagger", modelio.PyLate)
	for _, want := range []string{
		"---\nlicense: mit\nmodel-index:\n- name: x\nlibrary_name: PyLate\n---\n\n# A tagger\n\nIts table.\n\n## Conversion\n",
		"Written by jobtagger from tagger, as PyLate loads it.", "\n* scores differ\n", `models.ColBERT("FOLDER")`,
	} {
		if !strings.Contains(once, want) {
			t.Errorf("no %q in\n%s", want, once)
		}
	}
	twice := converted(t, once, "org/tagger", modelio.SentenceTransformers)
	if strings.Count(twice, "## Conversion") != 1 || strings.Contains(twice, "PyLate") || !strings.Contains(twice, "from org/tagger") || !strings.Contains(twice, "Its table.") {
		t.Errorf("converted again:\n%s", twice)
	}
}

func converted(t *testing.T, card, model string, to modelio.Format) string {
	t.Helper()
	content, err := modelcard.Converted([]byte(card), model, to, []string{"scores differ"})
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestConvertedMakesACard(t *testing.T) {
	for name, want := range map[string][]string{
		"some/where/starter": {"---\nlibrary_name: sentence-transformers\n", "# starter\n", "its licence\n", "from starter,", "\n* scores differ\n"},
		"org/name":           {"---\nbase_model: org/name\n", "# name\n", "from org/name,"},
		"":                   {"---\nlibrary_name: sentence-transformers\n", "# Model\n", "Written by jobtagger, as sentence-transformers loads it."},
	} {
		got := converted(t, "", name, modelio.SentenceTransformers)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%q: no %q in\n%s", name, part, got)
			}
		}
	}
	if got := converted(t, "# Plain\n", "starter", modelio.PyLate); !strings.Contains(got, "library_name: PyLate\n") || !strings.Contains(got, "# Plain\n\n## Conversion") {
		t.Errorf("got\n%s", got)
	}
}

func FuzzReadHead(f *testing.F) {
	for _, seed := range []string{"---\nlicense: mit\n---\n# Text", "---\n- a\n---\n", "---\n&a [*a]\n---\n", "---\n? ---\n---\n", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, card []byte) {
		modelcard.ReadHead(card) // must not panic, whatever comes from the Hub
		if _, err := modelcard.Converted(card, "org/name", modelio.PyLate, nil); err != nil {
			t.Errorf("%q: %v", card, err)
		}
	})
}

func ExampleReadHead() {
	head := modelcard.ReadHead([]byte("---\nlicense: apache-2.0\n---\n# An encoder\n"))
	fmt.Println(head.License)
	// Output: apache-2.0
}

func ExampleWrite() {
	head := modelcard.NewHead(modelio.SentenceTransformers)
	head.License = "apache-2.0"
	card, err := modelcard.Write(head, "# A tagger\n")
	fmt.Printf("%s%v", card, err)
	// Output:
	// ---
	// license: apache-2.0
	// library_name: sentence-transformers
	// pipeline_tag: text-ranking
	// tags:
	// - ColBERT
	// - late-interaction
	// ---
	//
	// # A tagger
	// <nil>
}

func ExamplePython() {
	fmt.Print(modelcard.Python(modelio.PyLate, "my/model"))
	// Output:
	//     from pylate import models, rank  # 1.6
	//     model = models.ColBERT("my/model")
	//     queries = model.encode(["Finance Officer\nPrepares the monthly accounts."], is_query=True, prompt_name="query")
	//     documents = model.encode([["Budgets, accounting and audits.", "Staff and contracts."]], is_query=False, prompt_name="document")
	//     ranking = rank.rerank(documents_ids=[[0, 1]], queries_embeddings=queries, documents_embeddings=documents)
}

func ExampleConverted() {
	card, err := modelcard.Converted([]byte("# A tagger\n"), "my/tagger", modelio.PyLate, nil)
	fmt.Println(strings.Contains(string(card), "library_name: PyLate"), err)
	// Output: true <nil>
}

func ExampleRead() {
	card, err := modelcard.Read(fstest.MapFS{"README.md": {Data: []byte("# An encoder\n")}})
	fmt.Printf("%s%v", card, err)
	// Output:
	// # An encoder
	// <nil>
}

func ExampleShortName() {
	fmt.Println(modelcard.ShortName("org/name"), modelcard.ShortName("/home/me/taggers/old"))
	// Output: org/name old
}
