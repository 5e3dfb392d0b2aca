package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/hub/fakehub"
)

const repo = "someone/model"

// weights is large enough to be cut in the middle and not to be in one window.
var weights = strings.Repeat("0123456789abcdef", 20_000)

func start(t *testing.T, more map[string]string) (*fakehub.Hub, *Client) {
	t.Helper()
	files := map[string]string{
		"config.json": `{"model_type":"bert"}`, "tokenizer.json": "{}", "model.safetensors": weights, "README.md": "# A model\n",
		"onnx/model.onnx": "not wanted", "pytorch_model.bin": "not wanted", "vocab.txt": "not wanted",
	}
	for name, content := range more {
		files[name] = content
	}
	h := fakehub.New(t, map[string]map[string]string{repo: files})
	return h, client(t, h, t.TempDir())
}

// client is what the environment of a user would give, without waiting between attempts.
func client(t *testing.T, h *fakehub.Hub, home string) *Client {
	t.Helper()
	for _, name := range []string{"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"} {
		t.Setenv(name, "")
	}
	t.Setenv("HF_HOME", home)
	t.Setenv("HF_ENDPOINT", h.URL)
	c, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	c.wait = func(time.Duration) <-chan time.Time { return time.After(0) }
	return c
}

func ref(t *testing.T, text string) Ref {
	t.Helper()
	r, err := ParseRef(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestSnapshotIsLaidOutAsPythonDoes(t *testing.T) {
	h, c := start(t, nil)
	dir, err := c.Snapshot(t.Context(), ref(t, repo))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(c.Cache, "models--someone--model")
	if want := filepath.Join(folder, "snapshots", fakehub.Commit); dir != want {
		t.Errorf("folder %s, want %s", dir, want)
	}
	var names []string
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if diff := cmp.Diff([]string{"README.md", "config.json", "model.safetensors", "tokenizer.json"}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if read(t, dir, "model.safetensors") != weights || read(t, folder, "refs/main") != fakehub.Commit {
		t.Error("contents differ from the Hub's")
	}
	if target, err := os.Readlink(filepath.Join(dir, "config.json")); err != nil || target != "../../blobs/"+fakehub.GitHash(`{"model_type":"bert"}`) {
		t.Errorf("config.json links to %q, %v", target, err)
	}
	before := len(h.Requests)
	if _, err := c.Snapshot(t.Context(), ref(t, repo)); err != nil || len(h.Requests) != before {
		t.Errorf("a complete snapshot led to %d requests, %v", len(h.Requests)-before, err)
	}
	c.Offline = true
	if again, err := c.Snapshot(t.Context(), ref(t, repo+"@"+fakehub.Commit)); err != nil || again != dir {
		t.Errorf("offline, by commit: %q, %v", again, err)
	}
	list, err := c.List()
	if err != nil || len(list) != 1 || list[0].Ref != ref(t, repo) || !list[0].Complete || list[0].Bytes < int64(len(weights)) {
		t.Errorf("list of the cache: %+v, %v", list, err)
	}
}

func TestOfflineSaysWhatIsMissing(t *testing.T) {
	h, c := start(t, nil)
	c.Offline = true
	_, err := c.Snapshot(t.Context(), ref(t, repo))
	if !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), "jobtagger model pull someone/model") || len(h.Requests) > 0 {
		t.Errorf("got %v after %d requests", err, len(h.Requests))
	}
	c.Offline = false
	dir, err := c.Snapshot(t.Context(), ref(t, repo))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "tokenizer.json")); err != nil {
		t.Fatal(err)
	}
	c.Offline = true
	if _, err := c.Snapshot(t.Context(), ref(t, repo)); !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), "no tokenizer.json") {
		t.Errorf("got %v", err)
	}
	if _, err := c.Pull(t.Context(), ref(t, repo)); !errors.Is(err, ErrOffline) {
		t.Errorf("pull: got %v", err)
	}
}

