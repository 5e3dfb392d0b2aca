package main

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/spf13/cobra"
)

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: arguments(cobra.NoArgs),
		Run: func(*cobra.Command, []string) {
			e := experiment.CurrentEnvironment("")
			fmt.Fprintf(a.stdout, "jobtagger %s %s%s %s\n", e.Version, e.Go, spaced(e.Commit), e.Platform)
		},
	}
}

func spaced(commit string) string {
	if commit == "" {
		return ""
	}
	return " commit " + commit
}

func (a *app) doctor() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Check what this program and machine can do, and say what to improve",
		Long: `Prints versions and what computes, opens the backend and the models that the
program carries, and says for everything that is wrong or slow what to do. The
exit status is 1 if something does not work.`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			opened, err := backend.Open("")
			if err != nil {
				return fmt.Errorf("%w; unset %s to use the one that is always there", err, backend.Environment)
			}
			name := opened.Name()
			opened.Finalize()
			e := experiment.CurrentEnvironment(name)
			if asJSON {
				return errors.Join(a.printJSON(e), a.checkModels(false))
			}
			a.describe(e)
			return a.checkModels(true)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func (a *app) describe(e experiment.Environment) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(a.stdout, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("jobtagger", "%s%s", e.Version, spaced(e.Commit))
	line("Go", "%s %s", e.Go, e.Platform)
	for _, library := range slices.Sorted(maps.Keys(e.Libraries)) {
		line(path.Base(library), "%s", e.Libraries[library])
	}
	line("processor", "%s, %d CPUs", e.Processor, e.CPUs)
	line("backend", "%s (%s chooses another)", e.Backend, backend.Environment)
	if e.SIMD {
		line("SIMD", "yes")
	} else {
		line("SIMD", "no: computing takes five to ten times as long; build again with GOEXPERIMENT=simd in the environment")
	}
}

// checkModels loads what the program carries.
func (a *app) checkModels(show bool) error {
	var problems []error
	for _, name := range []string{experiment.StarterBase, experiment.Starter} {
		model, err := experiment.OpenModel(name, nil)
		if err == nil {
			dim := model.Dim()
			if err = model.Close(); err == nil && show {
				fmt.Fprintf(a.stdout, "%-14s %d dimensions\n", name, dim)
			}
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}
