package main

import (
	"cmp"
	"os"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/spf13/cobra"
)

// addBackend adds the flag of the verbs that compute.
func addBackend(command *cobra.Command, name *string) {
	command.Flags().StringVar(name, "backend", "", "`NAME` of what computes: "+backend.Names+" (default: $"+backend.Environment+", or auto: the fastest that is found)")
}

// prepareToCompute returns the configuration of the backend that the flag names, and says what was picked where the choice was left to
// the program.
func (a *app) prepareToCompute(flag string) (config string, err error) {
	a.warnSlow()
	config = cmp.Or(flag, os.Getenv(backend.Environment), backend.Auto)
	if config != backend.Auto {
		return config, nil
	}
	config, description, err := backend.Fastest()
	if err == nil {
		a.warn("computing with %s (--backend chooses another)", description)
	}
	return config, err
}

// warnSlow says at the beginning of long jobs what makes them longer than need be.
func (a *app) warnSlow() {
	if !backend.SIMD {
		a.warn("this program was built without GOEXPERIMENT=simd, and its own backend, go, computes five to ten times slower than it could; see: jobtagger doctor")
	}
}
