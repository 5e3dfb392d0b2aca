package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/reliefweb"
	"github.com/spf13/cobra"
)

// forgetJob is what the command line of data forget asks for.
type forgetJob struct {
	raw, results string
	data         []string
	asJSON       bool
}

// forgotten is what became of it, as JSON.
type forgotten struct {
	Raw   []string                     `json:"raw"`   // ids that were in the raw pages
	Data  map[string][]dataset.Removal `json:"data"`  // folder -> files that held one
	Audit []string                     `json:"audit"` // folders of audits that named ids, and were removed
	Runs  []experiment.Use             `json:"runs"`  // runs that used one of these files
}

func (a *app) forget() *cobra.Command {
	var job forgetJob
	command := &cobra.Command{
		Use:   "forget ID...",
		Short: "Take advertisements out of everything that holds their text",
		Long: `Takes advertisements out of the raw pages, and out of data folders: ads.jsonl, splits, counts and hashes in
the manifest. They do not come back with a later fetch or split. The audits of these folders, which name ids, are removed;
data audit makes new ones. Then it lists the runs whose models were trained, or judged, on a file that held one of them:
what a model has learnt can only be taken away with the model. Run folders hold ids and ranks, but no text.`,
		Example: `  jobtagger data forget 9000003 9000017
  jobtagger data forget train-0-1 --data my/data --json`,
		Args: arguments(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, ids []string) error {
			done, err := job.run(ids)
			if err != nil {
				return err
			}
			if job.asJSON {
				return a.printJSON(done)
			}
			a.reportForgotten(done)
			return nil
		},
	}
	flags := command.Flags()
	flags.StringVar(&job.raw, "raw", "data/raw", "the `FOLDER` of raw pages")
	flags.StringArrayVar(&job.data, "data", []string{"data/processed"}, "a data `FOLDER` (may be repeated)")
	flags.StringVar(&job.results, "results", "results", "the `FOLDER` of results, to look for runs in")
	flags.BoolVar(&job.asJSON, "json", false, "print JSON")
	return command
}

func (job forgetJob) run(ids []string) (forgotten, error) {
	done := forgotten{Raw: []string{}, Data: map[string][]dataset.Removal{}, Audit: []string{}, Runs: []experiment.Use{}}
	places := 0
	raw, err := job.forgetRaw(ids)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return done, err
	}
	if err == nil {
		places++
		done.Raw = append(done.Raw, raw...)
	}
	for _, folder := range job.data {
		removals, err := dataset.Forget(folder, ids...)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return done, err
		}
		places++
		done.Data[folder] = removals
		audited := filepath.Join(folder, auditFolder)
		if _, err := os.Stat(audited); err == nil && len(removals) > 0 {
			if err := os.RemoveAll(audited); err != nil {
				return done, err
			}
			done.Audit = append(done.Audit, audited)
		}
		uses, err := experiment.Uses(job.results, folder, files(removals))
		if err != nil {
			return done, err
		}
		done.Runs = append(done.Runs, uses...)
	}
	if places == 0 {
		return done, fmt.Errorf("neither %s (raw pages) nor %v (data folders) is there: say with --raw and --data where the advertisements are", job.raw, job.data)
	}
	return done, nil
}

// forgetRaw takes the ids that are ReliefWeb's out of the raw pages.
func (job forgetJob) forgetRaw(ids []string) ([]string, error) {
	var numbers []reliefweb.ID
	for _, id := range ids {
		if n, err := strconv.Atoi(id); err == nil && n > 0 {
			numbers = append(numbers, reliefweb.ID(n))
		}
	}
	if len(numbers) == 0 {
		return nil, nil
	}
	found, err := reliefweb.Forget(job.raw, numbers...)
	list := make([]string, len(found))
	for i, id := range found {
		list[i] = strconv.Itoa(int(id))
	}
	return list, err
}

// files lists each file once.
func files(removals []dataset.Removal) []dataset.FileHash {
	var list []dataset.FileHash
	for _, r := range removals {
		if f := (dataset.FileHash{Name: r.File, SHA256: r.SHA256}); !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list
}

func (a *app) reportForgotten(done forgotten) {
	fmt.Fprintf(a.stdout, "raw pages: %d taken out\n", len(done.Raw))
	for folder, removals := range done.Data {
		for _, r := range removals {
			fmt.Fprintf(a.stdout, "%s: %s taken out of %s\n", filepath.ToSlash(folder), r.ID, r.File)
		}
	}
	for _, folder := range done.Audit {
		fmt.Fprintf(a.stdout, "%s: removed; jobtagger data audit %s makes a new one\n", filepath.ToSlash(folder), quote(filepath.Dir(folder)))
	}
	for _, use := range done.Runs {
		what, model := "judged on", "its model is gone"
		if use.Trained {
			what = "trained on"
		}
		if use.Model {
			model = "its model is there"
		}
		if !use.Certain {
			what = "perhaps " + what
		}
		fmt.Fprintf(a.stdout, "run %s: %s %s; %s\n", filepath.ToSlash(use.Run), what, use.File, model)
	}
}
