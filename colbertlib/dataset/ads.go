package dataset

import (
	"io"
	"strconv"
)

// ReadAds reads advertisements, one JSON object a line; blank lines are skipped. name stands for the file in errors.
//
// "title" and "body" must be there and must not both be empty. An advertisement without "id" gets its line number as id.
// The label may be given as "category_id", as "category" (the label's name) or not at all; given, it must be one of labels.
// With nil labels numbers are taken as they are and names are ignored, which is enough for tagging.
func ReadAds(r io.Reader, name string, labels []Label) ([]Ad, error) {
	const expected = `one {"title": "…", "body": "…"} a line`
	s, err := readSource(r, name, expected)
	if err != nil {
		return nil, err
	}
	elements, err := s.lines("ad", expected)
	if err != nil {
		return nil, err
	}
	ads := make([]Ad, len(elements))
	seen := make(map[string]int, len(elements)) // id -> line
	for i, e := range elements {
		ad, err := parseAd(e, labels)
		if err != nil {
			return nil, err
		}
		if first, ok := seen[ad.ID]; ok {
			return nil, e.errorf("id %s is already used in line %d", excerpt(ad.ID), first)
		}
		seen[ad.ID] = e.line
		ads[i] = ad
	}
	return ads, nil
}

func parseAd(e element, labels []Label) (Ad, error) {
	var in struct {
		ID         identifier `json:"id"`
		Title      *string    `json:"title"`
		Body       *string    `json:"body"`
		CategoryID *int       `json:"category_id"`
		Category   *string    `json:"category"`
		Language   string     `json:"language"`
		Source     string     `json:"source"`
	}
	if err := e.decode(&in); err != nil {
		return Ad{}, err
	}
	switch {
	case in.Title == nil:
		return Ad{}, e.errorf(`"title" is missing, expected {"title": "…", "body": "…"}`)
	case in.Body == nil:
		return Ad{}, e.errorf(`"body" is missing, expected {"title": "…", "body": "…"}`)
	case blank(*in.Title) && blank(*in.Body):
		return Ad{}, e.errorf(`"title" and "body" are both empty`)
	}
	ad := Ad{ID: string(in.ID), Title: *in.Title, Body: *in.Body, Language: in.Language, Source: in.Source}
	if ad.ID == "" {
		ad.ID = strconv.Itoa(e.line)
	}
	if in.CategoryID != nil {
		ad.Label = *in.CategoryID
	}
	if len(labels) == 0 {
		return ad, nil
	}
	if ad.Label != 0 {
		if err := checkID(labels, ad.Label); err != nil {
			return Ad{}, e.errorf(`"category_id": %w`, err)
		}
	}
	if in.Category != nil {
		label, err := byName(labels, *in.Category)
		if err != nil {
			return Ad{}, e.errorf(`"category": %w`, err)
		}
		if ad.Label != 0 && ad.Label != label.ID {
			return Ad{}, e.errorf(`"category_id" %d and "category" %q (%d) contradict each other`, ad.Label, label.Name, label.ID)
		}
		ad.Label = label.ID
	}
	return ad, nil
}
