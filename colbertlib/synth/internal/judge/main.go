// Judge measures the synthetic advertisements: how long and how varied they are, what BM25 makes of them, and, given a file
// of real ones, how they compare. It prints numbers only, never a text.
//
//	go run ./colbertlib/synth/internal/judge [-real ads.jsonl]
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
)

// setNames is the order of rows.
var setNames = []string{"train", "validate", "test", "natural", "real"}

func main() {
	real := flag.String("real", "", "real advertisements, JSON lines with title, body and category_id")
	flag.Parse()
	if err := run(os.Stdout, *real); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, realFile string) error {
	g, err := synth.New()
	if err != nil {
		return err
	}
	set := g.Set(synth.Seed)
	splits := map[string][]dataset.Query{}
	for name, triples := range map[string][]dataset.Triple{"train": set.Train, "validate": set.Validate, "test": set.Test} {
		if splits[name], err = dataset.Queries(triples); err != nil {
			return err
		}
	}
	for _, ad := range g.Natural(synth.Seed) {
		splits["natural"] = append(splits["natural"], ad.Query())
	}
	if realFile != "" {
		if splits["real"], err = readReal(realFile, set.Labels); err != nil {
			return err
		}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "set\tads\ten\tfr\tes\tp10\tp25\tp50\tp75\tp90\tmax\ttokens\ttypes\ttypes in 16k tokens\tlargest 8-gram share")
	for _, name := range setNames {
		if queries := splits[name]; len(queries) > 0 {
			fmt.Fprintln(table, name+"\t"+describe(queries))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if err := reportBM25(out, set.Labels, splits); err != nil {
		return err
	}
	return reportRegression(out, splits)
}

// readReal reads advertisements that are labelled as ours are.
func readReal(file string, labels []dataset.Label) ([]dataset.Query, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	ads, err := dataset.ReadAds(f, file, labels)
	if err != nil {
		return nil, err
	}
	queries := make([]dataset.Query, len(ads))
	for i, ad := range ads {
		queries[i] = ad.Query()
		queries[i].Language = "en"
	}
	return queries, nil
}
