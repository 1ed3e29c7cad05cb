package kubernetes

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"fathom/diag"
)

var lineOf = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// fixes are what usually mends each complaint of the parser.
var fixes = []struct{ in, fix string }{
	{"found character that cannot start any token", `indent with spaces, and quote a value that begins with @, %, or a backquote`},
	{"found a tab character", "indent with spaces"},
	{"mapping values are not allowed", `mend the indentation, or quote a value that contains ": "`},
	{"did not find expected key", "line up the keys of one map"},
	{"did not find expected '-' indicator", "line up the items of one list"},
	{"could not find expected ':'", `write ": " after the key`},
	{"found unexpected end of stream", "close the quotes"},
	{"did not find expected ',' or ']'", "close the list with ]"},
	{"did not find expected ',' or '}'", "close the map with }"},
	{"block sequence entries are not allowed", "begin the list on a line of its own"},
	{"unknown anchor", "define the anchor in the same document"},
	{"control characters are not allowed", "remove the control character"},
	{"exceeded max depth", "write it without nesting this deep"},
}

// syntax describes a parser's error: where it is, how to mend it, what it says.
func syntax(file string, c chunk, err error) (pos diag.Pos, fix, format string, arg any) {
	msg := err.Error()
	line := 0
	if m := lineOf.FindStringSubmatch(msg); m != nil {
		line, _ = strconv.Atoi(m[1])
		msg = msg[len(m[0]):]
	}
	text, line := lineAt(c.text, max(line, 1))
	fix = "mend the YAML"
	for _, f := range fixes {
		if strings.Contains(msg, f.in) {
			fix = f.fix
			break
		}
	}
	pos = diag.At(file, c.line+line, columnOf(text, msg))
	if bytes.Contains(c.text, []byte("{{")) {
		return pos, "put it into a chart's templates/ directory, or give the rendered file", "it looks like a template outside a Helm chart: %s", msg
	}
	return pos, fix, "the YAML does not parse: %s", msg
}

// lineAt is the text of a line, or of the last one, and its number.
func lineAt(b []byte, line int) ([]byte, int) {
	for n := 1; ; n++ {
		text, rest, more := bytes.Cut(b, []byte("\n"))
		if n == line || !more || len(rest) == 0 {
			return text, n
		}
		b = rest
	}
}

// columnOf guesses the column, which the parser does not tell: the offending
// character where the message names its sort, else the first that is no blank.
func columnOf(line []byte, msg string) int {
	at := len(line) - len(bytes.TrimLeft(line, " "))
	switch {
	case strings.Contains(msg, "cannot start any token"):
		if i := bytes.IndexAny(line, "\t@`%"); i >= 0 {
			at = i
		}
	case strings.Contains(msg, "mapping values are not allowed"):
		if i := bytes.LastIndex(line, []byte(": ")); i >= 0 {
			at = i
		} else if bytes.HasSuffix(line, []byte(":")) {
			at = len(line) - 1
		}
	}
	return 1 + utf8.RuneCount(line[:at])
}
