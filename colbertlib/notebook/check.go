package notebook

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Limits that [Check] applies to each code cell: one that is longer belongs into a package, where it can be tested.
const (
	maxLines       = 15
	maxOutputBytes = 200_000
)

var (
	comment  = regexp.MustCompile(`//.*`)
	function = regexp.MustCompile(`\bfunc\b(?:\s+main\(\))?`)
	// machinePath begins with a folder that belongs to one machine or one person.
	machinePath = regexp.MustCompile(`(?:^|[^\w./])((?:/root|/work|/tmp|/home/\w+|/Users/\w+|/var/folders)(?:/[^\s"'<>)]*)?|[A-Z]:\\Users\\[^\s"'<>)]*)`)
)

// Check reports what a notebook must not contain when it is committed: code cells of more than 15 lines, functions in
// cells (they belong into a package), a cell whose outputs take more than 200 kB or say that it failed, and paths of one
// machine in cells or outputs. All findings are joined in the error, each with its cell by position, markdown included,
// from 1.
func Check(path string) error {
	nb, err := read(path)
	if err != nil {
		return err
	}
	var findings error
	for i, c := range nb.Cells {
		for _, finding := range c.findings() {
			findings = errors.Join(findings, fmt.Errorf("notebook: %s, cell at position %d: %s", path, i+1, finding))
		}
	}
	return findings
}

func (c cell) findings() []string {
	source := c.source()
	var all []string
	if at := machinePath.FindStringSubmatch(source); at != nil {
		all = append(all, fmt.Sprintf("the path %s belongs to one machine", at[1]))
	}
	if !c.isCode() {
		return all
	}
	if n := strings.Count(strings.TrimRight(source, "\n"), "\n") + 1; n > maxLines {
		all = append(all, fmt.Sprintf("%d lines, want at most %d: move code into a package", n, maxLines))
	}
	// The main function is none of the cell's own: %% writes it.
	if slices.ContainsFunc(function.FindAllString(comment.ReplaceAllString(source, ""), -1), isNotMain) {
		all = append(all, "it defines a function: move it into a package")
	}
	if n := len(c["outputs"]); n > maxOutputBytes {
		all = append(all, fmt.Sprintf("%d bytes of outputs, want at most %d", n, maxOutputBytes))
	}
	if err := failure(c.outputs()); err != nil {
		all = append(all, fmt.Sprintf("its outputs say that it failed: %v", err))
	}
	for _, o := range c.outputs() {
		if strings.Contains(string(o.Text), "panic: ") && o.Stream == "stderr" {
			all = append(all, "its outputs show a panic")
		}
		if at := machinePath.FindStringSubmatch(string(o.Text) + o.visible() + strings.Join(o.Traceback, "\n")); at != nil {
			all = append(all, fmt.Sprintf("the path %s in its outputs belongs to one machine", at[1]))
		}
	}
	return all
}

func isNotMain(declaration string) bool { return !strings.HasSuffix(declaration, "main()") }
