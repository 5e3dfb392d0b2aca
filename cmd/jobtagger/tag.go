package main

import (
	"context"
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/spf13/cobra"
)

// topTags is how many labels are shown to people; JSON has all.
const topTags = 3

// tagFlags say how tag tags.
type tagFlags struct {
	model          modelFlags
	labels         string
	json           bool
	windows        bool
	minProbability float64
	explain        explainFlags
}

func (a *app) tag() *cobra.Command {
	var flags tagFlags
	command := &cobra.Command{
		Use:   "tag [FILE|-]",
		Short: "Tag advertisements with labels, and say why",
		Long: `Ranks the labels for each advertisement in FILE or on standard input: plain
text is one advertisement (the title is its first line), JSON lines are one
each, {"title": "…", "body": "…"} or {"text": "…"}, with an "id" if wanted.
Labels are those that the model was trained on, or any others: --labels takes a
file [{"id": 1, "name": "…", "description": "…"}, …].

Labels come in the order of their scores, which is all that scores are good
for. Probabilities mean something where the model was calibrated for these
labels (jobtagger eval --calibrate); elsewhere they are what training made the
model believe, which is usually far too sure, and are not shown.
--min-probability leaves out labels that are less probable, and puts the most
probable first: .5 gives one label or none, a lower one several.

--explain says why the first label and not the second, or not the one that
--against names: each word's part in the difference, and what it matched.

With --json each advertisement gives one line:
  {"id": …, "tags": [{"label_id", "name", "score", "probability"}, …],
   "truncated": …, "calibrated": …}`,
		Example: `  jobtagger tag ad.txt
  jobtagger tag --json ads.jsonl
  jobtagger tag --model my/model --labels my/labels.json - < ad.txt
  jobtagger tag --explain --html why.html ad.txt
  jobtagger tag --explain --against "Logistics/Procurement" ad.txt
  jobtagger tag --windows --min-probability .5 ads.jsonl`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(command *cobra.Command, args []string) error {
			if err := flags.check(); err != nil {
				return usageError{err}
			}
			return a.tagFile(command.Context(), flags, optional(args))
		},
	}
	flags.model.add(command)
	command.Flags().StringVar(&flags.labels, "labels", "", "a labels.json `FILE` in place of the model's")
	command.Flags().BoolVar(&flags.json, "json", false, "print JSON lines")
	command.Flags().BoolVar(&flags.windows, "windows", false, "read texts that are too long for the model to their end, in several windows")
	command.Flags().Float64Var(&flags.minProbability, "min-probability", 0, "leave out labels of a lower probability than `P`")
	flags.explain.add(command)
	return command
}

func (f *tagFlags) check() error {
	if !(f.minProbability >= 0 && f.minProbability <= 1) {
		return fmt.Errorf("--min-probability is %v, expected a number from 0 to 1", f.minProbability)
	}
	return f.explain.check()
}

func (a *app) tagFile(ctx context.Context, flags tagFlags, file string) error {
	chosen, err := a.labels(ctx, flags.labels, flags.model.name)
	if err != nil {
		return err
	}
	ads, err := a.readAds(file)
	if err != nil {
		return err
	}
	var results []taggedAd
	if err := a.withModel(ctx, flags.model, func(model *colbertlib.Model) error {
		tagger, err := a.tagger(ctx, model, chosen, flags.windows)
		if err != nil {
			return err
		}
		if results, err = a.tagAds(ctx, tagger, ads); err != nil || !flags.explain.on {
			return err
		}
		return flags.explain.explain(ctx, tagger, ads, results)
	}); err != nil {
		return err
	}
	if flags.minProbability > 0 && !results[0].Calibrated {
		a.warn("the model is not calibrated for these labels, so that --min-probability means little: see jobtagger eval --calibrate")
	}
	for i := range results {
		if flags.minProbability > 0 {
			results[i].Tags = append([]colbertlib.Tag{}, results[i].Above(flags.minProbability)...) // [] in JSON, not null
		}
		if err := a.printTagged(results[i], flags); err != nil {
			return err
		}
	}
	return flags.explain.writeHTML(results)
}

// tagger warns of descriptions that are cut.
func (a *app) tagger(ctx context.Context, model *colbertlib.Model, labels []dataset.Label, windows bool) (*colbertlib.Tagger, error) {
	tagger, err := colbertlib.NewTagger(ctx, model, labels)
	if err != nil {
		return nil, err
	}
	for _, label := range tagger.Truncated() {
		a.warn("the description of %q is longer than the %d tokens that the model takes; what lies beyond was left out (--document-length)", label.Name, model.Core().Document.Length)
	}
	if windows {
		tagger = tagger.WithWindows()
	}
	return tagger, nil
}

func (a *app) tagAds(ctx context.Context, tagger *colbertlib.Tagger, ads []text) ([]taggedAd, error) {
	bar := newProgress(a.stderr, "ads")
	defer bar.close()
	taggings, err := tagger.TagAll(ctx, contents(ads), bar.texts("tagging", len(ads)))
	if err != nil {
		return nil, err
	}
	results := make([]taggedAd, len(ads))
	for i, tagging := range taggings {
		results[i] = taggedAd{ID: ads[i].id, Tagging: tagging}
	}
	return results, nil
}

// taggedAd is an advertisement's line in JSON.
type taggedAd struct {
	ID string `json:"id"`
	colbertlib.Tagging
	Explanation *colbertlib.Explanation `json:"explanation,omitempty"`
}

func (a *app) printTagged(ad taggedAd, flags tagFlags) error {
	if flags.json {
		return a.printJSON(ad)
	}
	fmt.Fprintf(a.stdout, "ad %s\n", ad.ID)
	shown := ad.Tags
	if flags.minProbability == 0 {
		shown = ad.Tags[:min(topTags, len(ad.Tags))]
	}
	for _, tag := range shown {
		probability := ""
		if ad.Calibrated {
			probability = fmt.Sprintf("%6.1f %%", 100*tag.Probability)
		}
		fmt.Fprintf(a.stdout, "%8.3f%s  %s\n", tag.Score, probability, tag.Name)
	}
	if len(shown) == 0 {
		fmt.Fprintln(a.stdout, "       -  no label is probable enough")
	}
	if ad.Truncated {
		a.warn("ad %s is longer than the model takes; what lies beyond was left out (--windows reads it)", ad.ID)
	}
	if ad.Explanation == nil {
		return nil
	}
	fmt.Fprintln(a.stdout)
	return ad.Explanation.WriteText(a.stdout, colours(a.stdout))
}
