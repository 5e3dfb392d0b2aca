package colbertlib_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/internal/golden"
)

// taggers are models of every MaxSim variant, with markers, prefixes, query expansion and skiplists.
func taggers(t *testing.T) map[string]*colbertlib.Tagger {
	t.Helper()
	all := map[string]*colbertlib.Tagger{}
	variants := map[string]bool{}
	for _, name := range []string{"neural-cherche", "stanford", "pylate-2dense", "st6-expansion-meanmaxsim"} {
		folder, err := fs.Sub(golden.FS(t), "checkpoints/"+name)
		if err != nil {
			t.Fatal(err)
		}
		model, err := colbertlib.LoadFS(folder, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { model.Close() })
		variants[string(model.Similarity())] = true
		all[name] = newTagger(t, model)
	}
	if len(variants) != 3 {
		t.Fatalf("the models have variants %v, want all three", variants)
	}
	return all
}

// difficult are texts whose spans are easily got wrong.
var difficult = []string{
	"Finance Officer\nPrepares budgets, pays suppliers & counts the cash.",
	"",
	"   \n\t ",
	"Café-Manager (m/w/d): 財務担当者 и бухгалтер 🏥 in Nairobi\r\n— apply by 12.5.2026!",
	"na\u0308ive e\u0301tat \u200b\u00ad soft",
	"bad \xff\xfe bytes",
	"[MASK] [CLS] <script>alert(1)</script>",
	strings.Repeat("warehouse stock and trucks, ", 200),
}

func TestContributionsAddUpToTheMargin(t *testing.T) {
	for name, tagger := range taggers(t) {
		for _, tagger := range []*colbertlib.Tagger{tagger, tagger.WithWindows()} {
			for _, text := range difficult {
				e, err := tagger.Explain(t.Context(), text, 1, 2)
				if err != nil {
					t.Fatalf("%s, %.20q: %v", name, text, err)
				}
				tagging, err := tagger.Tag(t.Context(), text)
				if err != nil {
					t.Fatal(err)
				}
				scores := map[int]float64{}
				for _, tag := range tagging.Tags {
					scores[tag.LabelID] = tag.Score
				}
				tokens, words := 0.0, e.Added
				for _, token := range e.Tokens {
					tokens += token.Contribution
				}
				for _, word := range e.Words {
					words += word.Contribution
				}
				for what, sum := range map[string]float64{"tokens": tokens, "words": words, "scores": scores[1] - scores[2]} {
					if math.Abs(sum-e.Margin) > 1e-5 {
						t.Errorf("%s, %.20q: %s give %v, the margin is %v", name, text, what, sum, e.Margin)
					}
				}
			}
		}
	}
}

// Words must lie in the text one behind the other, and be what they say.
func TestSpansOfWords(t *testing.T) {
	for name, tagger := range taggers(t) {
		for _, text := range difficult {
			e, err := tagger.WithWindows().Explain(t.Context(), text, 1, 2)
			if err != nil {
				t.Fatal(err)
			}
			at := 0
			for _, word := range e.Words {
				if word.Span[0] < at || word.Span[1] <= word.Span[0] || word.Span[1] > len(text) || text[word.Span[0]:word.Span[1]] != word.Text {
					t.Fatalf("%s, %.20q: word %q at %v, after %d", name, text, word.Text, word.Span, at)
				}
				at = word.Span[1]
				if m := word.For; m.Span[1] > m.Span[0] && !strings.Contains(m.Word, e.For.Description[m.Span[0]:m.Span[1]]) {
					t.Errorf("%s: match %+v is not in %q", name, m, e.For.Description)
				}
			}
		}
	}
}

