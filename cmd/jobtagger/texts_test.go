package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

func TestTag(t *testing.T) {
	workplace(t)
	model := trained(t)
	stdout := must(t, "", "tag", "--model", model, "ad.txt")
	if lines := strings.Split(strings.TrimSpace(stdout), "\n"); len(lines) != 3 || lines[0] != "ad 1" || !strings.HasSuffix(lines[1], "Human Resources") {
		t.Errorf("tag prints\n%s", stdout)
	}
	if again := must(t, "Recruiter\nHires staff and writes contracts.\n", "tag", "--model", model, "-"); again != stdout {
		t.Errorf("from standard input:\n%s", again)
	}
	other := must(t, "", "tag", "--model", model, "--labels", "my/labels.json", "ad.txt")
	if !strings.Contains(other, "Boats") || strings.Contains(other, "Human Resources") {
		t.Errorf("with other labels:\n%s", other)
	}
}

func TestTagJSON(t *testing.T) {
	workplace(t)
	model := trained(t)
	for _, test := range []struct{ input, ids string }{
		{"", "a b"}, // ads.jsonl
		{"\"Digs wells.\"\n\n{\"text\": \"Drives trucks.\", \"id\": \"x7\"}\n", "1 x7"},
		{"{\"id\": 12, \"text\": \"Digs\"}\n", "12"},
	} {
		file := "-"
		if test.input == "" {
			file = "ads.jsonl"
		}
		var ids []string
		for line := range strings.Lines(must(t, test.input, "tag", "--model", model, "--json", file)) {
			var got struct {
				ID   string
				Tags []struct {
					LabelID     int `json:"label_id"`
					Name        string
					Score       float64
					Probability float64
				}
				Truncated *bool
			}
			if err := json.Unmarshal([]byte(line), &got); err != nil || len(got.Tags) != 2 || got.Truncated == nil {
				t.Fatalf("%v in %s", err, line)
			}
			if got.Tags[0].Score < got.Tags[1].Score || got.Tags[0].LabelID == got.Tags[1].LabelID || math.Abs(got.Tags[0].Probability+got.Tags[1].Probability-1) > 1e-9 {
				t.Errorf("tags %+v", got.Tags)
			}
			ids = append(ids, got.ID)
		}
		if strings.Join(ids, " ") != test.ids {
			t.Errorf("ids %q, want %q", ids, test.ids)
		}
	}
}

func TestLongAdIsReportedAsTruncated(t *testing.T) {
	workplace(t)
	long := strings.Repeat("wells and pumps ", 100)
	status, stdout, stderr := jobtagger(t, long, "tag", "--model", "my/encoder", "--labels", "labels.json", "--json")
	if status != fine || !strings.Contains(stdout, `"truncated":true`) {
		t.Errorf("status %d: %s\n%s", status, stdout, stderr)
	}
	if _, _, stderr := jobtagger(t, long, "tag", "--model", "my/encoder", "--labels", "labels.json"); !strings.Contains(stderr, "longer than the model takes") {
		t.Errorf("no warning in\n%s", stderr)
	}
}

func TestEval(t *testing.T) {
	workplace(t)
	model := trained(t)
	var fromAds, fromSplit evaluation
	for file, got := range map[string]*evaluation{"ads.jsonl": &fromAds, "my/data/job_tagger_training_test.json": &fromSplit} {
		if err := json.Unmarshal([]byte(must(t, "", "eval", "--model", model, "--data", file, "--json")), got); err != nil {
			t.Fatal(err)
		}
	}
	if fromAds.N != 2 || fromSplit.N != 12 || len(fromSplit.Metrics) != 4 {
		t.Errorf("%+v, %+v", fromAds, fromSplit)
	}
	for _, metric := range []string{"hits@1", "macro_hits@1", "hits@5", "ndcg@10"} {
		if value, ok := fromSplit.Metrics[metric]; !ok || value < 0.5 || value > 1 {
			t.Errorf("%s is %v, %v", metric, value, ok)
		}
	}
	stdout := must(t, "", "eval", "--model", model, "--data", "ads.jsonl")
	if !strings.HasPrefix(stdout, "NDCG@10       ") || !strings.HasSuffix(stdout, "2 ads\n") {
		t.Errorf("eval prints\n%s", stdout)
	}
}

