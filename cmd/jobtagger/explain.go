package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// explainFlags say what tag explains.
type explainFlags struct {
	on      bool
	against string // a label's name; "": the second best
	html    string // file
}

func (f *explainFlags) add(command *cobra.Command) {
	command.Flags().BoolVar(&f.on, "explain", false, "say why the first label and not the second")
	command.Flags().StringVar(&f.against, "against", "", "explain in comparison with the label of that `NAME`")
	command.Flags().StringVar(&f.html, "html", "", "write the explanations to this `FILE` too, as a page")
}

func (f *explainFlags) check() error {
	if !f.on && (f.against != "" || f.html != "") {
		return errors.New("--against and --html belong to --explain, which is missing")
	}
	return nil
}

// explain adds an explanation to each result.
func (f *explainFlags) explain(ctx context.Context, tagger *colbertlib.Tagger, ads []text, results []taggedAd) error {
	if len(tagger.Labels()) < 2 {
		return usageError{errors.New("--explain compares two labels, and there is only one")}
	}
	for i := range results {
		best, second := results[i].Tags[0].LabelID, results[i].Tags[1].LabelID
		if f.against != "" {
			other, err := labelNamed(tagger.Labels(), f.against)
			if err != nil {
				return err
			}
			if second = other.ID; second == best { // then say why it is the best
				second = results[i].Tags[1].LabelID
			}
		}
		explanation, err := tagger.Explain(ctx, ads[i].text, best, second)
		if err != nil {
			return fmt.Errorf("ad %s: %w", ads[i].id, err)
		}
		results[i].Explanation = explanation
	}
	return nil
}

func labelNamed(labels []dataset.Label, name string) (dataset.Label, error) {
	var names []string
	for _, label := range labels {
		if strings.EqualFold(label.Name, name) {
			return label, nil
		}
		names = append(names, label.Name)
	}
	return dataset.Label{}, usageError{fmt.Errorf("--against %q: the labels are %s", name, strings.Join(names, ", "))}
}

func (f *explainFlags) writeHTML(results []taggedAd) error {
	if f.html == "" {
		return nil
	}
	var explanations []*colbertlib.Explanation
	for _, result := range results {
		explanations = append(explanations, result.Explanation)
	}
	return colbertlib.WriteHTML(f.html, explanations)
}

// colours tells whether what is written goes to a terminal whose user has nothing against colours (https://no-color.org).
func colours(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == ""
}
