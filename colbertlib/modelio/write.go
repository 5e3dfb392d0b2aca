package modelio

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
)

// Write writes a model folder in one of the formats Bare, SentenceTransformers and PyLate, complete or not at all: it is made
// beside its final place and renamed. An existing folder is replaced only if it is empty or was written by Write and
// holds nothing else; otherwise the error wraps [io/fs.ErrExist].
//
// Every folder gets jobtagger.json, so that Open returns what was written whatever the format can express; the other
// libraries ignore that file. What makes a model behave otherwise in the library of the format is returned as
// warnings where scores differ or the user has to do something, and as an error where embeddings would differ.
func Write(dir string, f *Folder, format Format) (warnings []string, err error) {
	if f.Config == nil || f.Tokenizer == nil || f.Weights == nil {
		return nil, fmt.Errorf("modelio: write %s: Config, Tokenizer and Weights are required", dir)
	}
	w := folderWriter{Folder: *f, src: source{dir: dir}}
	w.Format = format
	w.Warnings = nil
	if err := w.check(w.src); err != nil {
		return nil, err
	}
	switch format {
	case Bare:
		err = w.bare()
	case SentenceTransformers:
		err = w.sentenceTransformers()
	case PyLate:
		err = w.pyLate()
	default:
		err = fmt.Errorf("format %q is read, not written; there are %s, %s and %s", format, Bare, SentenceTransformers, PyLate)
	}
	if err != nil {
		return nil, fmt.Errorf("modelio: write %s: %w", dir, err)
	}
	if err := w.own(); err != nil {
		return nil, fmt.Errorf("modelio: write %s: %w", dir, err)
	}
	return w.Warnings, writeFolder(dir, w.files)
}

// folderWriter gathers the files of a folder. Its Folder is a copy whose fields are brought into the form of the format.
type folderWriter struct {
	Folder
	src   source // for messages
	files []file
}

// file is one file to be written, with a path inside the folder.
type file struct {
	name  string
	write func(io.Writer) error
}

func (w *folderWriter) bytes(name string, content []byte) {
	w.files = append(w.files, file{name, func(out io.Writer) error {
		_, err := out.Write(content)
		return err
	}})
}

