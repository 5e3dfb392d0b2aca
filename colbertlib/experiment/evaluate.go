package experiment

import (
	"context"
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/bm25"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
)

// intervalSeed draws the bootstrap samples of all intervals, so that equal rankings have equal intervals.
const intervalSeed = 1

// Rank orders the labels for each query by the model's scores. progress, if not nil, is called now and then with the number of queries done.
func Rank(ctx context.Context, model *colbertlib.Model, labels []dataset.Label, queries []dataset.Query, candidates Candidates, progress func(done int)) (eval.Run, error) {
	descriptions := make([]string, len(labels))
	for i, label := range labels {
		descriptions[i] = label.Description
	}
	documents, err := model.EncodeDocuments(ctx, descriptions, nil)
	if err != nil {
		return nil, err
	}
	embeddings, err := model.EncodeQueries(ctx, dataset.Texts(queries), progress)
	if err != nil {
		return nil, err
	}
	gate := newGate(candidates, descriptions)
	run := make(eval.Run, len(queries))
	for i, query := range queries {
		var chosen []dataset.Label
		var candidates []colbertlib.Embedding
		for _, d := range gate(query.Text) {
			chosen, candidates = append(chosen, labels[d]), append(candidates, documents[d])
		}
		scores, err := model.Scores(embeddings[i], candidates)
		if err != nil {
			return nil, fmt.Errorf("experiment: query %s: %w", query.ID, err)
		}
		if run[query.ID], err = eval.RankLabels(chosen, scores); err != nil {
			return nil, fmt.Errorf("experiment: query %s: %w", query.ID, err)
		}
	}
	return run, nil
}

// gateDepth is how many candidates the reported experiment's BM25 passes on at the most.
const gateDepth = 100

// newGate returns the function that chooses the documents to rank for a query.
func newGate(candidates Candidates, documents []string) func(query string) []int {
	if candidates == BM25 {
		index := bm25.New(documents)
		return func(query string) []int {
			var chosen []int
			for _, candidate := range index.Search(query, gateDepth) {
				chosen = append(chosen, candidate.Document)
			}
			return chosen
		}
	}
	all := make([]int, len(documents))
	for i := range all {
		all[i] = i
	}
	return func(string) []int { return all }
}

// Judge computes metrics of rankings, with the intervals that all tables of this package show.
func Judge(queries []dataset.Query, run eval.Run, metrics []eval.Metric) ([]eval.Summary, error) {
	qrels, err := eval.LabelQrels(queries)
	if err != nil {
		return nil, err
	}
	return eval.Evaluate(qrels, run, metrics, intervalSeed)
}
