package dataset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strconv"
)

// ReadAds reads advertisements, one JSON object a line; blank lines are skipped. name stands for the file in errors.
//
// "title" and "body" must be there and must not both be empty. An advertisement without "id" gets its line number as id.
// The label may be given as "category_id", as "category" (the label's name) or not at all; given, it must be one of labels.
// With nil labels numbers are taken as they are and names are ignored, which is enough for tagging.
func ReadAds(r io.Reader, name string, labels []Label) ([]Ad, error) {
	s, err := readSource(r, name, expectedAd)
	if err != nil {
		return nil, err
	}
	var ads []Ad
	for ad, err := range ScanAds(bytes.NewReader(s.data), name, labels) {
		if err != nil {
			return nil, err
		}
		ads = append(ads, ad)
	}
	return ads, nil
}

const expectedAd = `one {"title": "…", "body": "…"} a line`

// maxLine is the longest line of a file of advertisements, in bytes.
const maxLine = 64 << 20

// ScanAds is [ReadAds] for files of any size: it gives one advertisement after the other and keeps only their ids. It ends after the first error.
// An empty file is no error here.
func ScanAds(r io.Reader, name string, labels []Label) iter.Seq2[Ad, error] {
	return func(yield func(Ad, error) bool) {
		seen := map[string]int{} // id -> line
		for e, err := range scanLines(r, name, "ad", expectedAd) {
			if err != nil {
				yield(Ad{}, err)
				return
			}
			ad, err := parseAd(e, labels)
			if first, ok := seen[ad.ID]; err == nil && ok {
				err = e.errorf("id %s is already used in line %d", excerpt(ad.ID), first)
			}
			if err != nil {
				yield(Ad{}, err)
				return
			}
			seen[ad.ID] = e.line
			if !yield(ad, nil) {
				return
			}
		}
	}
}

// scanLines gives the JSON values of a file of JSON lines; blank lines are skipped, as is a byte order mark.
func scanLines(r io.Reader, name, what, expected string) iter.Seq2[element, error] {
	return func(yield func(element, error) bool) {
		scanner := bufio.NewScanner(r)
		scanner.Buffer(make([]byte, 64<<10), maxLine)
		ordinal, number := 0, 0
		for scanner.Scan() {
			number++
			line := scanner.Bytes()
			if number == 1 {
				line = bytes.TrimPrefix(line, []byte("\ufeff"))
			}
			text := bytes.TrimSpace(line)
			if len(text) == 0 {
				continue
			}
			ordinal++
			s := source{name: name, data: line, before: number - 1}
			e := element{source: s, line: number, ordinal: ordinal, what: what}
			err := s.check()
			if err == nil {
				if err = json.Unmarshal(text, &e.raw); err != nil {
					err = s.syntax(err, bytes.Index(line, text), expected)
				}
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
		if err := scanner.Err(); err != nil {
			yield(element{}, fmt.Errorf("dataset: %s:%d: %w; expected %s, each of at most %d MB", name, number+1, err, expected, maxLine>>20))
		}
	}
}

func parseAd(e element, labels []Label) (Ad, error) {
	var in struct {
		ID         identifier `json:"id"`
		Title      *string    `json:"title"`
		Body       *string    `json:"body"`
		CategoryID *int       `json:"category_id"`
		Category   *string    `json:"category"`
		Second     int        `json:"second_category_id"`
		Language   string     `json:"language"`
		Source     string     `json:"source"`
		URL        string     `json:"url"`
		Employer   string     `json:"employer"`
		Date       string     `json:"date"`
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
	ad := Ad{
		ID: string(in.ID), Title: *in.Title, Body: *in.Body, Second: in.Second, Language: in.Language, Source: in.Source,
		URL: in.URL, Employer: in.Employer, Date: in.Date,
	}
	if ad.ID == "" {
		ad.ID = strconv.Itoa(e.line)
	}
	if in.CategoryID != nil {
		ad.Label = *in.CategoryID
	}
	if len(labels) == 0 {
		return ad, nil
	}
	if ad.Second != 0 {
		if err := checkID(labels, ad.Second); err != nil {
			return Ad{}, e.errorf(`"second_category_id": %w`, err)
		}
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
