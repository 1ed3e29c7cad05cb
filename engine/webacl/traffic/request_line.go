package traffic

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fathom/engine/webacl"
)

// lineReader reads one request line. A member is read by the function of its
// name.
type lineReader struct {
	*reader
	d    *jsontext.Decoder
	item *Item
	q    *webacl.Request
	// seen are the members that were there and not null.
	seen    map[string]bool
	uri     string
	body    []byte
	latin1  bool
	missing webacl.Part
}

// lineMembers are the members of a request line.
var lineMembers = map[string]func(*lineReader) error{
	"id":            (*lineReader).id,
	"method":        func(l *lineReader) error { return l.text(&l.q.Method) },
	"uri":           func(l *lineReader) error { return l.text(&l.uri) },
	"query":         func(l *lineReader) error { return l.text(&l.q.Query) },
	"fragment":      func(l *lineReader) error { return l.text(&l.q.Fragment) },
	"httpVersion":   func(l *lineReader) error { return l.text(&l.q.Version) },
	"scheme":        (*lineReader).scheme,
	"headers":       (*lineReader).headers,
	"body":          func(l *lineReader) error { return l.bytes(func(s string) ([]byte, error) { return []byte(s), nil }) },
	"bodyBase64":    func(l *lineReader) error { return l.bytes(base64.StdEncoding.DecodeString) },
	"bodyTruncated": func(l *lineReader) error { return l.boolean(&l.q.More) },
	"clientIp":      (*lineReader).client,
	"country":       (*lineReader).country,
	"region":        func(l *lineReader) error { return l.text(&l.q.Place.Region) },
	"asn":           (*lineReader).asn,
	"ja3":           func(l *lineReader) error { return l.text(&l.q.JA3) },
	"ja4":           func(l *lineReader) error { return l.text(&l.q.JA4) },
	"time":          func(l *lineReader) error { n, err := l.instant(); l.q.Time = n; return err },
	"token":         (*lineReader).token,
	"missing":       (*lineReader).parts,
	"withheld":      (*lineReader).withheld,
	"encoding":      (*lineReader).encoding,
}

var lineMemberNames = func() []string {
	var names []string
	for n := range lineMembers {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}()

// partNames are the words of the member "missing".
var partNames = map[string]webacl.Part{
	"body": webacl.PartBody, "headers": webacl.PartHeaders, "order": webacl.PartOrder, "ja3": webacl.PartJA3, "ja4": webacl.PartJA4,
	"client": webacl.PartClient, "time": webacl.PartTime, "token": webacl.PartToken, "fragment": webacl.PartFragment,
	"query": webacl.PartQuery, "path": webacl.PartPath, "method": webacl.PartMethod,
}

// requestLine reads one of Fathom's own lines.
func (r *reader) requestLine(line []byte, item *Item) {
	l := &lineReader{reader: r, d: jsontext.NewDecoder(bytes.NewBuffer(line)), item: item, q: &item.Request, seen: make(map[string]bool, 16)}
	if err := l.read(); err != nil {
		var syntax *jsontext.SyntacticError
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			err = errors.New("the line ends in the middle")
		case errors.As(err, &syntax):
			err = fmt.Errorf("the line is no JSON: %w", plain(syntax))
		}
		item.problem("", "%v", err)
		return
	}
	if fix, err := l.complete(); err != nil {
		item.problem(fix, "%v", err)
	}
}

func (l *lineReader) read() error {
	if l.d.PeekKind() != '{' {
		if _, err := l.d.ReadToken(); err != nil {
			return err
		}
		return errors.New("the line is no JSON object")
	}
	if err := l.object(lineMembers, lineMemberNames, ""); err != nil {
		return err
	}
	if _, err := l.d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the request on its line")
	}
	return nil
}

