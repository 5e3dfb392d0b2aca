package fakeapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// filter is a leaf or a group.
type filter struct {
	Field      string          `json:"field"`
	Value      json.RawMessage `json:"value"`
	Operator   string          `json:"operator"`
	Negate     bool            `json:"negate"`
	Conditions []*filter       `json:"conditions"`
}

// check refuses what the API would not understand.
func (f *filter) check() *refusal {
	if f == nil {
		return nil
	}
	if !slices.Contains([]string{"", "AND", "OR"}, strings.ToUpper(f.Operator)) {
		return badRequest(fmt.Sprintf("Invalid operator %q", f.Operator))
	}
	if f.Field == "" {
		if len(f.Conditions) == 0 {
			return badRequest("A filter needs a field or conditions.")
		}
		for _, c := range f.Conditions {
			if problem := c.check(); problem != nil {
				return problem
			}
		}
		return nil
	}
	if !isField(f.Field) {
		return badRequest(fmt.Sprintf("Invalid filter field %q", f.Field))
	}
	r, ok := f.dates()
	if !ok {
		return nil
	}
	for _, end := range []struct{ name, value string }{{"from", r.From}, {"to", r.To}} {
		if _, err := time.Parse(time.RFC3339, end.value); end.value != "" && err != nil {
			return badRequest(fmt.Sprintf("Invalid range '%s' value for field '%s'. It must be an ISO 8601 date.", end.name, f.Field))
		}
	}
	return nil
}

type dates struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// dates is the value of a leaf that is a range.
func (f *filter) dates() (r dates, ok bool) {
	return r, len(f.Value) > 0 && f.Value[0] == '{' && json.Unmarshal(f.Value, &r) == nil
}

func (f *filter) matches(fields map[string]any) bool {
	if f == nil {
		return true
	}
	return f.holds(fields) != f.Negate
}

func (f *filter) holds(fields map[string]any) bool {
	all := strings.EqualFold(f.Operator, "AND")
	if f.Field == "" {
		some := func(want bool) bool {
			return slices.ContainsFunc(f.Conditions, func(c *filter) bool { return c.matches(fields) == want })
		}
		if all || f.Operator == "" {
			return !some(false)
		}
		return some(true)
	}
	found := values(fields, f.Field)
	if len(f.Value) == 0 {
		return len(found) > 0
	}
	if r, ok := f.dates(); ok {
		return slices.ContainsFunc(found, func(v any) bool { return r.hold(v) })
	}
	wanted := []any{}
	if json.Unmarshal(f.Value, &wanted) != nil {
		wanted = make([]any, 1)
		_ = json.Unmarshal(f.Value, &wanted[0]) // it was valid in the request
	}
	has := func(w any) bool {
		return slices.ContainsFunc(found, func(v any) bool { return equal(f.Field, v, w) })
	}
	if all {
		return !slices.ContainsFunc(wanted, func(w any) bool { return !has(w) })
	}
	return slices.ContainsFunc(wanted, has)
}

// hold says whether a date lies in the range, both ends included.
func (r dates) hold(value any) bool {
	text, _ := value.(string)
	at, err := time.Parse(time.RFC3339, text)
	from, _ := time.Parse(time.RFC3339, r.From) // checked before
	to, _ := time.Parse(time.RFC3339, r.To)
	return err == nil && (r.From == "" || !at.Before(from)) && (r.To == "" || !at.After(to))
}

// equal compares numbers and codes as they are, texts by their words: all of the wanted ones must be there.
func equal(field string, value, wanted any) bool {
	have, want := text(value), text(wanted)
	if !isText(field) {
		return have == want
	}
	in := words(have)
	return !slices.ContainsFunc(words(want), func(word string) bool { return !slices.Contains(in, word) })
}

// text is a value as it stands in JSON, without quotation marks.
func text(value any) string {
	if f, ok := value.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// matches says whether a job is meant by preset, filter and search.
func (q query) matches(fields map[string]any) bool {
	if q.Preset != "analysis" && fields["status"] == "expired" {
		return false
	}
	return q.Filter.matches(fields) && q.found(fields)
}

// found is the full-text search.
func (q query) found(fields map[string]any) bool {
	wanted := words(q.Query.Value)
	if len(wanted) == 0 {
		return true
	}
	in := q.Query.Fields
	if len(in) == 0 {
		in = []string{"title", "body"}
	}
	var have []string
	for _, field := range in {
		name, _, _ := strings.Cut(field, "^")
		for _, value := range values(fields, name) {
			have = append(have, words(text(value))...)
		}
	}
	missing := func(word string) bool { return !slices.Contains(have, word) }
	if strings.EqualFold(q.Query.Operator, "AND") {
		return !slices.ContainsFunc(wanted, missing)
	}
	return slices.ContainsFunc(wanted, func(word string) bool { return !missing(word) })
}
