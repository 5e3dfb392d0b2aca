package style_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// versions are named in several places, each by the pattern's first group in the given files.
var versions = []struct {
	of, pattern string
	files       []string
}{
	{"Go that builds what is published", `(?:GO_VERSION=|golang:|go-version: )([0-9.]+)`,
		[]string{"Dockerfile", ".devcontainer/devcontainer.json", ".github/workflows/ci.yml", ".github/workflows/release.yml"}},
	{"the oldest Go", `(?m)(?:^go|Needs Go) ([0-9.]+)`, []string{"go.mod", "README.md"}},
	{"ONNX Runtime", `onnxruntime==([0-9.]+)`,
		[]string{".ci/image/requirements-onnxruntime.txt", "colbertlib/backend/remedy.go", "README.md", "bench/requirements.txt", "bench/check_onnx.py"}},
	{"XLA's plugin for processors", `lammps-jax-pjrt-cpu==([0-9.]+)`, []string{".ci/backends", "colbertlib/backend/remedy.go"}},
}

func TestVersionsAgree(t *testing.T) {
	for _, v := range versions {
		seen := map[string][]string{} // files of each version
		for _, file := range v.files {
			for _, version := range found(t, file, v.pattern) {
				seen[version] = append(seen[version], file)
			}
		}
		if len(seen) > 1 {
			t.Errorf("different versions of %s: %v", v.of, seen)
		}
	}
}

// The wheels for NVIDIA's GPUs that doctor advises are those that the image has.
func TestWheelsForGPUsAgree(t *testing.T) {
	const pattern = `((?:nvidia|jax-cuda)[a-z0-9-]+==[0-9.]+)`
	image, advised := found(t, ".ci/image/requirements-cuda.txt", pattern), found(t, "colbertlib/backend/remedy.go", pattern)
	if !slices.Equal(image, advised) {
		t.Errorf("the image has\n%v\ndoctor advises\n%v", image, advised)
	}
}

// found returns what the pattern's first group matches in the file, at least once.
func found(t *testing.T, file, pattern string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	distinct := map[string]bool{}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(content), -1) {
		distinct[match[1]] = true
	}
	if len(distinct) == 0 {
		t.Errorf("%s has nothing like %s", file, pattern)
	}
	return slices.Sorted(maps.Keys(distinct))
}