// Another program may have fetched the encoder alone, of a model that has a head.
func TestSnapshotOfAnEncoderAloneIsCompleted(t *testing.T) {
	_, c := start(t, map[string]string{"modules.json": `[{"path":""},{"path":"1_Dense"}]`, "1_Dense/config.json": "{}", "1_Dense/model.safetensors": "head"})
	dir, err := c.Pull(t.Context(), ref(t, repo))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"modules.json", "README.md", "1_Dense"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Snapshot(t.Context(), ref(t, repo)); err != nil {
		t.Fatal(err)
	}
	if read(t, dir, "1_Dense/model.safetensors") != "head" {
		t.Error("the head was not fetched")
	}
}

func TestShardedWeightsAreFetchedWhole(t *testing.T) {
	h, c := start(t, map[string]string{
		"model.safetensors.index.json": `{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}}`, "model-1.safetensors": "one", "model-2.safetensors": "two",
	})
	delete(h.Models[repo], "model.safetensors")
	dir, err := c.Snapshot(t.Context(), ref(t, repo))
	if err != nil || read(t, dir, "model-2.safetensors") != "two" {
		t.Fatalf("got %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "model-1.safetensors")); err != nil {
		t.Fatal(err)
	}
	c.Offline = true
	if _, err := c.Snapshot(t.Context(), ref(t, repo)); err == nil || !strings.Contains(err.Error(), "no model-1.safetensors") {
		t.Errorf("got %v", err)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	for _, test := range []struct {
		name, model string
		change      func(h *fakehub.Hub, c *Client)
		is          error
		want        string
	}{
		{"no such model", "someone/else", func(*fakehub.Hub, *Client) {}, ErrNotFound, "no model of that name"},
		{"no such revision", repo + "@v2", func(*fakehub.Hub, *Client) {}, ErrNotFound, `no revision "v2"`},
		{"gated", repo, func(h *fakehub.Hub, _ *Client) { h.Token, h.Gated = "secret", true }, ErrNoAccess, "ask for access at "},
		{"private", repo, func(h *fakehub.Hub, _ *Client) { h.Token = "secret" }, ErrNoAccess, "set HF_TOKEN"},
		{"wrong token", repo, func(h *fakehub.Hub, c *Client) { h.Token, c.Token = "secret", "hf_other" }, ErrNoAccess, "the token that was sent"},
		{"forbidden", repo, fault(http.StatusForbidden), ErrNoAccess, "private"},
		{"busy for good", repo, fault(http.StatusTooManyRequests), nil, "too many requests"},
		{"broken for good", repo, fault(http.StatusBadGateway), nil, "502"},
		{"no list", repo, func(h *fakehub.Hub, _ *Client) {
			h.Fault = func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, "<html>"); return true }
		}, nil, "no list of files"},
		{"endless list", repo, func(h *fakehub.Hub, _ *Client) {
			h.Fault = func(w http.ResponseWriter, _ *http.Request) bool {
				fmt.Fprint(w, `{"sha":"`, strings.Repeat("0", maxListing+1), `"}`)
				return true
			}
		}, nil, "longer than"},
		{"a name that leads out", repo, func(h *fakehub.Hub, _ *Client) { h.Models[repo]["../../evil.json"] = "x" }, nil, "not safe to write"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, c := start(t, nil)
			test.change(h, c)
			_, err := c.Snapshot(t.Context(), ref(t, test.model))
			if err == nil || !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("got %v; want %q", err, test.want)
			}
			if err != nil && (strings.Contains(err.Error(), "hf_other") || strings.Contains(err.Error(), "secret")) {
				t.Errorf("the message holds a token: %v", err)
			}
			if h.Token == "" && test.is != nil && len(h.Requests) > 1 {
				t.Errorf("%d requests for what will not change", len(h.Requests))
			}
		})
	}
}

func fault(status int) func(h *fakehub.Hub, _ *Client) {
	return func(h *fakehub.Hub, _ *Client) {
		h.Fault = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(status); return true }
	}
}

