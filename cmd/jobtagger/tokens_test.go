package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDataTokens(t *testing.T) {
	workplace(t)
	stdout := must(t, "", "data", "tokens", "ads.jsonl", "labels.json", "--model", "my/encoder", "--query-length", "6")
	plain := strings.Join(strings.Fields(stdout), " ")
	for _, want := range []string{
		"2 queries of ads.jsonl:", "have more than the 6 that the model reads", "tokens texts share up to there 0-63 2 100.0 % 100.0 %",
		"texts of number mean median p95 longest truncated all 2", "Human Resources 1", "Logistics/Procurement 1", "2 documents of labels.json:", "than the 160 that the model reads",
	} {
		if !strings.Contains(plain, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}

// The keys are fixed in DESIGN.md: people script against them.
func TestDataTokensJSON(t *testing.T) {
	workplace(t)
	type brief struct {
		File, Role       string
		Count, Truncated int
	}
	var got []brief
	for line := range strings.Lines(must(t, "", "data", "tokens", "--json", "my/data/job_tagger_training_train.json", "ads.jsonl", "--document-length", "4")) {
		var object map[string]json.RawMessage
		var b brief
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(line), &b); err != nil {
			t.Fatal(err)
		}
		keys := slices.Sorted(maps.Keys(object))
		if diff := cmp.Diff([]string{"count", "file", "labels", "languages", "limit", "mean", "percentiles", "ranges", "role", "truncated"}, keys); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
		if !bytes.HasPrefix(object["ranges"], []byte(`[{"from":0,"to":64,"count":`)) || !bytes.Contains(object["ranges"], []byte(`{"from":25116,"to":null,`)) ||
			!bytes.HasPrefix(object["percentiles"], []byte(`{"p0":`)) {
			t.Errorf("ranges %s, percentiles %s", object["ranges"], object["percentiles"])
		}
		got = append(got, b)
	}
	split := "my/data/job_tagger_training_train.json"
	if diff := cmp.Diff([]brief{{split, "query", 12, 0}, {split, "document", 2, 2}, {"ads.jsonl", "query", 2, 0}}, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestDataTokensWritesFiles(t *testing.T) {
	workplace(t)
	must(t, `{"title": "Digger", "body": "Digs."}`, "data", "tokens", "-", "--csv", "t.csv", "--plot", "t.png")
	must(t, "", "data", "tokens", "labels.json", "--plot", "t.svg")
	for name, start := range map[string]string{"t.csv": "file,role,by,name,count,mean,p0,", "t.png": "\x89PNG", "t.svg": "<?xml"} {
		content, err := os.ReadFile(name)
		if err != nil || !bytes.HasPrefix(content, []byte(start)) {
			t.Errorf("%s: %v, begins with %.40q", name, err, content)
		}
	}
	if content, _ := os.ReadFile("t.csv"); !strings.Contains(string(content), "\nstandard input,query,all,,1,") {
		t.Errorf("t.csv has no row of all texts:\n%s", content)
	}
}

func TestDataTokensRefuses(t *testing.T) {
	workplace(t)
	write(t, "plain.txt", "An advertisement in plain text\n")
	write(t, "empty.jsonl", "")
	write(t, "broken/config.json", "{}")
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"", usage, "requires at least 1 arg"},
		{"ads.jsonl --plot t.gif", usage, "must end in .png or .svg"},
		{"ads.jsonl --query-length -1", usage, "numbers of tokens"},
		{"ads.jsonl --model nowhere", failure, "there is no such folder"},
		{"ads.jsonl --model broken", failure, "tokenizer.json"},
		{"nowhere.jsonl", failure, "nowhere.jsonl"},
		{"plain.txt", failure, `plain.txt:1`},
		{"empty.jsonl", failure, "the file is empty"},
		{"ads.jsonl --labels nowhere.json", failure, "nowhere.json"},
		{"ads.jsonl --labels my/labels.json", failure, "no label is called"},
		{"ads.jsonl --csv ads.jsonl/t.csv", failure, "--csv"},
	} {
		status, _, stderr := jobtagger(t, "", append([]string{"data", "tokens"}, strings.Fields(test.args)...)...)
		if status != test.status || !strings.Contains(stderr, test.want) {
			t.Errorf("data tokens %s: status %d, want %d and %q in\n%s", test.args, status, test.status, test.want, stderr)
		}
	}
}
