package modelio

import (
	"fmt"
	"io"
	"io/fs"
)

// maxSmallFile bounds what is read whole: configurations, indexes, tokenizer.json. The largest in use, tokenizer.json of
// the multilingual models with 250,000 entries, has 17 MB.
const maxSmallFile = 64 << 20

// exists says whether name is there; one that is there but cannot be read counts, so that reading it reports why.
func exists(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	return err == nil && !info.IsDir()
}

// readBounded returns the content of a file of at most maxSmallFile bytes.
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
