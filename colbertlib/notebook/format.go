package notebook

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// file is a notebook, nbformat 4. What this package does not know is kept as it is.
type file struct {
	Cells    []cell          `json:"cells"`
	Metadata json.RawMessage `json:"metadata"`
	Format   int             `json:"nbformat"`
	Minor    int             `json:"nbformat_minor"`
}

// cell holds a cell's fields by name, which encoding/json writes in alphabetical order, as Jupyter does.
type cell map[string]json.RawMessage

// minor is the revision of nbformat that is written, the first in which cells have identifiers.
const minor = 5

// read parses the notebook at path and gives identifiers to cells that have none.
func read(path string) (*file, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	nb, err := parse(content)
	if err != nil {
		return nil, fmt.Errorf("notebook: %s: %w", path, err)
	}
	return nb, nil
}

func parse(content []byte) (*file, error) {
	var nb file
	if err := json.Unmarshal(content, &nb); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", err)
	}
	if nb.Format != 4 {
		return nil, fmt.Errorf("nbformat %d, want 4; open it in JupyterLab and save it", nb.Format)
	}
	if len(nb.Metadata) == 0 {
		nb.Metadata = json.RawMessage("{}")
	}
	nb.Minor = max(nb.Minor, minor)
	seen := map[string]bool{}
	for i, c := range nb.Cells {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("cell at position %d: %w", i, err)
		}
		var id string
		if json.Unmarshal(c["id"], &id) != nil || id == "" || seen[id] {
			id = fmt.Sprintf("cell-%d", i)
			c["id"] = encode(id)
		}
		seen[id] = true
	}
	return &nb, nil
}

// check reports fields of a wrong type and adds those that nbformat requires.
func (c cell) check() error {
	var kind string
	if err := json.Unmarshal(c["cell_type"], &kind); err != nil {
		return fmt.Errorf("no cell_type: %w", err)
	}
	var source multiline
	if err := json.Unmarshal(c["source"], &source); err != nil {
		return fmt.Errorf("source: %w", err)
	}
	if c["metadata"] == nil {
		c["metadata"] = json.RawMessage("{}")
	}
	if kind == "code" {
		var outputs []*output
		if err := json.Unmarshal(c["outputs"], &outputs); c["outputs"] != nil && err != nil {
			return fmt.Errorf("outputs: %w", err)
		}
		if slices.Contains(outputs, nil) {
			return errors.New("outputs: one is null")
		}
	}
	return nil
}

func (c cell) isCode() bool { return string(c["cell_type"]) == `"code"` }

// source is the text of a checked cell.
func (c cell) source() string {
	var source multiline
	if json.Unmarshal(c["source"], &source) != nil {
		return "" // check has seen it
	}
	return string(source)
}

// outputs are the outputs of a checked cell; only code has some.
func (c cell) outputs() []*output {
	var outputs []*output
	if !c.isCode() || json.Unmarshal(c["outputs"], &outputs) != nil {
		return nil // none yet: check has seen all others
	}
	return outputs
}

// setOutputs records an execution; a nil number stands for a cell that was not executed.
func (c cell) setOutputs(number *int, outputs []*output) {
	if outputs == nil {
		outputs = []*output{}
	}
	c["execution_count"] = encode(number)
	c["outputs"] = encode(outputs)
}

// write produces the bytes that Jupyter would: fields in alphabetical order, an indent of one space, a final line break.
func (nb *file) write(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	return encoder.Encode(nb)
}

// encode is json.Marshal for values that cannot fail, without escapes for HTML.
func encode(v any) json.RawMessage {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return json.RawMessage("null")
	}
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n"))
}

// multiline is a text that nbformat stores as one string or as a list of lines. It is written as the latter.
type multiline string

// UnmarshalJSON implements [json.Unmarshaler].
func (m *multiline) UnmarshalJSON(b []byte) error {
	var lines []string
	if err := json.Unmarshal(b, &lines); err == nil {
		*m = multiline(strings.Join(lines, ""))
		return nil
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return fmt.Errorf("want a text or a list of lines: %w", err)
	}
	*m = multiline(text)
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (m multiline) MarshalJSON() ([]byte, error) {
	lines := strings.SplitAfter(string(m), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return encode(lines), nil
}
