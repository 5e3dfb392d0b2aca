// Package tabular reads advertisements from what any jobs board can export: a table (CSV, TSV) or JSON lines, whatever its columns are called.
package tabular

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/nearest"
)

// Fields are what an advertisement can have. Title and body must be there; the others may be missing.
//
// Category holds a label's id or name. Several of them are separated by | or ;, and the first counts. Without an id, a hash of the text is the id, so that it
// stays the same when the table grows.
var Fields = []string{"title", "body", "category", "id", "language", "url", "employer", "date"}

// Columns says which column holds a field that is not called like it: {"body": "Job description"}. Capitals do not matter.
type Columns map[string]string

// ParseColumns reads "title=Job title,body=Description".
func ParseColumns(text string) (Columns, error) {
	columns := Columns{}
	if text == "" {
		return columns, nil
	}
	for assignment := range strings.SplitSeq(text, ",") {
		field, column, ok := strings.Cut(assignment, "=")
		field = strings.TrimSpace(field)
		switch {
		case !ok || strings.TrimSpace(column) == "":
			return nil, fmt.Errorf("tabular: %q, expected FIELD=COLUMN", assignment)
		case !slices.Contains(Fields, field):
			return nil, fmt.Errorf("tabular: unknown field %q; the nearest is %q, all are %s", field, nearest.Name(field, Fields), strings.Join(Fields, ", "))
		}
		columns[field] = strings.TrimSpace(column)
	}
	return columns, nil
}

// Read gives the advertisements of a file one after the other and ends after the first error, which names the line. The file's kind is told by the end of
// its name: .csv, .tsv, .jsonl, .ndjson or .json. A table has its columns' names in the first row; its separator, comma, semicolon or tab, is told by that row. A category
// that labels does not have gives an advertisement without label.
func Read(r io.Reader, name string, columns Columns, labels []dataset.Label) iter.Seq2[dataset.Ad, error] {
	t := table{name: name, columns: columns, labels: labels}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".tsv", ".txt":
		return t.csv(r)
	case ".jsonl", ".ndjson", ".json":
		return t.jsonLines(r)
	}
	return func(yield func(dataset.Ad, error) bool) {
		yield(dataset.Ad{}, fmt.Errorf("tabular: %s: the name must end in .csv, .tsv or .jsonl", name))
	}
}

type table struct {
	name    string
	columns Columns
	labels  []dataset.Label
}

func (t table) column(field string) string { return cmp.Or(t.columns[field], field) }

func (t table) csv(r io.Reader) iter.Seq2[dataset.Ad, error] {
	return func(yield func(dataset.Ad, error) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
			_, _ = in.Discard(3) // peeked at, so they are there
		}
		rows := csv.NewReader(in)
		rows.Comma = separator(in)
		rows.ReuseRecord = true
		places, err := t.heading(rows)
		for err == nil {
			var row []string
			row, err = rows.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				break
			}
			line, _ := rows.FieldPos(0)
			var ad dataset.Ad
			ad, err = t.ad(line, func(field string) string {
				if place, ok := places[field]; ok {
					return row[place]
				}
				return ""
			})
			if err == nil && !yield(ad, nil) {
				return
			}
		}
		yield(dataset.Ad{}, fmt.Errorf("tabular: %s: %w", t.name, err))
	}
}

