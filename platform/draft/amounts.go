package draft

import (
	"strconv"

	"fathom/estate/tree"
)

// whole is a whole number of a manifest; 0 where there is none.
func whole(n *tree.Node) int {
	text, _ := n.Literal()
	v, err := strconv.Atoi(text)
	if err != nil || v < 0 {
		return 0
	}
	return v
}

// cpu writes an amount of CPU in thousandths: 500m, 2.
func cpu(milli int64) string {
	if milli <= 0 {
		milli = 250
	}
	if milli%1000 == 0 && milli < 1_000_000 {
		return strconv.FormatInt(milli/1000, 10)
	}
	return strconv.FormatInt(min(milli, 999_999), 10) + "m"
}

// memory writes an amount of memory in bytes, rounded up: 512Mi, 2Gi.
func memory(bytes int64) string {
	const mi, gi = 1 << 20, 1 << 30
	switch {
	case bytes <= 0:
		return "256Mi"
	case bytes%gi == 0 && bytes/gi < 1_000_000:
		return strconv.FormatInt(bytes/gi, 10) + "Gi"
	}
	return strconv.FormatInt(min((bytes-1)/mi+1, 999_999), 10) + "Mi"
}

// days writes so many days as a duration of a declaration.
func days(n int) string {
	if n > 0 && n%365 == 0 {
		return strconv.Itoa(n/365) + "y"
	}
	return strconv.Itoa(n) + "d"
}
