// Package nearest finds the known name that a mistyped one probably meant, for error messages.
package nearest

// Name returns the candidate with the smallest edit distance to name, the first of equals, and "" if there are no candidates.
func Name(name string, candidates []string) string {
	best, smallest := "", 0
	for i, candidate := range candidates {
		if d := Distance(name, candidate); i == 0 || d < smallest {
			best, smallest = candidate, d
		}
	}
	return best
}

// longest is how many runes of a name count; what people mistype is shorter, and hostile input must not cost time.
const longest = 256

// Distance is the number of runes to insert, delete or replace to turn a into b (Levenshtein 1966).
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	x, y = x[:min(len(x), longest)], y[:min(len(y), longest)]
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range y {
			cost := diagonal
			if r != s {
				cost = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(y)]
}
