package screen

import (
	"bytes"
	"sync"

	"fathom/engine/webacl"
)

// Head is the head of a request as it arrived.
type Head struct {
	Method, Target, Version string
	// Fields stand in order of arrival, names as sent, Host among them.
	Fields []webacl.Header
	// Host is the value of Host, or :authority.
	Host string
}

var heads = sync.Pool{New: func() any { return new(Head) }}

// Release gives the head back. Its strings stay valid, its slice does not.
func (h *Head) Release() {
	clear(h.Fields)
	*h = Head{Fields: h.Fields[:0]}
	heads.Put(h)
}

// span is a part of the head: the bytes from a to b.
type span struct{ a, b int32 }

// frame is how the body of a request is framed.
type frame uint8

const (
	noBody frame = iota
	lengthBody
	chunkedBody
)

// reader checks a head line by line as it comes.
type reader struct {
	limits *Limits
	// line is where the line under way begins, seen how far it was searched for
	// its end.
	line, seen            int
	method, target, proto span
	names, values         []span
	host                  span
	hosts                 int
	old                   bool // HTTP/1.0
	frame                 frame
	length                int64
	lengths, codings      int
}

func (r *reader) reset() {
	*r = reader{limits: r.limits, names: r.names[:0], values: r.values[:0]}
}

// scan goes on where it stopped; n is the length of the head once it is whole,
// and 0 as long as it is not.
func (r *reader) scan(b []byte) (n int, v *Violation) {
	for {
		i := bytes.IndexByte(b[r.seen:], '\n')
		if i < 0 {
			r.seen = len(b)
			return 0, r.tooLong(b)
		}
		end := r.seen + i
		if end == r.line || b[end-1] != '\r' {
			return 0, bareLF
		}
		line := span{int32(r.line), int32(end - 1)}
		first := r.line == 0
		r.line, r.seen = end+1, end+1
		switch {
		case first:
			if end > r.limits.RequestLine {
				return 0, longLine
			}
			v = r.requestLine(b, line)
		case line.a == line.b:
			if r.line > r.limits.Head {
				return 0, longHead
			}
			return r.line, r.whole(b)
		case len(r.names) >= r.limits.Fields:
			v = manyFields
		default:
			v = r.field(b, line)
		}
		if v != nil {
			return 0, v
		}
	}
}

// tooLong judges a head that is not whole yet.
func (r *reader) tooLong(b []byte) *Violation {
	switch {
	case r.line == 0 && len(b) > r.limits.RequestLine:
		return longLine
	case len(b) > r.limits.Head:
		return longHead
	case r.line == 0 && len(b) > 0 && !isToken(b[0]):
		return badMethod // TLS on a plain port, an empty line, anything but a request
	}
	return nil
}

func (r *reader) requestLine(b []byte, l span) *Violation {
	line := b[l.a:l.b]
	i := bytes.IndexByte(line, ' ')
	j := bytes.LastIndexByte(line, ' ')
	if i <= 0 || j <= i+1 {
		return badRequestLine
	}
	for _, c := range line[:i] {
		if !isToken(c) {
			return badMethod
		}
	}
	for _, c := range line[i+1 : j] {
		if c <= ' ' || c == 0x7f {
			return badTarget
		}
	}
	switch string(line[j+1:]) {
	case "HTTP/1.1":
	case "HTTP/1.0":
		r.old = true
	default:
		if bytes.HasPrefix(line[j+1:], []byte("HTTP/")) {
			return badVersion
		}
		return badRequestLine
	}
	r.method, r.target, r.proto = span{l.a, l.a + int32(i)}, span{l.a + int32(i) + 1, l.a + int32(j)}, span{l.a + int32(j) + 1, l.b}
	return nil
}

func (r *reader) field(b []byte, l span) *Violation {
	line := b[l.a:l.b]
	if line[0] == ' ' || line[0] == '\t' {
		return folded
	}
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return noColon
	}
	name := line[:colon]
	if !token(name) {
		return badName
	}
	a, e := colon+1, len(line)
	for a < e && blank(line[a]) {
		a++
	}
	for e > a && blank(line[e-1]) {
		e--
	}
	value := line[a:e]
	if !printable(value) {
		return badValue
	}
	at := span{l.a + int32(a), l.a + int32(e)}
	r.names = append(r.names, span{l.a, l.a + int32(colon)})
	r.values = append(r.values, at)
	return r.special(name, value, at)
}

// special looks at the headers that say where a request ends and where it goes.
func (r *reader) special(name, value []byte, at span) *Violation {
	switch {
	case is(name, "host"):
		r.host = at
		r.hosts++
		if r.hosts > 1 {
			return twoHosts
		}
		if !hostOK(value) {
			return badHost
		}
	case is(name, "content-length"):
		if r.lengths++; r.lengths > 1 {
			return twoLengths
		}
		n, ok := decimal(value)
		if !ok {
			return badLength
		}
		r.frame, r.length = lengthBody, n
	case is(name, "transfer-encoding"):
		if r.codings++; r.codings > 1 || !is(value, "chunked") {
			return badCoding
		}
	case bytes.IndexByte(name, '_') >= 0 && framing(name):
		return lookalike
	}
	return nil
}

// whole judges what only the whole head tells.
func (r *reader) whole(b []byte) *Violation {
	switch {
	case r.codings > 0 && r.lengths > 0:
		return lengthAndChunked
	case r.codings > 0 && r.old:
		return oldChunked
	case r.hosts == 0 && !r.old:
		return noHost
	}
	if r.codings > 0 {
		r.frame = chunkedBody
	}
	if r.frame == lengthBody && r.length == 0 {
		r.frame = noBody
	}
	return r.form(b)
}

// form holds the target to the forms that a gateway serves: /path, an absolute
// one of the same host, and * of OPTIONS. CONNECT has none of them.
func (r *reader) form(b []byte) *Violation {
	target := b[r.target.a:r.target.b]
	method := string(b[r.method.a:r.method.b])
	if bytes.IndexByte(target, '#') >= 0 {
		return badTarget // a fragment is the client's own; servers disagree on it
	}
	switch {
	case method == "CONNECT":
		return badTarget
	case target[0] == '/':
		return nil
	case len(target) == 1 && target[0] == '*' && method == "OPTIONS":
		return nil
	}
	i := bytes.Index(target, []byte("://"))
	if i < 0 || !is(target[:i], "http") && !is(target[:i], "https") {
		return badTarget
	}
	authority := target[i+3:]
	if j := bytes.IndexAny(authority, "/?"); j >= 0 {
		authority = authority[:j]
	}
	if r.hosts == 0 || !bytes.EqualFold(authority, b[r.host.a:r.host.b]) {
		return otherHost
	}
	return nil
}

// head makes the Head of b, which was scanned.
func (r *reader) head(b []byte) *Head {
	text := string(b)
	cut := func(s span) string { return text[s.a:s.b] }
	h := heads.Get().(*Head)
	h.Method, h.Target, h.Version = cut(r.method), cut(r.target), cut(r.proto)
	for i := range r.names {
		h.Fields = append(h.Fields, webacl.Header{Name: cut(r.names[i]), Value: cut(r.values[i])})
	}
	if r.hosts > 0 {
		h.Host = cut(r.host)
	}
	return h
}
