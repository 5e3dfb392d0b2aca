package nb

import (
	"strings"
	"testing"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/figure"
)

func TestTableEscapesAndAlignsNumbers(t *testing.T) {
	got := table([][]string{{"name", "Hits@1", "note"}, {"<a & b>", "0.583", "3 of 4"}, {"c", "", "none"}, {"d", "~ 0.5 ± .1"}})
	want := `<table>
<tr><th align="left" style="text-align: left">name</th><th align="right" style="text-align: right">Hits@1</th><th align="left" style="text-align: left">note</th></tr>
<tr><td align="left" style="text-align: left">&lt;a &amp; b&gt;</td><td align="right" style="text-align: right; white-space: nowrap">0.583</td><td align="left" style="text-align: left">3 of 4</td></tr>
<tr><td align="left" style="text-align: left">c</td><td align="right" style="text-align: right; white-space: nowrap"></td><td align="left" style="text-align: left">none</td></tr>
<tr><td align="left" style="text-align: left">d</td><td align="right" style="text-align: right; white-space: nowrap">~ 0.5 ± .1</td></tr>
</table>`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFiguresArePictures(t *testing.T) {
	f, err := figure.Confusion("", []string{"a"}, [][]int{{1}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	write(&b, f)
	if !strings.HasPrefix(b.String(), "(a picture, ") {
		t.Errorf("a figure is written as %q", b.String())
	}
}

func TestExplanationsArePages(t *testing.T) {
	var b strings.Builder
	write(&b, &colbertlib.Explanation{Text: "<b>"})
	if !strings.HasPrefix(b.String(), "(a page, ") {
		t.Errorf("an explanation is written as %q", b.String())
	}
}

func TestTimeLeft(t *testing.T) {
	for _, c := range []struct {
		elapsed     time.Duration
		done, total int
		want        string
	}{
		{10 * time.Second, 25, 100, "(30s left)"},
		{100 * time.Second, 1, 100, "(2h45m0s left)"},
		{100 * time.Millisecond, 50, 100, ""},
		{10 * time.Second, 0, 100, ""},
	} {
		if got := left(c.elapsed, c.done, c.total); got != c.want {
			t.Errorf("after %v for %d of %d: %q, want %q", c.elapsed, c.done, c.total, got, c.want)
		}
	}
}

func TestBarFinishesOnce(t *testing.T) {
	b := NewBar("work", 4)
	for _, done := range []int{0, 1, 4, 5, 2} {
		b.Step(done)
	}
	if !b.finished || b.drawn != 10 || b.line(4) != "work: done" {
		t.Errorf("bar is %+v, line %q", b, b.line(4))
	}
	empty := NewBar("nothing", 0)
	empty.Step(0)
	if !empty.finished {
		t.Error("a bar for no work is not finished")
	}
}
