package main

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/hub/fakehub"
	"github.com/jobtagger/jobtagger/data"
)

// largestWeights are the bytes of the largest file that the fake Hub has.
func largestWeights(h *fakehub.Hub) (most int64) {
	for _, files := range h.Models {
		for _, content := range files {
			most = max(most, int64(len(content)))
		}
	}
	return most
}

// A model on the Hub works wherever a folder does, is fetched once, and after that needs no network.
func TestModelFromTheHub(t *testing.T) {
	h := onlineHub(t)
	workplace(t)
	tag := []string{"tag", "--model", "org/name", "--labels", "labels.json", "ad.txt"}
	first := must(t, "", tag...)
	if folder := must(t, "", "tag", "--model", "my/encoder", "--labels", "labels.json", "ad.txt"); folder != first {
		t.Errorf("the model from the Hub tags\n%s, from a folder\n%s", first, folder)
	}
	requests := len(h.Requests)
	h.Close()
	for _, args := range [][]string{
		tag, {"tag", "--model", "org/name@" + fakehub.Commit, "--labels", "labels.json", "ad.txt"},
		{"eval", "--model", "org/name", "--labels", "labels.json", "--data", "ads.jsonl"},
		{"debug", "score", "--model", "org/name", "--queries", "q.jsonl", "--documents", "d.jsonl"},
		{"model", "check", "org/name"},
	} {
		must(t, "", args...)
	}
	if len(h.Requests) != requests {
		t.Errorf("a complete snapshot led to requests: %q", h.Requests[requests:])
	}
}

// A folder wins over a model on the Hub of the same name.
func TestFolderBeforeHub(t *testing.T) {
	h := onlineHub(t)
	workplace(t)
	h.Models["my/encoder"] = map[string]string{"config.json": "{}"}
	must(t, "", "tag", "--model", "my/encoder", "--labels", "labels.json", "ad.txt")
	if len(h.Requests) > 0 {
		t.Errorf("the Hub was asked: %q", h.Requests)
	}
}

