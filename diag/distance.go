package diag

import "github.com/agext/levenshtein"

// Distance is how many letters of a name have to be added, taken away or
// changed to make another of it: what a misspelt name most likely means is the
// nearest of those that exist. Only the first 200 bytes count, so that names
// somebody made long cost little.
func Distance(a, b string) int {
	const most = 200
	return levenshtein.Distance(a[:min(len(a), most)], b[:min(len(b), most)], nil)
}
