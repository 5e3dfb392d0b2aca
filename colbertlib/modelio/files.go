package modelio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// maxSmallFile bounds what is read whole: configurations, indexes, heads, tokenizer.json. The largest in use, tokenizer.json
// of the multilingual models with 250,000 entries, has 17 MB.
const maxSmallFile = 64 << 20

// source is a folder to read from.
type source struct {
	fsys fs.FS
	dir  string
}

// sub is a folder inside, or s itself for "".
func (s source) sub(name string) source { return source{s.fsys, path.Join(s.dir, name)} }

// path is how the file is called in the file system.
func (s source) path(name string) string { return path.Join(s.dir, name) }

// has says whether the file is there; one that is there but cannot be read counts, so that reading it reports why.
func (s source) has(name string) bool { return exists(s.fsys, s.path(name)) }

// read returns a file of at most maxSmallFile bytes.
func (s source) read(name string) ([]byte, error) { return readBounded(s.fsys, s.path(name)) }

// readOptional is read, and nil for a file that is absent.
func (s source) readOptional(name string) ([]byte, error) {
	if !s.has(name) {
		return nil, nil
	}
	return s.read(name)
}

// json decodes a file into value. encoding/json bounds the depth.
func (s source) json(name string, value any) error {
	content, err := s.read(name)
	if err != nil {
		return err
	}
	return s.decode(name, content, value)
}

// decode decodes a file's content that was read before into value.
func (s source) decode(name string, content []byte, value any) error {
	if err := json.Unmarshal(content, value); err != nil {
		return fmt.Errorf("modelio: %s: %w%s", s.path(name), err, damaged(err))
	}
	return nil
}

// damaged is the remedy where content is no JSON at all, mostly because it was cut.
func damaged(err error) string {
	if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
		return "; the file is damaged: fetch it again"
	}
	return ""
}

// errorf returns an error about a file.
func (s source) errorf(name, format string, args ...any) error {
	return fmt.Errorf("modelio: %s: "+format, append([]any{s.path(name)}, args...)...)
}

func exists(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	return err == nil && !info.IsDir()
}

func readBounded(fsys fs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("modelio: %w", err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxSmallFile+1))
	if err != nil {
		return nil, fmt.Errorf("modelio: %s: %w", name, err)
	}
	if len(content) > maxSmallFile {
		return nil, fmt.Errorf("modelio: %s: larger than %d bytes", name, maxSmallFile)
	}
	return content, nil
}

// formatJSON returns value as Python's libraries write it: two spaces, no escaped <, > or &, a line end.
func formatJSON(value any) ([]byte, error) {
	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}