// separator looks at the first row.
func separator(in *bufio.Reader) rune {
	start, _ := in.Peek(4 << 10) // less, if the file is short
	first, _, _ := bytes.Cut(start, []byte("\n"))
	best, most := ',', bytes.Count(first, []byte(","))
	for _, r := range []rune{';', '\t'} {
		if n := bytes.Count(first, []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}

// heading finds the columns of the fields.
func (t table) heading(rows *csv.Reader) (map[string]int, error) {
	row, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty, expected a row of columns' names")
	}
	if err != nil {
		return nil, err
	}
	names := slices.Clone(row)
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	places := map[string]int{}
	for _, field := range Fields {
		called := func(name string) bool { return strings.EqualFold(name, t.column(field)) }
		if place := slices.IndexFunc(names, called); place >= 0 {
			places[field] = place
		} else if err := t.missing(field, names); err != nil {
			return nil, err
		}
	}
	return places, nil
}

// missing complains of a column that must be there, or that the user named.
func (t table) missing(field string, names []string) error {
	if _, named := t.columns[field]; !named && field != "title" && field != "body" {
		return nil
	}
	return fmt.Errorf("no column is called %q (%s); the nearest is %q, all are %s; --columns %s=NAME says which it is",
		t.column(field), field, nearest.Name(t.column(field), names), strings.Join(names, ", "), field)
}

func (t table) jsonLines(r io.Reader) iter.Seq2[dataset.Ad, error] {
	return func(yield func(dataset.Ad, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 64<<10), 64<<20)
		for number := 1; lines.Scan(); number++ {
			text := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
			if len(text) == 0 {
				continue
			}
			ad, err := t.object(number, text)
			if err != nil {
				yield(dataset.Ad{}, fmt.Errorf("tabular: %s: %w", t.name, err))
				return
			}
			if !yield(ad, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(dataset.Ad{}, fmt.Errorf("tabular: %s: %w", t.name, err))
		}
	}
}

// object reads a line of JSON. Text, numbers and lists of them are values; a missing title or body is an error.
func (t table) object(line int, text []byte) (dataset.Ad, error) {
	if !utf8.Valid(text) {
		return dataset.Ad{}, fmt.Errorf("line %d: %w", line, notUTF8("the text"))
	}
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
		return dataset.Ad{}, fmt.Errorf("line %d is no JSON object: %w; expected one {\"title\": \"…\", \"body\": \"…\"} a line", line, err)
	}
	names := slices.Sorted(maps.Keys(object))
	for _, name := range names {
		if lower := strings.ToLower(name); object[lower] == nil {
			object[lower] = object[name]
		}
	}
	for _, field := range Fields {
		if _, ok := object[strings.ToLower(t.column(field))]; !ok {
			if err := t.missing(field, names); err != nil {
				return dataset.Ad{}, fmt.Errorf("line %d: %w", line, err)
			}
		}
	}
	return t.ad(line, func(field string) string {
		value := object[strings.ToLower(t.column(field))]
		if field == "category" && value == nil {
			value = object["category_id"] // as in our own files
		}
		return plain(value)
	})
}

// plain writes a JSON value as a cell of a table.
func plain(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = plain(v[i])
		}
		return strings.Join(parts, "|")
	}
	return fmt.Sprint(value)
}

func notUTF8(what string) error {
	return fmt.Errorf("%s is not UTF-8; save the file as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE", what)
}

// ad makes an advertisement of the fields of a row.
func (t table) ad(line int, get func(field string) string) (dataset.Ad, error) {
	for _, field := range Fields {
		if !utf8.ValidString(get(field)) {
			return dataset.Ad{}, fmt.Errorf("line %d: %w", line, notUTF8(field))
		}
	}
	valid := func(field string) string { return strings.TrimSpace(get(field)) }
	ad := dataset.Ad{
		ID: valid("id"), Title: valid("title"), Body: valid("body"), Language: valid("language"), URL: valid("url"), Employer: valid("employer"), Date: valid("date"),
	}
	if ad.ID == "" {
		sum := sha256.Sum256([]byte(ad.Text()))
		ad.ID = "text-" + hex.EncodeToString(sum[:6])
	}
	if strings.ContainsAny(ad.ID, " \t\n\r") {
		return ad, fmt.Errorf("line %d: the id %.40q has white space in it", line, ad.ID)
	}
	if ad.Date != "" {
		if ad.Date = day(ad.Date); ad.Date == "" {
			return ad, fmt.Errorf("line %d: the date %.40q is not of the form 2026-05-31", line, valid("date"))
		}
	}
	var found []int
	for part := range strings.FieldsFuncSeq(valid("category"), func(r rune) bool { return r == '|' || r == ';' }) {
		if id := t.label(strings.TrimSpace(part)); id != 0 {
			found = append(found, id)
		}
	}
	if found = slices.Compact(found); len(found) > 0 {
		ad.Label = found[0]
	}
	if len(found) > 1 {
		ad.Second = found[1]
	}
	return ad, nil
}

// day is the beginning of an ISO 8601 date or time.
func day(text string) string {
	if len(text) < 10 || text[4] != '-' || text[7] != '-' {
		return ""
	}
	for _, part := range []string{text[:4], text[5:7], text[8:10]} {
		if n, err := strconv.Atoi(part); err != nil || n < 1 {
			return ""
		}
	}
	return text[:10]
}

// label finds a label by id or name, whatever its case, or returns 0.
func (t table) label(text string) int {
	for _, label := range t.labels {
		if strconv.Itoa(label.ID) == text || strings.EqualFold(label.Name, text) {
			return label.ID
		}
	}
	return 0
}
