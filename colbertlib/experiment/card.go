package experiment

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// provenance is what jobtagger.json says of a trained model.
type provenance struct {
	Experiment string `json:"experiment"`
	Run        string `json:"run"`
	Base       string `json:"base"`
	Data       string `json:"data"`
	Labels     string `json:"label_version,omitempty"`
}

// saveModel writes the trained model as a sentence-transformers folder, with its labels and a model card.
func (e *execution) saveModel() error {
	run := e.run
	folder, err := e.model.Core().Folder()
	if err != nil {
		return err
	}
	origin, err := json.Marshal(provenance{run.Recipe.Name, run.ID(), baseName(run.Recipe.Model.Base), run.Scores.Data, run.Inputs.LabelVersion})
	if err != nil {
		return fmt.Errorf("experiment: %w", err)
	}
	folder.JobTagger = &modelio.JobTagger{Provenance: origin}
	warnings, err := modelio.Write(run.ModelDir(), folder, modelio.SentenceTransformers)
	if err != nil {
		return err
	}
	if err := dataset.WriteLabels(run.path(path.Join(modelFolder, dataset.LabelsFile)), e.corpus.labels); err != nil {
		return err
	}
	return run.writeFile(path.Join(modelFolder, "README.md"), []byte(run.card(warnings)))
}

// card is the model card: a head that the hub reads, then the run's report.
func (r *Run) card(warnings []string) string {
	var b strings.Builder
	b.WriteString("---\nlibrary_name: sentence-transformers\npipeline_tag: text-ranking\ntags:\n- ColBERT\n- late-interaction\n- job-advertisements\n---\n\n")
	b.WriteString(r.Report())
	fmt.Fprintf(&b, "\n## Use\n\nThe query is an advertisement (title, line break, body), the documents are the descriptions in labels.json:\n\n"+
		"    jobtagger tag --model FOLDER ad.txt\n\nor, in Go, `colbertlib.Load(\"FOLDER\", nil)`.\n")
	fmt.Fprintf(&b, "\n## Limits\n\nTrained and evaluated on: %s. What it does with other texts has to be measured on them.\n", r.Scores.Data)
	for _, warning := range warnings {
		fmt.Fprintf(&b, "\n%s.\n", strings.TrimSuffix(warning, "."))
	}
	return b.String()
}
