// Package style_test holds the source to the project's rules: sizes, documentation, and which package may import which.
package style_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module       = "github.com/jobtagger/jobtagger/"
	root         = "../../.."
	fileLines    = 400
	functionSize = 60 // lines
)

// source is one parsed file.
type source struct {
	path string // from the root of the repository
	test bool
	file *ast.File
	set  *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		all = append(all, source{path: filepath.ToSlash(relative), test: strings.HasSuffix(name, "_test.go"), file: file, set: set})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("found only %d Go files below %s", len(all), root)
	}
	return all
}

func (s source) lines(node ast.Node) int {
	return s.set.Position(node.End()).Line - s.set.Position(node.Pos()).Line + 1
}

func TestFilesAndFunctionsAreSmall(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		if n := s.set.File(s.file.Pos()).LineCount(); n > fileLines {
			t.Errorf("%s has %d lines, at most %d", s.path, n, fileLines)
		}
		for _, declaration := range s.file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && s.lines(f) > functionSize {
				t.Errorf("%s: %s has %d lines, at most %d", s.path, f.Name.Name, s.lines(f), functionSize)
			}
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.file.Name.Name == "main" {
			continue
		}
		for _, declaration := range s.file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", s.path, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, name := range undocumented(d) {
					t.Errorf("%s: %s has no comment", s.path, name)
				}
			}
		}
	}
}

func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	kind := f.Recv.List[0].Type
	if pointer, ok := kind.(*ast.StarExpr); ok {
		kind = pointer.X
	}
	name, ok := kind.(*ast.Ident)
	return ok && name.IsExported()
}

func undocumented(d *ast.GenDecl) (names []string) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
				names = append(names, spec.Name.Name)
			}
		case *ast.ValueSpec:
			if spec.Names[0].IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				names = append(names, spec.Names[0].Name)
			}
		}
	}
	return names
}

func TestEveryPackageIsDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		if dir := filepath.Dir(s.path); !s.test {
			documented[dir] = documented[dir] || s.file.Doc != nil
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no comment", dir)
		}
	}
}

// forbidden lists what packages (by prefix of their path) may not import: DESIGN's arrows point one way.
var forbidden = map[string][]string{
	"colbertlib/":          {"cmd/", "notebooks", "results"},
	"colbertlib/train":     {"colbertlib"},
	"colbertlib/pretrain":  {"colbertlib"},
	"colbertlib/internal/": {"colbertlib", "colbertlib/train", "colbertlib/pretrain", "colbertlib/experiment"},
	"colbertlib/encoder":   {"colbertlib/internal/colbert", "colbertlib/modelio", "colbertlib/tokenize", "colbertlib/backend"},
	"colbertlib/maxsim":    {"colbertlib/internal/colbert", "colbertlib/modelio", "colbertlib/encoder", "colbertlib/backend"},
	"colbertlib/eval":      {"colbertlib/internal/colbert", "colbertlib/encoder", "colbertlib/maxsim"},
	"colbertlib/bm25":      {"colbertlib/internal/colbert", "colbertlib/encoder", "colbertlib/maxsim"},
	"colbertlib/calibrate": {"colbertlib/internal/colbert", "colbertlib/encoder", "colbertlib/maxsim"},
	"colbertlib/dataset":   {"colbertlib/internal/colbert", "colbertlib/encoder", "colbertlib/maxsim"},
	"colbertlib/figure":    {"colbertlib/internal/colbert", "colbertlib/encoder", "colbertlib/maxsim"},
	"colbertlib/tokenize":  {"colbertlib/internal/colbert", "colbertlib/encoder", "colbertlib/maxsim"},
}

// outside names packages of others that only some of ours may import.
var outside = map[string]string{
	"github.com/gomlx/compute/gobackend":          "colbertlib/backend",
	"github.com/gomlx/compute-onnx":               "colbertlib/backend",
	"github.com/gomlx/go-xla/compute/xla":         "colbertlib/backend",
	"github.com/gomlx/gomlx/backends/default":     "nowhere: it downloads",
	"github.com/gomlx/gomlx/core/graph/graphtest": "nowhere: it downloads",
	"github.com/sugarme/tokenizer":                "colbertlib/tokenize",
	"github.com/spf13/cobra":                      "cmd/",
}

func TestImportsPointOneWay(t *testing.T) {
	for _, s := range sources(t) {
		for _, spec := range s.file.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			for other, only := range outside {
				if (imported == other || strings.HasPrefix(imported, other+"/")) && !strings.HasPrefix(s.path, only) {
					t.Errorf("%s imports %s, which belongs to %s", s.path, imported, only)
				}
			}
			own, ok := strings.CutPrefix(imported, module)
			if !ok || s.test {
				continue
			}
			for from, targets := range forbidden {
				if strings.HasPrefix(s.path, from) && slices.ContainsFunc(targets, func(to string) bool { return own == to || strings.HasSuffix(to, "/") && strings.HasPrefix(own, to) }) {
					t.Errorf("%s imports %s", s.path, own)
				}
			}
		}
	}
}

func TestDotImportsStayInGraphFiles(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_graph.go") || strings.HasSuffix(s.path, "_graph_test.go") {
			continue
		}
		for _, spec := range s.file.Imports {
			if spec.Name != nil && spec.Name.Name == "." {
				t.Errorf("%s dot-imports %s", s.path, spec.Path.Value)
			}
		}
	}
}

// Libraries neither print nor end the program, and only graph building may panic.
func TestLibrariesStayQuiet(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.file.Name.Name == "main" || !strings.HasPrefix(s.path, "colbertlib/") || strings.HasPrefix(s.path, "colbertlib/internal/golden/") {
			continue
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch f := call.Fun.(type) {
			case *ast.Ident:
				if f.Name == "panic" && !strings.HasSuffix(s.path, "_graph.go") {
					t.Errorf("%s: panics", s.set.Position(call.Pos()))
				}
			case *ast.SelectorExpr:
				name, ok := f.X.(*ast.Ident)
				if ok && (name.Name == "log" || name.Name == "fmt" && strings.HasPrefix(f.Sel.Name, "Print") || name.Name == "os" && f.Sel.Name == "Exit") {
					t.Errorf("%s: calls %s.%s", s.set.Position(call.Pos()), name.Name, f.Sel.Name)
				}
			}
			return true
		})
	}
}