func (w *folderWriter) json(name string, value any) error {
	content, err := formatJSON(value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w.bytes(name, content)
	return nil
}

func (w *folderWriter) tensors(name string, tensors []Tensor, metadata map[string]string) {
	w.files = append(w.files, file{name, func(out io.Writer) error { return WriteSafetensors(out, tensors, metadata) }})
}

// bare writes an encoder as it is, its masked language model head included.
func (w *folderWriter) bare() error {
	if len(w.Head) > 0 {
		return errors.New("a bare folder has no place for a projection head; write it as sentence-transformers")
	}
	tensors, err := w.Weights.readAll()
	if err != nil {
		return err
	}
	w.bytes("config.json", w.Config)
	w.tensors(weightsFile, tensors, map[string]string{"format": "pt"})
	return w.tokenizer(nil)
}

// encoder writes config.json and model.safetensors of the encoder alone, as both libraries load it.
func (w *folderWriter) encoder() error {
	tensors, err := w.Weights.backbone()
	if err != nil {
		return err
	}
	config, err := backboneConfig(w.Config, tensors)
	if err != nil {
		return err
	}
	switch config["model_type"] {
	case "bert":
		hidden, err := w.hiddenSize(w.src)
		if err != nil {
			return err
		}
		tensors = withPooler(tensors, hidden)
	case "new":
		if w.Format == SentenceTransformers {
			if err := nativeGTE(config, tensors); err == nil {
				break
			}
		}
		w.warn(`model_type "new" is code on the Hub, not in transformers: load the folder with trust_remote_code=True`)
	case "gte":
		if w.Format == PyLate {
			w.warn("GTE came to transformers in 5.23, and PyLate 1.6 wants 5.3 or older: it does not load the folder")
		}
	}
	w.tensors(weightsFile, tensors, map[string]string{"format": "pt"})
	return w.json("config.json", config)
}

// tokenizer writes tokenizer.json and tokenizer_config.json, the latter with changes. Its added_tokens_decoder, which
// repeats the added tokens of tokenizer.json, is left out: where both are there, transformers 5 follows the repetition.
func (w *folderWriter) tokenizer(changes map[string]any) error {
	var config map[string]any
	var err error
	if w.TokenizerConfig == nil {
		config, err = w.plainTokenizerConfig()
	} else {
		err = w.src.decode("tokenizer_config.json", w.TokenizerConfig, &config)
	}
	if err == nil && config == nil {
		err = errors.New("tokenizer_config.json: null, expected an object")
	}
	if err != nil {
		return err
	}
	maps.Copy(config, changes)
	delete(config, "added_tokens_decoder")
	w.bytes("tokenizer.json", w.Tokenizer)
	if err := w.json("tokenizer_config.json", config); err != nil || w.Format == SentenceTransformers {
		return err
	}
	return w.specialTokens(config)
}

// plainTokenizerConfig is tokenizer_config.json for a tokenizer that came without: transformers takes everything but the
// roles of special tokens from tokenizer.json.
func (w *folderWriter) plainTokenizerConfig() (map[string]any, error) {
	length, err := maxPositions(w.Config)
	if err != nil {
		return nil, err
	}
	v, err := w.vocabulary(w.src)
	if err != nil {
		return nil, err
	}
	config := map[string]any{"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": length}
	for key, token := range map[string]string{"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": v.unknown, "mask_token": v.mask} {
		if v.has(token) {
			config[key] = token
		}
	}
	return config, nil
}

// specialTokens writes special_tokens_map.json, which transformers 5 no longer needs and others, such as pylate-rs, do.
func (w *folderWriter) specialTokens(config map[string]any) error {
	special := map[string]specialToken{}
	for _, name := range []string{"bos_token", "cls_token", "eos_token", "mask_token", "pad_token", "sep_token", "unk_token"} {
		if config[name] == nil {
			continue
		}
		content, err := json.Marshal(config[name])
		if err != nil {
			return err
		}
		var token specialToken
		if err := json.Unmarshal(content, &token); err != nil {
			return fmt.Errorf("tokenizer_config.json: %s: %w", name, err)
		}
		special[name] = token
	}
	return w.json("special_tokens_map.json", special)
}

// head writes the projection modules into folders 1_Dense, 2_Dense, … and returns their entries of modules.json.
func (w *folderWriter) head(class string, finish func(*denseConfig)) ([]module, error) {
	var list []module
	for i, d := range w.Head {
		m := module{Index: i + 1, Name: strconv.Itoa(i + 1), Path: fmt.Sprintf("%d_Dense", i+1), Type: class}
		list = append(list, m)
		config := d.config()
		finish(&config)
		if err := w.json(m.Path+"/config.json", config); err != nil {
			return nil, err
		}
		w.tensors(m.Path+"/"+weightsFile, d.tensors(), nil)
	}
	return list, nil
}

// own writes the files that only we read.
func (w *folderWriter) own() error {
	config := ownConfig{Version: ownVersion}
	if w.Similarity != "" { // base encoders have none
		config.Similarity, config.Query, config.Document = w.Similarity, &w.Query, &w.Document
	}
	if w.JobTagger != nil {
		config.Calibration, config.Provenance = w.JobTagger.Calibration, w.JobTagger.Provenance
	}
	if w.Labels != nil {
		w.bytes(labelsFile, w.Labels)
	}
	if w.Card != nil {
		card, err := w.Card(w.Warnings)
		if err != nil {
			return fmt.Errorf("README.md: %w", err)
		}
		w.bytes("README.md", card)
	}
	return w.json(ownFile, config)
}