// object reads the members of an object. Null is as good as absent.
func (l *lineReader) object(members map[string]func(*lineReader) error, names []string, prefix string) error {
	if l.d.PeekKind() != '{' {
		return l.expected("an object")
	}
	if _, err := l.d.ReadToken(); err != nil {
		return err
	}
	for l.d.PeekKind() != '}' {
		t, err := l.d.ReadToken()
		if err != nil {
			return err
		}
		name := t.String()
		read := members[name]
		if read == nil || l.d.PeekKind() == 'n' {
			if read == nil {
				l.unknown(l.item, prefix+name, names)
			}
			if err := l.d.SkipValue(); err != nil {
				return err
			}
			continue
		}
		l.seen[prefix+name] = true
		if err := read(l); err != nil {
			var syntax *jsontext.SyntacticError
			if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
				return err
			}
			return fmt.Errorf("%q %w", prefix+name, err)
		}
	}
	_, err := l.d.ReadToken()
	return err
}

// expected skips a value of the wrong type.
func (l *lineReader) expected(what string) error {
	if err := l.d.SkipValue(); err != nil {
		return err
	}
	return errors.New("has to be " + what)
}

func (l *lineReader) text(s *string) error {
	if l.d.PeekKind() != '"' {
		return l.expected("a string")
	}
	t, err := l.d.ReadToken()
	if err == nil {
		*s = t.String()
	}
	return err
}

func (l *lineReader) boolean(b *bool) error {
	if k := l.d.PeekKind(); k != 't' && k != 'f' {
		return l.expected("true or false")
	}
	t, err := l.d.ReadToken()
	if err == nil {
		*b = t.Bool()
	}
	return err
}

func (l *lineReader) id() error {
	kind := l.d.PeekKind()
	if kind != '"' && kind != '0' {
		return l.expected("a string or a number")
	}
	v, err := l.d.ReadValue()
	if err != nil {
		return err
	}
	l.item.ID = bytes.Clone(v)
	l.q.ID = string(v)
	if kind == '"' {
		text, _ := jsontext.AppendUnquote(nil, v)
		l.q.ID = string(text)
	}
	return nil
}

func (l *lineReader) bytes(decode func(string) ([]byte, error)) error {
	var s string
	if err := l.text(&s); err != nil {
		return err
	}
	b, err := decode(s)
	if err != nil {
		return fmt.Errorf("is no base64: %w", err)
	}
	l.body = b
	return nil
}

// headers are pairs, or the objects that AWS's log has.
func (l *lineReader) headers() error {
	return l.list("pairs of a name and a value", func() error {
		var h webacl.Header
		switch l.d.PeekKind() {
		case '[':
			var pair []string
			if err := l.list("a name and a value", func() error {
				var s string
				err := l.text(&s)
				pair = append(pair, s)
				return err
			}); err != nil {
				return err
			}
			if len(pair) != 2 {
				return errors.New("has to be a list of pairs, each a name and a value")
			}
			h = webacl.Header{Name: pair[0], Value: pair[1]}
		case '{':
			if err := l.object(map[string]func(*lineReader) error{
				"name":  func(l *lineReader) error { return l.text(&h.Name) },
				"value": func(l *lineReader) error { return l.text(&h.Value) },
			}, []string{"name", "value"}, "headers."); err != nil {
				return err
			}
		default:
			return l.expected("a list of pairs, each a name and a value")
		}
		l.q.Headers = append(l.q.Headers, h)
		return nil
	})
}

func (l *lineReader) list(of string, one func() error) error {
	if l.d.PeekKind() != '[' {
		return l.expected("a list of " + of)
	}
	if _, err := l.d.ReadToken(); err != nil {
		return err
	}
	for l.d.PeekKind() != ']' {
		if err := one(); err != nil {
			return err
		}
	}
	_, err := l.d.ReadToken()
	return err
}

func (l *lineReader) client() error {
	var s string
	if err := l.text(&s); err != nil {
		return err
	}
	a, ok := address(s)
	if !ok {
		return fmt.Errorf("is %q, which is no IP address; leave it out where it is not known", s)
	}
	l.q.Client = a
	return nil
}

