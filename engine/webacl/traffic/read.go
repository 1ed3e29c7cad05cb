package traffic

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fathom/diag"
	"fathom/engine/webacl"
)

// peeked is how much of the input is looked at to find its format.
const peeked = 64 << 10

// reader is what the readers of all formats share.
type reader struct {
	Options
	in   *bufio.Reader
	line int // the last one that was read
	give func(*Item) bool
	// warned are the unknown members that were told of.
	warned map[string]bool
}

// Read reads requests one by one. An item is the caller's. An error of in, or an
// input of no known format, is a problem and the last item.
func Read(in io.Reader, o Options) iter.Seq[*Item] {
	return func(give func(*Item) bool) {
		r := &reader{Options: o, in: bufio.NewReaderSize(in, peeked), warned: map[string]bool{}, give: give}
		if !r.unzip() {
			return
		}
		start, err := r.in.Peek(peeked)
		if err != nil && !errors.Is(err, io.EOF) {
			r.failed(err)
			return
		}
		if bytes.HasPrefix(start, bom) {
			_, _ = r.in.Discard(len(bom))
			start = start[len(bom):]
		}
		if len(bytes.TrimSpace(start)) == 0 && err != nil {
			return // nothing in it
		}
		if r.Format == Auto {
			r.Format = detect(start)
		}
		switch r.Format {
		case Lines:
			r.lines(r.requestLine)
		case WAFLog:
			r.lines(r.logRecord)
		case HAR:
			r.archive()
		case HTTP:
			r.blocks()
		default:
			r.problem(1, "say which with the option for the format", "the input is neither request lines, nor a log of AWS WAF, nor HAR, nor a .http file")
		}
	}
}

var bom = []byte("\xef\xbb\xbf") // what Windows puts before UTF-8

// unzip looks through gzip.
func (r *reader) unzip() bool {
	if magic, _ := r.in.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return true
	}
	z, err := gzip.NewReader(r.in)
	if err != nil {
		r.failed(err)
		return false
	}
	r.in = bufio.NewReaderSize(z, peeked)
	return true
}

// detect finds the format by the first bytes.
func detect(start []byte) Format {
	start = bytes.TrimLeft(start, " \t\r\n")
	if len(start) == 0 {
		return Auto
	}
	if start[0] != '{' {
		first, _, _ := bytes.Cut(start, []byte("\n"))
		if requestStart(string(bytes.TrimSpace(first))) {
			return HTTP
		}
		return Auto
	}
	// The first members tell.
	d := jsontext.NewDecoder(bytes.NewBuffer(start))
	if _, err := d.ReadToken(); err != nil {
		return Lines
	}
	for {
		t, err := d.ReadToken()
		if err != nil || t.Kind() != '"' {
			return Lines
		}
		switch t.String() {
		case "log":
			return HAR
		case "webaclId", "httpRequest", "terminatingRuleId", "formatVersion", "httpSourceName":
			return WAFLog
		}
		if d.SkipValue() != nil {
			return Lines
		}
	}
}

// lines gives each line that is not blank to read.
func (r *reader) lines(read func([]byte, *Item)) {
	for {
		line, err := r.next()
		if long := errors.Is(err, errLong); err != nil && !long {
			r.ended(err)
			return
		} else if long {
			if !r.problem(r.line, "cut its body", "the line is longer than %d MiB", MaxSize>>20) {
				return
			}
			continue
		}
		line = bytes.Trim(line, " \t\r\n")
		if len(line) == 0 {
			continue
		}
		item := &Item{Pos: diag.At(r.Name, r.line, 0)}
		read(line, item)
		if !r.finish(item) {
			return
		}
	}
}

var errLong = errors.New("the line is too long")

// next reads a line. One that is too long is passed over.
func (r *reader) next() ([]byte, error) {
	var long []byte
	tooLong := false
	for {
		part, err := r.in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			if tooLong = tooLong || len(long)+len(part) > MaxSize; !tooLong {
				long = append(long, part...)
			}
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(part) == 0 && long == nil && !tooLong) {
			return nil, err
		}
		r.line++
		if tooLong || len(long)+len(part) > MaxSize {
			return nil, errLong
		}
		if long == nil {
			return part, nil
		}
		return append(long, part...), nil
	}
}

// ended is the end of the input, or an error.
func (r *reader) ended(err error) {
	if !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		r.failed(err)
	}
}

func (r *reader) failed(err error) {
	r.problem(r.line, "", "the input cannot be read on: %v", err)
}

// problem gives a problem in place of a request.
func (r *reader) problem(line int, fix, format string, args ...any) bool {
	item := &Item{Pos: diag.At(r.Name, line, 0)}
	item.problem(fix, format, args...)
	return r.give(item)
}

func (i *Item) problem(fix, format string, args ...any) {
	i.Problem = &diag.Problem{Pos: i.Pos, Summary: shorten(fmt.Sprintf(format, args...)), Fix: fix}
}

// plain is an error of the JSON library without the library's name.
func plain(err error) error { return errors.New(strings.TrimPrefix(err.Error(), "jsontext: ")) }

// shorten cuts a message that quotes something long.
func shorten(s string) string {
	const most = 500
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + " …"
}

// finish completes a request with what the options know.
func (r *reader) finish(item *Item) bool {
	q := &item.Request
	if item.Problem != nil {
		*q = webacl.Request{}
		return r.give(item)
	}
	if q.Missing&webacl.PartClient != 0 && r.Client.IsValid() {
		q.Client, q.Missing = r.Client, q.Missing&^webacl.PartClient
	}
	if item.ID == nil && q.ID != "" {
		item.ID, _ = jsontext.AppendQuote(nil, strings.ToValidUTF8(q.ID, "\ufffd"))
	}
	return r.give(item)
}

// mostWarned bounds how many unknown members are told of.
const mostWarned = 50

// unknown tells once of a member that is not known.
func (r *reader) unknown(item *Item, name string, names []string) {
	if r.warned[name] || len(r.warned) >= mostWarned {
		return
	}
	r.warned[name] = true
	fix, best := "", 3
	for _, n := range names {
		if d := diag.Distance(name, n); d < best {
			fix, best = "did you mean "+strconv.Quote(n)+"?", d
		}
	}
	item.Warnings.Addf(item.Pos, fix, "the member %q is not known and passed over, here and from here on", shorten(name))
}
