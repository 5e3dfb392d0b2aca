// Package fakehub is a Hugging Face Hub for tests: the part of its API that package hub uses, on a local server, with the faults that tests ask for.
// Large files are sent on to a second server, as the real one sends to its CDN.
package fakehub

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Commit is the revision that "main" stands for in every model.
const Commit = "0123456789abcdef0123456789abcdef01234567"

// Hub is the server. Its fields may be changed between requests, under Lock.
type Hub struct {
	sync.Mutex
	URL    string
	Models map[string]map[string]string // files' contents by repository and name
	Token  string                       // if not empty, requests without it are refused
	Gated  bool                         // how they are refused
	// Fault, if not nil, may answer a request itself; then it returns true.
	Fault func(w http.ResponseWriter, r *http.Request) bool

	Requests []string // paths, with the range that was asked for
	Leaked   bool     // whether a token came to the CDN
	Sent     int64    // bytes of all answers together, without their headers

	// Close ends the Hub before the test does: nothing listens there any more.
	Close func()

	cdn string
}

// New starts a Hub that ends with the test.
func New(t testing.TB, models map[string]map[string]string) *Hub {
	t.Helper()
	h := &Hub{Models: models}
	front, cdn := httptest.NewServer(http.HandlerFunc(h.serve)), httptest.NewServer(http.HandlerFunc(h.serveCDN))
	h.Close = func() { front.Close(); cdn.Close() }
	t.Cleanup(h.Close)
	h.URL, h.cdn = front.URL, cdn.URL
	return h
}

// Folder reads the files of a model folder, also those in folders below.
func Folder(t testing.TB, fsys fs.FS, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(fsys, name)
		files[strings.TrimPrefix(name, dir+"/")] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func (h *Hub) serve(w http.ResponseWriter, r *http.Request) {
	h.Lock()
	defer h.Unlock()
	w = counter{w, &h.Sent}
	h.Requests = append(h.Requests, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("Range")))
	if h.Fault != nil && h.Fault(w, r) {
		return
	}
	if h.Token != "" && r.Header.Get("Authorization") != "Bearer "+h.Token {
		code := "RepoNotFound"
		if h.Gated {
			code = "GatedRepo"
		}
		refuse(w, code, http.StatusUnauthorized)
		return
	}
	if repo, revision, ok := cut(strings.TrimPrefix(r.URL.Path, "/api/models/"), "/revision/"); ok {
		h.list(w, repo, revision)
	} else if repo, rest, ok := cut(strings.TrimPrefix(r.URL.Path, "/"), "/resolve/"); ok {
		revision, name, _ := strings.Cut(rest, "/")
		h.file(w, r, repo, revision, name)
	} else {
		http.NotFound(w, r)
	}
}

// counter adds up what is written.
type counter struct {
	http.ResponseWriter
	bytes *int64
}

func (c counter) Write(content []byte) (int, error) {
	n, err := c.ResponseWriter.Write(content)
	*c.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (c counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func cut(text, separator string) (before, after string, ok bool) { return strings.Cut(text, separator) }

func refuse(w http.ResponseWriter, code string, status int) {
	w.Header().Set("X-Error-Code", code)
	w.WriteHeader(status)
}

func (h *Hub) list(w http.ResponseWriter, repo, revision string) {
	files, ok := h.Models[repo]
	if !ok {
		refuse(w, "RepoNotFound", http.StatusNotFound)
		return
	}
	if revision != "main" && revision != Commit {
		refuse(w, "RevisionNotFound", http.StatusNotFound)
		return
	}
	siblings := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content := files[name]
		sibling := map[string]any{"rfilename": name, "size": len(content), "blobId": GitHash(content)}
		if large(name) {
			sum := sha256.Sum256([]byte(content))
			sibling["lfs"] = map[string]any{"sha256": hex.EncodeToString(sum[:]), "size": len(content), "pointerSize": 130}
		}
		siblings = append(siblings, sibling)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"id": repo, "sha": Commit, "siblings": siblings}) // a client that is gone is the test's affair
}

// GitHash is git's name of a file with that content.
func GitHash(content string) string {
	sum := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content))
	return hex.EncodeToString(sum[:])
}

func large(name string) bool { return strings.HasSuffix(name, ".safetensors") }

func (h *Hub) file(w http.ResponseWriter, r *http.Request, repo, revision, name string) {
	content, ok := h.Models[repo][name]
	switch {
	case !ok || revision != Commit:
		refuse(w, "EntryNotFound", http.StatusNotFound)
	case large(name):
		http.Redirect(w, r, h.cdn+"/"+repo+"/"+name, http.StatusFound)
	default:
		http.ServeContent(w, r, name, time.Time{}, strings.NewReader(content))
	}
}

func (h *Hub) serveCDN(w http.ResponseWriter, r *http.Request) {
	h.Lock()
	defer h.Unlock()
	w = counter{w, &h.Sent}
	h.Leaked = h.Leaked || r.Header.Get("Authorization") != ""
	if h.Fault != nil && h.Fault(w, r) {
		return
	}
	for repo, files := range h.Models {
		if name, ok := strings.CutPrefix(r.URL.Path, "/"+repo+"/"); ok {
			http.ServeContent(w, r, name, time.Time{}, strings.NewReader(files[name]))
		}
	}
}