func (l *lineReader) country() error {
	var s string
	if err := l.text(&s); err != nil {
		return err
	}
	if s == "-" {
		s = "XX" // as AWS logs it
	}
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return fmt.Errorf("is %q; write two capital letters, or XX for one that a database does not have", s)
	}
	l.q.Place.Country, l.q.Place.HasCountry = s, true
	return nil
}

func (l *lineReader) scheme() error {
	err := l.text(&l.q.Scheme)
	if s := l.q.Scheme; err == nil && s != "http" && s != "https" {
		err = fmt.Errorf("is %q; it is https or http", s)
	}
	return err
}

func (l *lineReader) asn() error {
	n, err := l.number()
	if err == nil && (n < 0 || n > 1<<32-1) {
		err = errors.New("is no number of an autonomous system")
	}
	l.q.Place.ASN, l.q.Place.HasASN = uint32(n), true
	return err
}

func (l *lineReader) number() (int64, error) {
	if l.d.PeekKind() != '0' {
		return 0, l.expected("a whole number")
	}
	t, err := l.d.ReadToken()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(t.String(), 10, 64)
	if err != nil {
		return 0, errors.New("has to be a whole number")
	}
	return n, nil
}

// instant is a time of RFC 3339, in nanoseconds since 1970.
func (l *lineReader) instant() (int64, error) {
	var s string
	if err := l.text(&s); err != nil {
		return 0, err
	}
	return instant(s)
}

func instant(s string) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Unix() < 0 || t.Unix() >= 1<<63/1_000_000_000 {
		return 0, fmt.Errorf("is %q; write a time such as 2026-11-22T12:00:00Z", s)
	}
	return t.UnixNano(), nil
}

var tokenStates = map[string]webacl.TokenState{
	"absent": webacl.TokenAbsent, "valid": webacl.TokenValid, "invalid": webacl.TokenInvalid,
	"domain-mismatch": webacl.TokenDomainMismatch, "expired": webacl.TokenExpired,
}

func (l *lineReader) token() error {
	t := &l.q.Token
	t.State = webacl.TokenValid
	return l.object(map[string]func(*lineReader) error{
		"id": func(l *lineReader) error { return l.text(&t.ID) },
		"state": func(l *lineReader) error {
			var s string
			if err := l.text(&s); err != nil {
				return err
			}
			state, ok := tokenStates[s]
			if !ok {
				return fmt.Errorf("is %q; it is absent, valid, invalid, expired or domain-mismatch", s)
			}
			t.State = state
			return nil
		},
		"captchaTime":   func(l *lineReader) error { n, err := l.instant(); t.Captcha = n / 1e9; return err },
		"challengeTime": func(l *lineReader) error { n, err := l.instant(); t.Challenge = n / 1e9; return err },
	}, []string{"captchaTime", "challengeTime", "id", "state"}, "token.")
}

func (l *lineReader) parts() error {
	return l.list("parts", func() error {
		var s string
		if err := l.text(&s); err != nil {
			return err
		}
		p, ok := partNames[s]
		if !ok {
			return fmt.Errorf("names %q, which is no part of a request; docs/waf.md lists them", s)
		}
		l.missing |= p
		return nil
	})
}

// withheld are the headers whose values are not known.
func (l *lineReader) withheld() error {
	return l.list("headers", func() error {
		var s string
		if err := l.text(&s); err != nil {
			return err
		}
		l.q.Withheld = append(l.q.Withheld, s)
		return nil
	})
}

func (l *lineReader) encoding() error {
	var s string
	err := l.text(&s)
	if err == nil && s != "latin1" && s != "utf-8" {
		err = fmt.Errorf("is %q; it is utf-8, or latin1 where each character of uri, query, fragment and headers is a byte", s)
	}
	l.latin1 = s == "latin1"
	return err
}

