package eval_test

import (
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

func TestWriteTREC(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rankings", "epoch0.trec")
	run := eval.Run{"q2": {{ID: "20", Score: 0.1}}, "q1": {{ID: "30", Score: 12.5}, {ID: "20", Score: -3}, {ID: "10", Score: -3}}, "q3": nil}
	if err := eval.WriteTREC(path, run, "starter"); err != nil {
		t.Fatal(err)
	}
	const want = "q1 Q0 30 1 12.5 starter\nq1 Q0 20 2 -3 starter\nq1 Q0 10 3 -3 starter\nq2 Q0 20 1 0.1 starter\n"
	content, err := os.ReadFile(path)
	if err != nil || string(content) != want {
		t.Errorf("got %s, %v\nwant %s", content, err, want)
	}
	back, err := eval.ReadTREC(strings.NewReader(string(content)), path)
	delete(run, "q3") // a ranking of nothing leaves no trace
	if err != nil || !maps.EqualFunc(run, back, slices.Equal[eval.Ranking]) {
		t.Errorf("read back as %v, %v; want %v", back, err, run)
	}
}

func TestWriteTRECRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.trec")
	for name, test := range map[string]struct {
		run  eval.Run
		tag  string
		want string
	}{
		"no tag":            {nil, "", `tag ""`},
		"query of 2 words":  {eval.Run{"a b": nil}, "t", `query id "a b"`},
		"empty document":    {eval.Run{"a": {{}}}, "t", `document id ""`},
		"document twice":    {eval.Run{"a": {{ID: "x"}, {ID: "x"}}}, "t", "ranked twice"},
		"not a number":      {eval.Run{"a": {{ID: "x", Score: math.NaN()}}}, "t", "the score is NaN"},
		"infinite":          {eval.Run{"a": {{ID: "x", Score: math.Inf(1)}}}, "t", "the score is +Inf"},
		"not in fall order": {eval.Run{"a": {{ID: "x"}, {ID: "y", Score: 1}}}, "t", "higher than the one before"},
	} {
		if err := eval.WriteTREC(path, test.run, test.tag); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, test.want)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a refused run was written")
	}
}

func TestReadTRECOrdersByScoreThenRank(t *testing.T) {
	const file = "\ufeffq Q0 low 1 0.5 tool\r\n\r\nq\tQ0\ttie2\t9\t1e0\ttool\r\nq Q0 tie1 3 1 tool\n"
	got, err := eval.ReadTREC(strings.NewReader(file), "f")
	want := eval.Ranking{{ID: "tie1", Score: 1}, {ID: "tie2", Score: 1}, {ID: "low", Score: 0.5}}
	if err != nil || !slices.Equal(got["q"], want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestBadTREC(t *testing.T) {
	const good = "q Q0 d 1 0.5 tag\n"
	for name, test := range map[string]struct {
		content string
		want    []string
	}{
		"empty":           {" \n\n", []string{"f.trec: the file is empty"}},
		"five columns":    {good + "\nq Q0 e 1 0.5\n", []string{"f.trec:3", "found 5 columns, expected 6", `"q Q0 e 1 0.5"`}},
		"qrels":           {"q 0 d 1\n", []string{"f.trec:1", "found 4 columns"}},
		"rank is text":    {"q Q0 d first 0.5 tag", []string{"rank (4th column)"}},
		"score is text":   {"q Q0 d 1 high tag", []string{"score (5th column)"}},
		"score is NaN":    {"q Q0 d 1 NaN tag", []string{"finite number"}},
		"twice":           {good + good, []string{"f.trec:2", `document "d" of query "q" stands in line 1 already`}},
		"very long line":  {good + strings.Repeat("x", 100_000), []string{"f.trec after line 1"}},
		"JSON":            {`{"q":{"d":0.5}}`, []string{"found 1 columns"}},
		"long first word": {strings.Repeat("é", 500) + " y", []string{strings.Repeat("é", 60) + `"`}},
	} {
		got, err := eval.ReadTREC(strings.NewReader(test.content), "f.trec")
		if err == nil {
			t.Errorf("%s: read as %v", name, got)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error does not say %q: %v", name, want, err)
			}
		}
	}
	broken := errors.New("cable cut")
	if _, err := eval.ReadTREC(iotest.ErrReader(broken), "f"); !errors.Is(err, broken) {
		t.Errorf("got %v, want it to wrap %v", err, broken)
	}
}

func FuzzReadTREC(f *testing.F) {
	for _, seed := range []string{"q Q0 d 1 0.5 tag\nq Q0 e 2 -1e-300 tag\n", "", "\ufeff", "q Q0 d 1 Inf tag", "a\u00a0b Q0 \xff 0 0 t", "q Q0 d 1 -0 t\nq Q0 e 1 0 t"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		run, err := eval.ReadTREC(strings.NewReader(content), "f.trec")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "eval: ") || !strings.Contains(err.Error(), "f.trec") {
				t.Fatalf("error without the file's name: %v", err)
			}
			return
		}
		path := filepath.Join(t.TempDir(), "f.trec")
		if err := eval.WriteTREC(path, run, "tag"); err != nil {
			t.Fatalf("%q: accepted, but not written: %v", content, err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		again, err := eval.ReadTREC(file, "f.trec")
		if err != nil || !maps.EqualFunc(run, again, slices.Equal[eval.Ranking]) {
			t.Fatalf("%q: was %v, is %v (%v)", content, run, again, err)
		}
	})
}