// The ids and offsets are those of Hugging Face's tokenizers 0.23 for this tokenizer.json.
func TestDebugTokenize(t *testing.T) {
	workplace(t)
	stdout := must(t, "\"water\\u00e9 \"\n", "debug", "tokenize", "--model", "my/encoder", "--json")
	var got struct {
		IDs     []int
		Offsets [][2]int
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || len(got.IDs) < 3 || len(got.IDs) != len(got.Offsets) {
		t.Fatalf("%v in %s", err, stdout)
	}
	if last := got.Offsets[len(got.Offsets)-2]; last[1] != 7 { // bytes: é has two
		t.Errorf("the last token ends at byte %d, want 7: %s", last[1], stdout)
	}
	people := must(t, "\"water\"\n", "debug", "tokenize", "--model", "my/encoder")
	if !strings.Contains(people, "[CLS]") || !strings.Contains(people, `"`) {
		t.Errorf("tokenize prints\n%s", people)
	}
}

func TestDebugScoreIsTheMaxSimOfDebugEncode(t *testing.T) {
	workplace(t)
	var got struct{ Scores [][]float64 }
	if err := json.Unmarshal([]byte(must(t, "", "debug", "score", "--model", "my/encoder", "--queries", "q.jsonl", "--documents", "d.jsonl", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	must(t, "", "debug", "encode", "--model", "my/encoder", "--role", "query", "--output", "q.safetensors", "q.jsonl")
	must(t, "", "debug", "encode", "--model", "my/encoder", "--role", "document", "--output", "d.safetensors", "d.jsonl")
	queries, documents := embeddings(t, "q.safetensors"), embeddings(t, "d.safetensors")
	if len(queries) != 2 || len(documents) != 3 || len(got.Scores) != 2 || len(got.Scores[0]) != 3 {
		t.Fatalf("%d queries, %d documents, scores %v", len(queries), len(documents), got.Scores)
	}
	for i, query := range queries {
		for j, document := range documents {
			if want := maxSim(query, document); math.Abs(got.Scores[i][j]-want) > 1e-4 {
				t.Errorf("score of query %d and document %d is %v, want %v", i, j, got.Scores[i][j], want)
			}
		}
	}
}

// embeddings reads the tensors "0", "1", … of a file as rows.
func embeddings(t *testing.T, file string) (all [][][]float32) {
	t.Helper()
	tensors, err := modelio.OpenSafetensors(os.DirFS("."), file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tensors.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i := range tensors.Names() {
		tensor, err := tensors.Read(string(rune('0' + i)))
		if err != nil {
			t.Fatal(err)
		}
		values, err := tensor.Float32s()
		if err != nil {
			t.Fatal(err)
		}
		var rows [][]float32
		for row := range tensor.Shape[0] {
			rows = append(rows, values[row*tensor.Shape[1]:][:tensor.Shape[1]])
		}
		all = append(all, rows)
	}
	return all
}

func maxSim(query, document [][]float32) (sum float64) {
	for _, q := range query {
		best := math.Inf(-1)
		for _, d := range document {
			dot := 0.0
			for i := range q {
				dot += float64(q[i]) * float64(d[i])
			}
			best = max(best, dot)
		}
		sum += best
	}
	return sum
}

func TestOddInput(t *testing.T) {
	workplace(t)
	for name, stdin := range map[string]string{
		"control characters": `"\u0000\u0007\u001b"`, "empty text": `""`, "one megabyte": `"` + strings.Repeat("water ", 1<<18) + `"`, "only marks": `"\u0301\u0301"`,
	} {
		status, stdout, stderr := jobtagger(t, stdin+"\n", "debug", "tokenize", "--model", "my/encoder", "--json")
		if status != fine || !strings.HasPrefix(stdout, `{"ids":[`) {
			t.Errorf("%s: status %d, %.80s\n%s", name, status, stdout, stderr)
		}
		status, stdout, stderr = jobtagger(t, stdin+"\n", "tag", "--model", "my/encoder", "--labels", "labels.json", "--json")
		if status != fine || !strings.Contains(stdout, `"tags":[`) {
			t.Errorf("tag %s: status %d, %.80s\n%s", name, status, stdout, stderr)
		}
	}
	if status, _, stderr := jobtagger(t, "\"\xff\xfe\"\n", "debug", "tokenize", "--model", "my/encoder"); status != failure || !strings.Contains(stderr, "standard input:1: not UTF-8") {
		t.Errorf("invalid UTF-8 in JSON: %d %s", status, stderr)
	}
	if status, stdout, stderr := jobtagger(t, "Well \xff digger\n\xc3", "tag", "--model", "my/encoder", "--labels", "labels.json"); status != fine || !strings.Contains(stdout, "Human Resources") || !strings.Contains(stderr, "standard input is not UTF-8") {
		t.Errorf("invalid UTF-8 in plain text: %d %s %s", status, stdout, stderr)
	}
	labels := fmt.Sprintf(`[{"id": 1, "name": "Water", "description": "Wells"}, {"id": 2, "name": "Law", "description": %q}]`, strings.Repeat("contracts ", 5000))
	if err := os.WriteFile("long.json", []byte(labels), 0o644); err != nil {
		t.Fatal(err)
	}
	status, _, stderr := jobtagger(t, "Well digger", "tag", "--model", "my/encoder", "--labels", "long.json")
	if status != fine || !strings.Contains(stderr, `the description of "Law" is longer than`) || strings.Contains(stderr, `"Water"`) {
		t.Errorf("a description that is cut: %d %s", status, stderr)
	}
}

func FuzzParseLines(f *testing.F) {
	for _, seed := range []string{"\"text\"\n", "{\"text\": \"t\", \"id\": 7}\n\n", "\ufeff\"x\"", "{\"id\": {}}", "\xff", "\"", "{"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		texts, err := parseLines(content, "fuzz")
		if (err == nil) == (len(texts) == 0) {
			t.Errorf("%d texts and error %v", len(texts), err)
		}
	})
}