// complete puts the members together.
func (l *lineReader) complete() (fix string, err error) {
	q := l.q
	query, fragment := q.Query, q.Fragment
	if err := l.decode(&query, &fragment); err != nil {
		return "", err
	}
	q.Missing = l.missing
	for _, need := range []struct {
		name string
		part webacl.Part
	}{{"method", webacl.PartMethod}, {"uri", webacl.PartPath}} {
		if !l.seen[need.name] && q.Missing&need.part == 0 {
			return `write it, or "missing": ["` + map[string]string{"method": "method", "uri": "path"}[need.name] + `"]`, fmt.Errorf("the request has no %q", need.name)
		}
	}
	if err := l.target(query, fragment); err != nil {
		return "write the query in one of them", err
	}
	if q.Version = version(q.Version); q.Version == "" {
		q.Version = "HTTP/1.1"
	}
	if l.seen["body"] && l.seen["bodyBase64"] {
		return "", errors.New(`the request has both "body" and "bodyBase64"`)
	}
	if l.body != nil && l.missing&webacl.PartBody != 0 {
		return "", errors.New("the request has a body that is missing")
	}
	q.Body = l.body
	l.unsaid()
	return "", nil
}

// target is the path, with the query and the fragment where they are not members
// of their own. With both the uri is the path, byte for byte.
func (l *lineReader) target(query, fragment string) error {
	q, scheme := l.q, l.q.Scheme
	if q.Scheme = "https"; scheme != "" {
		q.Scheme = scheme
	}
	if l.seen["query"] && l.seen["fragment"] {
		q.Path, q.Query, q.Fragment = l.uri, query, fragment
		return nil
	}
	host(q, target(q, l.uri))
	if scheme != "" {
		q.Scheme = scheme
	}
	if l.seen["query"] {
		if q.Query != "" && q.Query != query {
			return errors.New(`the uri has a query, and "query" is another`)
		}
		q.Query = query
	}
	if l.seen["fragment"] {
		q.Fragment = fragment
	}
	return nil
}

// decode makes bytes of the characters where the line says that they are.
func (l *lineReader) decode(query, fragment *string) error {
	if !l.latin1 {
		return nil
	}
	all := []*string{&l.uri, query, fragment, &l.q.Method}
	for i := range l.q.Headers {
		all = append(all, &l.q.Headers[i].Name, &l.q.Headers[i].Value)
	}
	for _, s := range all {
		b := make([]byte, 0, len(*s))
		for _, c := range *s {
			if c > 0xff {
				return fmt.Errorf("the encoding is latin1, and %q is no byte", c)
			}
			b = append(b, byte(c))
		}
		*s = string(b)
	}
	return nil
}

// unsaid is what the line does not say and nobody can know. A line without body
// has none: it is what the author would have written.
func (l *lineReader) unsaid() {
	q := l.q
	for _, m := range []struct {
		name string
		part webacl.Part
	}{{"clientIp", webacl.PartClient}, {"time", webacl.PartTime}} {
		if !l.seen[m.name] {
			q.Missing |= m.part
		}
	}
	if q.Scheme != "http" {
		if !l.seen["ja3"] {
			q.Missing |= webacl.PartJA3
		}
		if !l.seen["ja4"] {
			q.Missing |= webacl.PartJA4
		}
	}
	if !l.seen["token"] && (tokenCookie(q) || q.Missing&webacl.PartHeaders != 0) {
		q.Missing |= webacl.PartToken
	}
	if strings.HasPrefix(q.Version, "HTTP/2") || strings.HasPrefix(q.Version, "HTTP/3") {
		pseudo(q)
	}
}

// pseudo drops the pseudo headers of HTTP/2, of which :authority is the Host.
func pseudo(q *webacl.Request) {
	authority := ""
	q.Headers = slices.DeleteFunc(q.Headers, func(h webacl.Header) bool {
		if h.Name == ":authority" {
			authority = h.Value
		}
		return strings.HasPrefix(h.Name, ":")
	})
	host(q, authority)
}
