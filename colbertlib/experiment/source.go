package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/data"
)

// Names of what the program carries. A folder of the same name is reached as ./starter.
const (
	Synthetic   = "synthetic"    // the committed synthetic advertisements
	Starter     = "starter"      // the tagger that the recipe of this name made from them
	StarterBase = "starter-base" // the encoder that it began with
)

// ModelFS returns the model folder with that name: [Starter], [StarterBase] or a path.
func ModelFS(name string) (fs.FS, error) {
	switch name {
	case StarterBase:
		return fs.Sub(data.Starter, "model")
	case Starter:
		return fs.Sub(data.Starter, "tagger")
	}
	return folder("model", name, fmt.Sprintf("a model is a folder, %s or %s; one from Hugging Face's hub becomes a folder by: hf download ORG/NAME --local-dir FOLDER", Starter, StarterBase))
}

// OpenModel loads the model with a name that [ModelFS] knows. options may be nil.
func OpenModel(name string, options *colbertlib.Options) (*colbertlib.Model, error) {
	fsys, err := ModelFS(name)
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
