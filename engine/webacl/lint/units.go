package lint

import "strconv"

// units writes a number of capacity units.
func units(n int) string {
	s := strconv.Itoa(n)
	if n >= 1000 {
		s = s[:len(s)-3] + "," + s[len(s)-3:]
	}
	return s + " WCU"
}
