package bm25_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/bm25"
)

// hit is a document's index and its score, as the golden files have them: [3, 1.5].
type hit struct {
	document int
	score    float64
}

func (h *hit) UnmarshalJSON(text []byte) error {
	pair := []any{&h.document, &h.score}
	return json.Unmarshal(text, &pair)
}

// goldenSet is a list of documents with what neural-cherche found in it for each query.
type goldenSet struct {
	queries, documents []string
	results            [][]hit
}

func readJSON(t *testing.T, path string, value any) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, value)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// ownGolden reads testdata/golden.json, which testdata/golden.py made.
func ownGolden(t *testing.T) map[string]goldenSet {
	var file struct {
		Queries []string
		Sets    map[string]struct {
			Documents []string
			Results   [][]hit
		}
	}
	readJSON(t, "testdata/golden.json", &file)
	sets := map[string]goldenSet{}
	for name, s := range file.Sets {
		sets[name] = goldenSet{file.Queries, s.Documents, s.Results}
	}
	return sets
}

// sharedGolden reads a file like testdata/short_labels.json, whose documents have ids: neural-cherche 1.4.3's results, made for
// this project. short_labels.json leaves out the one query that quotes an official category description.
func sharedGolden(t *testing.T, path string) map[string]goldenSet {
	var file struct {
		Queries []string
		Sets    map[string]struct {
			Documents []struct {
				ID   int
				Text string
			}
			Results []struct{ Results []hit }
		}
	}
	readJSON(t, path, &file)
	sets := map[string]goldenSet{}
	for name, s := range file.Sets {
		set, index := goldenSet{queries: file.Queries}, map[int]int{}
		for i, d := range s.Documents {
			set.documents = append(set.documents, d.Text)
			index[d.ID] = i
		}
		for _, r := range s.Results {
			for i := range r.Results {
				r.Results[i].document = index[r.Results[i].document]
			}
			set.results = append(set.results, r.Results)
		}
		sets[name] = set
	}
	return sets
}

// officialGolden is the golden file with the official category descriptions, which are not ours to publish: a checkout that
// has a folder "shared" beside the module root, or named by JOBTAGGER_SHARED, checks them as well.
func officialGolden() (path string, ok bool) {
	candidates := []string{"../../../shared"}
	if named := os.Getenv("JOBTAGGER_SHARED"); named != "" {
		candidates = []string{named}
	}
	for _, folder := range candidates {
		path = filepath.Join(folder, "golden", "bm25.json")
		if _, err := os.Stat(path); err == nil {
			return path, true
		}
	}
	return "", false
}

func TestSearchEqualsNeuralCherche(t *testing.T) {
	sets := ownGolden(t)
	maps.Copy(sets, sharedGolden(t, "testdata/short_labels.json"))
	if path, ok := officialGolden(); ok {
		for name, set := range sharedGolden(t, path) {
			sets["official "+name] = set
		}
	} else {
		t.Log("the official category descriptions are not checked: no golden/bm25.json in ../shared beside the module root or in JOBTAGGER_SHARED")
	}
	for name, set := range sets {
		t.Run(name, func(t *testing.T) {
			index := bm25.New(set.documents)
			dropped := 0
			for i, query := range set.queries {
				want := set.results[i]
				dropped += len(set.documents) - len(want)
				checkHits(t, fmt.Sprint("query ", i), index.Search(query, 100), want)
			}
			if dropped == 0 {
				t.Error("no query of this set drops a document, so that dropping is not tested")
			}
		})
	}
}

// checkHits compares candidates with neural-cherche's: the same documents, the same order but for ties, scores within 1e-3.
func checkHits(t *testing.T, where string, got []bm25.Candidate, want []hit) {
	t.Helper()
	expected := map[int]float64{}
	for _, h := range want {
		expected[h.document] = h.score
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d candidates %v, want %d %v", where, len(got), got, len(want), want)
		return
	}
	for i, c := range got {
		score, ok := expected[c.Document]
		if !ok || math.Abs(c.Score-score) > 1e-3*score {
			t.Errorf("%s: document %d has %g, want %g (found: %t)", where, c.Document, c.Score, score, ok)
		}
		if math.Abs(score-want[i].score) > 1e-5*score {
			t.Errorf("%s: document %d stands at %d, where neural-cherche has %d", where, c.Document, i, want[i].document)
		}
	}
}

// The scores in neural-cherche's own documentation of BM25.
func TestDocumentedScores(t *testing.T) {
	index := bm25.New([]string{"Food", "Sports", "Cinema"})
	for query, want := range map[string][]hit{
		"Food": {{0, 3}}, "Sports": {{1, 9}}, "cinema": {{2, 9}}, "Cinema food sports": {{2, 9}, {1, 9}, {0, 3}},
	} {
		checkHits(t, query, index.Search(query, 4), want)
	}
}

