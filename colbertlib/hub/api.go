package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxListing = 16 << 20 // bytes of a repository's list of files
	attempts   = 6        // of a request, or of a download in a row without a byte
	dials      = 3        // failures to connect after which there seems to be no network
	longest    = 2 * time.Minute
	// userAgent is honest about what asks.
	userAgent = "jobtagger (https://github.com/jobtagger/jobtagger)"
)

// Errors that callers can act on.
var (
	ErrOffline     = errors.New("the Hub must not be asked (HF_HUB_OFFLINE)")
	ErrUnreachable = errors.New("the Hub cannot be reached")
	ErrNoAccess    = errors.New("the Hub refuses access")
	ErrNotFound    = errors.New("the Hub does not have it")
	ErrIncomplete  = errors.New("the cache does not have it")
)

// listing is what the Hub says of a revision.
type listing struct {
	Commit string `json:"sha"`
	Files  []file `json:"siblings"`
}

type file struct {
	Name string `json:"rfilename"`
	Size int64  `json:"size"`
	Blob string `json:"blobId"` // git's SHA-1 of small files
	LFS  *struct {
		SHA256 string `json:"sha256"`
		Size   int64  `json:"size"`
	} `json:"lfs"`
}

// hash is the name of the file's blob: SHA-256 for large files, git's SHA-1 for others.
func (f file) hash() string {
	if f.LFS != nil {
		return f.LFS.SHA256
	}
	return f.Blob
}

// list asks the Hub for a revision's files.
func (c *Client) list(ctx context.Context, ref Ref) (listing, error) {
	var l listing
	address := fmt.Sprintf("%s/api/models/%s/revision/%s?blobs=true", c.Endpoint, ref.Repo, url.PathEscape(ref.Revision))
	response, err := c.get(ctx, ref, address, "")
	if err != nil {
		return l, fmt.Errorf("hub: %s: %w", ref, err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxListing+1))
	if err != nil {
		return l, fmt.Errorf("hub: %s: list of files: %w", ref, err)
	}
	if len(content) > maxListing {
		return l, fmt.Errorf("hub: %s: the list of files is longer than %d bytes", ref, maxListing)
	}
	if err := json.Unmarshal(content, &l); err != nil {
		return l, fmt.Errorf("hub: %s: the answer is no list of files (%w); is $HF_ENDPOINT the address of a Hub?", ref, err)
	}
	return l, l.check(ref)
}

// check refuses names that would lead out of the folder, and hashes that are none.
func (l listing) check(ref Ref) error {
	if !isHex(l.Commit, 40) {
		return fmt.Errorf("hub: %s: the Hub names no commit", ref)
	}
	for _, f := range l.Files {
		if !fs.ValidPath(f.Name) || strings.ContainsAny(f.Name, "\\:\x00") {
			return fmt.Errorf("hub: %s: file name %q is not safe to write", ref, f.Name)
		}
		if hash := f.hash(); !isHex(hash, 40) && !isHex(hash, 64) {
			return fmt.Errorf("hub: %s: %s has no hash", ref, f.Name)
		}
		if f.LFS != nil && f.LFS.Size != f.Size || f.Size < 0 {
			return fmt.Errorf("hub: %s: %s has no size", ref, f.Name)
		}
	}
	return nil
}

func isHex(text string, length int) bool {
	return len(text) == length && strings.Trim(text, "0123456789abcdef") == ""
}

// fileURL is where a file's content is.
func (c *Client) fileURL(repo, commit, name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return fmt.Sprintf("%s/%s/resolve/%s/%s", c.Endpoint, repo, commit, strings.Join(parts, "/"))
}

// get asks until there is an answer to use, which the caller closes: it waits and asks again when the Hub is busy or the connection fails.
// byteRange is a Range header's value or empty. Errors do not name the model: callers do.
func (c *Client) get(ctx context.Context, ref Ref, address, byteRange string) (*http.Response, error) {
	if c.Offline {
		return nil, ErrOffline
	}
	var last error
	for attempt := range attempts {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		request.Header.Set("User-Agent", userAgent)
		if byteRange != "" {
			request.Header.Set("Range", byteRange)
		}
		if c.Token != "" {
			request.Header.Set("Authorization", "Bearer "+c.Token)
		}
		pause := backoff(attempt)
		response, err := c.do(request)
		if err == nil {
			if response.StatusCode < 300 {
				return response, nil
			}
			response.Body.Close()
			err = c.refusal(ref, response)
			if again := response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= 500; !again {
				return nil, err
			}
			if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
				pause = time.Duration(seconds) * time.Second
			}
		}
		last = err
		if dial := new(net.OpError); errors.As(err, &dial) && dial.Op == "dial" {
			last = fmt.Errorf("%w: %w", ErrUnreachable, err)
			if attempt+1 == dials {
				break
			}
		}
		if ctx.Err() != nil || pause > longest {
			break
		}
		if err := c.pause(ctx, pause); err != nil {
			return nil, err
		}
	}
	return nil, last
}

// refusal says what an answer other than success means, and what to do.
func (c *Client) refusal(ref Ref, response *http.Response) error {
	how := "set HF_TOKEN to a token that may read it"
	if c.Token != "" {
		how = "the token that was sent may not read it"
	}
	switch code := response.Header.Get("X-Error-Code"); {
	case code == "GatedRepo":
		return fmt.Errorf("%w to a gated model: ask for access at %s/%s, then %s", ErrNoAccess, c.Endpoint, ref.Repo, how)
	case response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%w: there is no such model, or it is private; %s", ErrNoAccess, how)
	case code == "RevisionNotFound":
		return fmt.Errorf("%w: no revision %q", ErrNotFound, ref.Revision)
	case code == "EntryNotFound":
		return fmt.Errorf("%w: no such file", ErrNotFound)
	case response.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%w: no model of that name", ErrNotFound)
	case response.StatusCode == http.StatusTooManyRequests:
		return errors.New("the Hub has had too many requests (429); try again later")
	default:
		return fmt.Errorf("the Hub answers %s", response.Status)
	}
}

func backoff(attempt int) time.Duration {
	return time.Duration(float64(time.Second) * float64(int(1)<<attempt) * (0.5 + rand.Float64()))
}

func (c *Client) pause(ctx context.Context, d time.Duration) error {
	wait := c.wait
	if wait == nil {
		wait = time.After
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait(d):
		return nil
	}
}
