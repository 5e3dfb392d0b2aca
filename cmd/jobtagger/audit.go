package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib/dataset/audit"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/spf13/cobra"
)

// auditFolder is where an audit goes, below the data folder.
const auditFolder = "audit"

// auditJob is what the command line of data audit asks for.
type auditJob struct {
	folder, output, model, scores string
	asJSON                        bool
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

Labels are doubted by logistic regression on words, cross-validated. A trained model can do it instead, for
advertisements that it was not trained on: --scores is what tag --json printed for them.`,
		Example: `  jobtagger data audit my/data
  jobtagger data audit my/data --output my/audit --json`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(command *cobra.Command, args []string) error {
			job.folder = args[0]
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
	flags.StringVar(&job.scores, "scores", "", "a `FILE` that tag --json printed, to doubt labels by")
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
		Count: func(text string) int { return model.Count(model.Query, text) }, Limit: model.Query.Length, Progress: bar.count("auditing " + job.folder),
	}
	if job.scores != "" {
		if options.Judge, err = readScores(job.scores); err != nil {
			return audit.Report{}, err
		}
	}
	report, err := audit.Folder(ctx, job.folder, options)
	bar.close()
	if err != nil {
		return audit.Report{}, err
	}
	return report, errors.Join(report.Write(job.to()), report.Record(job.folder))
}

// readScores reads what tag --json printed.
func readScores(path string) (map[string]audit.Probabilities, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	judge := map[string]audit.Probabilities{}
	decoder := json.NewDecoder(bufio.NewReader(file))
	for {
		var ad struct {
			ID   string
			Tags []struct {
				LabelID     int `json:"label_id"`
				Probability float64
			}
		}
		err := decoder.Decode(&ad)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || ad.ID == "" || len(ad.Tags) == 0 {
			return nil, fmt.Errorf("--scores %s: line %d: expected what jobtagger tag --json prints: {\"id\": …, \"tags\": […]} (%w)", path, len(judge)+1, cmp.Or(err, errors.New("id or tags are missing")))
		}
		judge[ad.ID] = audit.Probabilities{}
		for _, tag := range ad.Tags {
			judge[ad.ID][tag.LabelID] = tag.Probability
		}
	}
	return judge, nil
}
