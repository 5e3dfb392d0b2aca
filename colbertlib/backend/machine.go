package backend

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// Environment variables that name libraries. What they name is used alone, so that a wrong path is reported and not replaced.
const (
	onnxLibrary   = "ONNXRUNTIME_SHARED_LIBRARY_PATH" // a file
	pluginFolders = "PJRT_PLUGIN_LIBRARY_PATH"        // a list of folders
)

// machine is where libraries are looked for; tests make their own.
type machine struct {
	root   string // in front of every absolute path
	getenv func(string) string
}

func thisMachine() machine { return machine{getenv: os.Getenv} }

// glob is what matches the patterns, each absolute, in their order, a file of several names by the first of them.
func (m machine) glob(patterns ...string) []string {
	var found []string
	seen := map[string]bool{}
	for _, pattern := range patterns {
		matches, _ := filepath.Glob(m.root + pattern) // the only error is one in the pattern
		slices.Reverse(matches)                       // the newest version first
		for _, match := range matches {
			file, err := filepath.EvalSymlinks(match)
			if err == nil && !seen[file] {
				seen[file] = true
				found = append(found, match)
			}
		}
	}
	return found
}

// list is an environment variable's list of folders.
func (m machine) list(variable string) []string {
	return slices.DeleteFunc(filepath.SplitList(m.getenv(variable)), func(dir string) bool { return dir == "" })
}

// within puts each name into each folder.
func within(dirs []string, names ...string) []string {
	var paths []string
	for _, dir := range dirs {
		for _, name := range names {
			paths = append(paths, dir+"/"+name)
		}
	}
	return paths
}

// pythonPackages are patterns of the folders in which Python keeps packages: those of the active environment, of the python3 on
// the PATH (behind links, and behind pyenv's scripts), of the user and of the system. The libraries in them are not Python's own, so
// that the version of Python does not matter.
func (m machine) pythonPackages() []string {
	prefixes := []string{m.getenv("VIRTUAL_ENV"), m.getenv("CONDA_PREFIX")}
	for _, dir := range m.list("PATH") {
		python := filepath.Join(m.root+dir, "python3")
		if _, err := os.Stat(python); err != nil {
			continue
		}
		prefixes = append(prefixes, filepath.Dir(dir), filepath.Dir(dir)+"/versions/*")
		if target, err := filepath.EvalSymlinks(python); err == nil {
			prefixes = append(prefixes, strings.TrimPrefix(filepath.Dir(filepath.Dir(target)), m.root))
		}
		break
	}
	prefixes = append(prefixes, m.getenv("HOME")+"/.local", "/usr/local", "/usr")
	prefixes = slices.DeleteFunc(prefixes, func(prefix string) bool { return prefix == "" })
	return within(prefixes, "lib/python3*/site-packages", "lib64/python3*/site-packages", "lib/python3*/dist-packages")
}

// libraryFolders are the system's.
func (m machine) libraryFolders() []string {
	triple := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH] + "-linux-gnu"
	return append(m.list("LD_LIBRARY_PATH"), "/usr/local/lib", "/usr/lib/"+triple, "/usr/lib64", "/usr/lib", "/opt/homebrew/lib")
}

// onnxLibraries are the libraries of ONNX Runtime, the one that the environment names alone if it names one.
func (m machine) onnxLibraries() []string {
	if library := m.getenv(onnxLibrary); library != "" {
		return []string{library}
	}
	names := []string{"libonnxruntime.so*", "libonnxruntime.*dylib"}
	wheels := within(within(m.pythonPackages(), "onnxruntime/capi"), names...)
	return m.glob(append(wheels, within(m.libraryFolders(), names...)...)...)
}

// plugins are PJRT plugins: those called name in the folders of go-xla, and the given files among Python's packages.
func (m machine) plugins(name string, packaged ...string) []string {
	dirs := m.list(pluginFolders)
	if len(dirs) == 0 {
		dirs = []string{m.getenv("HOME") + "/.local/lib/go-xla", "/usr/local/lib/go-xla"}
		dirs = append(dirs, m.libraryFolders()...)
		packaged = within(m.pythonPackages(), packaged...)
	} else {
		packaged = nil
	}
	file := "pjrt_c_api_" + name + "*_plugin.so"
	return m.glob(append(within(dirs, file, "nvidia/"+file), packaged...)...)
}

func (m machine) cpuPlugins() []string {
	return m.plugins("cpu", "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so")
}

func (m machine) cudaPlugins() []string {
	return m.plugins("cuda", "jax_plugins/xla_cuda*/xla_cuda_plugin.so")
}

// cudaProblem says why no NVIDIA GPU can be used, as far as that shows without opening anything.
func (m machine) cudaProblem() error {
	if len(m.glob("/dev/nvidia[0-9]*")) > 0 || len(m.glob("/dev/dxg")) > 0 { // dxg: Windows' GPU in WSL
		return nil
	}
	const nvidia, display = "0x10de", "0x03"
	for _, vendor := range m.glob("/sys/bus/pci/devices/*/vendor") {
		class, _ := os.ReadFile(filepath.Join(filepath.Dir(vendor), "class"))
		id, _ := os.ReadFile(vendor)
		if strings.TrimSpace(string(id)) == nvidia && strings.HasPrefix(string(class), display) {
			return errors.New("backend: there is an NVIDIA GPU but no driver for it (no /dev/nvidia0): install NVIDIA's driver, or start the container with --gpus all")
		}
	}
	return errors.New("backend: there is no NVIDIA GPU")
}

// The first version of ONNX Runtime that computes all our graphs, with dynamic axes and in training.
const (
	oldestMajor = 1
	oldestMinor = 22
)

var versionInName = regexp.MustCompile(`\d+\.\d+(\.\d+)?`)

// version is what a library's file name says, behind links, or "".
func (m machine) version(library string) string {
	if target, err := filepath.EvalSymlinks(library); err == nil {
		library = target
	}
	return versionInName.FindString(filepath.Base(library))
}

// checkVersion refuses versions of ONNX Runtime that are too old. An unknown one passes.
func checkVersion(version string) error {
	var major, minor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n < 2 || major > oldestMajor || major == oldestMajor && minor >= oldestMinor {
		return nil
	}
	return fmt.Errorf("backend: version %s of ONNX Runtime is too old, want %d.%d or later", version, oldestMajor, oldestMinor)
}
