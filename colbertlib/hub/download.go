package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// fetch makes sure that the cache has a file's content. Other processes that want the same file wait for the first.
func (c *Client) fetch(ctx context.Context, ref Ref, commit string, f file) error {
	folder := c.folder(ref.Repo)
	blob := filepath.Join(folder, "blobs", f.hash())
	if _, err := os.Stat(blob); err == nil {
		return nil
	}
	lock := flock.New(filepath.Join(c.Cache, ".locks", filepath.Base(folder), f.hash()+".lock"))
	for _, dir := range []string{filepath.Dir(lock.Path()), filepath.Dir(blob)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("hub: %s: %w", ref, err)
		}
	}
	if _, err := lock.TryLockContext(ctx, pollLock); err != nil {
		return fmt.Errorf("hub: %s: wait for another download of %s: %w", ref, f.Name, err)
	}
	err := c.fetchLocked(ctx, ref, commit, f, blob)
	if err := errors.Join(err, lock.Unlock()); err != nil {
		return fmt.Errorf("hub: %s: %s: %w", ref, f.Name, err)
	}
	return nil
}

func (c *Client) fetchLocked(ctx context.Context, ref Ref, commit string, f file, blob string) error {
	if _, err := os.Stat(blob); err == nil {
		return nil // by the process that held the lock
	}
	partial := blob + ".incomplete"
	if err := c.download(ctx, ref, commit, f, partial); err != nil {
		return err
	}
	if err := verify(partial, f); err != nil {
		return errors.Join(err, os.Remove(partial))
	}
	return os.Rename(partial, blob)
}

// download brings partial to the file's size, going on where an earlier download stopped.
func (c *Client) download(ctx context.Context, ref Ref, commit string, f file, partial string) error {
	out, err := os.OpenFile(partial, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	done, err := out.Seek(0, io.SeekEnd)
	if err == nil && done > f.Size {
		done, err = 0, out.Truncate(0)
	}
	for failures := 0; err == nil && done < f.Size; {
		var n int64
		var broken error
		n, broken, err = c.receive(ctx, ref, commit, f, out, done)
		if done += n; n > 0 {
			failures = 0
		}
		if err == nil && broken != nil {
			if failures++; failures == attempts {
				err = broken
				break
			}
			err = c.pause(ctx, backoff(failures))
		}
	}
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// receive writes what one answer holds behind the first done bytes. broken says that the connection ended early, which is worth another try.
func (c *Client) receive(ctx context.Context, ref Ref, commit string, f file, out *os.File, done int64) (n int64, broken, err error) {
	byteRange := ""
	if done > 0 {
		byteRange = fmt.Sprintf("bytes=%d-", done)
	}
	response, err := c.get(ctx, ref, c.fileURL(ref.Repo, commit, f.Name), byteRange)
	if errors.Is(err, ErrUnreachable) { // now, after it has been reached
		return 0, err, nil
	}
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	if done > 0 && response.StatusCode != http.StatusPartialContent {
		return -done, nil, out.Truncate(0) // the server begins again
	}
	if _, err := out.Seek(done, io.SeekStart); err != nil {
		return 0, nil, err
	}
	progress := &progress{report: c.Progress, file: f.Name, done: done, total: f.Size}
	body := &readErrors{reader: io.TeeReader(io.LimitReader(response.Body, f.Size-done+1), progress)}
	n, err = io.Copy(out, body)
	if body.err != nil { // of the connection, not of the disk
		return n, body.err, nil
	}
	if err == nil && done+n < f.Size {
		broken = io.ErrUnexpectedEOF
	}
	return n, broken, err
}

// readErrors remembers the error of reading, which io.Copy does not tell from one of writing.
type readErrors struct {
	reader io.Reader
	err    error
}

func (r *readErrors) Read(p []byte) (int, error) {
	n, err := r.reader.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

type progress struct {
	report      func(file string, done, total int64)
	file        string
	done, total int64
}

func (p *progress) Write(content []byte) (int, error) {
	if p.done += int64(len(content)); p.report != nil {
		p.report(p.file, p.done, p.total)
	}
	return len(content), nil
}

// verify compares a download with the size and the hash that the Hub gives.
func verify(name string, f file) error {
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	sum := sha256.New()
	if f.LFS == nil { // git's name of a blob
		sum = sha1.New()
		fmt.Fprintf(sum, "blob %d\x00", f.Size)
	}
	size, err := io.Copy(sum, in)
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); size != f.Size || got != f.hash() {
		return fmt.Errorf("%d bytes with hash %s arrived, the Hub promised %d with %s; the download was thrown away, try again", size, got, f.Size, f.hash())
	}
	return nil
}

// link puts a blob's name into the snapshot: a relative link, or a copy where the file system has no links.
func link(folder, commit string, f file) error {
	name := filepath.Join(folder, "snapshots", commit, filepath.FromSlash(f.Name))
	if info, err := os.Stat(name); err == nil && info.Size() == f.Size {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	up := strings.Repeat("../", strings.Count(f.Name, "/")+2)
	if os.Symlink(filepath.FromSlash(up+"blobs/"+f.hash()), name) == nil {
		return nil
	}
	blob, err := os.Open(filepath.Join(folder, "blobs", f.hash()))
	if err != nil {
		return err
	}
	defer blob.Close()
	return atomicfile.Write(name, func(w io.Writer) error {
		_, err := io.Copy(w, blob)
		return err
	})
}

// pollLock is how often a process that waits for another looks again.
const pollLock = 200 * time.Millisecond

func writeFile(name string, content []byte) error { return atomicfile.WriteBytes(name, content) }
