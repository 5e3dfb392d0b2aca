package colbertlib_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The README's code for importers is this package's first example, so that it compiles and prints what it should.
func TestREADMEShowsTheExample(t *testing.T) {
	read := func(path, pattern string) string {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(pattern).FindSubmatch(content)
		if found == nil {
			t.Fatalf("%s holds nothing like %s", path, pattern)
		}
		return string(found[1])
	}
	shown := read("../README.md", "(?s)```go\n(.*?)```")
	example := read("example_test.go", `(?s)\nfunc Example\(\) \{\n(.*?)\t// Output`)
	example = strings.ReplaceAll(example, "\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n", "")
	example = regexp.MustCompile(`(?m)^\t`).ReplaceAllString(example, "")
	if shown != example {
		t.Errorf("the README shows\n%s\nthe example is\n%s", shown, example)
	}
}
