package traffic

import (
	"encoding/base64"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"fathom/engine/webacl"
)

// AppendLine writes a request as a line that Read gives back, without the
// newline. A ReadBody is not called; its body counts as missing.
func AppendLine(dst []byte, q *webacl.Request) []byte {
	w := lineWriter{dst: append(dst, '{'), latin1: !utf8.ValidString(q.Path) || !utf8.ValidString(q.Query) || !utf8.ValidString(q.Fragment) || !utf8.ValidString(q.Method)}
	for i := range q.Headers {
		w.latin1 = w.latin1 || !utf8.ValidString(q.Headers[i].Name) || !utf8.ValidString(q.Headers[i].Value)
	}
	missing := q.Missing
	if q.ReadBody != nil {
		missing |= webacl.PartBody
	}
	if q.ID != "" {
		w.name("id").plain(q.ID)
	}
	w.name("method").text(q.Method)
	w.name("uri").text(q.Path)
	w.name("query").text(q.Query)
	w.name("fragment").text(q.Fragment)
	w.name("httpVersion").plain(q.Version)
	if q.Scheme != "" {
		w.name("scheme").plain(q.Scheme)
	}
	w.headers(q.Headers)
	if missing&webacl.PartBody == 0 {
		w.body(q.Body)
	}
	if q.More {
		w.name("bodyTruncated").raw("true")
	}
	w.about(q)
	w.token(q)
	w.missing(missing)
	w.withheld(q.Withheld)
	if w.latin1 {
		w.name("encoding").plain("latin1")
	}
	return append(w.dst, '}')
}

func (w *lineWriter) withheld(names []string) {
	for i, name := range names {
		if i == 0 {
			w.name("withheld").raw("[")
		} else {
			w.raw(",")
		}
		w.plain(name)
	}
	if len(names) > 0 {
		w.raw("]")
	}
}

type lineWriter struct {
	dst    []byte
	latin1 bool
}

func (w *lineWriter) name(s string) *lineWriter {
	if w.dst[len(w.dst)-1] != '{' {
		w.dst = append(w.dst, ',')
	}
	w.plain(s)
	w.dst = append(w.dst, ':')
	return w
}

func (w *lineWriter) raw(s string) { w.dst = append(w.dst, s...) }

// plain writes text that may be no UTF-8 only by a mistake.
func (w *lineWriter) plain(s string) {
	out, err := jsontext.AppendQuote(w.dst, s)
	if err != nil {
		out, _ = jsontext.AppendQuote(w.dst, string([]rune(s)))
	}
	w.dst = out
}

func (w *lineWriter) text(s string) {
	if w.latin1 {
		runes := make([]rune, len(s))
		for i := range len(s) {
			runes[i] = rune(s[i])
		}
		s = string(runes)
	}
	w.plain(s)
}

func (w *lineWriter) headers(headers []webacl.Header) {
	w.name("headers").raw("[")
	for i := range headers {
		if i > 0 {
			w.raw(",")
		}
		w.raw("[")
		w.text(headers[i].Name)
		w.raw(",")
		w.text(headers[i].Value)
		w.raw("]")
	}
	w.raw("]")
}

func (w *lineWriter) body(b []byte) {
	switch {
	case b == nil:
	case utf8.Valid(b):
		w.name("body").plain(string(b))
	default:
		w.name("bodyBase64").plain(base64.StdEncoding.EncodeToString(b))
	}
}

// about is what is known of the client and the connection.
func (w *lineWriter) about(q *webacl.Request) {
	if q.Missing&webacl.PartClient == 0 && q.Client.IsValid() {
		w.name("clientIp").plain(q.Client.WithZone("").String())
	}
	if q.Place.HasCountry && q.Place.Country != "" {
		w.name("country").plain(q.Place.Country)
	}
	if q.Place.Region != "" {
		w.name("region").plain(q.Place.Region)
	}
	if q.Place.HasASN {
		w.name("asn").raw(strconv.FormatUint(uint64(q.Place.ASN), 10))
	}
	if q.Missing&webacl.PartJA3 == 0 {
		w.name("ja3").plain(q.JA3)
	}
	if q.Missing&webacl.PartJA4 == 0 {
		w.name("ja4").plain(q.JA4)
	}
	if q.Missing&webacl.PartTime == 0 {
		w.name("time").plain(time.Unix(0, q.Time).UTC().Format(time.RFC3339Nano))
	}
}

func (w *lineWriter) token(q *webacl.Request) {
	if q.Missing&webacl.PartToken != 0 {
		return
	}
	t := &q.Token
	w.name("token").raw("{")
	for name, state := range tokenStates {
		if state == t.State {
			w.name("state").plain(name)
		}
	}
	if t.ID != "" {
		w.name("id").plain(t.ID)
	}
	for _, at := range []struct {
		name  string
		value int64
	}{{"captchaTime", t.Captcha}, {"challengeTime", t.Challenge}} {
		if at.value != 0 {
			w.name(at.name).plain(time.Unix(at.value, 0).UTC().Format(time.RFC3339))
		}
	}
	w.raw("}")
}

func (w *lineWriter) missing(parts webacl.Part) {
	var names []string
	for name, p := range partNames {
		if parts&p != 0 {
			names = append(names, name)
		}
	}
	if names == nil {
		return
	}
	slices.Sort(names)
	w.name("missing").raw("[")
	for i, n := range names {
		if i > 0 {
			w.raw(",")
		}
		w.plain(n)
	}
	w.raw("]")
}
