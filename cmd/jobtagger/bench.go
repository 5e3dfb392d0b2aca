package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/benchmark"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/data"
	"github.com/spf13/cobra"
)

// benchFlags say what is measured.
type benchFlags struct {
	model, size, backend string
	ads, rounds          int
	json                 bool
}

func (a *app) bench() *cobra.Command {
	var flags benchFlags
	command := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast this machine loads, tokenises, encodes, scores, trains and tags",
		Long: `Measures on every backend that is found, each in a process of its own, or on
the one that --backend or the environment names: loading a model, tokenising,
encoding, MaxSim, a training step (5 triples, neural-cherche's loss) and tagging
whole ads. The texts are the synthetic test ads. Every stage is done once, which
is reported apart because graphs are compiled and words are met for the first
time then, and --rounds times more, of which the median is reported. "of matmul"
is the share of what a plain matrix product of [2560, 768] and [768, 768]
reaches on the same backend, with padding counted as lost.`,
		Example: `  jobtagger bench --ads 5 --rounds 1 --backend go
  jobtagger bench --size 6x384 --json
  jobtagger bench --model my/model`,
		Args: arguments(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			reports, err := a.measure(command.Context(), flags)
			if err != nil {
				return err
			}
			if flags.json {
				return a.printJSON(benchmarks{experiment.CurrentEnvironment(""), reports})
			}
			machine := experiment.CurrentEnvironment("")
			a.warn("%d ads of %.0f tokens, embeddings of %d values; %s, %d CPUs", flags.ads, reports[0].Tokens, reports[0].Dim, machine.Processor, machine.CPUs)
			return a.printTable(benchTable(reports))
		},
	}
	own := command.Flags()
	own.StringVar(&flags.model, "model", experiment.Starter, modelUsage)
	own.StringVar(&flags.size, "size", "", "measure random weights of a BERT of this many `LAYERSxWIDTH` instead, for example 6x384")
	addBackend(command, &flags.backend)
	own.IntVar(&flags.ads, "ads", 20, "`NUMBER` of ads")
	own.IntVar(&flags.rounds, "rounds", 5, "`NUMBER` of rounds to take the median of")
	own.BoolVar(&flags.json, "json", false, "print JSON")
	return command
}

// benchmarks are the reports in JSON.
type benchmarks struct {
	experiment.Environment
	Reports []benchmark.Report `json:"reports"`
}

// work is what the flags ask for.
func (f benchFlags) work() (benchmark.Work, error) {
	set, err := dataset.ReadSet(data.Synthetic)
	if err != nil {
		return benchmark.Work{}, err
	}
	if f.ads < benchmark.BatchSize || f.ads > len(set.Test) || f.rounds < 1 {
		return benchmark.Work{}, usageError{fmt.Errorf("--ads %d and --rounds %d: want %d to %d ads and at least one round", f.ads, f.rounds, benchmark.BatchSize, len(set.Test))}
	}
	if _, _, err := parseSize(f.size); f.size != "" && err != nil {
		return benchmark.Work{}, err
	}
	return benchmark.Work{Triples: set.Test[:f.ads], Labels: set.Labels, Rounds: f.rounds}, nil
}

func parseSize(size string) (layers, hidden int, err error) {
	if n, err := fmt.Sscanf(size, "%dx%d", &layers, &hidden); n != 2 || err != nil {
		return 0, 0, usageError{fmt.Errorf("--size %q, want for example 6x384", size)}
	}
	return layers, hidden, nil
}

// measure is one report for the backend that was named, or else one for each that is found.
func (a *app) measure(ctx context.Context, flags benchFlags) ([]benchmark.Report, error) {
	work, err := flags.work()
	if err != nil {
		return nil, err
	}
	if name := cmp.Or(flags.backend, os.Getenv(backend.Environment)); name != "" {
		report, err := a.measureBackend(ctx, flags, work, name)
		return []benchmark.Report{report}, err
	}
	var reports []benchmark.Report
	for _, candidate := range backend.Candidates() {
		if candidate.Err != nil {
			continue
		}
		report, err := a.measureApart(ctx, flags, candidate.Config())
		if err != nil {
			a.warn("%s: %s", candidate.Name, err)
			continue
		}
		reports = append(reports, report)
	}
	if len(reports) == 0 {
		return nil, errors.Join(errors.New("nothing could be measured"), ctx.Err())
	}
	return reports, nil
}

