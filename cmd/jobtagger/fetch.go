package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/reliefweb"
	"github.com/spf13/cobra"
)

// appnameVariable is where the appname may stand, so that it appears in no list of processes and no shell history.
const appnameVariable = "RELIEFWEB_APPNAME"

// fetchJob is what the command line of data fetch asks for.
type fetchJob struct {
	output, appname, endpoint, since string
	asJSON                           bool
}

func (a *app) fetch() *cobra.Command {
	var job fetchJob
	command := &cobra.Command{
		Use:   "fetch",
		Short: "Get advertisements and career categories from ReliefWeb",
		Long: `Fetches job advertisements and career categories from ReliefWeb's API, as they are, into a folder
of raw pages. The first time it fetches all, later only what is new or was changed since, which
makes it the command for every quarter. It may be stopped at any time, kill -9 included: the same
command goes on where it stopped.

The API wants an appname: a name for your program that ReliefWeb has approved. Ask for one at
https://apidoc.reliefweb.int/parameters#appname, and put it into $RELIEFWEB_APPNAME. Nothing that is
printed or written holds it. Of the 1000 calls that ReliefWeb allows a day, each of which gets up to
1000 advertisements, all programs of this user together make no more than 1000 in any 24 hours.

The advertisements belong to the organisations that posted them. Keep them to yourself.

To try it without an appname, see jobtagger data fake-api.

With --json, one object:
  {"folder": …, "resumed": …, "jobs": …, "pages": …, "changed_from": …, "changed_to": …,
   "categories": …, "label_version": …, "calls_left": …}`,
		Example: `  jobtagger data fetch
  jobtagger data fetch --output data/raw-2025 --since 2025-01-01 --json
  jobtagger data fetch --endpoint http://127.0.0.1:8089/v2 --appname example-jobtagger-x7k2 --output data/raw-fake`,
		Args: arguments(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error { return a.runFetch(command.Context(), job) },
	}
	flags := command.Flags()
	flags.StringVar(&job.output, "output", "data/raw", "the `FOLDER` of raw pages")
	flags.StringVar(&job.appname, "appname", "", "the approved `NAME`; rather put it into $"+appnameVariable)
	flags.StringVar(&job.endpoint, "endpoint", reliefweb.Endpoint, "the `URL` of the API")
	flags.StringVar(&job.since, "since", "", "only advertisements created on or after this `DATE`, YYYY-MM-DD (a folder keeps the one that it was begun with)")
	flags.BoolVar(&job.asJSON, "json", false, "print JSON")
	return command
}

func (a *app) runFetch(ctx context.Context, job fetchJob) error {
	client, err := reliefweb.NewClient(job.endpoint, cmp.Or(job.appname, os.Getenv(appnameVariable)))
	if err != nil {
		return usageError{err}
	}
	if client.Budget, err = reliefweb.UserBudget(); err != nil {
		return err
	}
	var options reliefweb.UpdateOptions
	if job.since != "" {
		if options.CreatedSince, err = time.Parse(time.DateOnly, job.since); err != nil {
			return usageError{fmt.Errorf("--since %s: expected a date such as 2025-01-31", job.since)}
		}
	}
	bar := newProgress(a.stderr, "ads")
	var at reliefweb.Progress
	options.Progress = func(p reliefweb.Progress) {
		at = p
		done := ""
		if p.Total > 0 {
			done = fmt.Sprintf("%d of %d ads, ", p.Done, p.Total)
		}
		bar.show(p.Done, p.Total, "fetching", fmt.Sprintf(": %s%d calls left today", done, p.CallsLeft))
	}
	client.OnRetry = func(problem error, wait time.Duration) {
		bar.show(at.Done, at.Total, fmt.Sprintf("trying again in %s", wait.Round(100*time.Millisecond)), fmt.Sprintf(" (%v)", problem))
	}
	summary, err := reliefweb.Update(ctx, client, job.output, options)
	bar.close()
	if err != nil {
		return whatIsKept(job.output, err)
	}
	for _, warning := range summary.Warnings {
		a.warn("%s", warning)
	}
	left, err := client.CallsLeft(ctx)
	if err != nil {
		return err
	}
	return a.reportFetch(job, summary, left)
}

// whatIsKept adds what was done before an error, if the error is not one of the command line's.
func whatIsKept(folder string, err error) error {
	if manifest, reading := reliefweb.ReadManifest(folder); reading == nil && len(manifest.Pages) > 0 && !errors.Is(err, reliefweb.ErrLocked) {
		return fmt.Errorf("%w\n%s keeps the %d pages that it has; fetch goes on from there", err, folder, len(manifest.Pages))
	}
	return err
}

func (a *app) reportFetch(job fetchJob, summary reliefweb.Summary, left int) error {
	if job.asJSON {
		return json.NewEncoder(a.stdout).Encode(map[string]any{
			"folder": job.output, "resumed": summary.Resumed, "jobs": summary.Jobs, "pages": summary.Pages, "changed_from": summary.From, "changed_to": summary.To,
			"categories": len(summary.Categories.List), "label_version": summary.Categories.Version, "calls_left": left,
		})
	}
	return a.printTable([][]string{
		{"folder", job.output},
		{"advertisements fetched", fmt.Sprint(summary.Jobs)},
		{"changed between", summary.From.Format(time.DateTime) + " and " + summary.To.Format(time.DateTime) + " UTC"},
		{"career categories", fmt.Sprintf("%d (%s)", len(summary.Categories.List), summary.Categories.Version)},
		{"calls left today", fmt.Sprint(left)},
	})
}
