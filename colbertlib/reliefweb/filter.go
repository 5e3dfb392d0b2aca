package reliefweb

import (
	"encoding/json"
	"time"
)

// Filter is a condition on jobs. Filters nest: And(In("country.iso3", "som"), Not(Has("theme"))).
//
// Fields are those of the API: "id", "status", "career_categories.id", "date.created" and so on. "date" is "date.created"; "career_categories" and the like
// match words of names, "career_categories.exact" whole names. HTML texts and sources' homepages cannot be asked for. A Filter does not change once it is made.
type Filter struct{ wire *condition }

// condition is a filter as the API reads it: a leaf or a group.
type condition struct {
	Field      string   `json:"field,omitempty"`
	Value      any      `json:"value,omitempty"`
	Operator   Operator `json:"operator,omitempty"`
	Conditions []Filter `json:"conditions,omitempty"`
	Negate     bool     `json:"negate,omitempty"`
}

// Value is what a field is compared with.
type Value interface{ string | int | ID | bool }

// In lets a job through if the field has one of the values.
func In[V Value](field string, values ...V) Filter { return leaf(field, OperatorOr, values) }

// AllOf lets a job through if the field, which may have several values, has all of these.
func AllOf[V Value](field string, values ...V) Filter { return leaf(field, OperatorAnd, values) }

func leaf[V Value](field string, operator Operator, values []V) Filter {
	c := &condition{Field: field, Value: append([]V{}, values...), Operator: operator}
	if len(values) == 1 {
		c.Value, c.Operator = values[0], ""
	}
	return Filter{c}
}

// Between lets a job through if a date lies between from and to, both included. The zero time leaves that end open.
func Between(field string, from, to time.Time) Filter {
	return Filter{&condition{Field: field, Value: struct {
		From string `json:"from,omitempty"`
		To   string `json:"to,omitempty"`
	}{date(from), date(to)}}}
}

// date is a time as the API writes it: to the second, with +00:00.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05+00:00")
}

// Has lets a job through if the field has any value.
func Has(field string) Filter { return Filter{&condition{Field: field}} }

// And lets a job through if all of the filters do.
func And(filters ...Filter) Filter { return group(OperatorAnd, filters) }

// Or lets a job through if one of the filters does.
func Or(filters ...Filter) Filter { return group(OperatorOr, filters) }

// group leaves out filters that let everything through. (With Or that is a choice: they stand for a condition that was not given.)
func group(operator Operator, filters []Filter) Filter {
	c := &condition{Operator: operator}
	for _, f := range filters {
		if !f.IsZero() {
			c.Conditions = append(c.Conditions, f)
		}
	}
	switch len(c.Conditions) {
	case 0:
		return Filter{}
	case 1:
		return c.Conditions[0]
	}
	return Filter{c}
}

// Not lets a job through if the filter does not. Of the zero value it makes the zero value.
func Not(filter Filter) Filter {
	if filter.IsZero() {
		return filter
	}
	opposite := *filter.wire
	opposite.Negate = !opposite.Negate
	return Filter{&opposite}
}

// IsZero says whether the filter lets everything through because it is none.
func (f Filter) IsZero() bool { return f.wire == nil }

// MarshalJSON writes the filter as the API reads it.
func (f Filter) MarshalJSON() ([]byte, error) { return json.Marshal(f.wire) }
