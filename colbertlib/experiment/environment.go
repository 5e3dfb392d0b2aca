package experiment

import (
	"bufio"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
)

// Environment is what computed a run. It names no machine, person or path.
type Environment struct {
	Started   time.Time         `json:"started"`
	Version   string            `json:"version"`          // of this module; "(devel)" where it was built from a checkout
	Commit    string            `json:"commit,omitempty"` // of the checkout, "+" behind it if it had changes
	Go        string            `json:"go"`
	Platform  string            `json:"platform"` // operating system and architecture
	Processor string            `json:"processor,omitempty"`
	CPUs      int               `json:"cpus"`
	Backend   string            `json:"backend"`
	SIMD      bool              `json:"simd"`      // whether built with GOEXPERIMENT=simd
	Libraries map[string]string `json:"libraries"` // versions of those that compute
}

// computing lists the modules whose versions can change a number.
var computing = []string{"github.com/gomlx/gomlx", "github.com/gomlx/compute", "github.com/gomlx/compute-onnx", "github.com/gomlx/go-xla", "gonum.org/v1/gonum", "github.com/sugarme/tokenizer"}

// CurrentEnvironment describes the running program and its machine. backendName says what computes, see [backend.Describe].
func CurrentEnvironment(backendName string) Environment {
	e := Environment{
		Started: time.Now().UTC().Truncate(time.Second), Version: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Processor: processor(), CPUs: runtime.NumCPU(), Backend: backendName, SIMD: backend.SIMD, Libraries: map[string]string{},
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return e
	}
	e.Version = build.Main.Version
	settings := map[string]string{}
	for _, setting := range build.Settings {
		settings[setting.Key] = setting.Value
	}
	e.Commit = settings["vcs.revision"]
	if settings["vcs.modified"] == "true" {
		e.Commit += "+"
	}
	for _, dependency := range build.Deps {
		for _, path := range computing {
			if dependency.Path == path {
				e.Libraries[path] = dependency.Version
			}
		}
	}
	return e
}

// processor is the processor's name where the system tells it in a file.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
