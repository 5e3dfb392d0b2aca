package nearest_test

import (
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/internal/nearest"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"épochs", "epochs", 1},
		{"train.epochs", "train.epoch", 1}, {"ab", "ba", 2}, {strings.Repeat("a", 1000), "", 256},
	} {
		if got := nearest.Distance(c.a, c.b); got != c.want {
			t.Errorf("Distance(%.20q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := nearest.Distance(c.b, c.a); got != c.want {
			t.Errorf("Distance(%q, %.20q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestName(t *testing.T) {
	if got := nearest.Name("reproduse", []string{"train", "reproduce", "report"}); got != "reproduce" {
		t.Errorf("got %q", got)
	}
	if got := nearest.Name("x", nil); got != "" {
		t.Errorf("got %q from no candidates", got)
	}
}
