package experiment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/hub"
	"github.com/jobtagger/jobtagger/colbertlib/modelcard"
	"github.com/jobtagger/jobtagger/data"
)

// Names of what the program carries. A folder of the same name is reached as ./starter.
const (
	Synthetic   = "synthetic"    // the committed synthetic advertisements
	Starter     = "starter"      // the tagger that the recipe of this name made from them
	StarterBase = "starter-base" // the encoder that it began with
)

// Fetching is told how the download of a model goes on: bytes of one file after the other. It may be nil.
type Fetching func(file string, done, total int64)

// ModelFS returns the folder of the model with that name: [Starter], [StarterBase], a path or, where there is no such folder, that of a model on
// the Hugging Face Hub, organisation/name[@revision]. The latter comes from the cache, which package hub shares with Python's libraries; what the
// cache lacks is downloaded first.
func ModelFS(ctx context.Context, name string, fetching Fetching) (fs.FS, error) {
	found, err := findModel(ctx, name, func(client *hub.Client, ref hub.Ref) (foundModel, error) {
		client.Progress = fetching
		return snapshot(client.Snapshot(ctx, ref))
	})
	return found.FS, err
}

// InspectFS is ModelFS for who needs no weights but their headers: a model on the Hub that the cache lacks is not downloaded but read from afar, in
// pieces of a few kilobytes, as long as ctx holds.
func InspectFS(ctx context.Context, name string) (fs.FS, error) {
	found, err := findModel(ctx, name, func(client *hub.Client, ref hub.Ref) (foundModel, error) {
		if _, err := client.Cached(ref); err == nil || client.Offline {
			return snapshot(client.Snapshot(ctx, ref)) // which does not download then
		}
		remote, err := client.Remote(ctx, ref)
		return foundModel{FS: remote}, err
	})
	return found.FS, err
}

// foundModel is a model folder.
type foundModel struct {
	fs.FS
	commit  string // of one from the Hub
	carried bool   // whether it is part of the program
}

// license is what the model's card states, empty if it has none or states none. What the program carries is licensed as the program.
func (m foundModel) license() string {
	if m.carried {
		return "apache-2.0"
	}
	card, err := fs.ReadFile(m.FS, "README.md")
	if err != nil {
		return ""
	}
	return modelcard.ReadHead(card).License
}

// snapshot is the folder of the Hub's cache, which is called as the commit.
func snapshot(dir string, err error) (foundModel, error) {
	if err != nil {
		return foundModel{}, err
	}
	return foundModel{FS: os.DirFS(dir), commit: filepath.Base(dir)}, nil
}

// findModel looks for a model in the program and among the folders, then asks fromHub.
func findModel(ctx context.Context, name string, fromHub func(*hub.Client, hub.Ref) (foundModel, error)) (foundModel, error) {
	switch name {
	case StarterBase:
		fsys, err := fs.Sub(data.Starter, "model")
		return foundModel{FS: fsys, carried: true}, err
	case Starter:
		fsys, err := fs.Sub(data.Starter, "tagger")
		return foundModel{FS: fsys, carried: true}, err
	}
	fsys, err := folder("model", name, fmt.Sprintf("a model is a folder, %s, %s or the name of a model on the Hugging Face Hub, organisation/name", Starter, StarterBase))
	ref, noRef := hub.ParseRef(name)
	if noRef != nil || !errors.Is(err, fs.ErrNotExist) {
		return foundModel{FS: fsys}, err
	}
	client, err := hub.FromEnvironment()
	if err != nil {
		return foundModel{}, err
	}
	found, err := fromHub(client, ref)
	if errors.Is(err, hub.ErrUnreachable) {
		err = fmt.Errorf("%w; without network, name a model folder", err)
	}
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("experiment: model %s: there is no such folder, and on the Hub: %w", name, err)
	}
	return found, err
}

// OpenModel loads the model with a name that [ModelFS] knows. options may be nil.
func OpenModel(ctx context.Context, name string, options *colbertlib.Options, fetching Fetching) (*colbertlib.Model, error) {
	fsys, err := ModelFS(ctx, name, fetching)
	if err != nil {
		return nil, err
	}
	model, err := colbertlib.LoadFS(fsys, options)
	if err != nil {
		return nil, fmt.Errorf("experiment: model %s: %w", name, err)
	}
	return model, nil
}

// DataFS returns the data folder with that name: [Synthetic] or a path.
func DataFS(name string) (fs.FS, error) {
	if name == Synthetic {
		return data.Synthetic, nil
	}
	return folder("data", name, fmt.Sprintf("a data folder holds labels.json and the split files; %s is the one that the program carries", Synthetic))
}

func folder(what, path, remedy string) (fs.FS, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("experiment: %s %s: there is no such folder: %w; %s", what, filepath.ToSlash(path), fs.ErrNotExist, remedy)
	case err != nil:
		return nil, fmt.Errorf("experiment: %s: %w", what, err)
	case !info.IsDir():
		return nil, fmt.Errorf("experiment: %s %s is a file; %s", what, filepath.ToSlash(path), remedy)
	}
	return os.DirFS(path), nil
}
