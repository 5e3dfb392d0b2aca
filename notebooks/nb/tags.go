package nb

import (
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib"
)

// Tags is the best labels of a tagging, at most five, as a table for [Show].
func Tags(tagging colbertlib.Tagging) [][]string {
	rows := [][]string{{"label", "score"}}
	for _, tag := range tagging.Tags[:min(5, len(tagging.Tags))] {
		rows = append(rows, []string{tag.Name, fmt.Sprintf("%.2f", tag.Score)})
	}
	return rows
}
