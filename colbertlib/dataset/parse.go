package dataset

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// excerptRunes bounds how much of a bad line an error repeats: enough to find it, too little to fill a terminal.
const excerptRunes = 60

// source is a file in memory, or a line of one, with the file's name for errors.
type source struct {
	name   string
	data   []byte
	before int // lines of the file that stand before data
}

// readSource reads everything and refuses what cannot be JSON text at all. A byte order mark is removed.
func readSource(r io.Reader, name, what string) (source, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return source{}, fmt.Errorf("dataset: read %s: %w", name, err)
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return source{}, fmt.Errorf("dataset: %s: the file is UTF-16, expected UTF-8: save it as UTF-8", name)
	}
	s := source{name: name, data: bytes.TrimPrefix(data, []byte("\ufeff"))}
	if len(bytes.TrimSpace(s.data)) == 0 {
		return source{}, fmt.Errorf("dataset: %s: the file is empty, expected %s", name, what)
	}
	return s, s.check()
}

// check refuses what is not UTF-8.
func (s source) check() error {
	at := invalidUTF8(s.data)
	if at < 0 {
		return nil
	}
	line, column := s.lineAt(at)
	return s.errorAt(at, line, "byte 0x%02x in column %d is not UTF-8: save the file as UTF-8", s.data[at], column)
}

// invalidUTF8 is the offset of the first byte that is not part of UTF-8 text, or -1.
func invalidUTF8(data []byte) int {
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// errorAt reports a problem at a byte offset; found is the text there, whose beginning is quoted.
func (s source) errorAt(at int, found []byte, format string, args ...any) error {
	line := s.before + 1 + bytes.Count(s.data[:at], []byte("\n"))
	return fmt.Errorf("dataset: %s:%d: %w; it starts %s", s.name, line, fmt.Errorf(format, args...), excerpt(found))
}

// lineAt is the line around a byte offset, up to the end of the file, and the offset's column in it.
func (s source) lineAt(at int) (line []byte, column int) {
	start := 1 + bytes.LastIndexByte(s.data[:at], '\n')
	return s.data[start:], at - start + 1
}

// excerpt quotes the beginning of a line, control characters and broken bytes made visible.
func excerpt[T string | []byte](text T) string {
	line, _, _ := strings.Cut(string(text[:min(len(text), excerptRunes*utf8.UTFMax)]), "\n")
	runes := []rune(strings.TrimRight(line, "\r"))
	if len(runes) > excerptRunes {
		return fmt.Sprintf("%#q…", string(runes[:excerptRunes]))
	}
	return fmt.Sprintf("%#q", string(runes))
}

// element is one JSON value of a file and where it begins.
type element struct {
	source
	start   int // byte offset
	line    int // from 1
	ordinal int // from 1, among the file's elements
	what    string
	raw     json.RawMessage
}

// errorf reports a problem with the element as a whole.
func (e element) errorf(format string, args ...any) error {
	return e.errorAt(e.start, e.raw, "%s %d: %w", e.what, e.ordinal, fmt.Errorf(format, args...))
}

// decode fills v, a pointer to a struct.
func (e element) decode(v any) error {
	err := json.Unmarshal(e.raw, v)
	wrong, isType := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case string(e.raw) == "null":
		return e.errorf("found null, expected an object {…}")
	case isType && wrong.Field == "":
		return e.errorf("found %s, expected an object {…}", wrong.Value)
	case isType:
		expected := map[reflect.Kind]string{reflect.String: "a string", reflect.Slice: "an array", reflect.Struct: "an object"}[wrong.Type.Kind()]
		return e.errorf("%q is %s, expected %s", wrong.Field[1+strings.LastIndexByte(wrong.Field, '.'):], wrong.Value,
			cmp.Or(expected, "a whole number"))
	case err != nil:
		return e.errorf("%w", err)
	}
	return nil
}

// syntax turns a JSON syntax error inside data[from:] into one with file, line and column.
func (s source) syntax(err error, from int, expected string) error {
	at := from
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = min(from+max(int(wrong.Offset)-1, 0), len(s.data)-1)
	}
	line, column := s.lineAt(at)
	return s.errorAt(at, line, "not valid JSON at column %d: %w; expected %s", column, err, expected)
}

// array splits a JSON array into its elements; what names one of them.
func (s source) array(what, expected string) ([]element, error) {
	var whole json.RawMessage
	if err := json.Unmarshal(s.data, &whole); err != nil {
		if bytes.TrimSpace(s.data)[0] == '{' {
			expected += " (it begins with an object: are these JSON lines?)"
		}
		return nil, s.syntax(err, 0, expected)
	}
	decoder := json.NewDecoder(bytes.NewReader(s.data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('[') {
		return nil, s.errorAt(0, s.data, "found no array, expected %s", expected)
	}
	var elements []element
	line, counted := 1, 0 // line breaks before offset counted are in line
	for decoder.More() {
		e := element{source: s, ordinal: len(elements) + 1, what: what}
		if err := decoder.Decode(&e.raw); err != nil {
			return nil, s.syntax(err, 0, expected)
		}
		e.start = int(decoder.InputOffset()) - len(e.raw)
		line += bytes.Count(s.data[counted:e.start], []byte("\n"))
		e.line, counted = line, e.start
		elements = append(elements, e)
	}
	if len(elements) == 0 {
		return nil, fmt.Errorf("dataset: %s: the array is empty, expected %s", s.name, expected)
	}
	return elements, nil
}

// identifier is an id given as a JSON string or number. It must be one word, since ids are columns of ranking files.
type identifier string

func (id *identifier) UnmarshalJSON(data []byte) error {
	var number json.Number
	var text string
	if json.Unmarshal(data, &number) == nil {
		text = number.String()
	} else if json.Unmarshal(data, &text) != nil {
		return errors.New(`"id" must be a string or a number`)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return fmt.Errorf(`"id" is %q, expected no white space in it`, text[:min(len(text), excerptRunes)])
	}
	*id = identifier(text)
	return nil
}

// blank says whether a text has nothing but white space.
func blank(text string) bool { return strings.TrimSpace(text) == "" }