// Without network the answer comes at once, and what is in the cache is used as if the Hub must not be asked.
func TestNoNetwork(t *testing.T) {
	h, c := start(t, nil)
	dir, err := c.Snapshot(t.Context(), ref(t, repo))
	if err != nil {
		t.Fatal(err)
	}
	h.Close()
	if again, err := c.Snapshot(t.Context(), ref(t, repo)); err != nil || again != dir {
		t.Errorf("a complete snapshot: %s, %v", again, err)
	}
	if err := os.Remove(filepath.Join(dir, "README.md")); err != nil { // as if another program had fetched the encoder alone
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(c.Cache, "models--someone--model", ".no_exist")); err != nil {
		t.Fatal(err)
	}
	if again, err := c.Snapshot(t.Context(), ref(t, repo)); err != nil || again != dir {
		t.Errorf("a snapshot of an encoder alone: %s, %v", again, err)
	}
	pauses := 0
	c.wait = func(time.Duration) <-chan time.Time { pauses++; return time.After(0) }
	_, err = c.Snapshot(t.Context(), ref(t, "someone/else"))
	if !errors.Is(err, ErrUnreachable) || pauses != dials-1 {
		t.Errorf("a model that is not there: %v after %d pauses", err, pauses)
	}
}

func TestTokenStaysWithTheHub(t *testing.T) {
	h, c := start(t, nil)
	h.Token, c.Token = "secret", "secret"
	if _, err := c.Snapshot(t.Context(), ref(t, repo)); err != nil || h.Leaked {
		t.Errorf("%v; token at the CDN: %v", err, h.Leaked)
	}
}

// A Hub that is busy, answers with errors and breaks connections must be asked again, and what arrived be kept.
func TestDownloadsGoOn(t *testing.T) {
	h, c := start(t, nil)
	var pauses []time.Duration
	c.wait = func(d time.Duration) <-chan time.Time { pauses = append(pauses, d); return time.After(0) }
	var ranges []string
	answer := 0
	h.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "model.safetensors") || strings.Contains(r.URL.Path, "resolve") {
			return false
		}
		ranges = append(ranges, r.Header.Get("Range"))
		switch answer++; answer {
		case 1:
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 3, 4: // a third of what was asked for, then the connection ends
			from, _ := strconv.Atoi(strings.Trim(r.Header.Get("Range"), "bytes=-"))
			rest := weights[from:]
			if from > 0 {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(weights)-1, len(weights)))
				w.WriteHeader(http.StatusPartialContent)
			}
			w.Header().Set("Content-Length", strconv.Itoa(len(rest)))
			io.WriteString(w, rest[:len(rest)/3]) // the server closes the connection, as less came than was said
		default:
			return false
		}
		return true
	}
	dir, err := c.Snapshot(t.Context(), ref(t, repo))
	if err != nil || read(t, dir, "model.safetensors") != weights {
		t.Fatalf("got %v", err)
	}
	if !slices.Contains(pauses, 7*time.Second) {
		t.Errorf("paused %v, want the 7 seconds that the Hub asked for", pauses)
	}
	if len(ranges) != 5 || ranges[4] == "" || ranges[4] == ranges[3] {
		t.Errorf("asked for ranges %q, want each to begin where the last ended", ranges)
	}
}

// A Hub that keeps a connection open and says nothing is asked again, too.
func TestSilenceEnds(t *testing.T) {
	h, c := start(t, nil)
	c.silence = 50 * time.Millisecond
	answer := 0
	h.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "model.safetensors") || strings.Contains(r.URL.Path, "resolve") {
			return false
		}
		answer++
		if answer > 2 {
			return false
		}
		if answer == 2 { // in the middle of the body
			w.Header().Set("Content-Length", strconv.Itoa(len(weights)))
			io.WriteString(w, weights[:1000])
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		}
		<-r.Context().Done()
		return true
	}
	dir, err := c.Snapshot(t.Context(), ref(t, repo))
	if err != nil || read(t, dir, "model.safetensors") != weights || answer != 3 {
		t.Fatalf("after %d answers: %v", answer, err)
	}
	answer = -100
	h.Models[repo]["model.safetensors"] += "new"
	c.Cache = t.TempDir()
	if _, err := c.Snapshot(t.Context(), ref(t, repo)); !errors.Is(err, errSilence) {
		t.Errorf("of a Hub that never answers: %v", err)
	}
}

