package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/notebook"
	"github.com/spf13/cobra"
)

func (a *app) notebook() *cobra.Command {
	return group("notebook", "Run Jupyter notebooks in Go", a.notebookRun(), a.notebookInstall())
}

// kernelFlags say how notebooks are run.
type kernelFlags struct{ gonb, repository string }

func (f *kernelFlags) add(command *cobra.Command) {
	command.Flags().StringVar(&f.gonb, "gonb", "", "the GoNB kernel's `FILE` (default: gonb in PATH or in bin)")
	command.Flags().StringVar(&f.repository, "repository", "", "the `FOLDER` of the Go module that cells import (default: the one around the working folder)")
}

func (f kernelFlags) options() (notebook.Options, error) {
	var err error
	if f.repository == "" {
		if f.repository, err = findModule(); err != nil {
			return notebook.Options{}, err
		}
	}
	if f.gonb == "" {
		if f.gonb, err = findKernel(f.repository); err != nil {
			return notebook.Options{}, err
		}
	}
	return notebook.Options{GoNB: f.gonb, Repository: f.repository}, nil
}

// findModule looks for go.mod from the working folder upwards.
func findModule() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", usageError{errors.New("no go.mod around the working folder: name the module's folder with --repository")}
		}
		dir = parent
	}
}

func findKernel(repository string) (string, error) {
	if path, err := exec.LookPath("gonb"); err == nil {
		return filepath.Abs(path)
	}
	path := filepath.Join(repository, "bin", "gonb")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("the GoNB kernel is neither in PATH nor in %s; build it: go build -o bin/ github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports", filepath.Dir(path))
	}
	return path, nil
}

func (a *app) notebookRun() *cobra.Command {
	var flags kernelFlags
	var output string
	command := &cobra.Command{
		Use:   "run NOTEBOOK",
		Short: "Execute all cells, without Python",
		Long: `Executes the notebook's cells in order and writes it with its outputs to
--output, by default over itself. Nothing is written if a cell fails; a panic,
an exit status other than 0 and a missing expected output are failures.`,
		Example: `  jobtagger notebook run notebooks/04_training.ipynb
  jobtagger notebook run notebooks/04_training.ipynb --output out.ipynb`,
		Args: arguments(cobra.ExactArgs(1)),
		PreRunE: func(_ *cobra.Command, args []string) error {
			output = cmp.Or(output, args[0])
			return writable(filepath.Dir(output))
		},
		RunE: func(command *cobra.Command, args []string) error {
			options, err := flags.options()
			if err != nil {
				return err
			}
			a.warnSlow()
			report, err := notebook.Run(command.Context(), options, args[0], output)
			for _, cell := range report.Cells {
				fmt.Fprintf(a.stderr, "cell %d: %s\n", cell.Cell, cell.Elapsed.Round(time.Millisecond))
			}
			return err
		},
	}
	flags.add(command)
	command.Flags().StringVar(&output, "output", "", "the `FILE` to write")
	return command
}

func (a *app) notebookInstall() *cobra.Command {
	var flags kernelFlags
	command := &cobra.Command{
		Use:   "install",
		Short: "Make the kernel known to your JupyterLab",
		Long: `Writes a kernel description, so that JupyterLab offers "Go (jobtagger)", whose
cells can import this module's packages without any download. It finds Go where
it is now, and compiles with GOEXPERIMENT as it is set now, or else with simd.`,
		Example: `  jobtagger notebook install
  jobtagger notebook install --gonb bin/gonb --repository .`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			options, err := flags.options()
			if err != nil {
				return err
			}
			if runtime.GOARCH == "amd64" { // elsewhere Go has no such experiment
				options.Env = []string{"GOEXPERIMENT=" + cmp.Or(os.Getenv("GOEXPERIMENT"), "simd")}
			}
			path, err := notebook.Install(options)
			if err != nil {
				return err
			}
			fmt.Fprintln(a.stdout, path)
			return nil
		},
	}
	flags.add(command)
	return command
}
