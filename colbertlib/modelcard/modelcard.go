// Package modelcard reads and writes the README.md of model folders: some YAML that the Hub reads, then Markdown for people.
package modelcard

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Head is what the Hub reads of a card. Empty fields are left out.
type Head struct {
	License   string   `yaml:"license,omitempty"`    // as the Hub spells it: "apache-2.0"
	BaseModel string   `yaml:"base_model,omitempty"` // organisation/name
	Library   string   `yaml:"library_name,omitempty"`
	Pipeline  string   `yaml:"pipeline_tag,omitempty"`
	Tags      []string `yaml:"tags,omitempty"`
}

// fence is the line before and after the YAML.
const fence = "---\n"

// maxHead bounds the YAML of cards that come from elsewhere, in bytes.
const maxHead = 1 << 20

// split cuts a card into its YAML, empty if there is none, and its Markdown.
func split(card []byte) (head, body []byte) {
	card = bytes.ReplaceAll(card, []byte("\r\n"), []byte("\n"))
	rest, ok := bytes.CutPrefix(card, []byte(fence))
	if !ok {
		return nil, card
	}
	if head, body, ok = bytes.Cut(rest, []byte("\n"+fence)); !ok || len(head) > maxHead {
		return nil, card
	}
	return append(head[:len(head):len(head)], '\n'), body
}

// ReadHead reads what a card says to the Hub. Whatever else its YAML holds is ignored; a card without YAML, or with one that says something of
// another type, as a list of licences, gives what can be read.
func ReadHead(card []byte) Head {
	head, _ := split(card)
	var keys map[string]any
	if yaml.Unmarshal(head, &keys) != nil {
		return Head{}
	}
	text := func(key string) string {
		value, _ := keys[key].(string)
		return value
	}
	h := Head{License: text("license"), BaseModel: text("base_model"), Library: text("library_name"), Pipeline: text("pipeline_tag")}
	if name := text("license_name"); h.License == "other" && name != "" {
		h.License = name
	}
	return h
}

// Write puts a card together.
func Write(head Head, body string) ([]byte, error) {
	content, err := yaml.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("modelcard: %w", err)
	}
	return []byte(fence + string(content) + fence + "\n" + body), nil
}

// libraries are the Hub's names of the libraries that formats belong to.
var libraries = map[modelio.Format]string{modelio.SentenceTransformers: "sentence-transformers", modelio.PyLate: "PyLate"}

// NewHead is the head of a late-interaction model in that format.
func NewHead(format modelio.Format) Head {
	return Head{Library: libraries[format], Pipeline: "text-ranking", Tags: []string{"ColBERT", "late-interaction"}}
}

// Read reads the card of the model folder at the root of fsys; nil if it has none.
func Read(fsys fs.FS) ([]byte, error) {
	card, err := fs.ReadFile(fsys, "README.md")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return card, err
}

// Converted is the card of a model that was written again, perhaps in another format: its own card, if it has one, with the library changed and a
// section about the conversion; where it has none, one that says so. from is the name that the model was read by, of which only the last part is
// written where it is a path, and may be empty; warnings are those of [modelio.Write].
func Converted(card []byte, from string, to modelio.Format, warnings []string) ([]byte, error) {
	name := ShortName(from)
	section := conversion(name, to, warnings)
	head, body := split(card)
	if len(bytes.TrimSpace(card)) == 0 {
		head := NewHead(to)
		if strings.Contains(name, "/") {
			head.BaseModel = name
		}
		return Write(head, "# "+path.Base(cmp.Or(name, "Model"))+"\n\n"+unknown+section)
	}
	if head == nil {
		content, err := Write(NewHead(to), strings.TrimSpace(string(body))+"\n\n"+section)
		return content, err
	}
	library := "library_name: " + libraries[to] + "\n"
	var lines []string
	for line := range strings.Lines(string(head)) {
		if !strings.HasPrefix(line, "library_name:") {
			lines = append(lines, line)
		}
	}
	before, _, _ := strings.Cut(string(body), "\n## Conversion\n") // of an earlier one
	return []byte(fence + strings.Join(lines, "") + library + fence + strings.TrimRight(before, "\n") + "\n\n" + section), nil
}

// ShortName is how cards call a model: by its name on the Hub, or by the last part of its path.
func ShortName(model string) string {
	name := filepath.ToSlash(model)
	if name != "" && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "/") || strings.Count(name, "/") != 1) {
		name = path.Base(name)
	}
	return name
}

// unknown is what the card of a model without one says.
const unknown = `## What is not known

The model that this one was written from has no card. Its base model, the data and the recipe that it was trained with, its scores and its licence
stand nowhere in its folder: ask its makers, and measure it on your own texts before you rely on it (` + "`jobtagger eval`" + `).

`

// conversion says how the model was written and how to use it.
func conversion(name string, to modelio.Format, warnings []string) string {
	section := "## Conversion\n\nWritten by jobtagger"
	if name != "" {
		section += " from " + name
	}
	section += fmt.Sprintf(", as %s loads it. Token embeddings are the same there.", libraries[to])
	if len(warnings) > 0 {
		section += " What to know:\n"
		for _, warning := range warnings {
			section += "\n* " + warning
		}
	}
	return section + "\n\nOn the command line and in Go:\n\n    jobtagger tag --model FOLDER --labels labels.json ad.txt\n" +
		"    model, err := colbertlib.Load(\"FOLDER\", nil)\n\nIn Python:\n\n" + Python(to, "FOLDER")
}

// Python shows, as indented code, how the format's library loads and uses the model in folder.
func Python(format modelio.Format, folder string) string {
	code := sentenceTransformers
	if format == modelio.PyLate {
		code = pyLate
	}
	return strings.ReplaceAll(code, "FOLDER", filepath.ToSlash(folder))
}

const sentenceTransformers = `    from sentence_transformers import MultiVectorEncoder  # 6.2
    model = MultiVectorEncoder("FOLDER")
    queries = model.encode_query(["Finance Officer\nPrepares the monthly accounts."])
    documents = model.encode_document(["Budgets, accounting and audits.", "Staff and contracts."])
    scores = model.similarity(queries, documents)
`

const pyLate = `    from pylate import models, rank  # 1.6
    model = models.ColBERT("FOLDER")
    queries = model.encode(["Finance Officer\nPrepares the monthly accounts."], is_query=True, prompt_name="query")
    documents = model.encode([["Budgets, accounting and audits.", "Staff and contracts."]], is_query=False, prompt_name="document")
    ranking = rank.rerank(documents_ids=[[0, 1]], queries_embeddings=queries, documents_embeddings=documents)
`
