package experiment

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/modelcard"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// provenance is what jobtagger.json says of a trained model.
type provenance struct {
	Experiment string `json:"experiment"`
	Run        string `json:"run"`
	Base       string `json:"base"`
	Commit     string `json:"base_commit,omitempty"` // of a base from the Hub
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
	origin, err := json.Marshal(provenance{run.Recipe.Name, run.ID(), run.baseName(), run.Inputs.Commit, run.Scores.Data, run.Inputs.LabelVersion})
	if err != nil {
		return fmt.Errorf("experiment: %w", err)
	}
	folder.JobTagger = &modelio.JobTagger{Provenance: origin}
	folder.Card = func(warnings []string) ([]byte, error) { return run.card(e.model.Core().Config.Family, warnings) }
	if _, err := modelio.Write(run.ModelDir(), folder, modelio.SentenceTransformers); err != nil {
		return err
	}
	return dataset.WriteLabels(run.path(path.Join(modelFolder, dataset.LabelsFile)), e.corpus.labels)
}

// card is the model card: a head that the Hub reads, the run's report, what went in, how to use it, and its limits.
func (r *Run) card(family encoder.Family, warnings []string) ([]byte, error) {
	head := modelcard.NewHead(modelio.SentenceTransformers)
	head.License, head.Tags = r.Inputs.License, append(head.Tags, "job-advertisements")
	if r.Inputs.Commit != "" {
		head.BaseModel, _, _ = strings.Cut(r.Recipe.Model.Base, "@")
	}
	recipe, err := r.recipeSection()
	if err != nil {
		return nil, err
	}
	limits := fmt.Sprintf("## Limits\n\nTrained and evaluated on: %s. What it does with other texts has to be measured on them (`jobtagger eval`).\n", r.Scores.Data)
	if r.Inputs.License == "" {
		limits += "\nThe base model's card states no licence, so that this one states none either: ask its makers.\n"
	}
	for _, warning := range warnings {
		limits += fmt.Sprintf("\n%s.\n", strings.TrimSuffix(warning, "."))
	}
	return modelcard.Write(head, strings.Join([]string{r.Report(), r.dataSection(), recipe, useSection(family), limits}, "\n"))
}

// dataSection lists the files that went in, by which to recognise them.
func (r *Run) dataSection() string {
	counts := map[string]string{
		dataset.LabelsFile:                 fmt.Sprintf("%d labels", len(r.Scores.Labels)),
		splitFiles[r.Recipe.Data.Train]:    fmt.Sprintf("%d triples, to train on", r.Scores.Trained),
		splitFiles[r.Recipe.Data.Evaluate]: fmt.Sprintf("%d ads, to evaluate on", r.Scores.Queries),
	}
	rows := [][]string{{"file", "holds", "SHA-256"}}
	for _, file := range r.Inputs.Data {
		rows = append(rows, []string{file.Name, counts[file.Name], file.SHA256})
	}
	for _, file := range r.Inputs.Model {
		rows = append(rows, []string{"base model's " + file.Name, "", file.SHA256})
	}
	version := ""
	if r.Inputs.LabelVersion != "" {
		version = fmt.Sprintf("Version of the label set: %s.\n\n", r.Inputs.LabelVersion)
	}
	return "## Data\n\n" + version + MarkdownTable(rows)
}

// recipeSection is the part of the recipe that decides what was computed, without places on the machine.
func (r *Run) recipeSection() (string, error) {
	model := r.Recipe.Model
	model.Base, model.Obtain = r.baseName(), ""
	content, err := yaml.Marshal(struct {
		Model      Model         `yaml:"model"`
		Train      train.Options `yaml:"train"`
		Evaluation Evaluation    `yaml:"evaluation"`
	}{model, r.Recipe.Train, r.Recipe.Evaluation})
	if err != nil {
		return "", fmt.Errorf("experiment: recipe %s: %w", r.Recipe.Name, err)
	}
	e := r.Environment
	return fmt.Sprintf("## Recipe\n\n```yaml\n%s```\n\nComputed by jobtagger %s, %s, %s, %s.\n", content, e.Version, e.Go, e.Platform, e.Backend), nil
}

// useSection says how to load the model; FOLDER is where the reader has it.
func useSection(family encoder.Family) string {
	if family == encoder.GTE {
		return use + "\nPyLate 1.6 does not load it, as it wants transformers 5.3 or older, which has no GTE.\n"
	}
	return use + "\nIn Python, with PyLate, after `jobtagger model convert FOLDER PYLATE --to pylate`:\n\n" + modelcard.Python(modelio.PyLate, "PYLATE")
}

var use = "## Use\n\nThe query is an advertisement (title, line break, body), the documents are the descriptions in labels.json.\n\n" +
	"With this program, and in Go:\n\n    jobtagger tag --model FOLDER ad.txt\n    model, err := colbertlib.Load(\"FOLDER\", nil)\n\n" +
	"In Python, with sentence-transformers 6:\n\n" + modelcard.Python(modelio.SentenceTransformers, "FOLDER")
