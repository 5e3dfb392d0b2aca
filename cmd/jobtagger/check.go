package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/modelcheck"
	"github.com/spf13/cobra"
)

// guesses is how many tokens --fill shows for a mask.
const guesses = 5

func (a *app) check() *cobra.Command {
	var fill, backendName string
	var asJSON bool
	command := &cobra.Command{
		Use:   "check MODEL...",
		Short: "Tell whether models support masked language modelling, and fit as a base",
		Long: `Tells what each model is, from its configuration and the headers of its weights
alone (of a model on the Hub, a few kilobytes are read), and judges it:

  supported     encoder and language model head are there
  encoder only  a base for training taggers, but no masked language model
  unsupported   neither; the reason is given

Memory is an estimate for texts of 512 tokens, good to about a fifth. With
--fill, the weights are loaded, and each [MASK] in TEXT gets its five most
probable tokens.

One bad model does not stop the others. The exit status is 1 if one of them is
unsupported, or cannot fill the text. With --json, an object for each model:
  {"model": …, "family": …, "mlm": "tied"|"present"|"absent", "verdict": …,
   "reason": …, "parameters": …, …}`,
		Example: `  jobtagger model check starter starter-base my/encoder
  jobtagger model check my/encoder --json
  jobtagger model check Alibaba-NLP/gte-en-mlm-base answerdotai/ModernBERT-base
  jobtagger model check starter-base --fill "The finance [MASK] pays the bills."`,
		Args: arguments(cobra.MinimumNArgs(1)),
		RunE: func(command *cobra.Command, models []string) error {
			if fill != "" && !strings.Contains(fill, modelcheck.Mask) {
				return usageError{fmt.Errorf("--fill %q has no %s, where the model is to guess", fill, modelcheck.Mask)}
			}
			if fill != "" {
				var err error
				if backendName, err = a.prepareToCompute(backendName); err != nil {
					return err
				}
			}
			return a.checkModelSupport(command.Context(), models, fill, backendName, asJSON)
		},
	}
	command.Flags().StringVar(&fill, "fill", "", "a `TEXT` with [MASK] in it, for the models to fill")
	addBackend(command, &backendName)
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON lines")
	return command
}

// checked is a report with the proof.
type checked struct {
	modelcheck.Report
	Fill [][]modelcheck.Guess `json:"fill,omitempty"` // for each [MASK]
}

func (a *app) checkModelSupport(ctx context.Context, models []string, text, backendName string, asJSON bool) error {
	var results []checked
	var problems []error
	for _, model := range models {
		result, err := a.checkModel(ctx, model, text, backendName)
		results = append(results, result)
		problems = append(problems, err)
	}
	problem := errors.Join(problems...)
	if !asJSON {
		return errors.Join(a.showChecked(results), problem)
	}
	for _, result := range results {
		if err := a.printJSON(result); err != nil {
			return err
		}
	}
	return problem
}

// checkModel judges a model. The error says what keeps it from being used.
func (a *app) checkModel(ctx context.Context, model, text, backendName string) (checked, error) {
	var result checked
	fsys, err := experiment.InspectFS(ctx, model)
	if err != nil {
		result.Report = modelcheck.Unreadable(model, err)
	} else {
		result.Report = modelcheck.Check(model, fsys)
	}
	switch {
	case result.Verdict == modelcheck.Unsupported:
		return result, fmt.Errorf("%s is unsupported", model)
	case text == "":
		return result, nil
	case result.Verdict == modelcheck.EncoderOnly:
		return result, fmt.Errorf("%s cannot fill the text: %s", model, result.Reason)
	}
	if fsys, err = a.modelFS(ctx, model); err != nil { // now the weights as well
		return result, err
	}
	opened, err := backend.Open(backendName)
	if err != nil {
		return result, err
	}
	defer opened.Finalize()
	if result.Fill, err = modelcheck.Fill(opened, fsys, text, guesses); err != nil {
		return result, fmt.Errorf("%s cannot fill the text: %w", model, err)
	}
	return result, nil
}

// showChecked prints a table and, below it, what needs more words.
func (a *app) showChecked(results []checked) error {
	reports := make([]modelcheck.Report, len(results))
	for i, result := range results {
		reports[i] = result.Report
	}
	if err := a.printTable(modelcheck.Table(reports)); err != nil {
		return err
	}
	for _, result := range results {
		fmt.Fprintf(a.stdout, "\n%s: %s: %s\n", result.Model, result.Verdict, result.Reason)
		a.listNames("missing", result.Missing)
		a.listNames("unused", result.Unused)
		for _, warning := range result.Warnings {
			fmt.Fprintf(a.stdout, "  warning: %s\n", warning)
		}
		for i, place := range result.Fill {
			var parts []string
			for _, guess := range place {
				parts = append(parts, fmt.Sprintf("%q %.3g %%", guess.Token, 100*guess.Probability))
			}
			fmt.Fprintf(a.stdout, "  %s %d: %s\n", modelcheck.Mask, i+1, strings.Join(parts, ", "))
		}
	}
	return nil
}

// listNames shows the first few names of tensors and counts the others.
func (a *app) listNames(what string, names []string) {
	const shown = 3
	if len(names) == 0 {
		return
	}
	line := strings.Join(names[:min(shown, len(names))], ", ")
	if more := len(names) - shown; more > 0 {
		line += fmt.Sprintf(" and %d more", more)
	}
	fmt.Fprintf(a.stdout, "  %s: %s\n", what, line)
}

// printTable prints rows, the first of which is the heading, in columns.
func (a *app) printTable(rows [][]string) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	return w.Flush()
}
