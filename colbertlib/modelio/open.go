package modelio

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Open reads a model folder of any [Format], recognised by its files. The weights are read later, on demand: the caller
// closes the result. A folder that is something else, or lacks a file, is an error that says what it is or lacks; one
// about a missing file wraps [fs.ErrNotExist]. Settings that other libraries ignore, or that are ignored here, are
// reported in Warnings.
func Open(fsys fs.FS, dir string) (_ *Folder, err error) {
	src := source{fsys, dir}
	if err := src.checkKind(); err != nil {
		return nil, err
	}
	modules, err := src.readModules()
	if err != nil {
		return nil, err
	}
	f := &Folder{Format: src.format(modules)}
	defer func() {
		if err != nil && f.Weights != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if err := f.readEncoder(src.sub(modules.encoder())); err != nil {
		return nil, err
	}
	switch f.Format {
	case SentenceTransformers:
		err = f.readSentenceTransformers(src, modules)
	case PyLate:
		err = f.readPyLate(src, modules)
	case NeuralCherche:
		err = f.readNeuralCherche(src)
	case Stanford:
		err = f.readStanford(src)
	default:
		err = f.readBare(src, modules)
	}
	if err != nil {
		return nil, err
	}
	if err := f.readOwn(src); err != nil {
		return nil, err
	}
	if err := f.check(src); err != nil {
		return nil, err
	}
	return f, nil
}

const folderHolds = "a model folder holds config.json, tokenizer.json and model.safetensors"

// checkKind refuses what is no model folder.
func (s source) checkKind() error {
	entries, err := fs.ReadDir(s.fsys, s.dir)
	if err != nil {
		return fmt.Errorf("modelio: %w; %s", err, folderHolds)
	}
	if s.has("adapter_config.json") {
		return s.errorf("", "is an adapter (adapter_config.json), not a whole model: merge it into its base model first, in Python with merge_and_unload()")
	}
	if s.has("config.json") || s.has(modulesFile) {
		return nil
	}
	for _, entry := range entries {
		for suffix, kind := range map[string]string{".gguf": "a GGUF file for llama.cpp", ".onnx": "an ONNX graph", ".h5": "a TensorFlow model", ".dnn": "a ColBERT checkpoint from before version 0.2"} {
			if strings.HasSuffix(entry.Name(), suffix) {
				return s.errorf("", "%s is %s, which is not read; %s", entry.Name(), kind, folderHolds)
			}
		}
	}
	return s.errorf("", "no config.json: %w; %s", fs.ErrNotExist, folderHolds)
}

// format recognises the format by the files that only it has.
func (s source) format(modules modules) Format {
	switch {
	case modules.isPyLate():
		return PyLate
	case modules.isMultiVector():
		return SentenceTransformers
	case s.has("artifact.metadata"):
		return Stanford
	case s.has(headFile) || s.has(metadataFile):
		return NeuralCherche
	}
	return Bare
}

// readEncoder reads what all formats have in common.
func (f *Folder) readEncoder(src source) (err error) {
	if f.Config, err = src.read("config.json"); err != nil {
		return fmt.Errorf("%w; %s", err, folderHolds)
	}
	f.Tokenizer, err = src.read("tokenizer.json")
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; write it in Python: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)", err)
	}
	if err != nil {
		return err
	}
	if f.TokenizerConfig, err = src.readOptional("tokenizer_config.json"); err != nil {
		return err
	}
	f.Weights, err = OpenWeights(src.fsys, src.dir)
	return err
}

// warn adds a line to Warnings.
func (f *Folder) warn(format string, args ...any) {
	f.Warnings = append(f.Warnings, fmt.Sprintf(format, args...))
}
