package platform

import (
	"fmt"
	"slices"
	"strconv"
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

// subject names a value by its path: "port", or an item of "domains".
func subject(path string) string {
	name := last(path)
	if _, err := strconv.Atoi(name); err == nil && name != path {
		return "an item of " + strconv.Quote(last(path[:len(path)-len(name)-len(sep)]))
	}
	return strconv.Quote(name)
}

// place names a mapping by its path: service "orders", or "limit" of item 2 of
// "edge.routes".
func place(path string) string {
	if path == "" {
		return "the declaration"
	}
	parts := strings.Split(path, sep)
	kinds := map[string]string{"services": "service", "stores": "store", "data": "data", "operators": "operators"}
	head, rest := "", parts
	if k := kinds[parts[0]]; k != "" && len(parts) > 1 {
		head, rest = fmt.Sprintf("%s %q", k, parts[1]), parts[2:]
	}
	var keys []string
	for _, part := range rest {
		if n, err := strconv.Atoi(part); err == nil {
			head = of(fmt.Sprintf("item %d", n+1), of(dotted(keys), head))
			keys = nil
			continue
		}
		keys = append(keys, part)
	}
	return of(dotted(keys), head)
}

func dotted(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	return strconv.Quote(strings.Join(keys, "."))
}

// of joins what is in something with what it is in; either may be empty.
func of(part, whole string) string {
	if part == "" || whole == "" {
		return part + whole
	}
	return part + " of " + whole
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
		if diff := len(w) - len(got); diff >= least || -diff >= least {
			continue
		}
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
