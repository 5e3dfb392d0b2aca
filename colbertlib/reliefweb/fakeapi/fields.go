package fakeapi

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// indexed are the fields of a job by which one can filter and sort.
var indexed = strings.Fields(`id uuid url url_alias status title body how_to_apply date date.created date.changed date.closing
	language language.id language.name language.code country country.id country.name country.shortname country.iso3 country.primary
	country.location city city.name source source.id source.name source.shortname source.longname source.type source.type.id source.type.name
	type type.id type.name theme theme.id theme.name career_categories career_categories.id career_categories.name
	experience experience.id experience.name file file.id`)

// notIndexed are fields that can be had, but not asked for.
var notIndexed = []string{"body-html", "how_to_apply-html", "source.homepage", "redirects", "source.href", "country.href"}

func isField(name string) bool { return slices.Contains(indexed, strings.TrimSuffix(name, ".exact")) }

// isText says whether a field is compared by words: texts and names, but not codes and not ".exact".
func isText(field string) bool {
	last := field[strings.LastIndex(field, ".")+1:]
	switch last {
	case "title", "body", "how_to_apply", "name", "shortname", "longname":
		return true
	}
	return isParent(field) && field != "date"
}

func isParent(field string) bool { return parents[field] }

// parents are the fields that have others below them.
var parents = func() map[string]bool {
	names := map[string]bool{}
	for _, field := range indexed {
		for at, r := range field {
			if r == '.' {
				names[field[:at]] = true
			}
		}
	}
	return names
}()

// resolve is the field that a name stands for: "date" is "date.created", another parent means its names.
func resolve(field string) string {
	field = strings.TrimSuffix(field, ".exact")
	if field == "date" {
		return "date.created"
	}
	if isParent(field) {
		return field + ".name"
	}
	return field
}

// values are all that a job has in a field.
func values(fields map[string]any, field string) []any {
	found := []any{fields}
	for part := range strings.SplitSeq(resolve(field), ".") {
		var below []any
		for _, value := range found {
			object, ok := value.(map[string]any)
			if !ok || object[part] == nil {
				continue
			}
			if list, ok := object[part].([]any); ok {
				below = append(below, list...)
			} else {
				below = append(below, object[part])
			}
		}
		found = below
	}
	return found
}

func first(fields map[string]any, field string) any {
	if found := values(fields, field); len(found) > 0 {
		return found[0]
	}
	return nil
}

// compare orders numbers and texts; what is missing comes first.
func compare(x, y any) int {
	a, isNumber := x.(float64)
	b, both := y.(float64)
	if isNumber && both {
		return cmp.Compare(a, b)
	}
	s, _ := x.(string)
	t, _ := y.(string)
	return cmp.Compare(s, t)
}

// profiles are choices of fields; "full" is everything.
var profiles = map[string][]string{
	"":        {"title"},
	"minimal": {"title"},
	"list": {
		"id", "title", "status", "url", "url_alias", "date.created", "date.closing", "country.id", "country.name", "country.iso3", "country.primary", "source.id", "source.name",
		"source.shortname", "career_categories", "experience", "type", "theme",
	},
}

// choose is what a query shows of a job.
func (q query) choose(fields map[string]any) map[string]any {
	wanted := append(slices.Clone(profiles[q.Profile]), q.Fields.Include...)
	chosen := prune(fields, "", func(path string) bool {
		included := q.Profile == "full" || slices.ContainsFunc(wanted, func(name string) bool { return within(path, name) })
		return included && !slices.ContainsFunc(q.Fields.Exclude, func(name string) bool { return within(path, name) })
	})
	object, _ := chosen.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	return object
}

// within says whether a field is another or lies below it.
func within(path, name string) bool { return path == name || strings.HasPrefix(path, name+".") }

// prune keeps the leaves that are wanted; nil if there is none.
func prune(value any, path string, wanted func(path string) bool) any {
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if below := prune(v[key], strings.TrimPrefix(path+"."+key, "."), wanted); below != nil {
				kept[key] = below
			}
		}
		if len(kept) > 0 {
			return kept
		}
	case []any:
		var kept []any
		for _, element := range v {
			if below := prune(element, path, wanted); below != nil {
				kept = append(kept, below)
			}
		}
		if len(kept) > 0 {
			return kept
		}
	default:
		if value != nil && value != "" && wanted(path) {
			return value
		}
	}
	return nil
}
