package notebook

import (
	"errors"
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	// expectation is the comment by which a cell states what it must show.
	expectation = regexp.MustCompile(`(?m)^\s*//\s*expect:\s*(\S.*?)\s*$`)
	// tolerant is an expectation that ends in a number and how far off it may be.
	tolerant = regexp.MustCompile(`^(.*\S) ([-+]?[\d.]+) ± ([\d.]+)$`)
	// leading is a number at the beginning of a text, which a sentence may go on after.
	leading = regexp.MustCompile(`^ ?([-+]?\d+(?:\.\d+)?)`)
	markup  = regexp.MustCompile(`<[^>]*>`)
)

// missing returns an error that names what a cell must show and does not.
func missing(source string, outputs []*output) error {
	var all strings.Builder
	for _, o := range outputs {
		text := o.visible()
		if o.text("text/html") != "" {
			text = html.UnescapeString(markup.ReplaceAllString(text, " "))
		}
		all.WriteString(text + "\n")
	}
	shown := oneLine(all.String())
	var err error
	for _, m := range expectation.FindAllStringSubmatch(source, -1) {
		err = errors.Join(err, expect(shown, oneLine(m[1])))
	}
	return err
}

// expect returns an error if what is shown lacks what is wanted.
func expect(shown, wanted string) error {
	m := tolerant.FindStringSubmatch(wanted)
	if m == nil {
		if !strings.Contains(shown, wanted) {
			return fmt.Errorf("the output lacks %q, which the cell says to expect", wanted)
		}
		return nil
	}
	want, wantErr := strconv.ParseFloat(m[2], 64)
	tolerance, err := strconv.ParseFloat(m[3], 64)
	if err := errors.Join(wantErr, err); err != nil {
		return fmt.Errorf("the cell says to expect %q: %w", wanted, err)
	}
	seen := "nothing"
	for _, after := range strings.Split(shown, m[1])[1:] {
		number := leading.FindStringSubmatch(after)
		if number == nil {
			continue
		}
		seen = number[1]
		if got, err := strconv.ParseFloat(seen, 64); err == nil && math.Abs(got-want) <= tolerance*(1+1e-9) {
			return nil
		}
	}
	return fmt.Errorf("the output has %s where the cell says to expect %q", seen, wanted)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
