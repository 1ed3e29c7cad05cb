package traffic

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fathom/engine/webacl"
)

// blockReader reads a .http file: requests as in RFC 9112, with ### between them.
type blockReader struct {
	*reader
	// variables are those of the file: @name = value.
	variables map[string]string
	n         int // of requests
}

// block is one request as it stands in the file.
type block struct {
	line  int
	name  string
	lines []string
	lost  bool // it is too long
}

// blocks reads all requests.
func (r *reader) blocks() {
	b := &blockReader{reader: r, variables: map[string]string{}}
	now := block{line: 1}
	size := 0
	for {
		line, err := r.next()
		if long := errors.Is(err, errLong); err != nil && !long {
			if b.give(now) {
				r.ended(err)
			}
			return
		} else if long {
			now.lost = true
			continue
		}
		text := strings.TrimRight(string(line), "\r\n")
		if name, ok := strings.CutPrefix(text, "###"); ok {
			if !b.give(now) {
				return
			}
			now, size = block{line: r.line + 1, name: strings.TrimSpace(strings.Trim(name, "#"))}, 0
			continue
		}
		if size += len(line); size > MaxSize {
			now.lost, now.lines = true, nil
			continue
		}
		if !now.lost {
			now.lines = append(now.lines, text)
		}
	}
}

var (
	variable  = regexp.MustCompile(`^@([^\s=]+)\s*=\s*(.*)$`)
	reference = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)
	method    = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	httpWord  = regexp.MustCompile(`^HTTP/[0-9]+(\.[0-9]+)?$`)
)

// requestStart says whether a line begins a .http file.
func requestStart(s string) bool {
	if strings.HasPrefix(s, "#") || strings.HasPrefix(s, "//") || variable.MatchString(s) || strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") {
		return true
	}
	verb, rest, ok := strings.Cut(s, " ")
	return ok && method.MatchString(verb) && strings.ToUpper(verb) == verb && rest != ""
}

// give gives the request of a block, if there is one.
func (b *blockReader) give(now block) bool {
	item := &Item{}
	item.Pos.File, item.Pos.Line = b.Name, int32(now.line)
	if now.lost {
		item.problem("shorten its body", "the request is longer than %d MiB", MaxSize>>20)
		return b.finish(item)
	}
	rest := b.preamble(&now)
	if len(rest) == 0 {
		return true // variables and comments only
	}
	b.n++
	item.Pos.Line = int32(now.line)
	item.Request.ID = now.name
	if now.name == "" {
		item.Request.ID = fmt.Sprint(b.n)
	}
	if err := b.request(&item.Request, rest); err != nil {
		item.problem("", "%v", err)
	}
	return b.finish(item)
}

// preamble takes what stands before the request line: comments, names, variables
// and scripts. It moves the block's line to the request.
func (b *blockReader) preamble(now *block) []string {
	script := false
	for i, line := range now.lines {
		s := strings.TrimSpace(line)
		switch {
		case script:
			script = !strings.HasSuffix(s, "%}")
		case s == "":
		case strings.HasPrefix(s, "< {%"):
			script = !strings.HasSuffix(s, "%}")
		case strings.HasPrefix(s, "#"), strings.HasPrefix(s, "//"):
			comment := strings.TrimSpace(strings.TrimLeft(s, "#/"))
			if name, ok := strings.CutPrefix(comment, "@name"); ok {
				now.name = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "="))
			}
		case variable.MatchString(s):
			m := variable.FindStringSubmatch(s)
			if value, err := b.expand(m[2]); err == nil && len(b.variables) < 1000 {
				b.variables[m[1]] = value
			}
		default:
			now.line += i
			return now.lines[i:]
		}
	}
	return nil
}

// expand puts in the variables of the file.
func (b *blockReader) expand(s string) (string, error) {
	var missing string
	size := len(s)
	out := reference.ReplaceAllStringFunc(s, func(ref string) string {
		name := reference.FindStringSubmatch(ref)[1]
		value, ok := b.variables[name]
		if size += len(value); size > MaxSize { // variables of variables of variables
			return ""
		}
		if !ok && missing == "" {
			missing = name
		}
		return value
	})
	switch {
	case missing != "":
		return "", fmt.Errorf("the variable %q has no value in this file; write @%s = …, or the value itself", missing, strings.TrimPrefix(missing, "$"))
	case size > MaxSize:
		return "", fmt.Errorf("the variables make the request longer than %d MiB", MaxSize>>20)
	}
	return out, nil
}

