package main

import (
	"context"
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/spf13/cobra"
)

// topTags is how many labels are shown to people; JSON has all.
const topTags = 3

func (a *app) tag() *cobra.Command {
	var flags modelFlags
	var labelFile string
	var asJSON bool
	command := &cobra.Command{
		Use:   "tag [FILE|-]",
		Short: "Tag advertisements with labels",
		Long: `Ranks the labels for each advertisement in FILE or on standard input: plain
text is one advertisement (the title is its first line), JSON lines are one
each, {"title": "…", "body": "…"} or {"text": "…"}, with an "id" if wanted.
Labels are those that the model was trained on, or any others: --labels takes a
file [{"id": 1, "name": "…", "description": "…"}, …].

With --json each advertisement gives one line, best label first:
  {"id": …, "tags": [{"label_id", "name", "score", "probability"}, …], "truncated": …}
The probability is what training made the model believe, which is usually far
too sure: use it to order, not to decide.`,
		Example: `  jobtagger tag ad.txt
  jobtagger tag --json ads.jsonl
  jobtagger tag --model my/model --labels my/labels.json - < ad.txt`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(command *cobra.Command, args []string) error {
			return a.tagFile(command.Context(), flags, labelFile, optional(args), asJSON)
		},
	}
	flags.add(command)
	command.Flags().StringVar(&labelFile, "labels", "", "a labels.json `FILE` in place of the model's")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON lines")
	return command
}

func (a *app) tagFile(ctx context.Context, flags modelFlags, labelFile, file string, asJSON bool) error {
	chosen, err := labels(labelFile, flags.name)
	if err != nil {
		return err
	}
	ads, err := a.readAds(file)
	if err != nil {
		return err
	}
	var taggings []colbertlib.Tagging
	if err := a.withModel(flags, func(model *colbertlib.Model) error {
		tagger, err := colbertlib.NewTagger(ctx, model, chosen)
		if err != nil {
			return err
		}
		bar := newProgress(a.stderr, "ads")
		defer bar.close()
		taggings, err = tagger.TagAll(ctx, contents(ads), bar.texts("tagging", len(ads)))
		return err
	}); err != nil {
		return err
	}
	for i, tagging := range taggings {
		if !asJSON {
			a.printTags(ads[i].id, tagging)
			continue
		}
		if err := a.printJSON(taggedAd{ads[i].id, tagging}); err != nil {
			return err
		}
	}
	return nil
}

// taggedAd is an advertisement's line in JSON.
type taggedAd struct {
	ID string `json:"id"`
	colbertlib.Tagging
}

func (a *app) printTags(id string, tagging colbertlib.Tagging) {
	fmt.Fprintf(a.stdout, "ad %s\n", id)
	for _, tag := range tagging.Tags[:min(topTags, len(tagging.Tags))] {
		fmt.Fprintf(a.stdout, "%8.3f  %s\n", tag.Score, tag.Name)
	}
	if tagging.Truncated {
		a.warn("ad %s is longer than the model takes; what lies beyond was left out", id)
	}
}
