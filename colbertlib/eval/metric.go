// Package eval judges rankings: metrics as ranx computes them, averages over labels, intervals, confusion, TREC files.
//
// A metric is a value that prints as its own name: eval.NDCG(10).String() is "ndcg@10". [Qrels] say what is relevant to each
// query, a [Run] says what was ranked for it, and [Evaluate] brings both together:
//
//	qrels, err := eval.LabelQrels(queries)
//	ranking, err := eval.RankLabels(labels, scores)
//	run := eval.Run{queries[0].ID: ranking}
//	summaries, err := eval.Evaluate(qrels, run, []eval.Metric{eval.NDCG(10), eval.Hits(1)}, seed)
//
// A query that has no ranking counts as a ranking without a hit; rankings of other queries are ignored (ranx calls this
// make_comparable). All functions are safe for concurrent use, and the same input gives the same bits.
package eval

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Metric is a measure of rankings with its cut-off k. Metrics are comparable, print as their name and can be JSON keys.
// A k of zero or less means no cut-off. The formulas are those of ranx 0.3: relevant is a grade of 1 or more.
type Metric struct {
	kind  kind
	k     int
	macro bool
}

type kind string

const (
	ndcg      kind = "ndcg"
	hits      kind = "hits"
	hitRate   kind = "hit_rate"
	mrr       kind = "mrr"
	recall    kind = "recall"
	precision kind = "precision"
)

const macroPrefix = "macro_"

// NDCG is normalised discounted cumulative gain: the sum of grade/log2(rank+1) over the first k ranks, divided by that of the
// best possible ranking (Järvelin and Kekäläinen 2002, linear gain). It is 0 if nothing is relevant.
func NDCG(k int) Metric { return newMetric(ndcg, k) }

// Hits is how many of the first k documents are relevant: a count, which exceeds 1 where several are. With one relevant
// document it equals [HitRate] and [Recall], and Hits(1) is accuracy.
func Hits(k int) Metric { return newMetric(hits, k) }

// HitRate is 1 if any of the first k documents is relevant, else 0.
func HitRate(k int) Metric { return newMetric(hitRate, k) }

// MRR is the reciprocal rank of the first relevant document among the first k, or 0.
func MRR(k int) Metric { return newMetric(mrr, k) }

// Recall is the share of the relevant documents that stand among the first k.
func Recall(k int) Metric { return newMetric(recall, k) }

// Precision is the number of relevant documents among the first k, divided by k even if fewer were ranked
// (without a cut-off: by how many were).
func Precision(k int) Metric { return newMetric(precision, k) }

// Macro is the metric averaged over labels instead of queries: the mean of the labels' means, so that a rare label counts as
// much as a frequent one. It needs exactly one relevant document (the label) for each query.
func Macro(m Metric) Metric {
	m.macro = true
	return m
}

func newMetric(kind kind, k int) Metric { return Metric{kind: kind, k: max(k, 0)} }

// String is the metric's name in JSON, flags and file names: "ndcg@10", "macro_hits@1", "mrr".
func (m Metric) String() string {
	name := string(m.kind)
	if m.macro {
		name = macroPrefix + name
	}
	if m.k > 0 {
		name += "@" + strconv.Itoa(m.k)
	}
	return name
}

// Title is the metric's name in tables and plots: "NDCG@10", "Macro Hits@1", "MRR".
func (m Metric) Title() string {
	titles := map[kind]string{ndcg: "NDCG", hits: "Hits", hitRate: "Hit rate", mrr: "MRR", recall: "Recall", precision: "Precision"}
	title := strings.Replace(strings.TrimPrefix(m.String(), macroPrefix), string(m.kind), titles[m.kind], 1)
	if m.macro {
		title = "Macro " + title
	}
	return title
}

// ParseMetric is the metric of a name that [Metric.String] prints.
func ParseMetric(name string) (Metric, error) {
	base, cut, hasCut := strings.Cut(name, "@")
	m := Metric{macro: strings.HasPrefix(base, macroPrefix), kind: kind(strings.TrimPrefix(base, macroPrefix))}
	if !slices.Contains([]kind{ndcg, hits, hitRate, mrr, recall, precision}, m.kind) {
		return Metric{}, fmt.Errorf("eval: unknown metric %q, expected ndcg, hits, hit_rate, mrr, recall or precision with a cut-off, e.g. ndcg@10", name)
	}
	if hasCut {
		k, err := strconv.Atoi(cut)
		if err != nil || k < 1 || cut != strconv.Itoa(k) {
			return Metric{}, fmt.Errorf("eval: metric %q: the cut-off must be a whole number from 1, e.g. %s@10", name, base)
		}
		m.k = k
	}
	return m, nil
}

// MarshalText gives the metric's name, for JSON.
func (m Metric) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText is [ParseMetric], for JSON.
func (m *Metric) UnmarshalText(name []byte) (err error) {
	*m, err = ParseMetric(string(name))
	return err
}

// Of is the metric's value for one query. grades holds the query's relevant documents, as in [Qrels].
func (m Metric) Of(grades map[string]int, ranking Ranking) float64 {
	top := ranking
	if m.k > 0 {
		top = ranking[:min(m.k, len(ranking))]
	}
	found, firstRank, gain := 0, 0, 0.0
	for i, d := range top {
		if grade := grades[d.ID]; grade >= 1 {
			found++
			gain += discounted(grade, i)
			if firstRank == 0 {
				firstRank = i + 1
			}
		}
	}
	if found == 0 {
		return 0
	}
	switch m.kind {
	case ndcg:
		return gain / m.idealGain(grades)
	case hitRate:
		return 1
	case mrr:
		return 1 / float64(firstRank)
	case recall:
		return float64(found) / float64(len(relevant(grades)))
	case precision:
		if m.k > 0 {
			return float64(found) / float64(m.k)
		}
		return float64(found) / float64(len(top))
	default: // hits
		return float64(found)
	}
}

// idealGain is the discounted gain of the first k ranks when documents are ordered by grade.
func (m Metric) idealGain(grades map[string]int) float64 {
	ordered := relevant(grades)
	slices.SortFunc(ordered, func(a, b int) int { return b - a })
	if m.k > 0 {
		ordered = ordered[:min(m.k, len(ordered))]
	}
	gain := 0.0
	for i, grade := range ordered {
		gain += discounted(grade, i)
	}
	return gain
}

// discounted is what a document of this grade adds to the gain at index i, which is rank i+1.
func discounted(grade, i int) float64 { return float64(grade) / math.Log2(float64(i+2)) }

// relevant lists the grades that count.
func relevant(grades map[string]int) []int {
	var list []int
	for _, grade := range grades {
		if grade >= 1 {
			list = append(list, grade)
		}
	}
	return list
}

// Chance is the metric's expected value when n labels, one of them right, are ranked at random: what a score must beat.
func Chance(m Metric, n int) float64 {
	sum := 0.0
	ranking := make(Ranking, n)
	for i := range ranking {
		ranking[i].ID = "right"
		sum += m.Of(map[string]int{"right": 1}, ranking)
		ranking[i].ID = ""
	}
	return sum / float64(n)
}
