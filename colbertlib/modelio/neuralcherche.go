package modelio

import (
	"errors"
	"fmt"
	"io/fs"
)

// Files of neural-cherche.
const (
	headFile     = "linear.pt"
	metadataFile = "metadata.json"
)

// readNeuralCherche reads linear.pt and metadata.json (neural-cherche 1.4, models/base.py and models/colbert.py). Both are
// required here: neural-cherche itself goes on with a random head where they are lost.
func (f *Folder) readNeuralCherche(src source) error {
	config := struct {
		QueryLength    *int   `json:"max_length_query"`
		DocumentLength *int   `json:"max_length_document"`
		QueryPrefix    string `json:"query_prefix"`
		DocumentPrefix string `json:"document_prefix"`
		Padding        string `json:"padding"`
		Truncation     bool   `json:"truncation"`
		SpecialTokens  bool   `json:"add_special_tokens"`
	}{QueryPrefix: "[Q] ", DocumentPrefix: "[D] ", Padding: "max_length", Truncation: true, SpecialTokens: true}
	if err := src.json(metadataFile, &config); err != nil {
		return explainLost(err)
	}
	if config.QueryLength == nil || config.DocumentLength == nil {
		return src.errorf(metadataFile, `expected "max_length_query" and "max_length_document"`)
	}
	if config.Padding != "max_length" || !config.Truncation || !config.SpecialTokens {
		return src.errorf(metadataFile, `only padding "max_length" with truncation and add_special_tokens is supported`)
	}
	f.Similarity = clipZero
	f.Query = Role{Prefix: config.QueryPrefix, Length: *config.QueryLength}
	f.Document = Role{Prefix: config.DocumentPrefix, Length: *config.DocumentLength}
	tensors, err := readTorch(src.fsys, src.path(headFile))
	if err != nil {
		return explainLost(err)
	}
	if len(tensors) != 1 || tensors[0].Name != "weight" {
		return src.errorf(headFile, `holds %d tensors, expected "weight" alone`, len(tensors))
	}
	f.Head = []Dense{{Weight: tensors[0], Activation: "identity"}}
	return nil
}

// explainLost adds to the error about a missing file why there is no default for it.
func explainLost(err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fmt.Errorf("%w; a neural-cherche folder holds %s (the projection head) and %s beside the encoder: "+
		"copy them from where the model was trained", err, headFile, metadataFile)
}
