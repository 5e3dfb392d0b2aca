package main

import (
	"bytes"
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/spf13/cobra"
)

// evalMetrics are what eval reports.
var evalMetrics = []eval.Metric{eval.NDCG(10), eval.Hits(1), eval.Macro(eval.Hits(1)), eval.Hits(5)}

func (a *app) eval() *cobra.Command {
	var flags modelFlags
	var dataFile, labelFile string
	var asJSON bool
	command := &cobra.Command{
		Use:   "eval --data FILE",
		Short: "Judge a model on labelled advertisements",
		Long: `Ranks all labels for each advertisement in FILE and prints NDCG@10, Hits@1,
Hits@1 averaged over labels and Hits@5, with 95 % bootstrap intervals. FILE
holds advertisements as JSON lines, {"title", "body", "category_id" or
"category"}, or is a split file, an array of {"query", "positive",
"negative"}; - is standard input.

With --json:
  {"n": …, "metrics": {"hits@1": …, "macro_hits@1": …, "hits@5": …, "ndcg@10": …}}`,
		Example: `  jobtagger eval --data ads.jsonl
  jobtagger eval --model my/model --labels labels.json --data ads.jsonl --json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			if dataFile == "" {
				return usageError{fmt.Errorf("--data is missing: the file with the advertisements")}
			}
			summaries, err := a.evaluate(command, flags, dataFile, labelFile)
			if err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(newEvaluation(summaries))
			}
			for _, s := range summaries {
				fmt.Fprintf(a.stdout, "%-13s %.4f [%.4f, %.4f]\n", s.Metric.Title(), s.Value, s.Low, s.High)
			}
			fmt.Fprintf(a.stdout, "%d ads\n", summaries[0].N)
			return nil
		},
	}
	flags.add(command)
	command.Flags().StringVar(&dataFile, "data", "", "the `FILE` of labelled advertisements")
	command.Flags().StringVar(&labelFile, "labels", "", "a labels.json `FILE` in place of the model's")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func (a *app) evaluate(command *cobra.Command, flags modelFlags, dataFile, labelFile string) ([]eval.Summary, error) {
	chosen, err := labels(labelFile, flags.name)
	if err != nil {
		return nil, err
	}
	queries, err := a.readQueries(dataFile, chosen)
	if err != nil {
		return nil, err
	}
	if _, err := eval.LabelQrels(queries); err != nil { // before the work, not after it
		return nil, err
	}
	var ranking eval.Run
	if err := a.withModel(flags, func(model *colbertlib.Model) error {
		bar := newProgress(a.stderr, "ads")
		defer bar.close()
		ranking, err = experiment.Rank(command.Context(), model, chosen, queries, experiment.Exhaustive, bar.texts("evaluating", len(queries)))
		return err
	}); err != nil {
		return nil, err
	}
	return experiment.Judge(queries, ranking, evalMetrics)
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
	N       int                `json:"n"`
	Metrics map[string]float64 `json:"metrics"`
}

func newEvaluation(summaries []eval.Summary) evaluation {
	e := evaluation{N: summaries[0].N, Metrics: map[string]float64{}}
	for _, s := range summaries {
		e.Metrics[s.Metric.String()] = s.Value
	}
	return e
}
