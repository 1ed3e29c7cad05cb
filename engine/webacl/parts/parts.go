package parts

import (
	"iter"
	"strings"
)

// Query splits a query string at each ampersand into names and values. An
// argument without an equals sign has a name and an empty value; empty arguments
// are left out.
func Query(query string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for query != "" {
			var arg string
			arg, query, _ = strings.Cut(query, "&")
			if arg == "" {
				continue
			}
			name, value, _ := strings.Cut(arg, "=")
			if !yield(name, value) {
				return
			}
		}
	}
}

// Cookies splits the value of a Cookie header at each semicolon (RFC 6265, 5.4).
// White space around a cookie is no part of it; one without an equals sign has a
// name and an empty value.
func Cookies(header string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for header != "" {
			var one string
			one, header, _ = strings.Cut(header, ";")
			if one = strings.Trim(one, " \t"); one == "" {
				continue
			}
			name, value, _ := strings.Cut(one, "=")
			if !yield(name, value) {
				return
			}
		}
	}
}
