package notebook

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
)

// output is one output of a cell, of any of the four kinds of nbformat 4: stream, display_data, execute_result, error.
type output struct {
	Data      map[string]json.RawMessage `json:"data,omitempty"`            // by MIME type
	Name      string                     `json:"ename,omitempty"`           // of an error
	Value     string                     `json:"evalue,omitempty"`          // of an error
	Count     *int                       `json:"execution_count,omitempty"` // of an execute_result
	Metadata  json.RawMessage            `json:"metadata,omitempty"`
	Stream    string                     `json:"name,omitempty"` // stdout or stderr
	Kind      string                     `json:"output_type"`
	Text      multiline                  `json:"text,omitempty"` // of a stream
	Traceback []string                   `json:"traceback,omitempty"`

	display string // under which the kernel updates it
}

// text returns the content of a textual MIME type.
func (o *output) text(mime string) string {
	var text multiline
	if json.Unmarshal(o.Data[mime], &text) != nil {
		return "" // not there, or not a text
	}
	return string(text)
}

// texts are the MIME types whose content is text that a reader sees.
var texts = []string{"text/plain", "text/markdown", "text/html"}

// visible is what a reader of the notebook can see of an output, in source form; nothing of standard error.
func (o *output) visible() string {
	parts := make([]string, 0, len(texts)+1)
	if o.Stream == "stdout" {
		parts = append(parts, string(o.Text))
	}
	for _, mime := range texts {
		parts = append(parts, o.text(mime))
	}
	return strings.Join(parts, "\n")
}

// collector gathers the outputs of a cell as the kernel publishes them.
type collector struct {
	outputs []*output
	failed  error
}

// programEnd is what GoNB writes to standard error, as a message of its own, when a cell's program or command fails.
var programEnd = regexp.MustCompile(`(?m)^(exit status [1-9][0-9]*|signal: .*)$`)

// add takes one message of the iopub channel.
func (c *collector) add(kind string, content json.RawMessage) error {
	var o struct {
		output
		Transient struct {
			Display string `json:"display_id"`
		} `json:"transient"`
	}
	if err := json.Unmarshal(content, &o); err != nil {
		return err
	}
	o.Kind, o.display = kind, o.Transient.Display
	switch kind {
	case "stream":
		c.addStream(&o.output)
	case "display_data", "execute_result":
		if len(o.Metadata) == 0 {
			o.Metadata = json.RawMessage("{}")
		}
		c.outputs = append(c.outputs, &o.output)
	case "update_display_data":
		for _, old := range c.outputs {
			if old.display == o.display {
				old.Data = o.Data
			}
		}
	case "error":
		c.outputs = append(c.outputs, &o.output)
	}
	return nil
}

// addStream joins pieces of the same stream: the kernel cuts them where it likes.
func (c *collector) addStream(o *output) {
	// The line about the end may follow text without a line break, to which it does not belong.
	if end := programEnd.FindString(string(o.Text)); o.Stream == "stderr" && end != "" && c.failed == nil {
		c.failed = errors.New(end)
	}
	if n := len(c.outputs); n > 0 && c.outputs[n-1].Kind == "stream" && c.outputs[n-1].Stream == o.Stream {
		c.outputs[n-1].Text += o.Text
		return
	}
	c.outputs = append(c.outputs, o)
}

// failure returns why a cell with such outputs failed, or nil.
func failure(outputs []*output) error {
	for _, o := range outputs {
		if o.Kind == "error" {
			return errors.New(strings.TrimSpace(o.Name + ": " + o.Value))
		}
		if end := programEnd.FindString(string(o.Text)); o.Stream == "stderr" && end != "" {
			return errors.New(end)
		}
	}
	return nil
}

// lastLines quotes the end of what a cell printed, for an error message.
func lastLines(outputs []*output) string {
	const most = 20
	var lines []string
	for _, o := range outputs {
		text := string(o.Text)
		if o.Kind == "error" {
			text = strings.Join(o.Traceback, "\n")
		}
		lines = append(lines, strings.Split(strings.TrimRight(text, "\n"), "\n")...)
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}

// cleaner removes from outputs what would differ on another machine or in the next run.
type cleaner []replacement

type replacement struct {
	path *regexp.Regexp
	by   string
}

func newCleaner(repository, temp string) cleaner {
	folder := func(path, by string) replacement {
		return replacement{regexp.MustCompile(regexp.QuoteMeta(path) + `\b`), by}
	}
	c := cleaner{folder(temp, "tmp"), folder(repository, ".")}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		c = append(c, folder(home, "~"))
	}
	return c
}

// overwritten is the part of a line that a carriage return made invisible.
var overwritten = regexp.MustCompile(`[^\n]*\r`)

func (c cleaner) text(text string) string {
	text = overwritten.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), "")
	for _, r := range c {
		text = r.path.ReplaceAllString(text, r.by)
	}
	return text
}

// outputs cleans all and drops what is empty, as a display that its program erased.
func (c cleaner) outputs(all []*output) []*output {
	var kept []*output
	for _, o := range all {
		o.Text, o.Value = multiline(c.text(string(o.Text))), c.text(o.Value)
		for i := range o.Traceback {
			o.Traceback[i] = c.text(o.Traceback[i])
		}
		empty := o.Text == "" && o.Kind != "error"
		for mime := range o.Data {
			if slices.Contains(texts, mime) {
				text := multiline(c.text(o.text(mime)))
				o.Data[mime] = encode(text)
				empty = empty && text == ""
			} else {
				empty = false
			}
		}
		if !empty {
			kept = append(kept, o)
		}
	}
	return kept
}
