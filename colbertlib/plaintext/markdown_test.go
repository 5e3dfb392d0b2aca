package plaintext_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jobtagger/jobtagger/colbertlib/plaintext"
)

func TestFromMarkdown(t *testing.T) {
	for _, test := range []struct{ name, markdown, want string }{
		{"paragraphs", "One.\n\n\nTwo\r\nlines.", "One.\nTwo\nlines."},
		{"emphasis", "**Bold**, *italic*, __both__, ~~gone~~ and `code`", "Bold, italic, both, gone and code"},
		{"headings", "# Duties\nDigs.\n\nSkills\n------\nWrites.", "Duties\nDigs.\nSkills\nWrites."},
		{"list", "* one\n* two\n    * inner\n\n1. first\n2. second", "one\ntwo\ninner\nfirst\nsecond"},
		{"link", "See [our page](https://example.org/a_b) or <https://example.org>", "See our page or https://example.org"},
		{"link with reference", "See [this][1].\n\n[1]: https://example.org", "See this."},
		{"image", "![logo](logo.png)Text", "Text"},
		{"table", "| Post | Grade |\n|---|---|\n| Driver | 3 |", "Post\tGrade\nDriver\t3"},
		{"entities", "Salary &lt; 5&nbsp;000 &amp; more &eacute; &#8364; &unknown;", "Salary < 5 000 & more é € &unknown;"},
		{"comparison", "Ages < 30 and > 20, a<b", "Ages < 30 and > 20, a<b"},
		{"HTML", "<p>One<br>two <b>three</b></p><ul><li>four</li><li>five</li></ul>", "One\ntwo three\nfour\nfive"},
		{"HTML in a line", "a <span class=\"x\">b</span> c<br/>d", "a b c\nd"},
		{"HTML table", "<table><tr><th>Post</th><th>Grade</th></tr><tr><td>Driver</td><td>3</td></tr></table>", "Post\tGrade\nDriver\t3"},
		{"script, style and comment", "a<script>alert('<b>')</script>b\n\n<style>p {color: red}</style>\n\n<!-- hidden\n\nhidden --> c", "ab\nc"},
		{"broken HTML", "<div><b>open <i>more</div> end", "open more\nend"},
		{"quotation", "> quoted\n> more\n\nown", "quoted\nmore\nown"},
		{"code block", "    indented *code*\n\n```go\nx := 1\n```", "indented *code*\nx := 1"},
		{"escapes", `5 \* 3 \_ x \# y`, "5 * 3 _ x # y"},
		{"snake_case and sums", "file_name_x, 2 * 3 * 4", "file_name_x, 2 * 3 * 4"},
		{"not to be seen", "a\u200bb\ufeffc\u00add\x00e\x07 f", "abcde f"},
		{"joiners stay", "می\u200cخواهم", "می\u200cخواهم"},
		{"white space", "  a \t b\u00a0\u2003c  \n \n\n d", "a\tb c\nd"},
		{"line separators", "a\u2028b\u2029c\rd", "a\nb\nc\nd"},
		{"broken UTF-8", "a\xffb\xc3", "ab"},
		{"plain text", "Finance Officer\nPrepares accounts; 3+ years.\n• Reports", "Finance Officer\nPrepares accounts; 3+ years.\n• Reports"},
		{"empty", " \n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := plaintext.FromMarkdown(test.markdown); got != test.want {
				t.Errorf("%q became %q, want %q", test.markdown, got, test.want)
			}
		})
	}
}

// Inputs that make naive parsers take quadratic time or a deep stack.
func TestHostileMarkdownTakesLittleTime(t *testing.T) {
	for _, piece := range []string{"[", "![", "> ", "* ", "<b>", "</", "**a ", "_a*", "`", "&", "|", "|-", "[a](", "<!--", "((", "\\", "- - ", "1. ", "\n>", "a\n\n", "~~~\n", "<a b=", "\"", "[^", "[a][b]"} {
		const size = 50_000
		start := time.Now()
		plaintext.FromMarkdown(strings.Repeat(piece, size/len(piece)))
		if took := time.Since(start); took > 5*time.Second { // a fraction of a second on an idle machine
			t.Errorf("%d bytes of %q took %v", size, piece, took.Round(time.Millisecond))
		}
	}
}

// The text is valid, holds no line break twice, and never grows beyond what the input can spell out.
func FuzzFromMarkdown(f *testing.F) {
	for _, seed := range []string{"# A\n\n* b **c** [d](e)", "| a |\n|---|\n| b |", "<p>a<br>b", "&lt;script&gt;", "<svg><p>x", "\xff\x00", "a\n---\n<td>b</td>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, markdown string) {
		text := plaintext.FromMarkdown(markdown)
		if !utf8.ValidString(text) || strings.Contains(text, "\n\n") || text != strings.TrimSpace(text) {
			t.Errorf("%q became %q", markdown, text)
		}
		if len(text) > 3*plaintext.MaxBytes {
			t.Errorf("%d bytes became %d", len(markdown), len(text))
		}
	})
}

func BenchmarkFromMarkdown(b *testing.B) {
	body := strings.Repeat("**Duties**\n\n* Prepare the monthly accounts &amp; reports for the [donor](https://example.org).\n* Supervise two assistants.\n\nThe post is based in the capital, with <b>frequent</b> travel.\n\n", 20)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		plaintext.FromMarkdown(body)
	}
}

func BenchmarkMask(b *testing.B) {
	body := strings.Repeat("The post is based in the capital, with frequent travel to two offices in the north.\n", 40) +
		"Salary: 45,000 USD, from 01.02.2024, ref. 0012345.\nSend your application to jobs@example.org or call +254 712 345 678.\n"
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		plaintext.Mask(body)
	}
}
