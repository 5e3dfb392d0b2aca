package fakeapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// query is what a call asks for.
type query struct {
	Query struct {
		Value    string   `json:"value"`
		Fields   []string `json:"fields"`
		Operator string   `json:"operator"`
	} `json:"query"`
	Filter *filter `json:"filter"`
	Fields struct {
		Include []string `json:"include"`
		Exclude []string `json:"exclude"`
	} `json:"fields"`
	Sort    []string `json:"sort"`
	Limit   *whole   `json:"limit"`
	Offset  whole    `json:"offset"`
	Preset  string   `json:"preset"`
	Profile string   `json:"profile"`
	Facets  []facet  `json:"facets"`
}

// whole is a number, which parameters in an address give as text.
type whole int

func (n *whole) UnmarshalJSON(data []byte) error {
	number, err := strconv.Atoi(strings.Trim(string(data), `"`))
	*n = whole(number)
	return err
}

const (
	defaultLimit = 10
	maxLimit     = 1000
	maxRequest   = 1 << 20 // bytes
)

func (q query) limit() int {
	if q.Limit == nil {
		return defaultLimit
	}
	return int(*q.Limit)
}

func (q query) offset() int { return int(q.Offset) }

// readQuery reads the body of a POST, or the parameters of a GET, which mean the same.
func readQuery(r *http.Request) (query, *refusal) {
	var q query
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if r.Method == http.MethodGet {
		body, err = parameters(r.URL.Query())
	}
	if err != nil {
		return q, badRequest(err.Error())
	}
	if len(bytes.TrimSpace(body)) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&q); err != nil {
			return q, badRequest("Invalid request: " + err.Error())
		}
	}
	return q, q.check()
}

func (q query) check() *refusal {
	switch {
	case q.limit() < 0 || q.limit() > maxLimit:
		return badRequest(`Invalid "limit" specified. Valid values are between 0 and 1000`)
	case q.Offset < 0:
		return badRequest(`Invalid "offset" specified. Valid values are greater than or equal to 0`)
	case !slices.Contains([]string{"", "minimal", "latest", "analysis"}, q.Preset):
		return badRequest(fmt.Sprintf("Invalid preset %q", q.Preset))
	case !slices.Contains([]string{"", "minimal", "list", "full"}, q.Profile):
		return badRequest(fmt.Sprintf("Invalid profile %q", q.Profile))
	}
	for _, by := range q.Sort {
		field, direction, _ := strings.Cut(by, ":")
		if !isField(field) && field != "score" || direction != "asc" && direction != "desc" && direction != "" {
			return badRequest(fmt.Sprintf("Invalid sort %q", by))
		}
	}
	for _, field := range slices.Concat(q.Fields.Include, q.Fields.Exclude) {
		if !isField(field) && !slices.Contains(notIndexed, field) {
			return badRequest(fmt.Sprintf("Invalid field %q", field))
		}
	}
	for _, f := range q.Facets {
		if !isField(f.Field) {
			return badRequest(fmt.Sprintf("Invalid facet field %q", f.Field))
		}
		if problem := f.Filter.check(); problem != nil {
			return problem
		}
	}
	return q.Filter.check()
}

var keyPart = regexp.MustCompile(`\[([^\]]*)\]`)

// parameters turns filter[conditions][0][field]=id into the JSON of a POST.
func parameters(values url.Values) ([]byte, error) {
	tree := map[string]any{}
	for key, list := range values {
		name, rest, nested := strings.Cut(key, "[")
		if name == "appname" {
			continue
		}
		path := []string{name}
		if nested {
			for _, match := range keyPart.FindAllStringSubmatch("["+rest, -1) {
				path = append(path, match[1])
			}
		}
		for i, value := range list {
			insert(tree, slices.Clone(path), i, value)
		}
	}
	return json.Marshal(lists(tree))
}

// insert puts a value into a tree of maps; an empty part of the path, as in sort[]=, is the next number.
func insert(tree map[string]any, path []string, i int, value string) {
	if path[0] == "" {
		path[0] = strconv.Itoa(i)
	}
	if len(path) == 1 {
		tree[path[0]] = value
		return
	}
	below, ok := tree[path[0]].(map[string]any)
	if !ok {
		below = map[string]any{}
		tree[path[0]] = below
	}
	insert(below, path[1:], i, value)
}

// lists turns maps with the keys 0, 1, … into lists, and the words of truth into booleans.
func lists(value any) any {
	tree, ok := value.(map[string]any)
	if !ok {
		if value == "true" {
			return true
		}
		return value
	}
	list := make([]any, 0, len(tree))
	for i := range len(tree) {
		if below, ok := tree[strconv.Itoa(i)]; ok {
			list = append(list, lists(below))
		}
	}
	if len(list) > 0 && len(list) == len(tree) {
		return list
	}
	for key, below := range tree {
		tree[key] = lists(below)
	}
	return tree
}
