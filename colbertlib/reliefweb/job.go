package reliefweb

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// ID is ReliefWeb's number of a job, a category, a source and so on; always positive, 0 where it is not known.
//
// The API gives the same number as a string in one place and as a number in another. Both are read; a number is written.
type ID int

// UnmarshalJSON reads 9000003 and "9000003".
func (id *ID) UnmarshalJSON(data []byte) error {
	text := string(data)
	if text == "null" {
		return nil
	}
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = unquoted
	}
	number, err := strconv.ParseInt(text, 10, 53) // 53 bits are what every JSON library keeps
	if err != nil || number <= 0 {
		return fmt.Errorf("id %.40s is not a positive whole number", data)
	}
	*id = ID(number)
	return nil
}

// Job is an advertisement. What the API leaves out is empty: it omits whatever has no value, and whatever was not asked for.
type Job struct {
	ID         ID         `json:"id,omitzero"`
	Title      string     `json:"title"`
	Body       string     `json:"body"`         // Markdown
	HowToApply string     `json:"how_to_apply"` // Markdown
	URL        string     `json:"url"`          // lasting: https://reliefweb.int/node/ID
	Alias      string     `json:"url_alias"`    // readable: https://reliefweb.int/job/ID/title
	Status     string     `json:"status"`       // "published", "expired", …
	Date       Dates      `json:"date"`
	Languages  []Language `json:"language"`
	Countries  []Country  `json:"country"` // none: remote, roving or not said
	Cities     []City     `json:"city"`
	Sources    []Source   `json:"source"` // who advertises; usually one
	Types      []Term     `json:"type"`   // Job, Consultancy, Internship, Volunteer Opportunity
	Themes     []Term     `json:"theme"`
	Categories []Term     `json:"career_categories"` // one where an editor has tagged the job
	Experience []Term     `json:"experience"`        // in years
}

// Dates of a job; the zero time where one is not known.
type Dates struct {
	Created time.Time `json:"created,omitzero"`
	Changed time.Time `json:"changed,omitzero"` // by an editor, last
	Closing time.Time `json:"closing,omitzero"` // for applications
}

// Term is an entry of one of ReliefWeb's vocabularies.
type Term struct {
	ID   ID     `json:"id,omitzero"`
	Name string `json:"name"`
}

// Language is what a job is written in.
type Language struct {
	ID   ID     `json:"id,omitzero"`
	Name string `json:"name"`
	Code string `json:"code"` // "en"
}

// Country is where a job is.
type Country struct {
	ID        ID     `json:"id,omitzero"`
	Name      string `json:"name"`
	Shortname string `json:"shortname"`
	ISO3      string `json:"iso3"` // lower case
	Primary   bool   `json:"primary"`
}

// City is where a job is. ReliefWeb gives cities no ids.
type City struct {
	Name string `json:"name"`
}

// Source is the organisation that advertises.
type Source struct {
	ID        ID     `json:"id,omitzero"`
	Name      string `json:"name"`
	Shortname string `json:"shortname"`
	Longname  string `json:"longname"`
	Type      Term   `json:"type"`
	Homepage  string `json:"homepage"`
}

// Category is a career category: one of the labels that ReliefWeb's editors choose from.
type Category struct {
	ID          ID     `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"` // Markdown
}

// maxItem is the longest item that is decoded, in bytes. ReliefWeb takes bodies of up to 100,000 characters, and each text may come twice, as Markdown and as HTML.
const maxItem = 8 << 20

// DecodeJob reads one item of the API's "data": {"id": …, "fields": {…}}. Unknown fields are ignored.
func DecodeJob(item []byte) (Job, error) {
	id, job, err := decodeItem[Job](item)
	if err != nil {
		return Job{}, err
	}
	if job.ID != 0 && job.ID != id {
		return Job{}, fmt.Errorf("reliefweb: job %d says in its fields that it is %d", id, job.ID)
	}
	job.ID = id
	return job, nil
}

// DecodeCategory reads one item of the answer to references/career-categories, or to another list of references.
func DecodeCategory(item []byte) (Category, error) {
	id, category, err := decodeItem[Category](item)
	if err != nil {
		return Category{}, err
	}
	if category.ID != 0 && category.ID != id || category.Name == "" {
		return Category{}, fmt.Errorf("reliefweb: category %d has no name, or another id in its fields (%d)", id, category.ID)
	}
	category.ID = id
	return category, nil
}

// decodeItem reads an item's id and its fields.
func decodeItem[T any](item []byte) (id ID, fields T, err error) {
	if len(item) > maxItem {
		return 0, fields, fmt.Errorf("reliefweb: an item of %d bytes, at most %d are read", len(item), maxItem)
	}
	var wire struct {
		ID     ID
		Fields *T
	}
	if err := json.Unmarshal(item, &wire); err != nil {
		if id := itemID(item); id != 0 {
			return 0, fields, fmt.Errorf("reliefweb: item %d: %w", id, err)
		}
		return 0, fields, fmt.Errorf("reliefweb: item: %w", err)
	}
	if wire.ID == 0 {
		return 0, fields, errors.New("reliefweb: an item without an id")
	}
	if wire.Fields == nil {
		return 0, fields, fmt.Errorf("reliefweb: item %d has no fields", wire.ID)
	}
	return wire.ID, *wire.Fields, nil
}

// itemID is the id of an item that may be broken otherwise, or 0.
func itemID(item []byte) ID {
	var wire struct{ ID ID }
	if json.Unmarshal(item, &wire) != nil {
		return 0
	}
	return wire.ID
}