func TestWordsAreWhole(t *testing.T) {
	e, err := taggers(t)["neural-cherche"].Explain(t.Context(), "Procurement-Officer's 会計 naïve 12.5", 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, word := range e.Words {
		words = append(words, word.Text)
	}
	want := []string{"Procurement", "-", "Officer", "'", "s", "会", "計", "naïve", "12", ".", "5"}
	if !slices.Equal(words, want) {
		t.Errorf("words %q, want %q", words, want)
	}
}

func TestExplainRefusesWrongLabels(t *testing.T) {
	tagger := newTagger(t, tiny(t, nil))
	for _, ids := range [][2]int{{1, 9}, {9, 1}, {2, 2}} {
		if _, err := tagger.Explain(t.Context(), "Finance", ids[0], ids[1]); err == nil {
			t.Errorf("labels %v are accepted", ids)
		}
	}
}

// Nothing in an advertisement or a label may become markup, and the page must load nothing.
func TestHTMLIsSafe(t *testing.T) {
	model := tiny(t, nil)
	nasty := slices.Clone(labels)
	nasty[0].Name = `<img src=x onerror="alert(1)">`
	nasty[0].Description = `Books"><script>alert(2)</script>`
	nasty[1].Description = `trucks" style="x:expression(alert(3))`
	tagger, err := colbertlib.NewTagger(t.Context(), model, nasty)
	if err != nil {
		t.Fatal(err)
	}
	text := "<script>alert('x')</script>\n\"><img src=x onerror=alert(1)> javascript:alert(1) </p></span> & <b>bold</b> \x00 \xff }} {{.}} trucks"
	e, err := tagger.Explain(t.Context(), text, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "why.html")
	if err := colbertlib.WriteHTML(path, []*colbertlib.Explanation{e, e}); err != nil {
		t.Fatal(err)
	}
	page, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	allowed := map[string][]string{
		"html": nil, "head": nil, "body": nil, "title": nil, "meta": {"charset", "name", "content"}, "hr": nil, "br": nil, "p": {"style"}, "div": {"style"},
		"b": {"style"}, "i": {"style"}, "span": {"style", "title"}, "table": {"cellpadding"}, "tr": nil, "th": {"align", "style"}, "td": {"align", "style"},
	}
	style := regexp.MustCompile(`^(background-color: rgba\([0-9]+,[0-9]+,[0-9]+,[0-9.]+\)|color: #[0-9a-f]{6}|text-align: (left|right)|font: 15px/1.6 sans-serif; max-width: 60em)$`)
	shown := ""
	decoder := xml.NewDecoder(page)
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok {
			shown += string(text)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		attributes, ok := allowed[start.Name.Local]
		if !ok {
			t.Errorf("the page holds <%s>", start.Name.Local)
		}
		for _, attribute := range start.Attr {
			if !slices.Contains(attributes, attribute.Name.Local) || attribute.Name.Local == "style" && !style.MatchString(attribute.Value) {
				t.Errorf("the page holds <%s %s=%q>", start.Name.Local, attribute.Name.Local, attribute.Value)
			}
		}
	}
	for _, want := range []string{"<script>alert('x')</script>", "</p></span> & <b>bold</b>", `<img src=x onerror="alert(1)">`, "trucks"} {
		if !strings.Contains(shown, want) {
			t.Errorf("readers do not see %q", want)
		}
	}
}

// What a text holds must not control the terminal.
func TestTerminalViewIsSafe(t *testing.T) {
	tagger := newTagger(t, tiny(t, nil))
	text := "Finance \x1b[31mred\x1b]0;title\x07 Officer\r\nkeeps \u202ebooks\u202c and \x9b31m accounts " + strings.Repeat("long ", 400)
	e, err := tagger.Explain(t.Context(), text, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	own := regexp.MustCompile(`\x1b\[(38;5;16;48;5;[0-9]+|2|0)m`)
	for _, colours := range []bool{false, true} {
		var b bytes.Buffer
		if err := e.WriteText(&b, colours); err != nil {
			t.Fatal(err)
		}
		if own.MatchString(b.String()) != colours {
			t.Errorf("colours %v: escape sequences %v", colours, !colours)
		}
		if rest := own.ReplaceAllString(b.String(), ""); strings.ContainsAny(rest, "\x1b\x07\r\u202e\u202c\u009b") {
			t.Errorf("colours %v: control characters pass: %q", colours, rest)
		}
		if !strings.Contains(b.String(), "margin") || !strings.Contains(b.String(), "contribution") {
			t.Errorf("colours %v: no summary or table in %q", colours, b.String())
		}
	}
}

func TestTableTakesTheSameWordTogether(t *testing.T) {
	e := &colbertlib.Explanation{Words: []colbertlib.Word{
		{Text: "Stock", Contribution: 0.2, For: colbertlib.Match{Word: "warehouses", Similarity: 0.5}},
		{Text: "and", Contribution: -0.3},
		{Text: "stock", Contribution: 0.4, For: colbertlib.Match{Word: "supply", Similarity: 0.75}},
	}}
	got := e.Table(5)[1:]
	if len(got) != 2 || !slices.Equal(got[0], []string{"stock", "2", "+0.60", "supply 0.75", "– 0.00"}) || got[1][0] != "and" {
		t.Errorf("got %q", got)
	}
	if highest := e.Highest(1); len(highest) != 1 || highest[0].Text != "stock" || e.Words[0].Text != "Stock" {
		t.Errorf("highest %+v; words must stay as they are: %+v", highest, e.Words)
	}
}
