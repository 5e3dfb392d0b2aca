// Package dataset reads, checks and writes the texts that a tagger is trained and judged on: labels, advertisements and
// training triples.
//
// Three file shapes are known, and all of them are UTF-8:
//
//   - labels.json, a JSON array of {"id", "name", "description"};
//   - a split file, a JSON array of triples {"query", "positive", "negative"}, the shape of the reported experiment's own files;
//   - advertisements as JSON lines, {"title", "body", "category_id" or "category", "id"}; [Ad] has the other keys.
//
// Keys beyond these are allowed and ignored. Everything else is strict: a file is read whole or refused with an error that
// names file and line, says what was expected and quotes the beginning of what was found. Readers never panic.
//
// All functions are safe for concurrent use; none keeps state.
package dataset

// Label is one category. Its description is the document that advertisements are scored against.
type Label struct {
	ID          int    `json:"id"` // positive; 0 means "unknown" in [Ad] and [Triple]
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Ad is one advertisement.
type Ad struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Body     string `json:"body"`
	Label    int    `json:"category_id,omitempty"`        // a Label's ID; 0 if unknown
	Second   int    `json:"second_category_id,omitempty"` // another Label's ID, if whoever tagged it could not decide
	Language string `json:"language,omitempty"`           // e.g. "en"
	Source   string `json:"source,omitempty"`             // where the text is from, e.g. "synthetic"
	URL      string `json:"url,omitempty"`                // of the advertisement at its source
	Employer string `json:"employer,omitempty"`           // the organisation that advertises
	Date     string `json:"date,omitempty"`               // of publication, YYYY-MM-DD
}

// Text is what a model is given as the query: title, line break, body.
func (a Ad) Text() string { return a.Title + "\n" + a.Body }

// Query is the advertisement as a ranking task.
func (a Ad) Query() Query {
	return Query{ID: a.ID, Text: a.Text(), Label: a.Label, Language: a.Language, Source: a.Source, URL: a.URL}
}

// Triple is one training example: an advertisement's text with the description of its label and that of a wrong one.
// Several triples may share a query, each with another negative.
type Triple struct {
	Query    string `json:"query"`
	Positive string `json:"positive"`
	Negative string `json:"negative"`
	ID       string `json:"id,omitempty"`       // the advertisement's
	Label    int    `json:"label,omitempty"`    // ID of the label that Positive describes; 0 if unknown
	Source   string `json:"source,omitempty"`   // as in Ad
	Language string `json:"language,omitempty"` // as in Ad
	URL      string `json:"url,omitempty"`      // as in Ad
}

// Query is one text to be ranked, with the label that should come first.
type Query struct {
	ID       string
	Text     string
	Label    int // 0 if unknown
	Language string
	Source   string
	URL      string
}
