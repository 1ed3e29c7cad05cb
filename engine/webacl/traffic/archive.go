package traffic

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fathom/engine/webacl"
)

// archiveReader reads a HAR, one entry at a time: the answers in it are passed
// over, however long they are.
type archiveReader struct {
	*reader
	d *jsontext.Decoder
	// marks are how far the decoder read, and how many lines end before.
	marks []mark
	n     int // of the entry that is read
	done  int // entries that were read
	// opened, if set, gets the line of the object that begins next.
	opened *int
}

// mark says how many lines end in the first bytes of the input.
type mark struct{ bytes, lines int64 }

// mostValue bounds a single string, of an answer too.
const mostValue = 64 << 20

var errValue = fmt.Errorf("a value is longer than %d MiB", mostValue>>20)

// Read hands input to the decoder, counts lines, and stops a value that would
// fill the memory. Marks that the decoder has passed are forgotten, and none is
// far from the next: neither many lines nor long ones cost more than the value
// that is read.
func (a *archiveReader) Read(p []byte) (int, error) {
	var last mark
	if len(a.marks) > 0 {
		at := a.d.InputOffset()
		last = a.marks[len(a.marks)-1]
		if last.bytes-at > mostValue {
			return 0, errValue
		}
		a.marks = a.marks[:copy(a.marks, a.marks[a.markAt(at):])]
	}
	n, err := a.in.Read(p[:min(len(p), peeked)])
	a.marks = append(a.marks, mark{last.bytes + int64(n), last.lines + int64(bytes.Count(p[:n], endOfLine))})
	return n, err
}

var endOfLine = []byte{'\n'}

// markAt is the first mark that is not before a byte.
func (a *archiveReader) markAt(at int64) int {
	return sort.Search(len(a.marks), func(i int) bool { return a.marks[i].bytes >= at })
}

func (a *archiveReader) lineNow() int {
	at := a.d.InputOffset()
	i := a.markAt(at)
	if i == len(a.marks) {
		return 1
	}
	m, unread := a.marks[i], a.d.UnreadBuffer()
	return 1 + int(m.lines) - bytes.Count(unread[:min(m.bytes-at, int64(len(unread)))], endOfLine)
}

// errStop says that nobody wants more requests.
var errStop = errors.New("stop")

// archive reads log.entries[].request of a HAR 1.2.
func (r *reader) archive() {
	a := &archiveReader{reader: r}
	a.d = jsontext.NewDecoder(a)
	found := false
	err := a.object(func(name string) error {
		if name != "log" || a.d.PeekKind() != '{' {
			return a.d.SkipValue()
		}
		return a.object(func(name string) error {
			if name != "entries" || a.d.PeekKind() != '[' {
				return a.d.SkipValue()
			}
			found = true
			return a.list(a.entry)
		})
	})
	switch {
	case errors.Is(err, errStop):
	case err != nil:
		a.problem(a.lineNow(), "", "the archive cannot be read on after %d entries: %v", a.done, ended(err))
	case !found:
		a.problem(1, "save it again as HAR 1.2", "the archive has no log.entries")
	}
}

func ended(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("it ends in the middle")
	}
	return plain(err)
}

func (a *archiveReader) object(member func(name string) error) error {
	if a.d.PeekKind() != '{' {
		return a.d.SkipValue()
	}
	if _, err := a.d.ReadToken(); err != nil {
		return err
	}
	if a.opened != nil {
		*a.opened, a.opened = a.lineNow(), nil
	}
	for a.d.PeekKind() != '}' {
		t, err := a.d.ReadToken()
		if err != nil {
			return err
		}
		if err := member(t.String()); err != nil {
			return err
		}
	}
	_, err := a.d.ReadToken()
	return err
}

func (a *archiveReader) list(element func() error) error {
	if a.d.PeekKind() != '[' {
		return a.d.SkipValue()
	}
	if _, err := a.d.ReadToken(); err != nil {
		return err
	}
	for a.d.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := a.d.ReadToken()
	return err
}

// text reads a string; another value is as good as none.
func (a *archiveReader) text(s *string) error {
	if a.d.PeekKind() != '"' {
		return a.d.SkipValue()
	}
	t, err := a.d.ReadToken()
	if err == nil {
		*s = t.String()
	}
	return err
}

// entry is what an entry of a HAR says of its request.
type entry struct {
	started, method, url, version string
	headers                       []webacl.Header
	cookies                       int
	post, posted                  bool // there is postData, with its text
	body, mime                    string
	size                          string // bodySize
	bytes                         int    // of the headers
}

// headerCost is about what an empty header takes in memory.
const headerCost = 32

