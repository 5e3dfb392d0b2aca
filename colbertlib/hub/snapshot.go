package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Snapshot returns the folder of a model in the cache. What is missing is fetched first; a complete snapshot is used as it is, without a
// request, even if the branch has moved on since: Pull looks. Where the Hub cannot be reached, Snapshot makes do with what it does offline.
func (c *Client) Snapshot(ctx context.Context, ref Ref) (dir string, err error) {
	dir, err = c.Cached(ref)
	if err == nil {
		return dir, nil
	}
	if c.Offline {
		return "", fmt.Errorf("%w, and %w; without that variable, fetch it with: jobtagger model pull %s", err, ErrOffline, ref)
	}
	dir, err = c.Pull(ctx, ref)
	if errors.Is(err, ErrUnreachable) {
		offline := *c
		offline.Offline = true
		if dir, err := offline.Cached(ref); err == nil {
			return dir, nil
		}
	}
	return dir, err
}

// Pull fetches the revision as the Hub has it now, without what the cache has of it already, and returns its folder.
func (c *Client) Pull(ctx context.Context, ref Ref) (dir string, err error) {
	listing, err := c.list(ctx, ref)
	if err != nil {
		return "", err
	}
	folder := c.folder(ref.Repo)
	dir = filepath.Join(folder, "snapshots", listing.Commit)
	for _, f := range needed(listing.Files) {
		if err := c.fetch(ctx, ref, listing.Commit, f); err != nil {
			return "", err
		}
		if err := link(folder, listing.Commit, f); err != nil {
			return "", fmt.Errorf("hub: %s: %w", ref, err)
		}
	}
	if err := c.recordAbsent(folder, listing); err != nil {
		return "", fmt.Errorf("hub: %s: %w", ref, err)
	}
	if ref.Revision != listing.Commit {
		if err := writeFile(filepath.Join(folder, "refs", filepath.FromSlash(ref.Revision)), []byte(listing.Commit)); err != nil {
			return "", fmt.Errorf("hub: %s: %w", ref, err)
		}
	}
	if err := incomplete(folder, dir); err != nil {
		return "", fmt.Errorf("hub: %s: %w", ref, err)
	}
	return dir, nil
}

// Cached returns the folder of a complete snapshot in the cache, and otherwise an error that wraps [ErrIncomplete]. It asks nobody. When the Hub
// may not be asked at all, a snapshot may lack what only tells kinds of models apart.
func (c *Client) Cached(ref Ref) (string, error) {
	folder, commit := c.folder(ref.Repo), ref.Revision
	if content, err := os.ReadFile(filepath.Join(folder, "refs", filepath.FromSlash(ref.Revision))); err == nil {
		commit = strings.TrimSpace(string(content))
	}
	dir := filepath.Join(folder, "snapshots", commit)
	err := incomplete(folder, dir)
	if err == nil || c.Offline && errors.Is(err, errUnknownKind) {
		return dir, nil
	}
	return "", fmt.Errorf("hub: %s: %w", ref, err)
}

// Where these stand, a folder is more than an encoder; huggingface_hub records absent files in .no_exist/COMMIT/.
var kinds = []string{"modules.json", "artifact.metadata", "metadata.json"}

// errUnknownKind says that a snapshot, made by another program for the encoder alone, may lack the files of a projection head.
var errUnknownKind = fmt.Errorf("%w completely: whether the model has a projection head is not known", ErrIncomplete)

// incomplete says what a snapshot lacks, as far as its own files tell.
func incomplete(folder, dir string) error {
	for _, name := range []string{"config.json", "tokenizer.json"} {
		if !isFile(dir, encoderFile(dir, name)) && !isFile(dir, name) {
			return fmt.Errorf("%w: no %s", ErrIncomplete, name)
		}
	}
	if err := incompleteWeights(dir); err != nil {
		return err
	}
	modules, err := readModules(dir)
	if err != nil {
		return err
	}
	for _, module := range modules {
		if module.Path != "" && !isFile(dir, module.Path+"/config.json") {
			return fmt.Errorf("%w: no %s/config.json", ErrIncomplete, module.Path)
		}
	}
	for _, kind := range kinds {
		known := isFile(dir, kind) || isFile(dir, "README.md") || isFile(filepath.Join(folder, ".no_exist", filepath.Base(dir)), kind)
		if !known {
			return errUnknownKind
		}
	}
	return nil
}

