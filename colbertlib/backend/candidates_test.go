package backend

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// fakeMachine is a machine with these files and environment variables ("NAME=value").
func fakeMachine(t *testing.T, environment []string, files ...string) machine {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the machines here have paths of Linux and macOS")
	}
	m := machine{root: t.TempDir(), getenv: func(name string) string {
		for _, variable := range environment {
			if value, ok := strings.CutPrefix(variable, name+"="); ok {
				return value
			}
		}
		return ""
	}}
	for _, file := range files {
		path, content, _ := strings.Cut(file, "=")
		if err := os.MkdirAll(filepath.Dir(m.root+path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(m.root+path, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func TestLibrariesAreFound(t *testing.T) {
	const wheel = "site-packages/onnxruntime/capi/libonnxruntime.so.1.32.0"
	for _, test := range []struct {
		name        string
		environment []string
		files       []string
		want        []string
	}{
		{"nothing", nil, nil, nil},
		{"the system's Python", []string{"PATH=/usr/bin"}, []string{"/usr/bin/python3", "/usr/lib/python3.12/" + wheel}, []string{"/usr/lib/python3.12/" + wheel}},
		{"pyenv", []string{"PATH=/home/a/.pyenv/shims:/usr/bin"}, []string{"/home/a/.pyenv/shims/python3", "/home/a/.pyenv/versions/3.11.7/lib/python3.11/" + wheel},
			[]string{"/home/a/.pyenv/versions/3.11.7/lib/python3.11/" + wheel}},
		{"Debian's pip as root", nil, []string{"/usr/local/lib/python3.11/dist-packages/onnxruntime/capi/libonnxruntime.so.1.26.0"},
			[]string{"/usr/local/lib/python3.11/dist-packages/onnxruntime/capi/libonnxruntime.so.1.26.0"}},
		{"an active environment comes before the system", []string{"VIRTUAL_ENV=/venv"},
			[]string{"/usr/lib/libonnxruntime.so.1.24.0", "/venv/lib/python3.13/" + wheel}, []string{"/venv/lib/python3.13/" + wheel, "/usr/lib/libonnxruntime.so.1.24.0"}},
		{"LD_LIBRARY_PATH", []string{"LD_LIBRARY_PATH=/opt/ort"}, []string{"/opt/ort/libonnxruntime.so"}, []string{"/opt/ort/libonnxruntime.so"}},
		{"a Mac", nil, []string{"/opt/homebrew/lib/libonnxruntime.1.32.0.dylib"}, []string{"/opt/homebrew/lib/libonnxruntime.1.32.0.dylib"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := fakeMachine(t, test.environment, test.files...)
			var got []string
			for _, library := range m.onnxLibraries() {
				got = append(got, strings.TrimPrefix(library, m.root))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}

// Python's virtual environments have a lib64 that is a link to lib.
func TestALibraryOfTwoNamesIsFoundOnce(t *testing.T) {
	m := fakeMachine(t, []string{"VIRTUAL_ENV=/venv"}, "/venv/lib/python3.13/site-packages/onnxruntime/capi/libonnxruntime.so.1.32.0")
	if err := os.Symlink("lib", m.root+"/venv/lib64"); err != nil {
		t.Skip(err)
	}
	if got := m.onnxLibraries(); len(got) != 1 || !strings.HasPrefix(got[0], m.root+"/venv/lib/") {
		t.Errorf("found %q", got)
	}
}

// What the environment names is taken as it is, so that a wrong path is reported and not replaced by another library.
func TestTheEnvironmentNamesTheLibrary(t *testing.T) {
	m := fakeMachine(t, []string{"ONNXRUNTIME_SHARED_LIBRARY_PATH=/no/such.so"}, "/usr/lib/libonnxruntime.so.1.32.0")
	if got := m.onnxLibraries(); !slices.Equal(got, []string{"/no/such.so"}) {
		t.Errorf("found %q", got)
	}
	m = fakeMachine(t, []string{"PJRT_PLUGIN_LIBRARY_PATH=/plugins"}, "/plugins/pjrt_c_api_cpu_plugin.so", "/usr/local/lib/go-xla/pjrt_c_api_cpu_plugin.so")
	if got := m.cpuPlugins(); len(got) != 1 || got[0] != m.root+"/plugins/pjrt_c_api_cpu_plugin.so" {
		t.Errorf("found %q", got)
	}
}

func TestPluginsAreFound(t *testing.T) {
	m := fakeMachine(t, []string{"HOME=/home/a"}, "/home/a/.local/lib/go-xla/nvidia/pjrt_c_api_cuda_plugin.so",
		"/usr/lib/python3/dist-packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so", "/home/a/.local/lib/python3.12/site-packages/lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so")
	if got := m.cudaPlugins(); len(got) != 2 || !strings.Contains(got[0], "go-xla/nvidia") || !strings.Contains(got[1], "xla_cuda13") {
		t.Errorf("CUDA: %q", got)
	}
	if got := m.cpuPlugins(); len(got) != 1 {
		t.Errorf("CPU: %q", got)
	}
}

func TestGPUWithoutDriverIsReported(t *testing.T) {
	const card = "/sys/bus/pci/devices/0000:01:00.0/"
	for _, test := range []struct {
		name  string
		files []string
		want  string
	}{
		{"none", nil, "no NVIDIA GPU"},
		{"another maker's", []string{card + "vendor=0x1002\n", card + "class=0x030000\n"}, "no NVIDIA GPU"},
		{"NVIDIA's sound", []string{card + "vendor=0x10de\n", card + "class=0x040300\n"}, "no NVIDIA GPU"},
		{"without driver", []string{card + "vendor=0x10de\n", card + "class=0x030200\n"}, "no driver"},
		{"with driver", []string{card + "vendor=0x10de\n", card + "class=0x030200\n", "/dev/nvidia0"}, ""},
	} {
		err := fakeMachine(t, nil, test.files...).cudaProblem()
		if got := fmt.Sprint(err); test.want == "" && err != nil || !strings.Contains(got, test.want) && test.want != "" {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestOldVersionsAreRefused(t *testing.T) {
	for version, old := range map[string]bool{"1.21.1": true, "0.9": true, "1.22.0": false, "1.32.0": false, "2.0": false, "": false} {
		if err := checkVersion(version); (err != nil) != old {
			t.Errorf("version %q: %v", version, err)
		}
	}
	m := fakeMachine(t, nil, "/usr/lib/libonnxruntime.so.1.20.1")
	if got := m.version(m.onnxLibraries()[0]); got != "1.20.1" {
		t.Errorf("version %q", got)
	}
}

// stubs puts openers of its own in the place of the real ones.
func stubs(t *testing.T, opener func(library, options string) (Backend, error)) {
	t.Helper()
	real := openers
	openers = map[string]func(library, options string) (Backend, error){onnxName: opener, xlaName: opener, goName: opener}
	t.Cleanup(func() { openers = real })
}

func TestFirstThatWorksIsOpened(t *testing.T) {
	var tried []string
	stubs(t, func(library, _ string) (Backend, error) {
		tried = append(tried, library)
		if library == "broken" {
			return nil, errors.New("no library")
		}
		return nil, nil
	})
	_, _, skipped, err := openFirst([]Candidate{{Name: xlaCUDA, Err: errors.New("no GPU")}, {Name: onnxName, Library: "broken", Remedy: "mend"}, {Name: onnxName, Library: "whole"}, {Name: goName}})
	if err != nil {
		t.Error(err)
	}
	if !slices.Equal(tried, []string{"broken", "whole"}) {
		t.Errorf("tried %q", tried)
	}
	if want := "[backend: open onnx with broken: no library; this helps: mend]"; fmt.Sprint(skipped) != want {
		t.Errorf("skipped %v, want %s", skipped, want)
	}
}

// What was passed over is told where somebody may wonder about it, and with what helps.
func TestSkippedBackendsAreTold(t *testing.T) {
	const driver, plugin = "/dev/nvidia0", "/usr/local/lib/go-xla/pjrt_c_api_cuda_plugin.so"
	for _, test := range []struct {
		name        string
		compiled    []string
		environment []string
		files       []string
		want        []string // parts of the errors
	}{
		{"nothing is there", []string{onnxName, xlaName}, nil, nil, nil},
		{"nothing is there, nor compiled in", nil, nil, nil, nil},
		{"a library that was named", []string{onnxName, xlaName}, []string{onnxLibrary + "=/no/such.so"}, nil, []string{"broken; this helps: unset " + onnxLibrary + "; python3 -m pip install --no-deps --force-reinstall onnxruntime=="}},
		{"a named library without a backend for it", nil, []string{onnxLibrary + "=/no/such.so"}, nil, []string{"not compiled in"}},
		{"a damaged library", []string{onnxName, xlaName}, nil, []string{"/usr/lib/libonnxruntime.so.1.32.0"}, []string{"broken; this helps: python3 -m pip install --no-deps --force-reinstall onnxruntime=="}},
		{"an empty folder of plugins", []string{onnxName, xlaName}, []string{pluginFolders + "=/plugins"}, nil, []string{"found no library for xla:cpu; this helps: unset " + pluginFolders}},
		{"a GPU without a plugin", []string{onnxName, xlaName}, nil, []string{driver}, []string{"found no library for xla:cuda; this helps: python3 -m pip install --no-deps jax-cuda"}},
		{"a GPU without XLA", []string{onnxName}, nil, []string{driver}, []string{"XLA is not compiled in"}},
		{"a plugin that finds no device", []string{onnxName, xlaName}, nil, []string{driver, plugin}, []string{"broken"}},
		{"a plugin without a GPU", []string{onnxName, xlaName}, nil, []string{plugin}, []string{"there is no NVIDIA GPU"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			stubs(t, func(string, string) (Backend, error) { return nil, errors.New("broken") })
			openers[goName] = func(string, string) (Backend, error) { return nil, nil }
			for _, kind := range []string{onnxName, xlaName} {
				if !slices.Contains(test.compiled, kind) {
					delete(openers, kind)
				}
			}
			_, candidate, skipped, err := openFirst(fakeMachine(t, test.environment, test.files...).candidates())
			if err != nil || candidate.Name != goName || len(skipped) != len(test.want) {
				t.Fatalf("opened %s, %v; skipped %v", candidate.Name, err, skipped)
			}
			for i, want := range test.want {
				if !strings.Contains(skipped[i].Error(), want) {
					t.Errorf("skipped for %v, want %q", skipped[i], want)
				}
			}
		})
	}
}

func TestBackendsThatLackSayHowToBuildThem(t *testing.T) {
	stubs(t, nil)
	delete(openers, onnxName)
	delete(openers, xlaName)
	want := map[string]string{xlaCUDA: "", onnxName: buildCommand(onnxName), xlaCPU: buildCommand(xlaName), goName: ""} // no GPU, no help
	for _, candidate := range fakeMachine(t, nil).candidates() {
		if candidate.Remedy != want[candidate.Name] {
			t.Errorf("%s: %q", candidate.Name, candidate.Remedy)
		}
	}
	if gpu := fakeMachine(t, nil, "/dev/nvidia0").candidates()[0]; gpu.Name != xlaCUDA || gpu.Remedy != buildCommand(xlaName) {
		t.Errorf("with a GPU: %+v", gpu)
	}
	if command := buildCommand(xlaName); (runtime.GOOS == "linux" || runtime.GOOS == "darwin") && !strings.Contains(command, "-tags xla") {
		t.Errorf("XLA is built by %q", command)
	}
}

func TestNamesAreUnderstood(t *testing.T) {
	var opened string
	stubs(t, func(library, options string) (Backend, error) {
		opened = library + "|" + options
		return nil, nil
	})
	candidates := func() []Candidate {
		return []Candidate{{Name: xlaCUDA, Err: errors.New("no GPU")}, {Name: onnxName, Library: "ort"}, {Name: xlaCPU, Library: "pjrt"}}
	}
	for config, want := range map[string]string{
		"go": "|", "go:ops_sequential": "|ops_sequential", "onnx": "ort|", "onnx:cpu": "ort|", "xla": "pjrt|", "xla:cpu": "pjrt|", "xla:cpu,tf32=false": "pjrt|tf32=false",
		"onnx:/a/libonnxruntime.so.1.32.0": "/a/libonnxruntime.so.1.32.0|", "xla:/a/plugin.so,x=1": "/a/plugin.so|x=1",
	} {
		if _, err := openNamed(config, candidates); err != nil || opened != want {
			t.Errorf("%s opens %q, %v; want %q", config, opened, err, want)
		}
	}
	for config, want := range map[string]string{"xla:cuda": "no GPU", "tpu": "there is no backend", "xla:tpu": "there is no backend", "gogo": "there is no backend"} {
		if _, err := openNamed(config, candidates); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", config, err, want)
		}
	}
}

func TestMissingAndBrokenLibrariesSayWhatHelps(t *testing.T) {
	if _, compiled := openers[onnxName]; !compiled {
		t.Skip("ONNX Runtime is not compiled in")
	}
	m := fakeMachine(t, nil)
	if _, err := openNamed("onnx", m.candidates); err == nil || !strings.Contains(err.Error(), "found no library") || !strings.Contains(err.Error(), "pip install --no-deps onnxruntime==") {
		t.Errorf("without a library: %v", err)
	}
	m = fakeMachine(t, nil, "/usr/lib/libonnxruntime.so.1.20.1")
	if _, err := openNamed("onnx", m.candidates); err == nil || !strings.Contains(err.Error(), "too old") || !strings.Contains(err.Error(), "pip install") {
		t.Errorf("an old library: %v", err)
	}
	if _, err := Open("onnx:/no/such/library.so"); err == nil || !strings.Contains(err.Error(), "/no/such/library.so") {
		t.Errorf("no such library: %v", err)
	}
	other := filepath.Join(t.TempDir(), "libonnxruntime.so")
	if err := os.WriteFile(other, []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("onnx:" + other); err == nil || !strings.Contains(err.Error(), "open onnx with "+other) {
		t.Errorf("a file that is no library: %v", err)
	}
	opened, candidate, _, err := openFirst(m.candidates())
	if err != nil || candidate.Config() != "go" {
		t.Fatalf("auto opens %s, %v; want go", candidate.Config(), err)
	}
	opened.Finalize()
}
