package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

const (
	maxSmall = 64 << 20 // bytes of a file that is read whole
	window   = 64 << 10 // bytes that a ranged request asks for at the least
)

// Remote returns a model's files as the Hub has them, without downloading them: safetensors are read by ranged requests, so that looking at the
// header of a model costs a few kilobytes, and other files whole when they are opened. The context holds for all reading.
func (c *Client) Remote(ctx context.Context, ref Ref) (fs.FS, error) {
	listing, err := c.list(ctx, ref)
	if err != nil {
		return nil, err
	}
	return &remoteFS{client: c, ctx: ctx, ref: ref, listing: listing}, nil
}

type remoteFS struct {
	client  *Client
	ctx     context.Context //nolint:containedctx // fs.FS has no other place for it
	ref     Ref
	listing listing
}

func (r *remoteFS) Open(name string) (fs.File, error) {
	f, err := r.find("open", name)
	if err != nil {
		return nil, err
	}
	remote := &remoteFile{fs: r, file: f}
	if path.Ext(name) == ".safetensors" {
		return remote, nil
	}
	if f.Size > maxSmall {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fmt.Errorf("%d bytes are too many to read from afar", f.Size)}
	}
	content := make([]byte, f.Size)
	if err := remote.fetch(content, 0); err != nil {
		return nil, err
	}
	return &smallFile{Reader: bytes.NewReader(content), info: fileInfo{f}}, nil
}

// Stat costs no request.
func (r *remoteFS) Stat(name string) (fs.FileInfo, error) {
	f, err := r.find("stat", name)
	return fileInfo{f}, err
}

// ReadDir lists the files and folders in one folder.
func (r *remoteFS) ReadDir(name string) ([]fs.DirEntry, error) {
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	var entries []fs.DirEntry
	for _, f := range r.listing.Files {
		rest, inside := strings.CutPrefix(f.Name, prefix)
		if !inside {
			continue
		}
		if folder, _, deeper := strings.Cut(rest, "/"); deeper {
			f = file{Name: prefix + folder, Size: -1}
		}
		if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == path.Base(f.Name) }) {
			entries = append(entries, fs.FileInfoToDirEntry(fileInfo{f}))
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

func (r *remoteFS) find(op, name string) (file, error) {
	for _, f := range r.listing.Files {
		if f.Name == name {
			return f, nil
		}
	}
	return file{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// fileInfo describes a file, or a folder where the size is -1.
type fileInfo struct{ file file }

func (i fileInfo) Name() string { return path.Base(i.file.Name) }
func (i fileInfo) Size() int64  { return max(i.file.Size, 0) }
func (i fileInfo) IsDir() bool  { return i.file.Size < 0 }
func (i fileInfo) Mode() fs.FileMode {
	if i.IsDir() {
		return fs.ModeDir | 0o555
	}
	return 0o444
}
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) Sys() any           { return nil }

type smallFile struct {
	*bytes.Reader
	info fileInfo
}

func (f *smallFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *smallFile) Close() error               { return nil }

// remoteFile is a file that is read in pieces. Unlike files on disk it is not for concurrent use.
type remoteFile struct {
	fs     *remoteFS
	file   file
	offset int64 // of Read

	piece      []byte
	pieceStart int64
}

func (f *remoteFile) Stat() (fs.FileInfo, error) { return fileInfo{f.file}, nil }
func (f *remoteFile) Close() error               { return nil }

func (f *remoteFile) Read(p []byte) (int, error) {
	n, err := f.ReadAt(p[:min(int64(len(p)), max(f.file.Size-f.offset, 0))], f.offset)
	f.offset += int64(n)
	if n == 0 && err == nil && len(p) > 0 {
		return 0, io.EOF
	}
	return n, err
}

// ReadAt implements [io.ReaderAt].
func (f *remoteFile) ReadAt(p []byte, offset int64) (int, error) {
	available := min(int64(len(p)), f.file.Size-offset)
	if available < 0 {
		return 0, io.EOF
	}
	if start := offset - f.pieceStart; start < 0 || start+available > int64(len(f.piece)) {
		piece := make([]byte, min(max(available, window), f.file.Size-offset))
		if err := f.fetch(piece, offset); err != nil {
			return 0, err
		}
		f.piece, f.pieceStart = piece, offset
	}
	n := copy(p, f.piece[offset-f.pieceStart:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// fetch fills p with the bytes from offset on.
func (f *remoteFile) fetch(p []byte, offset int64) error {
	if len(p) == 0 {
		return nil
	}
	c, r := f.fs.client, f.fs
	response, err := c.get(r.ctx, r.ref, c.fileURL(r.ref.Repo, r.listing.Commit, f.file.Name), fmt.Sprintf("bytes=%d-%d", offset, offset+int64(len(p))-1))
	if err != nil {
		return fmt.Errorf("hub: %s: %s: %w", r.ref, f.file.Name, err)
	}
	defer response.Body.Close()
	if response.StatusCode == 200 && offset > 0 {
		return fmt.Errorf("hub: %s: %s: the server gives whole files only; use jobtagger model pull", r.ref, f.file.Name)
	}
	n, err := io.ReadFull(response.Body, p)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = fmt.Errorf("the answer ends after %d of %d bytes", n, len(p))
	}
	if err != nil {
		return fmt.Errorf("hub: %s: %s: %w", r.ref, f.file.Name, err)
	}
	return nil
}