// An n-gram that all N documents have more than once votes against all of them.
func TestWordingThatAllShareDropsAll(t *testing.T) {
	var documents []string
	for i := range 9 {
		documents = append(documents, fmt.Sprintf("filing and filing %d", i))
	}
	if got := bm25.New(documents).Search("filing", 0); len(got) != 0 {
		t.Errorf("got %v, want no candidate", got)
	}
}

func TestEdges(t *testing.T) {
	for name, test := range map[string]struct {
		documents []string
		query     string
		want      int
	}{
		"no documents":       {nil, "food", 0},
		"empty documents":    {[]string{"", "ab"}, "food", 0},
		"empty query":        {[]string{"food"}, "", 0},
		"only punctuation":   {[]string{"food"}, "?!… ---", 0},
		"control characters": {[]string{"food"}, "\x00\x01\x02\x7f", 0},
		"invalid UTF-8":      {[]string{"food"}, "\xff\xfefood\xc3", 1},
		"a megabyte":         {[]string{"food"}, strings.Repeat("food ", 200_000), 1},
		"other script":       {[]string{"rabota"}, "РАБОТА", 1},
		"case and quotes":    {[]string{"“Food”"}, "fOOD!", 1},
		"words run together": {[]string{"coordinator"}, "co-ordinator", 1},
		"thrice in one":      {[]string{"food food food"}, "food", 0}, // 3 > N
	} {
		if got := bm25.New(test.documents).Search(test.query, 0); len(got) != test.want {
			t.Errorf("%s: got %v, want %d candidates", name, got, test.want)
		}
	}
}

func TestSearchKeepsTheBestK(t *testing.T) {
	index := bm25.New([]string{"trucks", "trucks and stores", "trucks, stores and customs", "wells", "trucks"})
	all := index.Search("customs for trucks", 0)
	if len(all) != 4 {
		t.Fatalf("got %v, want 4 candidates", all)
	}
	for k := 1; k <= 6; k++ {
		if got := index.Search("customs for trucks", k); !slices.Equal(got, all[:min(k, 4)]) {
			t.Errorf("k %d gives %v, want the beginning of %v", k, got, all)
		}
	}
	if all[0].Document != 2 || slices.Index(documents(all), 0) > slices.Index(documents(all), 4) {
		t.Errorf("got %v, want 2 first and, of the equal ones, 0 before 4", all)
	}
}

func documents(candidates []bm25.Candidate) (list []int) {
	for _, c := range candidates {
		list = append(list, c.Document)
	}
	return list
}

// Listing the documents in another order changes no score.
func TestOrderOfDocumentsDoesNotMatter(t *testing.T) {
	for name, set := range ownGolden(t) {
		order := rand.New(rand.NewPCG(1, 1)).Perm(len(set.documents))
		shuffled := make([]string, len(order))
		for i, d := range order {
			shuffled[i] = set.documents[d]
		}
		for i, query := range set.queries {
			var got []bm25.Candidate
			for _, c := range bm25.New(shuffled).Search(query, 0) {
				got = append(got, bm25.Candidate{Document: order[c.Document], Score: c.Score})
			}
			checkHits(t, fmt.Sprint(name, ", query ", i), got, set.results[i])
		}
	}
}

func TestRecall(t *testing.T) {
	index := bm25.New([]string{"trucks and stores", "wells and pumps"})
	queries := []string{"two trucks", "dig wells", "write a report", "pumps for trucks and stores"}
	for _, test := range []struct {
		k    int
		want float64
	}{{0, 0.75}, {1, 0.5}} {
		if got, err := index.Recall(queries, []int{0, 1, 0, 1}, test.k); err != nil || got != test.want {
			t.Errorf("recall with k %d is %g, %v; want %g", test.k, got, err, test.want)
		}
	}
	for _, bad := range [][]int{{0}, nil} {
		if got, err := index.Recall(queries[:len(bad)*2], bad, 0); err == nil {
			t.Errorf("recall with %d right documents is %g, want an error", len(bad), got)
		}
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("Food", "food!", "€")
	f.Add("", "\xff", "\x00\x00\x00")
	f.Add("aaaa", "aaaaaaaa", "aaa")
	f.Fuzz(func(t *testing.T, first, second, query string) {
		last := math.Inf(1)
		for _, c := range bm25.New([]string{first, second}).Search(query, 0) {
			if !(c.Score > 0 && c.Score <= last) || c.Document < 0 || c.Document > 1 {
				t.Fatalf("candidate %+v after a score of %g", c, last)
			}
			last = c.Score
		}
	})
}
