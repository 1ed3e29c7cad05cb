package platform

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fathom/diag"
)

// sep joins the keys of a path; no key that a declaration may have holds it.
const sep = "\x00"

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + sep + key
}

func last(path string) string { return path[strings.LastIndex(path, sep)+1:] }

// place names a mapping by its path: service "orders", or edge.limit.
func place(path string) string {
	parts := strings.Split(path, sep)
	kinds := map[string]string{"services": "service", "stores": "store", "data": "data", "operators": "operator"}
	if k := kinds[parts[0]]; k != "" && len(parts) > 1 {
		out := fmt.Sprintf("%s %q", k, parts[1])
		if len(parts) > 2 {
			out = fmt.Sprintf("%q of %s", strings.Join(parts[2:], "."), out)
		}
		return out
	}
	if path == "" {
		return "the declaration"
	}
	return fmt.Sprintf("%q", strings.Join(parts, "."))
}

// or lists words: a, b or c.
func or(words []string) string { return series(words, "or") }

// and lists words: a, b and c.
func and(words []string) string { return series(words, "and") }

func series(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

// nearest is the word that a misspelt one most likely means, or nothing.
func nearest(got string, words []string) string {
	best, least := "", len(got)/3+2
	for _, w := range words {
		if d := diag.Distance(strings.ToLower(got), strings.ToLower(w)); d < least {
			best, least = w, d
		}
	}
	return best
}

// hint suggests the nearest of some words, or lists them where none is near.
func hint(got string, words []string) string {
	if near := nearest(got, words); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(words) == 0 {
		return "take it away"
	}
	words = slices.Clone(words)
	if len(words) > 25 {
		words = append(words[:25], "…")
	}
	return "use " + or(words)
}

// short writes a duration as a declaration does, in the largest unit that fits.
func short(d time.Duration) string {
	for _, u := range []byte{'y', 'd', 'h', 'm'} {
		if n := d / units[u]; n > 0 && d%units[u] == 0 {
			return fmt.Sprintf("%d%c", n, u)
		}
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
