package modelio

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// ownEntry matches the names that Write puts into folders.
var ownEntry = regexp.MustCompile(`^(README\.md|jobtagger\.json|labels\.json|config\.json|model\.safetensors|modules\.json|config_sentence_transformers\.json|` +
	`sentence_bert_config\.json|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|[0-9]+_(Dense|MultiVectorMask|Normalize))$`)

// writeFolder makes the folder under a temporary name beside dir and renames it.
func writeFolder(dir string, files []file) (err error) {
	dir = filepath.Clean(dir)
	if err := checkReplaceable(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("modelio: %w", err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".*.tmp")
	if err != nil {
		return fmt.Errorf("modelio: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temp))
		}
	}()
	for _, f := range files {
		if err := atomicfile.Write(filepath.Join(temp, filepath.FromSlash(f.name)), f.write); err != nil {
			return err
		}
	}
	if err := os.Chmod(temp, 0o755); err != nil { // MkdirTemp makes folders for their owner alone
		return fmt.Errorf("modelio: %w", err)
	}
	return replace(dir, temp)
}

// checkReplaceable refuses a folder that holds anything but what Write made.
func checkReplaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("modelio: %w", err)
	}
	ours := false
	for _, entry := range entries {
		ours = ours || entry.Name() == ownFile
		if !ownEntry.MatchString(entry.Name()) {
			return fmt.Errorf("modelio: %s: %w and holds %s, which is not part of a model: choose another folder", dir, fs.ErrExist, entry.Name())
		}
	}
	if !ours {
		return fmt.Errorf("modelio: %s: %w and was not written by this program (no %s): choose another folder", dir, fs.ErrExist, ownFile)
	}
	return nil
}

// replace renames temp to dir. A folder that is there steps aside first and comes back if that fails.
func replace(dir, temp string) error {
	old := temp + ".old"
	err := os.Rename(dir, old)
	replaced := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("modelio: %w", err)
	}
	if err := os.Rename(temp, dir); err != nil {
		if replaced {
			err = errors.Join(err, os.Rename(old, dir))
		}
		return fmt.Errorf("modelio: %w", err)
	}
	if !replaced {
		return nil
	}
	if err := os.RemoveAll(old); err != nil {
		return fmt.Errorf("modelio: %s is complete, but the folder before it stays: %w", dir, err)
	}
	return nil
}
