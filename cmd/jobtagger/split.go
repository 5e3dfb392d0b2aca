package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/audit"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/split"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/tabular"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/reliefweb"
	"github.com/jobtagger/jobtagger/colbertlib/tokencount"
	"github.com/spf13/cobra"
)

// splitJob is what the command line of data split asks for.
type splitJob struct {
	split.Options
	from, columns, labels, output string
	train, by, model              string
	asJSON                        bool
}

func (a *app) split() *cobra.Command {
	job := splitJob{Options: split.Defaults()}
	command := &cobra.Command{
		Use:   "split",
		Short: "Make training, validation and test sets out of advertisements",
		Long: `Makes a data folder to train on: labels.json, the three split files in the reported experiment's
sizes and shape, ads.jsonl with all advertisements as plain text, manifest.json, and an audit of it all
in audit/README.md. --from is what data fetch has fetched, or a table (.csv, .tsv) or JSON lines
(.jsonl) from anywhere else, which need --labels and, where their columns have other names than
title, body, category, id, language, url, employer and date, --columns.

Markdown and HTML become plain text. E-mail addresses and telephone numbers are masked. No text comes
twice, nor nearly. The same seed and advertisements give the same bytes. Called again with more
advertisements, the folder is brought up to date: the old validation and test advertisements stay what
they are, and training ones are added, with --train all every new one.`,
		Example: `  jobtagger data split
  jobtagger data split --train all --by employer --output data/processed-by-employer
  jobtagger data split --from board.csv --labels my/labels.json --columns "title=Job title,body=Text" --train 8 --validate 3 --test 2 --output my/split`,
		Args:    arguments(cobra.NoArgs),
		PreRunE: func(*cobra.Command, []string) error { return writable(job.output) },
		RunE:    func(command *cobra.Command, _ []string) error { return a.runSplit(command.Context(), job) },
	}
	flags := command.Flags()
	flags.StringVar(&job.from, "from", "data/raw", "the `SOURCE`: a folder of raw pages, or a .csv, .tsv or .jsonl file")
	flags.StringVar(&job.columns, "columns", "", "what columns are called, as `FIELD=COLUMN,…`")
	flags.StringVar(&job.labels, "labels", "", "a labels.json `FILE` (default: the career categories that were fetched)")
	flags.StringVar(&job.output, "output", "data/processed", "the data `FOLDER` to write")
	flags.StringVar(&job.train, "train", strconv.Itoa(split.Train), "training advertisements of each label: a `NUMBER`, or all")
	flags.IntVar(&job.Validate, "validate", split.Validate, "validation advertisements of each label")
	flags.IntVar(&job.Test, "test", split.Test, "test advertisements of each label")
	flags.BoolVar(&job.Natural, "natural", false, "keep the labels' real mix: the numbers are then those of an average label")
	flags.StringVar(&job.by, "by", "", "also keep employers, or times, apart: `employer or time`")
	flags.Uint64Var(&job.Seed, "seed", job.Seed, "the `SEED` of everything that is drawn")
	flags.IntVar(&job.MaxTokens, "max-tokens", split.MaxTokens, "leave out longer advertisements; 0: none")
	flags.StringVar(&job.model, "model", experiment.Starter, modelUsage+"; its tokens are counted")
	flags.BoolVar(&job.KeepContacts, "keep-contacts", false, "leave e-mail addresses and telephone numbers as they are")
	flags.BoolVar(&job.asJSON, "json", false, "print the manifest as JSON")
	return command
}

func (a *app) runSplit(ctx context.Context, job splitJob) error {
	job.By = split.Grouping(job.by)
	if job.Train = split.All; job.train != "all" {
		n, err := strconv.Atoi(job.train)
		if err != nil || n < 1 {
			return usageError{fmt.Errorf("--train %s: expected a number of advertisements, or all", job.train)}
		}
		job.Train = n
	}
	model, err := a.counter(ctx, job.model)
	if err != nil {
		return err
	}
	job.Count = model.CountQuery
	job.Filters = []string{"tokens counted by " + filepath.Base(job.model)}
	labels, ads, done, err := job.source()
	if err != nil {
		return err
	}
	bar := newProgress(a.stderr, "ads")
	job.Progress = bar.count("reading " + job.from)
	result, err := split.Write(ctx, job.output, labels, ads, job.Options)
	bar.close()
	if err := errors.Join(err, done()); err != nil {
		return err
	}
	for _, warning := range result.Warnings {
		a.warn("%s", warning)
	}
	if _, err := a.runAudit(ctx, auditJob{folder: job.output, model: job.model}); err != nil {
		return err
	}
	if job.asJSON {
		manifest, err := dataset.ReadManifestFile(job.output)
		if err != nil {
			return err
		}
		return a.printJSON(manifest)
	}
	return a.reportSplit(job.output, result.Manifest)
}

// counter opens what counts a model's tokens.
func (a *app) counter(ctx context.Context, name string) (*tokencount.Model, error) {
	fsys, err := experiment.InspectFS(ctx, name)
	if err != nil {
		return nil, err
	}
	return tokencount.Open(fsys)
}

// source opens what --from names. done closes it.
func (job *splitJob) source() (labels []dataset.Label, ads iter.Seq2[dataset.Ad, error], done func() error, err error) {
	info, err := os.Stat(job.from)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("--from: %w; jobtagger data fetch gets advertisements from ReliefWeb", err)
	}
	if job.labels != "" {
		if labels, err = readLabels(job.labels); err != nil {
			return nil, nil, nil, err
		}
		job.Version = dataset.LabelsVersion(labels)
	}
	if info.IsDir() {
		job.Options.Source = reliefweb.DatasetSource
		if job.labels == "" {
			categories, err := reliefweb.ReadCategories(job.from)
			if err != nil {
				return nil, nil, nil, err
			}
			labels, job.Version = categories.Labels(), categories.Version
		}
		return labels, reliefweb.ReadAds(job.from), func() error { return nil }, nil
	}
	if job.labels == "" {
		return nil, nil, nil, usageError{fmt.Errorf("--labels is missing: the labels that %s uses, as [{\"id\": 1, \"name\": \"…\", \"description\": \"…\"}, …]", job.from)}
	}
	columns, err := tabular.ParseColumns(job.columns)
	if err != nil {
		return nil, nil, nil, usageError{fmt.Errorf("--columns: %w", err)}
	}
	job.Options.Source = filepath.Base(job.from)
	file, err := os.Open(job.from)
	if err != nil {
		return nil, nil, nil, err
	}
	return labels, tabular.Read(file, job.from, columns, labels), file.Close, nil
}

func (a *app) reportSplit(folder string, m dataset.Manifest) error {
	rows := [][]string{{"label", "train", "validate", "test"}}
	total := []string{"all"}
	for i, label := range m.Splits[0].Labels {
		row := []string{label.Name}
		for _, s := range m.Splits {
			row = append(row, strconv.Itoa(s.Labels[i].Triples))
		}
		rows = append(rows, row)
	}
	for _, s := range m.Splits {
		total = append(total, strconv.Itoa(s.Triples))
	}
	if err := a.printTable(append(rows, total)); err != nil {
		return err
	}
	for _, drop := range m.Dropped {
		fmt.Fprintf(a.stdout, "left out: %s\n", drop)
	}
	_, err := fmt.Fprintf(a.stdout, "\nLook at the audit:\n  %s\nTrain on it:\n  jobtagger train --data %s\n",
		filepath.ToSlash(filepath.Join(auditJob{folder: folder}.to(), audit.PageFile)), quote(folder))
	return err
}
