package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/audit"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/spf13/cobra"
)

// auditFolder is where an audit goes, below the data folder.
const auditFolder = "audit"

// auditJob is what the command line of data audit asks for.
type auditJob struct {
	folder, output, model, judge string
	asJSON                       bool
}

func (a *app) audit() *cobra.Command {
	var job auditJob
	command := &cobra.Command{
		Use:   "audit FOLDER",
		Short: "Look for what makes a data folder worth less than it seems",
		Long: `Looks at a data folder for texts that come twice, nearly or on both sides of a split, templates of one
employer, several categories, texts that name their own category, other languages, wrong labels, texts
that are too long or empty, odd dates, and contacts that are not masked. Counts and ids go to
audit/README.md and audit/audit.json in the folder, the counts into its manifest, too. No text leaves it.
data split does this by itself; the reported experiment's own files beside a labels.json will do.

Labels are doubted by logistic regression on words, cross-validated, or by a trained model (--judge), which
is asked about validation and test advertisements only. Its beliefs are worth more if it was calibrated.`,
		Example: `  jobtagger data audit my/data
  jobtagger data audit my/data --judge my/model --output my/audit --json`,
		Args: arguments(cobra.ExactArgs(1)),
		PreRunE: func(_ *cobra.Command, args []string) error {
			job.folder = args[0]
			return writable(job.to())
		},
		RunE: func(command *cobra.Command, _ []string) error {
			report, err := a.runAudit(command.Context(), job)
			if err != nil {
				return err
			}
			if job.asJSON {
				return a.printJSON(report)
			}
			if err := a.printTable(report.Table()); err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "\nids, tables and pictures: %s\n", filepath.ToSlash(filepath.Join(job.to(), audit.PageFile)))
			return nil
		},
	}
	flags := command.Flags()
	flags.StringVar(&job.output, "output", "", "the `FOLDER` to write (default: audit in the data folder)")
	flags.StringVar(&job.model, "model", experiment.Starter, modelUsage+"; its tokens are counted")
	flags.StringVar(&job.judge, "judge", "", "a trained `MODEL` that doubts labels")
	flags.BoolVar(&job.asJSON, "json", false, "print JSON")
	return command
}

func (j auditJob) to() string { return cmp.Or(j.output, filepath.Join(j.folder, auditFolder)) }

// runAudit audits a folder and writes what it finds.
func (a *app) runAudit(ctx context.Context, job auditJob) (audit.Report, error) {
	model, err := a.counter(ctx, job.model)
	if err != nil {
		return audit.Report{}, err
	}
	bar := newProgress(a.stderr, "ads")
	options := audit.Options{
		Count: model.CountQuery, Limit: model.Query.Length, Progress: bar.count("auditing " + job.folder),
	}
	if job.judge != "" {
		labels, err := readLabels(filepath.Join(job.folder, dataset.LabelsFile))
		if err != nil {
			return audit.Report{}, err
		}
		options.Judge = a.judge(job.judge, labels)
	}
	report, err := audit.Folder(ctx, job.folder, options)
	bar.close()
	if err != nil {
		return audit.Report{}, err
	}
	return report, errors.Join(report.Write(job.to()), report.Record(job.folder))
}

// judge asks a trained model what it believes.
func (a *app) judge(model string, labels []dataset.Label) audit.Judge {
	return func(ctx context.Context, queries []dataset.Query) (beliefs map[string]audit.Probabilities, err error) {
		ads := make([]text, len(queries))
		for i, q := range queries {
			ads[i] = text{q.ID, q.Text}
		}
		var results []taggedAd
		if err := a.withModel(ctx, modelFlags{name: model}, func(model *colbertlib.Model) error {
			tagger, err := colbertlib.NewTagger(ctx, model, labels)
			if err == nil {
				results, err = a.tagAds(ctx, tagger, ads)
			}
			return err
		}); err != nil {
			return nil, err
		}
		beliefs = map[string]audit.Probabilities{}
		for _, ad := range results {
			beliefs[ad.ID] = audit.Probabilities{}
			for _, tag := range ad.Tags {
				beliefs[ad.ID][tag.LabelID] = tag.Probability
			}
		}
		return beliefs, nil
	}
}
