package eval

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// WriteTREC writes a run as a TREC run file, "query Q0 document rank score tag" a line: queries in the order of their ids,
// ranks from 1. The tag names what made the run. The file is replaced as a whole, with the same bytes for the same run.
//
// Ids and tag must not be empty or hold white space, and scores must be finite numbers in falling order. A query with an
// empty ranking leaves no line, so that [ReadTREC] does not bring it back; for [Evaluate] that is the same.
func WriteTREC(path string, run Run, tag string) error {
	if err := checkTREC(run, tag); err != nil {
		return fmt.Errorf("eval: write %s: %w", path, err)
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		for _, query := range slices.Sorted(maps.Keys(run)) {
			for i, d := range run[query] {
				fmt.Fprintf(out, "%s Q0 %s %d %s %s\n", query, d.ID, i+1, strconv.FormatFloat(d.Score, 'g', -1, 64), tag)
			}
		}
		return out.Flush()
	})
	if err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	return nil
}

func checkTREC(run Run, tag string) error {
	if !isField(tag) {
		return fmt.Errorf("the tag %q must be one word", tag)
	}
	for query, ranking := range run {
		if !isField(query) {
			return fmt.Errorf("the query id %q must be one word", query)
		}
		seen := make(map[string]bool, len(ranking))
		for i, d := range ranking {
			switch {
			case !isField(d.ID):
				return fmt.Errorf("query %q: the document id %q must be one word", query, d.ID)
			case seen[d.ID]:
				return fmt.Errorf("query %q: document %q is ranked twice", query, d.ID)
			case math.IsNaN(d.Score) || math.IsInf(d.Score, 0):
				return fmt.Errorf("query %q, document %q: the score is %g", query, d.ID, d.Score)
			case i > 0 && d.Score > ranking[i-1].Score:
				return fmt.Errorf("query %q: document %q scores higher than the one before it", query, d.ID)
			}
			seen[d.ID] = true
		}
	}
	return nil
}

// isField says whether text can be one column of a TREC file.
func isField(text string) bool { return text != "" && !strings.ContainsFunc(text, unicode.IsSpace) }

// ReadTREC reads a TREC run file, any tool's. name stands for the file in errors. As trec_eval does, it orders by score
// rather than by the file's ranks; equal scores keep the order of the ranks, then of the lines.
func ReadTREC(r io.Reader, name string) (Run, error) {
	entries := map[string][]entry{}
	firstLine := map[[2]string]int{} // query and document -> line
	scanner := bufio.NewScanner(r)
	line := 0
	for scanner.Scan() {
		line++
		text := strings.TrimPrefix(scanner.Text(), "\ufeff")
		if strings.TrimSpace(text) == "" {
			continue
		}
		e, err := parseEntry(text)
		if first, ok := firstLine[[2]string{e.query, e.ID}]; ok && err == nil {
			err = fmt.Errorf("document %q of query %q stands in line %d already", e.ID, e.query, first)
		}
		if err != nil {
			start := []rune(text)
			return nil, fmt.Errorf("eval: %s:%d: %w; the line starts %q", name, line, err, string(start[:min(60, len(start))]))
		}
		firstLine[[2]string{e.query, e.ID}] = line
		entries[e.query] = append(entries[e.query], e)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("eval: read %s after line %d: %w", name, line, err)
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("eval: %s: the file is empty, expected lines of query Q0 document rank score tag", name)
	}
	run := make(Run, len(entries))
	for query, list := range entries {
		slices.SortStableFunc(list, func(a, b entry) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.rank, b.rank))
		})
		for _, e := range list {
			run[query] = append(run[query], e.Scored)
		}
	}
	return run, nil
}

// entry is one line of a TREC run file.
type entry struct {
	Scored
	query string
	rank  int
}

func parseEntry(line string) (entry, error) {
	fields := strings.Fields(line)
	if len(fields) != 6 {
		return entry{}, fmt.Errorf("found %d columns, expected 6: query Q0 document rank score tag", len(fields))
	}
	rank, err := strconv.Atoi(fields[3])
	if err != nil {
		return entry{}, errors.New("the rank (4th column) must be a whole number")
	}
	score, err := strconv.ParseFloat(fields[4], 64)
	if err != nil || math.IsNaN(score) || math.IsInf(score, 0) {
		return entry{}, errors.New("the score (5th column) must be a finite number")
	}
	return entry{Scored: Scored{ID: fields[2], Score: score}, query: fields[0], rank: rank}, nil
}