// request reads a request line, headers and a body.
func (b *blockReader) request(q *webacl.Request, lines []string) error {
	first := strings.TrimSpace(lines[0])
	lines = lines[1:]
	// A query may go on on the lines below.
	for len(lines) > 0 {
		s := strings.TrimSpace(lines[0])
		if !strings.HasPrefix(s, "?") && !strings.HasPrefix(s, "&") {
			break
		}
		first += s
		lines = lines[1:]
	}
	first, err := b.expand(first)
	if err != nil {
		return err
	}
	authority, err := startLine(q, first)
	if err != nil {
		return err
	}
	body := slices.IndexFunc(lines, func(s string) bool { return strings.TrimSpace(s) == "" })
	if body < 0 {
		body = len(lines)
	}
	if err := b.headers(q, lines[:body]); err != nil {
		return err
	}
	host(q, authority)
	q.Missing |= webacl.PartClient | webacl.PartTime
	if q.Scheme != "http" {
		q.Missing |= webacl.PartJA3 | webacl.PartJA4
	}
	if tokenCookie(q) {
		q.Missing |= webacl.PartToken
	}
	return b.body(q, lines[min(body+1, len(lines)):])
}

// startLine reads METHOD target HTTP/1.1; the method and the version may be left
// out.
func startLine(q *webacl.Request, s string) (authority string, err error) {
	words := strings.Fields(s)
	q.Method, q.Version = "GET", "HTTP/1.1"
	if n := len(words); n > 1 && httpWord.MatchString(words[n-1]) {
		q.Version = version(words[n-1])
		words = words[:n-1]
	}
	if len(words) > 1 && method.MatchString(words[0]) {
		q.Method, words = words[0], words[1:]
	}
	if len(words) != 1 {
		return "", fmt.Errorf("%q is no request line; write METHOD URL HTTP/1.1, and %%20 for spaces in the URL", shorten(s))
	}
	if strings.EqualFold(q.Method, "curl") {
		return "", errors.New("curl commands are not read; write METHOD URL and the headers")
	}
	authority = target(q, words[0])
	if q.Fragment != "" && authority != "" {
		q.Fragment = "" // clients do not send it
	}
	if q.Scheme == "" {
		q.Scheme = "https"
		if !strings.HasPrefix(q.Path, "/") && q.Path != "*" { // host/path
			end := strings.IndexByte(q.Path, '/')
			if end < 0 {
				end = len(q.Path)
			}
			authority, q.Path = q.Path[:end], q.Path[end:]
			if q.Path == "" {
				q.Path = "/"
			}
		}
	}
	return authority, nil
}

func (b *blockReader) headers(q *webacl.Request, lines []string) error {
	for _, line := range lines {
		s := strings.TrimSpace(line)
		if strings.HasPrefix(s, "#") || strings.HasPrefix(s, "//") {
			continue
		}
		s, err := b.expand(s)
		if err != nil {
			return err
		}
		name, value, ok := strings.Cut(s, ":")
		if name = strings.TrimSpace(name); !ok || !method.MatchString(name) {
			return fmt.Errorf("%q is no header; write Name: value, and an empty line before the body", shorten(s))
		}
		q.Headers = append(q.Headers, webacl.Header{Name: name, Value: strings.TrimSpace(value)})
	}
	return nil
}

// body is what follows the headers, without what is for the client: scripts for
// the answer, and references to saved answers.
func (b *blockReader) body(q *webacl.Request, lines []string) error {
	for i, line := range lines {
		if strings.HasPrefix(line, "> ") || strings.HasPrefix(line, "<> ") || strings.HasPrefix(line, ">> ") || strings.HasPrefix(line, ">>! ") {
			lines = lines[:i]
			break
		}
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	if slices.ContainsFunc(lines, func(s string) bool { return strings.HasPrefix(s, "< ") || strings.HasPrefix(s, "<@") }) {
		q.Missing |= webacl.PartBody // it is in another file
		return nil
	}
	if len(lines) == 0 {
		return nil
	}
	newline := "\n"
	for _, h := range q.Headers {
		if !strings.EqualFold(h.Name, "content-type") {
			continue
		}
		switch kind := strings.ToLower(h.Value); {
		case strings.HasPrefix(kind, "multipart/"):
			newline = "\r\n" // RFC 2046, 4.1.1
		case strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
			newline = ""
		}
	}
	text, err := b.expand(strings.Join(lines, newline))
	q.Body = []byte(text)
	return err
}
