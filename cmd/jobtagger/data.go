package main

import (
	"errors"
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
	"github.com/spf13/cobra"
)

func (a *app) data() *cobra.Command {
	return group("data", "Get, make, check and measure data", a.fetch(), a.split(), a.audit(), a.forget(), a.tokens(), a.synth(), a.fakeAPI())
}

func (a *app) synth() *cobra.Command {
	var output string
	var seed uint64
	var asJSON bool
	command := &cobra.Command{
		Use:   "synth --output FOLDER",
		Short: "Write synthetic advertisements",
		Long: `Writes a data folder of advertisements that never existed: labels.json, the
same labels in other words (labels_reworded.json), the three split files in the
reported experiment's sizes (100, 20 and 10 of each category), natural.jsonl
with uneven counts, and manifest.json. The same seed gives the same bytes; the
default seed gives the set that the program carries.`,
		Example: `  jobtagger data synth --output data/synthetic
  jobtagger data synth --output other --seed 7 --json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if output == "" {
				return usageError{errors.New("--output is missing: the folder to write")}
			}
			if err := synth.WriteFolder(output, seed); err != nil {
				return err
			}
			if asJSON {
				manifest, err := dataset.ReadManifestFile(output)
				if err != nil {
					return err
				}
				return a.printJSON(manifest)
			}
			fmt.Fprintf(a.stdout, "wrote %s with seed %d\n", output, seed)
			return nil
		},
	}
	command.Flags().StringVar(&output, "output", "", "the `FOLDER` to write")
	command.Flags().Uint64Var(&seed, "seed", synth.Seed, "the `SEED` of everything that is drawn")
	command.Flags().BoolVar(&asJSON, "json", false, "print the manifest as JSON")
	return command
}
