package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/spf13/cobra"
)

// evalMetrics are what eval reports.
var evalMetrics = []eval.Metric{eval.NDCG(10), eval.Hits(1), eval.Macro(eval.Hits(1)), eval.Hits(5)}

// evalFlags say what eval judges.
type evalFlags struct {
	model                modelFlags
	data, labels         string
	windows, json, write bool
}

func (a *app) eval() *cobra.Command {
	var flags evalFlags
	command := &cobra.Command{
		Use:   "eval --data FILE",
		Short: "Judge a model on labelled advertisements, or calibrate it",
		Long: `Ranks all labels for each advertisement in FILE and prints NDCG@10, Hits@1,
Hits@1 averaged over labels and Hits@5, with 95 % bootstrap intervals. FILE
holds advertisements as JSON lines, {"title", "body", "category_id" or
"category"}, or is a split file, an array of {"query", "positive",
"negative"}; - is standard input. Of a calibrated model the error of its
probabilities is printed too (10 bins; Guo et al. 2017).

--calibrate fits one temperature and a bias for each label to FILE, so that
probabilities mean what they say, and stores them in the model's folder. FILE
must hold advertisements that the model was not trained on, some hundred if
possible; the validation split will do. What is printed is judged by 5-fold
cross-validation, so that no advertisement judges a calibration that has seen it.

With --json:
  {"n": …, "metrics": {"hits@1": …, "macro_hits@1": …, "hits@5": …, "ndcg@10": …}}
and for a calibrated model "calibration": {"error": …, "log_loss": …, …}.`,
		Example: `  jobtagger eval --data ads.jsonl
  jobtagger eval --model my/model --labels labels.json --data ads.jsonl --json
  jobtagger eval --calibrate --model my/model --data my/data/job_tagger_training_validate.json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			if err := flags.check(); err != nil {
				return usageError{err}
			}
			if flags.write {
				if err := writable(flags.model.name); err != nil {
					return err
				}
			}
			result, err := a.evaluate(command.Context(), flags)
			if err != nil {
				return err
			}
			if flags.json {
				return a.printJSON(result)
			}
			a.printEvaluation(result)
			return nil
		},
	}
	flags.model.add(command)
	command.Flags().StringVar(&flags.data, "data", "", "the `FILE` of labelled advertisements")
	command.Flags().StringVar(&flags.labels, "labels", "", "a labels.json `FILE` in place of the model's")
	command.Flags().BoolVar(&flags.windows, "windows", false, "read texts that are too long for the model to their end, in several windows")
	command.Flags().BoolVar(&flags.write, "calibrate", false, "calibrate the model in its folder")
	command.Flags().BoolVar(&flags.json, "json", false, "print JSON")
	return command
}

func (f *evalFlags) check() error {
	if f.data == "" {
		return errors.New("--data is missing: the file with the advertisements")
	}
	if !f.write {
		return nil
	}
	if f.model.name == experiment.Starter || f.model.name == experiment.StarterBase {
		return fmt.Errorf("--calibrate changes a model's folder, and %s is a part of this program: name a folder with --model", f.model.name)
	}
	if _, err := os.Stat(f.model.name); err != nil { // one on the Hub
		return fmt.Errorf("--calibrate changes a model's folder, and there is no folder %s", f.model.name)
	}
	return nil
}

// evaluate tags the advertisements and judges that.
func (a *app) evaluate(ctx context.Context, flags evalFlags) (*evaluation, error) {
	chosen, err := a.labels(ctx, flags.labels, flags.model.name)
	if err != nil {
		return nil, err
	}
	queries, err := a.readQueries(flags.data, chosen)
	if err != nil {
		return nil, err
	}
	if _, err := eval.LabelQrels(queries); err != nil { // before the work, not after it
		return nil, err
	}
	var taggings []colbertlib.Tagging
	if err := a.withModel(ctx, flags.model, func(model *colbertlib.Model) error {
		tagger, err := a.tagger(ctx, model, chosen, flags.windows)
		if err != nil {
			return err
		}
		taggings, err = a.tagQueries(ctx, tagger, queries)
		return err
	}); err != nil {
		return nil, err
	}
	j := judged{chosen, queries, taggings}
	result, err := j.evaluation()
	if err != nil || !flags.write {
		return result, err
	}
	return result, j.calibrate(flags.model.name, result)
}

func (a *app) tagQueries(ctx context.Context, tagger *colbertlib.Tagger, queries []dataset.Query) ([]colbertlib.Tagging, error) {
	bar := newProgress(a.stderr, "ads")
	defer bar.close()
	return tagger.TagAll(ctx, dataset.Texts(queries), bar.texts("evaluating", len(queries)))
}

// readQueries reads labelled advertisements in either form.
func (a *app) readQueries(file string, chosen []dataset.Label) ([]dataset.Query, error) {
	content, name, err := a.read(file)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\ufeff"))), []byte("[")) {
		triples, err := dataset.ReadTriples(bytes.NewReader(content), name, chosen)
		if err != nil {
			return nil, err
		}
		return dataset.Queries(triples)
	}
	ads, err := dataset.ReadAds(bytes.NewReader(content), name, chosen)
	if err != nil {
		return nil, err
	}
	queries := make([]dataset.Query, len(ads))
	for i, ad := range ads {
		queries[i] = ad.Query()
	}
	return queries, nil
}

// evaluation is the result in JSON.
type evaluation struct {
	N           int                `json:"n"`
	Metrics     map[string]float64 `json:"metrics"`
	Calibration *reliability       `json:"calibration,omitempty"`
	summaries   []eval.Summary
}

func newEvaluation(summaries []eval.Summary) *evaluation {
	e := &evaluation{N: summaries[0].N, Metrics: map[string]float64{}, summaries: summaries}
	for _, s := range summaries {
		e.Metrics[s.Metric.String()] = s.Value
	}
	return e
}

func (a *app) printEvaluation(e *evaluation) {
	for _, s := range e.summaries {
		fmt.Fprintf(a.stdout, "%-13s %.4f [%.4f, %.4f]\n", s.Metric.Title(), s.Value, s.Low, s.High)
	}
	fmt.Fprintf(a.stdout, "%d ads\n", e.N)
	if e.Calibration != nil {
		a.printReliability(e.Calibration)
	}
}
