package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib/hub"
	"github.com/spf13/cobra"
)

func (a *app) pull() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "pull MODEL...",
		Short: "Fetch models from the Hugging Face Hub",
		Long: `Fetches models, each org/name or org/name@revision, into the cache that Python's
libraries use too, so that they can be used without network. Only files that
this program reads are fetched, and those that changed since the last time. A
download that was stopped goes on where it ended; every file is checked by its
hash.

$HF_HOME or $HF_HUB_CACHE says where the cache is, $HF_TOKEN gives access to
models that need it, $HF_ENDPOINT names another Hub.

With --json, an object for each model:
  {"model": …, "commit": …, "bytes": …, "folder": …}`,
		Example: `  jobtagger model pull Alibaba-NLP/gte-en-mlm-base
  jobtagger model pull org/name org/other --json`,
		Args: arguments(cobra.MinimumNArgs(1)),
		RunE: func(command *cobra.Command, models []string) error {
			refs := make([]hub.Ref, len(models))
			for i, model := range models {
				var err error
				if refs[i], err = hub.ParseRef(model); err != nil {
					return usageError{err}
				}
			}
			return a.pullModels(command.Context(), refs, asJSON)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON lines")
	return command
}

// cachedModel is a model in the cache, for JSON.
type cachedModel struct {
	Model    string `json:"model"`
	Commit   string `json:"commit"`
	Bytes    int64  `json:"bytes"`
	Folder   string `json:"folder"`
	Complete bool   `json:"complete"` // whether it can be used without network
}

func newCachedModel(m hub.CachedModel) cachedModel {
	cached := cachedModel{Model: m.Ref.String(), Bytes: m.Bytes, Folder: m.Dir, Complete: m.Complete}
	if m.Dir != "" {
		cached.Commit = filepath.Base(m.Dir)
	}
	return cached
}

// pullModels fetches one model after the other; one that fails does not stop the others.
func (a *app) pullModels(ctx context.Context, refs []hub.Ref, asJSON bool) error {
	client, err := hub.FromEnvironment()
	if err != nil {
		return err
	}
	report, end := a.fetching()
	client.Progress = report
	var problems []error
	for _, ref := range refs {
		_, err := client.Pull(ctx, ref)
		end()
		if err != nil {
			problems = append(problems, err)
			continue
		}
		pulled := newCachedModel(client.Describe(ref))
		if asJSON {
			err = a.printJSON(pulled)
		} else {
			_, err = fmt.Fprintf(a.stdout, "%s: %.1f MB in %s\n", pulled.Model, float64(pulled.Bytes)/megabyte, pulled.Folder)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}
