package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

// read returns a file's content, or standard input's for "-".
func (a *app) read(file string) (content []byte, name string, err error) {
	if file == "-" {
		content, err = io.ReadAll(a.stdin)
		return content, "standard input", err
	}
	content, err = os.ReadFile(file)
	return content, file, err
}

// text is one input with a name for the output.
type text struct{ id, text string }

func contents(texts []text) []string {
	list := make([]string, len(texts))
	for i, t := range texts {
		list[i] = t.text
	}
	return list
}

// readLines reads texts, one a line: a JSON string, or an object with "text" and perhaps "id". Blank lines are skipped.
func (a *app) readLines(file string) ([]text, error) {
	content, name, err := a.read(file)
	if err != nil {
		return nil, err
	}
	return parseLines(content, name)
}

func parseLines(content []byte, name string) ([]text, error) {
	var texts []text
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(content, []byte("\ufeff"))) {
		number++
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		t, err := parseLine(line)
		if err != nil {
			start := []rune(strings.ToValidUTF8(string(line[:min(len(line), 240)]), "\ufffd"))
			return nil, fmt.Errorf("%s:%d: %w; expected a JSON string or {\"text\": \"…\"}; the line starts %#q", name, number, err, string(start[:min(len(start), 60)]))
		}
		if t.id == "" {
			t.id = strconv.Itoa(number)
		}
		texts = append(texts, t)
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("%s is empty, expected JSON lines, each a string or {\"text\": \"…\"}", name)
	}
	return texts, nil
}

func parseLine(line []byte) (text, error) {
	if !utf8.Valid(line) {
		return text{}, errors.New("not UTF-8")
	}
	if line[0] == '"' {
		var t text
		err := json.Unmarshal(line, &t.text)
		return t, err
	}
	var object struct {
		ID   json.RawMessage `json:"id"`
		Text *string         `json:"text"`
	}
	if err := json.Unmarshal(line, &object); err != nil {
		return text{}, err
	}
	if object.Text == nil {
		return text{}, errors.New(`no "text"`)
	}
	return text{id: strings.Trim(string(object.ID), `"`), text: *object.Text}, nil
}

// readAds reads advertisements to be tagged: plain text is one, JSON lines are one each, with title and body or with text.
func (a *app) readAds(file string) ([]text, error) {
	content, name, err := a.read(file)
	if err != nil {
		return nil, err
	}
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\ufeff")))
	switch {
	case len(trimmed) == 0:
		return nil, fmt.Errorf("%s is empty, expected an advertisement", name)
	case !isJSONLine(trimmed):
		if !utf8.Valid(trimmed) {
			a.warn("%s is not UTF-8; what cannot be read was left out (iconv converts: iconv -f WINDOWS-1252 -t UTF-8 FILE)", name)
		}
		return []text{{id: "1", text: string(trimmed)}}, nil
	case !isAd(trimmed):
		return parseLines(content, name)
	}
	ads, err := dataset.ReadAds(bytes.NewReader(content), name, nil)
	if err != nil {
		return nil, err
	}
	texts := make([]text, len(ads))
	for i, ad := range ads {
		texts[i] = text{ad.ID, ad.Text()}
	}
	return texts, nil
}

// isJSONLine tells whether content begins like JSON lines. An advertisement does not begin with a brace; one in quotation marks must at
// least have its first line end with one.
func isJSONLine(content []byte) bool {
	first, _, _ := bytes.Cut(content, []byte("\n"))
	return first[0] == '{' || json.Valid(first) && first[0] == '"'
}

// isAd tells whether the first line is meant as an advertisement with title and body, not as a text.
func isAd(content []byte) bool {
	first, _, _ := bytes.Cut(content, []byte("\n"))
	var keys map[string]json.RawMessage
	err := json.Unmarshal(first, &keys)
	return first[0] == '{' && (err != nil || keys["text"] == nil) // the reader of advertisements says what is wrong with the line
}
