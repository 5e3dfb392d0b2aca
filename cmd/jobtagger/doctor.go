package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/hub"
	"github.com/spf13/cobra"
)

func (a *app) version() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long: `Prints the version, that of Go, the commit it was built from and the platform;
with --json also the processor and the versions of the libraries that compute.`,
		Example: `  jobtagger version
  jobtagger version --json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			e := experiment.CurrentEnvironment("")
			if asJSON {
				return a.printJSON(e)
			}
			_, err := fmt.Fprintln(a.stdout, versionLine(e))
			return err
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func versionLine(e experiment.Environment) string {
	return fmt.Sprintf("jobtagger %s %s%s %s", e.Version, e.Go, spaced("commit", e.Commit), e.Platform)
}

// spaced puts a word before text, unless that is empty.
func spaced(word, text string) string {
	if text == "" {
		return ""
	}
	return " " + word + " " + text
}

func (a *app) doctor() *cobra.Command {
	var name string
	var asJSON bool
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Check what this program and machine can do, and say what to improve",
		Long: `Prints versions and what computes, opens every backend that is found and the
models that the program carries, lists those that were fetched from the Hub, and
says for everything that is wrong or slow what to do, with the one command that
would make this machine faster. Nothing is fetched or installed. The exit status
is 1 if something does not work.`,
		Example: `  jobtagger doctor
  jobtagger doctor --backend go --json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			config := cmp.Or(name, os.Getenv(backend.Environment), backend.Auto)
			opened, err := backend.Open(config)
			if err != nil {
				return fmt.Errorf("%w; --backend auto uses what is there", err)
			}
			d := diagnosis{Environment: experiment.CurrentEnvironment(backend.Describe(opened)), Backends: examine(backend.Candidates())}
			opened.Finalize()
			d.Faster = faster(d.Backends)
			var cacheErr error
			d.Cached, cacheErr = cachedModels()
			if asJSON {
				return errors.Join(a.printJSON(d), cacheErr, a.checkModels(command.Context(), false))
			}
			a.describe(d, config)
			err = a.checkModels(command.Context(), true)
			a.describeCache(d.Cached)
			return errors.Join(err, cacheErr)
		},
	}
	addBackend(command, &name)
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

// diagnosis is what doctor finds.
type diagnosis struct {
	experiment.Environment
	Backends []examined `json:"backends"` // in the order in which auto tries them
	Faster   string     `json:"faster,omitempty"`

	Cached []cachedModel `json:"cached_models"` // from the Hub
}

// examined is a backend that was tried.
type examined struct {
	Name    string   `json:"name"`
	Library string   `json:"library,omitempty"`
	Version string   `json:"version,omitempty"` // of the library, in words
	Devices []string `json:"devices,omitempty"`
	Problem string   `json:"problem,omitempty"`
	remedy  string
}

// examine opens every candidate.
func examine(candidates []backend.Candidate) []examined {
	list := make([]examined, len(candidates))
	for i, candidate := range candidates {
		e := examined{Name: candidate.Name, Library: candidate.Library, remedy: candidate.Remedy}
		err := candidate.Err
		if err == nil {
			var opened backend.Backend
			if opened, err = backend.Open(candidate.Config()); err == nil {
				e.Version = backend.Describe(opened)
				for device := range opened.NumDevices() {
					e.Devices = append(e.Devices, opened.DeviceDescription(compute.DeviceNum(device)))
				}
				opened.Finalize()
			}
		}
		if err != nil {
			e.Problem = strings.TrimPrefix(err.Error(), "backend: ")
		}
		list[i] = e
	}
	return list
}

// faster is the command that would bring the best backend that is missing, if it is better than those that work.
func faster(list []examined) string {
	works := map[string]bool{}
	for _, e := range list {
		works[e.Name] = works[e.Name] || e.Problem == ""
	}
	for _, e := range list {
		if works[e.Name] {
			return ""
		}
		if e.remedy != "" {
			return e.remedy
		}
	}
	return ""
}

func (a *app) describe(d diagnosis, config string) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(a.stdout, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("jobtagger", "%s%s", d.Version, spaced("commit", d.Commit))
	line("Go", "%s %s", d.Go, d.Platform)
	for _, library := range slices.Sorted(maps.Keys(d.Libraries)) {
		line(path.Base(library), "%s", d.Libraries[library])
	}
	line("processor", "%s, %d CPUs", d.Processor, d.CPUs)
	if d.SIMD {
		line("SIMD", "yes")
	} else {
		line("SIMD", "no: %s", withoutSIMD())
	}
	line("computes with", "%s (%s; --backend or %s chooses another)", d.Backend, config, backend.Environment)
	for _, e := range d.Backends {
		if e.Problem != "" {
			line("  "+e.Name, "no: %s", e.Problem)
			continue
		}
		line("  "+e.Name, "yes: %s, %d devices%s", e.Version, len(e.Devices), spaced("by", e.Library))
	}
	if d.Faster != "" {
		line("to be faster", "%s", d.Faster)
	}
}

// checkModels loads what the program carries.
func (a *app) checkModels(ctx context.Context, show bool) error {
	var problems []error
	for _, name := range []string{experiment.StarterBase, experiment.Starter} {
		model, err := experiment.OpenModel(ctx, name, nil, nil)
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

// cachedModels lists what was fetched from the Hub, by this program or by Python's libraries.
func cachedModels() ([]cachedModel, error) {
	client, err := hub.FromEnvironment()
	if err != nil {
		return nil, err
	}
	models, err := client.List()
	list := []cachedModel{}
	for _, m := range models {
		list = append(list, newCachedModel(m))
	}
	return list, err
}

func (a *app) describeCache(models []cachedModel) {
	for _, m := range models {
		state := fmt.Sprintf("%.1f MB", float64(m.Bytes)/megabyte)
		if !m.Complete {
			state = "incomplete: what lacks is fetched at first use, or by jobtagger model pull"
		}
		fmt.Fprintf(a.stdout, "%-14s %s, %s\n", "from the Hub", m.Model, state)
	}
}