// What is judged or counted by small files alone is not downloaded.
func TestModelsAreLookedAtFromAfar(t *testing.T) {
	h := onlineHub(t)
	workplace(t)
	// A realistic proportion: weights that are much larger than their header and the tokenizer.
	base, err := fs.ReadFile(data.Starter, "model/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	h.Models["org/large"] = map[string]string{"model.safetensors": string(base)}
	for _, name := range []string{"config.json", "tokenizer.json", "tokenizer_config.json"} {
		content, err := fs.ReadFile(data.Starter, "model/"+name)
		if err != nil {
			t.Fatal(err)
		}
		h.Models["org/large"][name] = string(content)
	}
	for _, test := range []struct {
		args  string
		most  int64 // bytes
		wants string
	}{
		{"model check org/large", 100_000, "org/large: supported"},
		{"data tokens --model org/large ads.jsonl", 1_000_000, "2 queries of ads.jsonl"},
		{"debug tokenize --model org/large q.jsonl", 1_000_000, "[CLS]"},
	} {
		h.Sent = 0
		stdout := must(t, "", strings.Fields(test.args)...)
		if h.Sent == 0 || h.Sent > test.most || !strings.Contains(stdout, test.wants) {
			t.Errorf("%s: %d bytes were sent, at most %d of %d; printed\n%s", test.args, h.Sent, test.most, largestWeights(h), stdout)
		}
	}
	if cached, err := filepath.Glob(filepath.Join(os.Getenv("HF_HOME"), "hub", "models--*")); err != nil || len(cached) > 0 {
		t.Errorf("the cache has %q, %v", cached, err)
	}
	if status, stdout, stderr := jobtagger(t, "", "model", "check", "org/large", "--fill", "a [MASK]"); status != fine || !strings.Contains(stdout, "[MASK] 1:") || !strings.Contains(stderr, "fetching model.safetensors: ") {
		t.Errorf("--fill: %d %s\n%s", status, stdout, stderr)
	}
}

// A run on a model from the Hub says which it was, in inputs.json and on the model's card.
func TestTrainFromTheHub(t *testing.T) {
	h := onlineHub(t)
	workplace(t)
	h.Models["Alibaba-NLP/gte-en-mlm-base"]["README.md"] = "---\nlicense: apache-2.0\n---\n# The real one is larger\n"
	must(t, "", "reproduce", "my/recipe.yaml", "--set", "model.base=Alibaba-NLP/gte-en-mlm-base")
	runs, err := filepath.Glob("results/tiny/runs/*")
	if err != nil || len(runs) != 1 {
		t.Fatalf("runs %q, %v", runs, err)
	}
	var inputs struct {
		Model  []dataset.FileHash
		Commit string `json:"model_commit"`
	}
	content, err := os.ReadFile(filepath.Join(runs[0], "inputs.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &inputs); err != nil || inputs.Commit != fakehub.Commit || len(inputs.Model) < 3 {
		t.Errorf("inputs %+v, %v", inputs, err)
	}
	card, err := os.ReadFile(filepath.Join(runs[0], "model", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"license: apache-2.0\n", "base_model: Alibaba-NLP/gte-en-mlm-base\n", "Base model Alibaba-NLP/gte-en-mlm-base (commit 0123456789ab); trained on 12 triples",
		"| epoch 1 ", "12 triples, to train on", "base: Alibaba-NLP/gte-en-mlm-base\n", "MultiVectorEncoder(\"FOLDER\")", "PyLate 1.6 does not load it", "## Limits",
	} {
		if !strings.Contains(string(card), want) {
			t.Errorf("no %q on the card:\n%s", want, card)
		}
	}
}

func TestPullAndDoctor(t *testing.T) {
	h := onlineHub(t)
	workplace(t)
	stdout := must(t, "", "model", "pull", "org/name", "org/other@"+fakehub.Commit)
	if lines := strings.Split(strings.TrimSpace(stdout), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], "org/name: 0.") || !strings.HasSuffix(lines[1], fakehub.Commit) {
		t.Errorf("pull prints\n%s", stdout)
	}
	var pulled cachedModel
	if err := json.Unmarshal([]byte(must(t, "", "model", "pull", "org/name", "--json")), &pulled); err != nil || pulled.Commit != fakehub.Commit || !pulled.Complete {
		t.Errorf("pull --json: %+v, %v", pulled, err)
	}
	if err := os.Remove(filepath.Join(pulled.Folder, "tokenizer.json")); err != nil {
		t.Fatal(err)
	}
	if stdout := must(t, "", "doctor"); !strings.Contains(stdout, "org/name, incomplete: ") {
		t.Errorf("doctor says\n%s", stdout)
	}
	var report struct {
		Cached []cachedModel `json:"cached_models"`
	}
	if err := json.Unmarshal([]byte(must(t, "", "doctor", "--json")), &report); err != nil || len(report.Cached) != 1 || report.Cached[0].Complete {
		t.Errorf("doctor --json: %+v, %v", report.Cached, err)
	}
	h.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("X-Error-Code", "GatedRepo")
		w.WriteHeader(http.StatusForbidden)
		return true
	}
	status, stdout, stderr := jobtagger(t, "", "model", "pull", "org/name", "org/other")
	if status != failure || stdout != "" || strings.Count(stderr, "ask for access at") != 2 {
		t.Errorf("gated: %d %s\n%s", status, stdout, stderr)
	}
}

// Whoever has no network, or a wrong name, is told what to do.
func TestHubErrors(t *testing.T) {
	h := onlineHub(t)
	workplace(t)
	tagWith := func(model string) string {
		status, stdout, stderr := jobtagger(t, "", "tag", "--model", model, "--labels", "labels.json", "ad.txt")
		if status != failure || stdout != "" {
			t.Errorf("%s: status %d, %q", model, status, stdout)
		}
		return stderr
	}
	if got := tagWith("my/encodr"); !strings.Contains(got, "there is no such folder, and on the Hub: hub: my/encodr: the Hub does not have it: no model of that name") {
		t.Errorf("a wrong name: %s", got)
	}
	if got := tagWith("no such thing"); !strings.Contains(got, "there is no such folder") || !strings.Contains(got, "organisation/name") {
		t.Errorf("no name at all: %s", got)
	}
	t.Setenv("HF_HUB_OFFLINE", "1")
	if got := tagWith("org/name"); !strings.Contains(got, "HF_HUB_OFFLINE") || !strings.Contains(got, "jobtagger model pull org/name") {
		t.Errorf("offline: %s", got)
	}
	if status, stdout, _ := jobtagger(t, "", "model", "check", "org/name"); status != failure || !strings.Contains(stdout, "jobtagger model pull org/name") {
		t.Errorf("check, offline: %d %s", status, stdout)
	}
	if len(h.Requests) != 1 {
		t.Errorf("requests %q", h.Requests)
	}
	t.Setenv("HF_HUB_OFFLINE", "")
	h.Close()
	if got := tagWith("org/name"); !strings.Contains(got, "the Hub cannot be reached") || !strings.Contains(got, "without network, name a model folder") {
		t.Errorf("no network: %s", got)
	}
	status, _, stderr := jobtagger(t, "", "reproduce", "my/recipe.yaml", "--set", "model.base=org/name", "--set", "model.obtain=Ask your neighbour.")
	if status != failure || !strings.Contains(stderr, "cannot be reached") || !strings.Contains(stderr, "Ask your neighbour.") {
		t.Errorf("reproduce without network: %d\n%s", status, stderr)
	}
}
