package main

import (
	"cmp"
	"os"
	"runtime"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/spf13/cobra"
)

// autoUsage is what the help text says about auto.
const autoUsage = "the first that is found of GPU, ONNX Runtime, XLA on the processor, which is about as fast but starts slowly, and Go"

// addBackend adds the flag of the verbs that compute.
func addBackend(command *cobra.Command, name *string) {
	command.Flags().StringVar(name, "backend", "", "`NAME` of what computes: "+backend.Names+" (default: $"+backend.Environment+", or auto: "+autoUsage+")")
}

// prepareToCompute returns the configuration of the backend that the flag names, and says what was picked, and what could not be, where the
// choice was left to the program.
func (a *app) prepareToCompute(flag string) (config string, err error) {
	config = cmp.Or(flag, os.Getenv(backend.Environment), backend.Auto)
	if config == backend.Auto {
		choice, err := backend.Choose()
		if err != nil {
			return "", err
		}
		for _, problem := range choice.Skipped {
			a.warn("%v", problem)
		}
		a.warn("computing with %s (--backend chooses another)", choice.Description)
		config = choice.Config
	}
	if kind, _, _ := strings.Cut(config, ":"); kind == "go" {
		a.warnSlow()
	}
	return config, nil
}

// warnSlow says at the beginning of long jobs what makes them longer than need be.
func (a *app) warnSlow() {
	if !backend.SIMD {
		a.warn("no vector instructions (SIMD): %s", withoutSIMD())
	}
}

// withoutSIMD says what it means that this program has no vector instructions, and what to do about it if something can be done.
func withoutSIMD() string {
	if runtime.GOARCH == "amd64" {
		return "the backend go takes five to ten times as long; build again with GOEXPERIMENT=simd in the environment"
	}
	return "Go has those of amd64 only, so that the backend go is slow here; others have their own"
}
