package diag

import (
	"strings"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"orders", "orders", 0},
		{"oders", "orders", 1},
		{"roders", "orders", 2},
		{"", "abc", 3},
		{strings.Repeat("x", 1<<20), "x", 199},
	} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("from %.20q to %.20q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
