package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/hub/fakehub"
)

// bertTiny is the golden BERT of random weights, from this folder.
const bertTiny = "../../colbertlib/internal/golden/testdata/models/bert-tiny"

// jobtagger runs the program and returns what it printed.
func jobtagger(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return jobtaggerIn(t.Context(), stdin, args...)
}

func jobtaggerIn(ctx context.Context, stdin string, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(ctx, strings.NewReader(stdin), &out, &errs, args)
	return status, out.String(), errs.String()
}

// must runs the program and fails the test unless it ends well.
func must(t *testing.T, stdin string, args ...string) (stdout string) {
	t.Helper()
	status, stdout, stderr := jobtagger(t, stdin, args...)
	if status != fine {
		t.Fatalf("jobtagger %s: status %d\n%s", strings.Join(args, " "), status, stderr)
	}
	return stdout
}

// TestMain keeps all tests away from the network and from the user's own cache of models, and has them compute with the backend that is everywhere.
// The test binary stands in for the program where that starts itself again, as compare and bench do.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		main()
	}
	home, err := os.MkdirTemp("", "jobtagger-test")
	if err == nil {
		err = errors.Join(os.Setenv("HF_HOME", home), os.Setenv("HF_HUB_OFFLINE", "1"), os.Setenv(backend.Environment, "go"))
	}
	if err != nil {
		log.Fatal(err)
	}
	status := m.Run()
	if err := os.RemoveAll(home); err != nil {
		log.Fatal(err)
	}
	os.Exit(status)
}

// onlineHub starts a Hub that has the models of the examples in help texts, tiny ones under great names, with an empty cache.
func onlineHub(t *testing.T) *fakehub.Hub {
	t.Helper()
	golden := os.DirFS("../../colbertlib/internal/golden/testdata")
	models := map[string]map[string]string{}
	for name, dir := range map[string]string{
		"Alibaba-NLP/gte-en-mlm-base": "models/gte-tiny", "answerdotai/ModernBERT-base": "models/modernbert-tiny",
		"org/name": "models/bert-tiny-bare", "org/other": "checkpoints/pylate-1dense",
	} {
		models[name] = fakehub.Folder(t, golden, dir)
	}
	h := fakehub.New(t, models)
	for _, name := range []string{"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"} {
		t.Setenv(name, "")
	}
	t.Setenv("HF_ENDPOINT", h.URL)
	t.Setenv("HF_HOME", t.TempDir())
	return h
}

// workplace makes a folder with what the examples in help texts name, and makes it the working folder:
//
//	ad.txt ads.jsonl board.csv labels.json q.jsonl d.jsonl my.yaml my/data my/encoder my/recipe.yaml my/labels.json
func workplace(t *testing.T) {
	t.Helper()
	encoder := map[string][]byte{}
	for _, name := range []string{"config.json", "tokenizer.json", "model.safetensors"} {
		content, err := os.ReadFile(filepath.Join(bertTiny, name))
		if err != nil {
			t.Fatal(err)
		}
		encoder[name] = content
	}
	t.Chdir(t.TempDir())
	for name, content := range encoder {
		write(t, "my/encoder/"+name, string(content))
	}
	set := tinySet()
	if err := set.Write("my/data", dataset.Manifest{Version: "two-topics", Source: "by hand"}); err != nil {
		t.Fatal(err)
	}
	if err := dataset.WriteLabels("labels.json", set.Labels); err != nil {
		t.Fatal(err)
	}
	write(t, "my/labels.json", `[{"id": 8, "name": "Boats", "description": "Boats and harbours."}, {"id": 9, "name": "Bread", "description": "Bakers and ovens."}]`)
	write(t, "my/recipe.yaml", tinyRecipe)
	write(t, "my.yaml", tinyPretraining)
	write(t, "ad.txt", "Recruiter\nHires staff and writes contracts.\n")
	write(t, "ads.jsonl", `{"id": "a", "title": "Recruiter", "body": "Hires staff.", "category": "Human Resources"}
{"id": "b", "title": "Driver", "body": "Drives trucks.", "category_id": 36601}
`)
	write(t, "board.csv", board())
	write(t, "q.jsonl", "\"Hires staff.\"\n{\"text\": \"Drives trucks.\"}\n")
	write(t, "d.jsonl", "\"Staff and contracts.\"\n\"Trucks and stores.\"\n\"Nurses.\"\n")
}

// board is a table of another jobs board, with 15 advertisements of each of my/labels.json's labels.
func board() string {
	var b strings.Builder
	b.WriteString("id,Job title,Text,category,employer,date\n")
	for i := range 15 {
		fmt.Fprintf(&b, "boat-%d,Skipper %d,\"Steers **boats** out of harbour %d in week %d, mends net %d; write to skipper%d@example.org.\",Boats,Port %d,2026-01-%02d\n", i, i, i*7, i*i, i*11, i, i%5, i+1)
		fmt.Fprintf(&b, "bread-%d,Baker %d,\"Bakes %d loaves in oven %d of bakery %d, every night of week %d.\",Bread,Mill %d,2026-02-%02d\n", i, i, i*9, i*5, i*i, i*13, i%5, i+1)
	}
	return b.String()
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tinySet has two labels and six ads of each in every split. The labels have ids and names of the starter's, so that its files serve for both.
func tinySet() dataset.Set {
	set := dataset.Set{Labels: []dataset.Label{
		{ID: 6863, Name: "Human Resources", Description: "Staff and contracts."}, {ID: 36601, Name: "Logistics/Procurement", Description: "Trucks and stores."},
	}}
	split := func(name string) (triples []dataset.Triple) {
		for k := range 6 {
			for i, label := range set.Labels {
				triples = append(triples, dataset.Triple{
					Query: fmt.Sprintf("%s officer\n%s in %s, month %d.", label.Name, label.Description, name, k), Positive: label.Description,
					Negative: set.Labels[1-i].Description, ID: fmt.Sprintf("%s-%d-%d", name, i, k), Label: label.ID, Source: "made-up",
				})
			}
		}
		return triples
	}
	set.Train, set.Validate, set.Test = split("train"), split("validate"), split("test")
	return set
}

// tinyRecipe trains my/encoder on my/data for two epochs.
const tinyRecipe = `name: tiny
about: A recipe for tests.
data: {source: my/data, labels: "", train: train, evaluate: validate, obtain: ""}
model:
  base: my/encoder
  head: 8
  similarity: clip-zero
  query: {prefix: "[Q] ", length: 32}
  document: {prefix: "[D] ", length: 16}
  obtain: ""
train: {epochs: 2, batch_size: 4, accumulation: 1, learning_rate: 0.005, seed: 1}
evaluation: {metrics: [ndcg@10, hits@1], candidates: exhaustive}
published: {source: "", scores: []}
expected:
  - {epoch: 1, metric: hits@1, value: 0.75, tolerance: 0.25}
`

// tinyPretraining makes two steps of masked language modelling.
const tinyPretraining = `vocabulary: {size: 300, texts: 20, characters: abc}
encoder: {num_hidden_layers: 1, hidden_size: 16, num_attention_heads: 2, intermediate_size: 16, max_position_embeddings: 32}
train: {steps: 2, batch_size: 2, length: 16, learning_rate: 0.001, warmup: 1, mask_probability: 0.2, seed: 1}
every: 1
`

// trained is the path of a model that tinyRecipe made; workplace comes first.
func trained(t *testing.T) string {
	t.Helper()
	var got outcome
	if err := json.Unmarshal([]byte(must(t, "", "reproduce", "my/recipe.yaml", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	run, err := experiment.Open(got.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return run.ModelDir()
}
