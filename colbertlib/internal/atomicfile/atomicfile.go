// Package atomicfile writes files that are either complete or absent.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Write creates path, or replaces it, with what write produces.
//
// The content goes to a temporary file in the same folder, which is synced and then renamed, so that a crash, a full
// disk or an error from write leaves the previous file as it was and no part of the new one. Missing parent folders are made.
func Write(path string, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("atomicfile: make folder of %s: %w", path, err)
	}
	temp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*"+suffix)
	if err != nil {
		return fmt.Errorf("atomicfile: %w", err)
	}
	defer func() {
		if err != nil {
			temp.Close() // a second Close returns an error that no longer matters
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	if err = write(temp); err != nil {
		return fmt.Errorf("atomicfile: write %s: %w", path, err)
	}
	if err = temp.Chmod(0o644); err != nil {
		return fmt.Errorf("atomicfile: %w", err)
	}
	if err = temp.Sync(); err != nil {
		return fmt.Errorf("atomicfile: sync %s: %w", path, err)
	}
	if err = temp.Close(); err != nil {
		return fmt.Errorf("atomicfile: close %s: %w", path, err)
	}
	if err = os.Rename(temp.Name(), path); err != nil {
		return fmt.Errorf("atomicfile: %w", err)
	}
	return syncFolder(dir)
}

// suffix ends the names of temporary files, which begin with a dot.
const suffix = ".tmp"

// RemoveTemporary removes the temporary files and folders, named alike, that killed processes left in a folder and those below it. Nothing may
// be writing there.
func RemoveTemporary(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasPrefix(entry.Name(), ".") || !strings.HasSuffix(entry.Name(), suffix) {
			return err
		}
		if err := os.RemoveAll(path); err != nil || !entry.IsDir() {
			return err
		}
		return fs.SkipDir
	})
}

// WriteBytes is Write for content that is already in memory.
func WriteBytes(path string, content []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// syncFolder makes the rename itself durable. Windows has no such call and reports an error, which is ignored.
func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("atomicfile: %w", err)
	}
	defer folder.Close()
	_ = folder.Sync()
	return nil
}
