package tokencount

import (
	"fmt"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib/figure"
)

// Figure draws a histogram for each analysis, at most six, with the lengths that the model reads.
func Figure(title string, analyses []Analysis) (*figure.Figure, error) {
	panels := make([]figure.TokenCounts, len(analyses))
	for i, a := range analyses {
		panels[i] = figure.TokenCounts{Heading: fmt.Sprintf("%s of %s", plural(a.Role), filepath.Base(a.File)), Counts: a.Counts, Limit: a.Limit}
	}
	return figure.TokenHistogram(title, panels)
}

func plural(role string) string {
	if role == query {
		return "queries"
	}
	return "documents"
}
