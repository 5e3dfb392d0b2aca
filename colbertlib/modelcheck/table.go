package modelcheck

import (
	"fmt"
	"strconv"
)

// Table lists reports side by side, the first row being the heading. Counts that are not known are left out.
func Table(reports []Report) [][]string {
	rows := [][]string{{"model", "family", "verdict", "MLM head", "parameters", "layers", "hidden", "heads", "positions", "vocabulary", "memory to train", "to tag"}}
	for _, r := range reports {
		rows = append(rows, []string{
			r.Model, r.Family, string(r.Verdict), string(r.MLM), short(r.Parameters), count(r.Layers), count(r.Hidden), count(r.Heads), count(r.Positions), count(r.Vocabulary),
			bytes(r.Memory.Training), bytes(r.Memory.Tagging),
		})
	}
	return rows
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// short is a number of parameters as people say it.
func short(n int64) string {
	switch {
	case n == 0:
		return ""
	case n < 1_000_000:
		return fmt.Sprintf("%.1f K", float64(n)/1e3)
	case n < 1_000_000_000:
		return fmt.Sprintf("%.1f M", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f B", float64(n)/1e9)
}

// bytes is an estimated size.
func bytes(n int64) string {
	switch {
	case n == 0:
		return ""
	case n < 1_000_000_000:
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
