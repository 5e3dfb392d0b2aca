// Package hub brings models from the Hugging Face Hub into the cache that Python's libraries use, and finds those that are there.
//
// It follows huggingface_hub in its environment variables and in the layout of the cache, so that one copy of a model serves both. What it does
// otherwise: a complete snapshot is used without asking the Hub, every file is checked by size and hash, and only what this project reads is fetched.
// (gomlx/go-huggingface was looked at first: it neither resumes nor checks what it downloads, and asks the Hub each time.)
package hub

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Ref names a version of a model.
type Ref struct {
	Repo     string // "organisation/name"
	Revision string // a branch, tag or commit; usually "main"
}

var refPattern = regexp.MustCompile(`^([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@([\w][\w./-]*))?$`)

// ParseRef reads "organisation/name" or "organisation/name@revision". Whether such a model exists is another question.
func ParseRef(text string) (Ref, error) {
	match := refPattern.FindStringSubmatch(text)
	if match == nil || strings.Contains(text, "..") || strings.Contains(text, "--") && strings.Contains(match[1], "--") {
		return Ref{}, fmt.Errorf("hub: %q is not organisation/name or organisation/name@revision", text)
	}
	return Ref{Repo: match[1], Revision: cmp.Or(match[2], "main")}, nil
}

// String is the form that ParseRef reads.
func (r Ref) String() string {
	if r.Revision == "main" {
		return r.Repo
	}
	return r.Repo + "@" + r.Revision
}

// Client reads models from the cache and from the Hub. Its methods are safe for concurrent use, also by several processes with one cache.
type Client struct {
	Endpoint string // address of the Hub
	Cache    string // folder of the cache
	Token    string // for models that need one; empty for none. It is sent to Endpoint only and appears in no message.
	Offline  bool   // whether requests are forbidden
	HTTP     *http.Client
	// Progress, if not nil, is called as bytes of a file arrive. Files come one after the other.
	Progress func(file string, done, total int64)

	wait    func(time.Duration) <-chan time.Time // nil for time.After
	silence time.Duration                        // 0 for longestSilence
}

// FromEnvironment returns a client as huggingface_hub's variables describe it: $HF_ENDPOINT, $HF_HUB_CACHE (or $HUGGINGFACE_HUB_CACHE), $HF_HOME,
// $XDG_CACHE_HOME, $HF_TOKEN (or the file that `hf auth login` writes) and $HF_HUB_OFFLINE.
func FromEnvironment() (*Client, error) {
	home := os.Getenv("HF_HOME")
	if home == "" {
		base := os.Getenv("XDG_CACHE_HOME")
		if base == "" {
			user, err := os.UserHomeDir()
			if err != nil {
				return nil, fmt.Errorf("hub: no folder for the cache: %w; set HF_HOME", err)
			}
			base = filepath.Join(user, ".cache")
		}
		home = filepath.Join(base, "huggingface")
	}
	token, err := readToken(home)
	if err != nil {
		return nil, err
	}
	return &Client{
		Endpoint: strings.TrimRight(cmp.Or(os.Getenv("HF_ENDPOINT"), "https://huggingface.co"), "/"),
		Cache:    cmp.Or(os.Getenv("HF_HUB_CACHE"), os.Getenv("HUGGINGFACE_HUB_CACHE"), filepath.Join(home, "hub")),
		Token:    token,
		Offline:  isTrue(os.Getenv("HF_HUB_OFFLINE")) || isTrue(os.Getenv("TRANSFORMERS_OFFLINE")),
		HTTP:     &http.Client{CheckRedirect: keepTokenHome},
	}, nil
}

func isTrue(value string) bool {
	switch strings.ToUpper(value) {
	case "1", "ON", "YES", "TRUE":
		return true
	}
	return false
}

func readToken(home string) (string, error) {
	if token := cmp.Or(os.Getenv("HF_TOKEN"), os.Getenv("HUGGING_FACE_HUB_TOKEN")); token != "" {
		return strings.TrimSpace(token), nil
	}
	content, err := os.ReadFile(cmp.Or(os.Getenv("HF_TOKEN_PATH"), filepath.Join(home, "token")))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("hub: token: %w", err)
	}
	return strings.TrimSpace(string(content)), nil
}

// keepTokenHome takes the token out of a request that is sent on to another host, where models' files are kept.
func keepTokenHome(request *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return errors.New("stopped after 10 redirects")
	}
	if request.URL.Host != via[0].URL.Host {
		request.Header.Del("Authorization")
	}
	return nil
}

// folder is where the cache keeps a model, in huggingface_hub's layout: blobs/ named by hash, snapshots/COMMIT/ with links to them, refs/.
func (c *Client) folder(repo string) string {
	return filepath.Join(c.Cache, "models--"+strings.ReplaceAll(repo, "/", "--"))
}
