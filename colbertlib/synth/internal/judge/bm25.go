package main

import (
	"fmt"
	"io"

	"github.com/jobtagger/jobtagger/colbertlib/bm25"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

// reportBM25 prints how well BM25 alone ranks the label descriptions: the aim is hits@1 of .35 to .60 on validate.
func reportBM25(out io.Writer, labels []dataset.Label, splits map[string][]dataset.Query) error {
	descriptions := make([]string, len(labels))
	for i, l := range labels {
		descriptions[i] = l.Description
	}
	index := bm25.New(descriptions)
	for _, name := range setNames {
		queries := splits[name]
		if len(queries) == 0 {
			continue
		}
		qrels, err := eval.LabelQrels(queries)
		if err != nil {
			return err
		}
		run := eval.Run{}
		for _, q := range queries {
			var ranking eval.Ranking
			for _, c := range index.Search(q.Text, 0) {
				ranking = append(ranking, eval.Scored{ID: eval.LabelID(labels[c.Document].ID), Score: c.Score})
			}
			run[q.ID] = ranking
		}
		summaries, err := eval.Evaluate(qrels, run, []eval.Metric{eval.Hits(1), eval.Hits(5), eval.NDCG(10)}, 1)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "BM25, %s:", name)
		for _, s := range summaries {
			fmt.Fprintf(out, " %v %.3f", s.Metric, s.Value)
		}
		fmt.Fprintln(out)
	}
	return nil
}
