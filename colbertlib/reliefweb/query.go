package reliefweb

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
)

// Query asks for jobs. The zero value asks for the ten newest that are open.
type Query struct {
	Search  *Search  // a full-text search; nil for none
	Filter  Filter   // see In, AllOf, Between, Has, And, Or and Not; the zero value lets everything through
	Fields  Fields   // added to, or taken from, what Profile gives
	Sort    []string // such as "date.created:desc"; empty for the newest first, or for the best match first in a search, when pages may overlap
	Limit   int      // 1 to 1000 jobs; 0 for the API's default of 10; NoJobs for none
	Offset  int      // how many matches are skipped. The API serves the first 10,000 matches only: see Client.ChangedJobs for more.
	Preset  Preset
	Profile Profile
	Facets  []Facet
}

// NoJobs as a limit asks for counts and facets only.
const NoJobs = -1

const (
	defaultLimit = 10
	maxLimit     = 1000 // the most jobs that the API gives at once
)

// Search is a full-text search.
type Search struct {
	Value    string   `json:"value"`
	Fields   []string `json:"fields,omitempty"`   // such as "title^5", which weighs a field; empty for the API's choice
	Operator Operator `json:"operator,omitempty"` // between the words of Value; empty for OR
}

// Operator joins words, values or conditions.
type Operator string

// The operators.
const (
	OperatorAnd Operator = "AND"
	OperatorOr  Operator = "OR"
)

// Fields chooses what the API sends of each job. The name of a parent stands for all below it: "source", "source.name".
type Fields struct {
	Include []string `json:"include,omitempty"`
	Exclude []string `json:"exclude,omitempty"`
}

// Preset says which jobs are meant unless a filter says otherwise.
type Preset string

// The presets.
const (
	PresetMinimal  Preset = "minimal"  // open jobs; the API's default
	PresetLatest   Preset = "latest"   // open jobs, newest first
	PresetAnalysis Preset = "analysis" // expired and archived jobs too: what a training set needs
)

// Profile is a choice of fields.
type Profile string

// The profiles.
const (
	ProfileMinimal Profile = "minimal" // the title
	ProfileList    Profile = "list"    // what ReliefWeb's lists show
	ProfileFull    Profile = "full"    // everything
)

// Facet counts the values of a field.
type Facet struct {
	Field    string `json:"field"`
	Name     string `json:"name,omitempty"`     // of the result; empty for Field
	Limit    int    `json:"limit,omitempty"`    // values; 0 for the API's default
	Interval string `json:"interval,omitempty"` // of dates: "day", "week", "month", "year"
	Sort     string `json:"sort,omitempty"`     // such as "count:desc"
	Scope    string `json:"scope,omitempty"`    // "query" counts the matches, "global" everything
	Filter   Filter `json:"filter,omitzero"`    // counts what passes it
}

var sortPattern = regexp.MustCompile(`^[a-z_.-]+:(asc|desc)$`)

// body is the query as JSON, with the default order and limit written out.
func (q Query) body() ([]byte, error) {
	limit := q.Limit
	switch {
	case limit == 0:
		limit = defaultLimit
	case limit == NoJobs:
		limit = 0
	case limit < 0 || limit > maxLimit:
		return nil, fmt.Errorf("reliefweb: limit %d; valid are 1 to %d, 0 for %d, and NoJobs", q.Limit, maxLimit, defaultLimit)
	}
	if q.Offset < 0 {
		return nil, fmt.Errorf("reliefweb: offset %d; it cannot be negative", q.Offset)
	}
	sort := q.Sort
	if len(sort) == 0 && q.Search == nil {
		sort = []string{"date.created:desc", "id:desc"}
	}
	for _, by := range sort {
		if !sortPattern.MatchString(by) {
			return nil, fmt.Errorf("reliefweb: sort %q; expected a field and a direction, such as date.created:desc", by)
		}
	}
	for _, facet := range q.Facets {
		if facet.Field == "" {
			return nil, errors.New("reliefweb: a facet without a field")
		}
	}
	body, err := json.Marshal(struct {
		Preset  Preset   `json:"preset,omitempty"`
		Profile Profile  `json:"profile,omitempty"`
		Limit   int      `json:"limit"`
		Offset  int      `json:"offset"`
		Sort    []string `json:"sort,omitempty"`
		Query   *Search  `json:"query,omitempty"`
		Filter  Filter   `json:"filter,omitzero"`
		Fields  *Fields  `json:"fields,omitempty"`
		Facets  []Facet  `json:"facets,omitempty"`
	}{q.Preset, q.Profile, limit, q.Offset, sort, q.Search, q.Filter, q.Fields.orNil(), q.Facets})
	if err != nil {
		return nil, fmt.Errorf("reliefweb: query: %w", err)
	}
	return body, nil
}

func (f Fields) orNil() *Fields {
	if len(f.Include)+len(f.Exclude) == 0 {
		return nil
	}
	return &f
}
