package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/tokencount"
	"github.com/spf13/cobra"
)

// tokenJob is what the command line of data tokens asks for.
type tokenJob struct {
	model                       string
	queryLength, documentLength int
	labels, csv, plot           string
	asJSON                      bool
}

func (a *app) tokens() *cobra.Command {
	var job tokenJob
	command := &cobra.Command{
		Use:   "tokens FILE...",
		Short: "Count the tokens of texts, and how many a model would cut off",
		Long: `Shows how long queries and documents are in a model's tokens, special tokens and
prefix included: ranges, percentiles, and how many texts are longer than what the
model reads; in all, and for each label and language. FILE is a split file (queries and
documents, each counted once, however many triples name it), a file of
advertisements as JSON lines (queries) or a labels.json (documents); - is standard
input.

Names of labels are those of --labels or of a labels.json beside FILE. Languages
are what the texts' own "language" says.

With --json, an object for each file and role:
  {"file": …, "role": "query"|"document", "count": …, "percentiles": {"p50": …},
   "ranges": [{"from": …, "to": …, "count": …}], "limit": …, "truncated": …, …}`,
		Example: `  jobtagger data tokens ads.jsonl labels.json
  jobtagger data tokens ads.jsonl --model my/encoder --query-length 128 --json
  jobtagger data tokens my/data/job_tagger_training_train.json --csv tokens.csv --plot tokens.png`,
		Args: arguments(cobra.MinimumNArgs(1)),
		RunE: func(command *cobra.Command, files []string) error {
			if job.queryLength < 0 || job.documentLength < 0 {
				return usageError{errors.New("--query-length and --document-length are numbers of tokens")}
			}
			if ext := filepath.Ext(job.plot); job.plot != "" && ext != ".png" && ext != ".svg" {
				return usageError{fmt.Errorf("--plot %s: the name must end in .png or .svg", job.plot)}
			}
			analyses, err := a.countTokens(command.Context(), job, files)
			if err != nil {
				return err
			}
			return a.reportTokens(job, analyses)
		},
	}
	flags := command.Flags()
	flags.StringVar(&job.model, "model", experiment.Starter, modelUsage)
	flags.IntVar(&job.queryLength, "query-length", 0, "`TOKENS` of a query that are read (default: the model's)")
	flags.IntVar(&job.documentLength, "document-length", 0, "`TOKENS` of a document that are read (default: the model's)")
	flags.StringVar(&job.labels, "labels", "", "a labels.json `FILE` that names the labels")
	flags.StringVar(&job.csv, "csv", "", "also write a table to `FILE`")
	flags.StringVar(&job.plot, "plot", "", "also draw histograms to `FILE`, .png or .svg")
	flags.BoolVar(&job.asJSON, "json", false, "print JSON lines")
	return command
}

func (a *app) countTokens(ctx context.Context, job tokenJob, files []string) ([]tokencount.Analysis, error) {
	fsys, err := experiment.InspectFS(ctx, job.model)
	if err != nil {
		return nil, err
	}
	model, err := tokencount.Open(fsys)
	if err != nil {
		return nil, err
	}
	if job.queryLength > 0 {
		model.Query.Length = job.queryLength
	}
	if job.documentLength > 0 {
		model.Document.Length = job.documentLength
	}
	var analyses []tokencount.Analysis
	for _, file := range files {
		of, err := a.countFile(ctx, model, job, file)
		if err != nil {
			return nil, err
		}
		analyses = append(analyses, of...)
	}
	return analyses, nil
}

// countFile analyses the roles that a file has texts of.
func (a *app) countFile(ctx context.Context, model *tokencount.Model, job tokenJob, file string) ([]tokencount.Analysis, error) {
	labels, err := labelsFor(job.labels, file)
	if err != nil {
		return nil, err
	}
	content, name, err := a.read(file)
	if err != nil {
		return nil, err
	}
	queries, documents, err := tokencount.Read(content, name, labels)
	if err != nil {
		return nil, err
	}
	var analyses []tokencount.Analysis
	for _, role := range []struct {
		texts   []tokencount.Text
		analyse func(context.Context, string, []tokencount.Text, func(int)) (tokencount.Analysis, error)
	}{{queries, model.Queries}, {documents, model.Documents}} {
		if len(role.texts) == 0 {
			continue
		}
		bar := newProgress(a.stderr, "texts")
		analysis, err := role.analyse(ctx, name, role.texts, bar.texts("counting "+name, len(role.texts)))
		bar.close()
		if err != nil {
			return nil, err
		}
		analyses = append(analyses, analysis)
	}
	return analyses, nil
}

// labelsFor reads the labels that were named, or those beside the file, if there are any.
func labelsFor(named, file string) ([]dataset.Label, error) {
	path := named
	if path == "" {
		if file == "-" {
			return nil, nil
		}
		path = filepath.Join(filepath.Dir(file), dataset.LabelsFile)
	}
	labels, err := readLabels(path)
	if named == "" && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return labels, err
}

func (a *app) reportTokens(job tokenJob, analyses []tokencount.Analysis) error {
	if err := a.showTokens(job, analyses); err != nil {
		return err
	}
	if job.csv != "" {
		if err := tokencount.WriteCSV(job.csv, analyses); err != nil {
			return fmt.Errorf("--csv: %w", err)
		}
	}
	if job.plot == "" {
		return nil
	}
	picture, err := tokencount.Figure("Length of texts in tokens of "+filepath.Base(job.model), analyses)
	if err != nil {
		return fmt.Errorf("--plot: %w", err)
	}
	if strings.HasSuffix(job.plot, ".svg") {
		return picture.WriteSVG(job.plot)
	}
	return picture.WritePNG(job.plot)
}

func (a *app) showTokens(job tokenJob, analyses []tokencount.Analysis) error {
	for i, analysis := range analyses {
		if job.asJSON {
			if err := a.printJSON(analysis); err != nil {
				return err
			}
			continue
		}
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		fmt.Fprintf(a.stdout, "%s\n\n", analysis.Summary())
		if err := a.printTable(analysis.RangeTable()); err != nil {
			return err
		}
		fmt.Fprintln(a.stdout)
		if err := a.printTable(analysis.GroupTable()); err != nil {
			return err
		}
	}
	return nil
}