// measureApart measures in a process of its own, so that memory is counted for one backend and one that crashes does not end the others.
func (a *app) measureApart(ctx context.Context, flags benchFlags, config string) (benchmark.Report, error) {
	program, err := os.Executable()
	if err != nil {
		return benchmark.Report{}, err
	}
	command := exec.CommandContext(ctx, program, "bench", "--json", "--backend", config, "--model", flags.model, "--size", flags.size,
		"--ads", fmt.Sprint(flags.ads), "--rounds", fmt.Sprint(flags.rounds))
	command.Stderr = a.stderr
	output, err := command.Output()
	if err != nil {
		return benchmark.Report{}, err
	}
	var got benchmarks
	if err := json.Unmarshal(output, &got); err != nil {
		return benchmark.Report{}, fmt.Errorf("it printed no report: %w", err)
	}
	if len(got.Reports) != 1 {
		return benchmark.Report{}, fmt.Errorf("it printed %d reports, want one", len(got.Reports))
	}
	return got.Reports[0], nil
}

func (a *app) measureBackend(ctx context.Context, flags benchFlags, work benchmark.Work, name string) (benchmark.Report, error) {
	config, err := a.prepareToCompute(name)
	if err != nil {
		return benchmark.Report{}, err
	}
	open := func() (*colbertlib.Model, error) {
		return experiment.OpenModel(ctx, flags.model, &colbertlib.Options{Backend: config}, nil)
	}
	if flags.size != "" {
		var remove func()
		if open, remove, err = randomModel(flags.size, config); err != nil {
			return benchmark.Report{}, err
		}
		defer remove()
	}
	bar := newProgress(a.stderr, "stages")
	defer bar.close()
	kind, _, _ := strings.Cut(config, ":")
	done := 0
	return benchmark.Run(ctx, open, work, func(stage string) {
		bar.show(done, benchmark.Stages, kind+": "+stage, "")
		done++
	})
}

// randomModel writes a model of that size to a temporary folder.
func randomModel(size, config string) (open func() (*colbertlib.Model, error), remove func(), err error) {
	layers, hidden, err := parseSize(size)
	if err != nil {
		return nil, nil, err
	}
	tokenizer, err := fs.ReadFile(data.Starter, "tagger/tokenizer.json")
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "jobtagger-bench-")
	if err != nil {
		return nil, nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) } // a temporary folder; the system clears what stays
	if err := benchmark.RandomFolder(dir, layers, hidden, tokenizer); err != nil {
		remove()
		return nil, nil, err
	}
	return func() (*colbertlib.Model, error) { return benchmark.OpenRandom(dir, config) }, remove, nil
}

func benchTable(reports []benchmark.Report) [][]string {
	rows := [][]string{{"backend", "stage", "first ms", "median ms", "per second", "GFLOP/s", "of matmul", "peak MB"}}
	for _, report := range reports {
		for _, stage := range report.Stages {
			row := []string{report.Backend, stage.Name, fmt.Sprintf("%.1f", 1e3*stage.First), fmt.Sprintf("%.1f", 1e3*stage.Median),
				fmt.Sprintf("%.0f %s", stage.Rate(), stage.Unit), "", "", ""}
			if stage.FLOP > 0 {
				row[5], row[6] = fmt.Sprintf("%.1f", stage.GFLOPS()), fmt.Sprintf("%.0f %%", 100*stage.Share)
			}
			rows = append(rows, row)
		}
		rows = append(rows, []string{report.Backend, "whole process", "", "", "", "", "", fmt.Sprint(report.PeakMemory >> 20)})
	}
	return rows
}