func TestAnotherRunGoesOn(t *testing.T) {
	h, c := start(t, nil)
	blobs := filepath.Join(c.Cache, "models--someone--model", "blobs")
	listing, err := c.list(t.Context(), ref(t, repo))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range listing.Files {
		if f.Name == "model.safetensors" {
			if err := errors.Join(os.MkdirAll(blobs, 0o755), os.WriteFile(filepath.Join(blobs, f.hash()+".incomplete"), []byte(weights[:1000]), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir, err := c.Snapshot(t.Context(), ref(t, repo))
	if err != nil || read(t, dir, "model.safetensors") != weights {
		t.Fatalf("got %v", err)
	}
	if !slices.ContainsFunc(h.Requests, func(r string) bool { return strings.HasSuffix(r, "model.safetensors bytes=1000-") }) {
		t.Errorf("requests %q", h.Requests)
	}
}

func TestWrongContentIsThrownAway(t *testing.T) {
	h, c := start(t, nil)
	h.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "config.json") {
			return false
		}
		io.WriteString(w, `{"model_type":"evil"}`) // as long as the right one
		return true
	}
	_, err := c.Snapshot(t.Context(), ref(t, repo))
	if err == nil || !strings.Contains(err.Error(), "thrown away") {
		t.Fatalf("got %v", err)
	}
	err = filepath.WalkDir(c.Cache, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.Contains(name, fakehub.GitHash(`{"model_type":"bert"}`)) && !strings.HasSuffix(name, ".lock") {
			t.Errorf("%s is left", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Fault = nil
	if _, err := c.Snapshot(t.Context(), ref(t, repo)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// A full disk is no broken connection: it is said at once, and nothing is asked again.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("needs /dev/full")
	}
	h, c := start(t, nil)
	listing, err := c.list(t.Context(), ref(t, repo))
	if err != nil {
		t.Fatal(err)
	}
	blobs := filepath.Join(c.Cache, "models--someone--model", "blobs")
	if err := os.MkdirAll(blobs, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range listing.Files {
		if f.Name == "model.safetensors" {
			if err := os.Symlink("/dev/full", filepath.Join(blobs, f.hash()+".incomplete")); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, err = c.Snapshot(t.Context(), ref(t, repo))
	if err == nil || !strings.Contains(err.Error(), "model.safetensors: ") || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
	asked := 0
	for _, request := range h.Requests {
		if strings.Contains(request, "/resolve/") && strings.Contains(request, "model.safetensors") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("the file was asked for %d times: %q", asked, h.Requests)
	}
	if _, err := c.Cached(ref(t, repo)); !errors.Is(err, ErrIncomplete) {
		t.Errorf("the cache counts as complete: %v", err)
	}
}

func TestTwoAtOnce(t *testing.T) {
	h, c := start(t, nil)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			dir, err := c.Pull(context.Background(), Ref{repo, "main"})
			if err != nil || read(t, dir, "model.safetensors") != weights {
				t.Errorf("got %v", err)
			}
		})
	}
	group.Wait()
	downloads := 0
	for _, request := range h.Requests {
		if strings.Contains(request, "resolve") && strings.Contains(request, "model.safetensors") {
			downloads++
		}
	}
	if downloads != 1 {
		t.Errorf("%d downloads of one file", downloads)
	}
}

func TestStopsWithItsContext(t *testing.T) {
	h, c := start(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	h.Fault = func(w http.ResponseWriter, _ *http.Request) bool {
		cancel()
		w.WriteHeader(http.StatusBadGateway)
		return true
	}
	if _, err := c.Snapshot(ctx, ref(t, repo)); err == nil || len(h.Requests) != 1 {
		t.Errorf("got %v after %d requests", err, len(h.Requests))
	}
}

// The header of a model must cost little, whatever the size of the model.
func TestRemoteReadsPieces(t *testing.T) {
	h, c := start(t, map[string]string{"1_Dense/config.json": `{"in_features":4}`})
	remote, err := c.Remote(t.Context(), ref(t, repo))
	if err != nil {
		t.Fatal(err)
	}
	content, err := fs.ReadFile(remote, "1_Dense/config.json")
	if err != nil || !json.Valid(content) {
		t.Errorf("1_Dense/config.json: %q, %v", content, err)
	}
	entries, err := fs.ReadDir(remote, ".")
	if err != nil || len(entries) != 8 || !entries[0].IsDir() {
		t.Errorf("folder: %v, %v", entries, err)
	}
	f, err := remote.Open("model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	before := len(h.Requests)
	piece := make([]byte, 100)
	for _, offset := range []int64{0, 50, 5000} {
		if _, err := f.(io.ReaderAt).ReadAt(piece, offset); err != nil || string(piece) != weights[offset:offset+100] {
			t.Errorf("at %d: %q, %v", offset, piece, err)
		}
	}
	if n := len(h.Requests) - before; n != 1 {
		t.Errorf("%d requests for pieces that lie together", n)
	}
	end := int64(len(weights)) - 40
	if n, err := f.(io.ReaderAt).ReadAt(piece, end); n != 40 || !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %d bytes, %v", n, err)
	}
	if whole, err := fs.ReadFile(remote, "model.safetensors"); err != nil || string(whole) != weights {
		t.Errorf("whole: %d bytes, %v", len(whole), err)
	}
	if _, err := remote.Open("missing.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

func TestParseRef(t *testing.T) {
	for text, want := range map[string]Ref{
		"a/b": {"a/b", "main"}, "Alibaba-NLP/gte-en-mlm-base": {"Alibaba-NLP/gte-en-mlm-base", "main"}, "a/b.c@refs/pr/1": {"a/b.c", "refs/pr/1"},
	} {
		if got, err := ParseRef(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "a", "a/b/c", "../b", "a/..", "a/b@../x", "a/b@", "a b/c", "/a/b", "a--x/b--y"} {
		if got, err := ParseRef(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestEnvironment(t *testing.T) {
	h, _ := start(t, nil)
	home := t.TempDir()
	client(t, h, home)
	if err := os.WriteFile(filepath.Join(home, "token"), []byte("hf_file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		variables map[string]string
		want      Client
	}{
		{nil, Client{Endpoint: h.URL, Cache: filepath.Join(home, "hub"), Token: "hf_file"}},
		{map[string]string{"HF_HUB_CACHE": "c", "HF_TOKEN": "hf_x", "HF_ENDPOINT": "http://e/", "HF_HUB_OFFLINE": "yes"}, Client{Endpoint: "http://e", Cache: "c", Token: "hf_x", Offline: true}},
		{map[string]string{"HF_HOME": "", "XDG_CACHE_HOME": home, "HF_HUB_OFFLINE": "0"}, Client{Endpoint: h.URL, Cache: filepath.Join(home, "huggingface", "hub")}},
	} {
		t.Run("", func(t *testing.T) {
			for name, value := range test.variables {
				t.Setenv(name, value)
			}
			got, err := FromEnvironment()
			if err != nil {
				t.Fatal(err)
			}
			if got.Endpoint != test.want.Endpoint || got.Cache != test.want.Cache || got.Token != test.want.Token || got.Offline != test.want.Offline {
				t.Errorf("with %v: endpoint %s, cache %s, token %s, offline %v", test.variables, got.Endpoint, got.Cache, got.Token, got.Offline)
			}
		})
	}
}