func (a *archiveReader) entry() error {
	var e entry
	a.n++
	line, isObject := 0, a.d.PeekKind() == '{'
	if isObject {
		a.opened = &line
	}
	err := a.object(func(name string) error {
		switch name {
		case "startedDateTime":
			return a.text(&e.started)
		case "request":
			return a.object(func(name string) error { return a.request(&e, name) })
		}
		return a.d.SkipValue()
	})
	if err != nil {
		return err
	}
	a.done++
	if !isObject {
		line = a.lineNow()
	}
	item := &Item{ID: fmt.Append(nil, a.n)}
	item.Pos.File, item.Pos.Line = a.Name, int32(line)
	switch {
	case !isObject || e.method == "" || e.url == "":
		item.problem("", "entry %d has no request with a method and a url", a.n)
	case e.bytes+len(e.body)+len(e.url) > MaxSize:
		item.problem("", "entry %d has a request of more than %d MiB", a.n, MaxSize>>20)
	default:
		item.Request.ID = fmt.Sprint(a.n)
		e.fill(item)
	}
	if !a.finish(item) {
		return errStop
	}
	return nil
}

func (a *archiveReader) request(e *entry, name string) error {
	switch name {
	case "method":
		return a.text(&e.method)
	case "url":
		return a.text(&e.url)
	case "httpVersion":
		return a.text(&e.version)
	case "bodySize":
		v, err := a.d.ReadValue()
		e.size = string(v)
		return err
	case "headers":
		return a.list(func() error {
			var h webacl.Header
			err := a.pair(&h)
			if e.bytes += len(h.Name) + len(h.Value) + headerCost; e.bytes <= MaxSize {
				e.headers = append(e.headers, h)
			}
			return err
		})
	case "cookies":
		return a.list(func() error { e.cookies++; return a.d.SkipValue() })
	case "postData":
		e.post = a.d.PeekKind() == '{'
		return a.object(func(name string) error {
			switch name {
			case "mimeType":
				return a.text(&e.mime)
			case "text":
				e.posted = a.d.PeekKind() == '"'
				return a.text(&e.body)
			}
			return a.d.SkipValue()
		})
	}
	return a.d.SkipValue()
}

func (a *archiveReader) pair(h *webacl.Header) error {
	return a.object(func(name string) error {
		switch name {
		case "name":
			return a.text(&h.Name)
		case "value":
			return a.text(&h.Value)
		}
		return a.d.SkipValue()
	})
}

// fill makes the request. Browsers sort headers, hide cookies and keep no TLS
// fingerprints.
func (e *entry) fill(item *Item) {
	q := &item.Request
	q.Method, q.Headers = e.method, e.headers
	q.Missing = webacl.PartOrder | webacl.PartClient | webacl.PartJA3 | webacl.PartJA4
	authority := target(q, e.url)
	if q.Scheme == "" {
		item.problem("", "entry %s has the url %q, which is not of http or https", q.ID, shorten(e.url))
		return
	}
	if q.Scheme == "http" {
		q.Missing &^= webacl.PartJA3 | webacl.PartJA4
	}
	q.Fragment, q.Missing = "", q.Missing&^webacl.PartFragment // browsers do not send it
	if q.Version = version(e.version); q.Version == "" {
		q.Version = "HTTP/1.1"
	}
	pseudo(q)
	host(q, authority)
	hasCookie := slices.ContainsFunc(q.Headers, func(h webacl.Header) bool { return strings.EqualFold(h.Name, "cookie") })
	if e.cookies > 0 && !hasCookie || len(e.headers) == 0 {
		q.Missing |= webacl.PartHeaders
	}
	if tokenCookie(q) || q.Missing&webacl.PartHeaders != 0 {
		q.Missing |= webacl.PartToken
	}
	var err error
	if q.Time, err = instant(e.started); err != nil {
		q.Missing |= webacl.PartTime
	}
	if e.unknownBody(q) {
		q.Missing |= webacl.PartBody
	} else if e.posted {
		q.Body = []byte(e.body)
	}
}

// unknownBody says whether the archive does not hold the body byte for byte.
func (e *entry) unknownBody(q *webacl.Request) bool {
	if e.posted {
		_, charset, other := strings.Cut(strings.ToLower(e.mime), "charset=")
		utf8 := !other || strings.HasPrefix(strings.Trim(charset, `" `), "utf-8")
		return !utf8 || strings.ContainsRune(e.body, '\ufffd')
	}
	if e.post {
		return true // fields of a form, not the bytes
	}
	if e.size == "0" {
		return false
	}
	if e.size != "" && e.size != "-1" && e.size != "null" {
		return true
	}
	return q.Method != "GET" && q.Method != "HEAD" && q.Method != "OPTIONS"
}