func incompleteWeights(dir string) error {
	if isFile(dir, encoderFile(dir, "model.safetensors")) {
		return nil
	}
	content, err := os.ReadFile(filepath.Join(dir, "model.safetensors.index.json"))
	if err != nil {
		return fmt.Errorf("%w: no model.safetensors", ErrIncomplete)
	}
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(content, &index); err != nil {
		return fmt.Errorf("model.safetensors.index.json: %w", err)
	}
	for _, name := range index.WeightMap {
		if !isFile(dir, name) {
			return fmt.Errorf("%w: no %s", ErrIncomplete, name)
		}
	}
	return nil
}

type module struct {
	Path string `json:"path"`
}

func readModules(dir string) (modules []module, err error) {
	content, err := os.ReadFile(filepath.Join(dir, "modules.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &modules)
	}
	if err != nil {
		return nil, fmt.Errorf("modules.json: %w", err)
	}
	return modules, nil
}

// encoderFile is the path of one of the encoder's files: older sentence-transformers put them into a folder, the first module's.
func encoderFile(dir, name string) string {
	if modules, err := readModules(dir); err == nil && len(modules) > 0 {
		return path.Join(modules[0].Path, name)
	}
	return name
}

func isFile(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
	return err == nil && info.Mode().IsRegular()
}

// needed are the files that package modelio reads, and the model card: not other frameworks' weights nor exported graphs.
func needed(files []file) []file {
	return slices.DeleteFunc(slices.Clone(files), func(f file) bool {
		switch top, _, _ := strings.Cut(f.Name, "/"); top {
		case "onnx", "openvino", "coreml", "tf", "flax", "original":
			return true
		}
		switch path.Ext(f.Name) {
		case ".json", ".safetensors", ".metadata":
			return false
		}
		return path.Base(f.Name) != "linear.pt" && f.Name != "README.md"
	})
}

// recordAbsent notes which of the files that tell kinds of models apart the revision does not have.
func (c *Client) recordAbsent(folder string, l listing) error {
	for _, kind := range kinds {
		if !slices.ContainsFunc(l.Files, func(f file) bool { return f.Name == kind }) {
			if err := writeFile(filepath.Join(folder, ".no_exist", l.Commit, kind), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// CachedModel is a model in the cache.
type CachedModel struct {
	Ref      Ref
	Dir      string
	Bytes    int64
	Complete bool // whether it can be used without the Hub
}

// List returns the models in the cache by name and revision.
func (c *Client) List() ([]CachedModel, error) {
	entries, err := os.ReadDir(c.Cache)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("hub: cache: %w", err)
	}
	var list []CachedModel
	for _, entry := range entries {
		name, ok := strings.CutPrefix(entry.Name(), "models--")
		if !ok || !entry.IsDir() {
			continue
		}
		repo := strings.Replace(name, "--", "/", 1)
		refs := filepath.Join(c.folder(repo), "refs")
		err := filepath.WalkDir(refs, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			revision, _ := filepath.Rel(refs, file) // WalkDir only gives what lies below
			list = append(list, c.Describe(Ref{Repo: repo, Revision: filepath.ToSlash(revision)}))
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("hub: cache: %w", err)
		}
	}
	return list, nil
}

// Describe says what the cache has of a model, without a request.
func (c *Client) Describe(ref Ref) CachedModel {
	dir, err := c.Cached(ref)
	cached := CachedModel{Ref: ref, Dir: dir, Complete: err == nil}
	if err == nil {
		cached.Bytes = size(dir)
	}
	return cached
}

// size is that of the files in a folder, links followed.
func size(dir string) (total int64) {
	_ = filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			if info, err := os.Stat(file); err == nil {
				total += info.Size()
			}
		}
		return nil // what cannot be read does not count, so that there is no error
	})
	return total
}
