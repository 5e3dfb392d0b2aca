package notebook

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// KernelName is the name under which [Install] makes the kernel known to Jupyter. It differs from GoNB's own, so that a
// kernel which the user has installed for other work stays as it is.
const KernelName = "jobtagger"

// Install makes the kernel of o available in the user's JupyterLab, under the name "Go (jobtagger)", and returns the path
// of the file that it wrote. The kernel finds the Go toolchain where it is now, whatever Jupyter's own PATH. Installing again with other options replaces it; [Options.CellTime] is not used.
//
// The folder is $JUPYTER_DATA_DIR/kernels, or the kernels folder of Jupyter's default data folder for the operating system.
func Install(o Options) (path string, err error) {
	if o, err = o.checked(); err != nil {
		return "", err
	}
	toolchain, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("notebook: %w", err)
	}
	search := strings.Join([]string{filepath.Dir(o.GoNB), filepath.Dir(toolchain), "${PATH}"}, string(os.PathListSeparator)) // Jupyter expands it
	env := map[string]string{"PATH": search}
	for _, setting := range o.Env {
		key, value, found := strings.Cut(setting, "=")
		if !found {
			return "", fmt.Errorf("notebook: environment %q, want KEY=VALUE", setting)
		}
		env[key] = value
	}
	data, err := jupyterData()
	if err != nil {
		return "", err
	}
	path = filepath.Join(data, "kernels", KernelName, "kernel.json")
	spec := encode(map[string]any{
		"argv":           []string{o.GoNB, "--kernel", "{connection_file}", "-go_work=" + o.Repository},
		"display_name":   "Go (" + KernelName + ")",
		"language":       "go",
		"interrupt_mode": "message",
		"env":            env,
	})
	if err := atomicfile.WriteBytes(path, append(spec, '\n')); err != nil {
		return "", fmt.Errorf("notebook: install kernel: %w", err)
	}
	return path, nil
}

// jupyterData is the user's data folder, as jupyter --paths shows it.
func jupyterData() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(os.Getenv("APPDATA"), "jupyter"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("notebook: find Jupyter's data folder: %w; set JUPYTER_DATA_DIR", err)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}
