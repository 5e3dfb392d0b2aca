package modelio

import (
	"io/fs"
	"strings"
)

// Files of sentence-transformers and PyLate.
const (
	modulesFile     = "modules.json"
	modelFile       = "config_sentence_transformers.json"
	transformerFile = "sentence_bert_config.json"

	tokenEmbeddings = "token_embeddings" // what a module of a late-interaction model reads and writes
)

// module is one entry of modules.json.
type module struct {
	Index int    `json:"idx"`
	Name  string `json:"name"`
	Path  string `json:"path"` // folder of the module's own files; empty: the model folder
	Type  string `json:"type"` // Python class
}

// kind is the class without its Python package.
func (m module) kind() string { return m.Type[strings.LastIndexByte(m.Type, '.')+1:] }

// modules is the chain that sentence-transformers and PyLate apply; empty in other folders.
type modules struct {
	list      []module
	modelType string // "MultiVectorEncoder", "ColBERT" (PyLate), "SentenceTransformer" or, in older folders, nothing
}

func (s source) readModules() (modules, error) {
	var m modules
	if !s.has(modulesFile) {
		return m, nil
	}
	if err := s.json(modulesFile, &m.list); err != nil {
		return m, err
	}
	for _, entry := range m.list {
		if entry.Path != "" && !fs.ValidPath(entry.Path) {
			return m, s.errorf(modulesFile, "path %q leads out of the folder", entry.Path)
		}
	}
	var model struct {
		Type string `json:"model_type"`
	}
	if s.has(modelFile) {
		if err := s.json(modelFile, &model); err != nil {
			return m, err
		}
	}
	m.modelType = model.Type
	return m, nil
}

// encoder is the folder of the encoder's files.
func (m modules) encoder() string {
	if len(m.list) == 0 || m.list[0].kind() != "Transformer" {
		return ""
	}
	return m.list[0].Path
}

// isPyLate recognises PyLate by its module class too, because folders from before its version 1.2 have no model_type.
func (m modules) isPyLate() bool {
	for _, entry := range m.list {
		if strings.HasPrefix(entry.Type, "pylate.") {
			return true
		}
	}
	return m.modelType == "ColBERT"
}

func (m modules) isMultiVector() bool {
	for _, entry := range m.list {
		if strings.Contains(entry.Type, ".multi_vector_encoder.") {
			return true
		}
	}
	return m.modelType == "MultiVectorEncoder"
}
