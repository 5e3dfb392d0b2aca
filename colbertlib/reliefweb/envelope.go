package reliefweb

import (
	"encoding/json"
	"errors"
	"fmt"
)

// envelope is what every successful answer is wrapped in.
type envelope struct {
	Time  int `json:"time"` // ms
	Took  int `json:"took"` // ms
	Total int `json:"totalCount"`
	Count int `json:"count"`
	Links struct {
		Next *struct {
			Href string `json:"href"`
		} `json:"next"`
	} `json:"links"`
	Data     []json.RawMessage `json:"data"`
	Embedded struct {
		Facets map[string]FacetResult `json:"facets"`
	} `json:"embedded"`
}

// FacetResult is how many matches each value of a field has.
type FacetResult struct {
	Type string `json:"type"` // "term" or "date"
	Data []struct {
		Value string `json:"value"`
		Count int    `json:"count"`
	} `json:"data"`
	Missing int  `json:"missing"` // matches without a value
	More    bool `json:"more"`    // whether there are more values than were asked for
}

// decodeEnvelope reads an answer with status 200. Items are left as they are, so that one that is broken does not hide the others.
func decodeEnvelope(content []byte) (envelope, error) {
	var e envelope
	if err := json.Unmarshal(content, &e); err != nil {
		return envelope{}, fmt.Errorf("no JSON as the API gives it: %w", err)
	}
	switch {
	case e.Data == nil:
		return envelope{}, errors.New(`no "data" in the answer`)
	case e.Count != len(e.Data):
		return envelope{}, fmt.Errorf(`"count" is %d, but there are %d items`, e.Count, len(e.Data))
	case e.Total < 0:
		return envelope{}, fmt.Errorf(`"totalCount" is %d`, e.Total)
	}
	return e, nil
}
