package waflog

import (
	"net/netip"
	"strings"

	"fathom/engine/webacl"
)

// redacted is what AWS writes in place of a field of RedactedFields.
const redacted = "REDACTED"

// ToRequest is the request of a record, to look at it again. What the record does
// not hold is in Missing, so that a rule that needs it is undecidable:
//
//   - the body, unless the record or the headers of HTTP/1 say that there is none;
//   - the order of the headers, which AWS does not promise;
//   - fields that are redacted, or that hold U+FFFD, which stands for bytes that
//     are no UTF-8; one such header makes all headers unknown;
//   - fingerprints that are not there, unless the scheme is http;
//   - the token, unless the headers are known and carry none.
func (r *Record) ToRequest() webacl.Request {
	q := webacl.Request{Missing: webacl.PartOrder}
	r.place(&q)
	h := r.HTTPRequest
	if h == nil {
		q.Missing = ^webacl.Part(0)
		return q
	}
	q.ID, q.Version = h.RequestID, h.HTTPVersion
	if h.Scheme == "http" || h.Scheme == "https" {
		q.Scheme = h.Scheme
	}
	q.Fragment = h.Fragment
	q.Method = known(&q, webacl.PartMethod, h.HTTPMethod)
	q.Path = known(&q, webacl.PartPath, h.URI)
	q.Query = h.Args
	if hidden(h.Args) || !h.has("args") {
		q.Query, q.Missing = "", q.Missing|webacl.PartQuery
	}
	if !h.has("fragment") || hidden(h.Fragment) {
		q.Fragment, q.Missing = "", q.Missing|webacl.PartFragment
	}
	r.headers(&q, h)
	if !r.bodyless(&q) {
		q.Missing |= webacl.PartBody
	}
	if h.Scheme != "http" {
		q.JA3 = known(&q, webacl.PartJA3, r.JA3Fingerprint)
		q.JA4 = known(&q, webacl.PartJA4, r.JA4Fingerprint)
	}
	return q
}

// has says whether the record told a member, the empty string too.
func (h *HTTPRequest) has(name string) bool {
	if h.members == nil {
		return true // nobody parsed it: Fill tells all it knows
	}
	for _, w := range h.members {
		if w.field != unknown && w.how != asNull && requestCodec.fields[w.field].name == name {
			return true
		}
	}
	return false
}

func hidden(s string) bool { return s == redacted || strings.ContainsRune(s, '\ufffd') }

func known(q *webacl.Request, part webacl.Part, s string) string {
	if s == "" || hidden(s) {
		q.Missing |= part
		return ""
	}
	return s
}

// place is when and from where the request came.
func (r *Record) place(q *webacl.Request) {
	const most = 1<<63 - 1
	q.Time = r.Timestamp * 1_000_000
	if r.Timestamp <= 0 || r.Timestamp > most/1_000_000 {
		q.Time, q.Missing = 0, q.Missing|webacl.PartTime
	}
	if r.ClientASN > 0 && r.ClientASN < 1<<32 {
		q.Place.ASN, q.Place.HasASN = uint32(r.ClientASN), true
	}
	h := r.HTTPRequest
	if h == nil {
		return
	}
	a, err := netip.ParseAddr(h.ClientIP)
	if err != nil || a.Zone() != "" {
		q.Missing |= webacl.PartClient
	} else {
		q.Client = a
	}
	switch {
	case h.Country == "-":
		q.Place.Country, q.Place.HasCountry = "XX", true
	case len(h.Country) == 2 && strings.Trim(h.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "":
		q.Place.Country, q.Place.HasCountry = h.Country, true
		q.Place.Region = r.region(h.Country)
	}
}

// region is in the labels that a geo match added, if one did.
func (r *Record) region(country string) string {
	for i := range r.Labels {
		if region, ok := strings.CutPrefix(r.Labels[i].Name, "awswaf:clientip:geo:region:"+country+"-"); ok && region != "XX" {
			return region
		}
	}
	return ""
}

// headers are the headers, and what they tell of the token.
func (r *Record) headers(q *webacl.Request, h *HTTPRequest) {
	q.Missing |= webacl.PartToken
	if !h.has("headers") {
		q.Missing |= webacl.PartHeaders
		return
	}
	token := false
	q.Headers = make([]webacl.Header, len(h.Headers))
	for i := range h.Headers {
		name, value := h.Headers[i].Name, h.Headers[i].Value
		q.Headers[i] = webacl.Header{Name: name, Value: value}
		switch {
		case hidden(name):
			q.Missing |= webacl.PartHeaders
		case hidden(value) && !q.Withholds(name):
			q.Withheld = append(q.Withheld, strings.ToLower(name))
		}
		token = token || q.Withholds("cookie") || strings.EqualFold(name, "x-aws-waf-token") ||
			strings.EqualFold(name, "cookie") && strings.Contains(value, "aws-waf-token")
	}
	if !token && q.Missing&webacl.PartHeaders == 0 {
		q.Missing &^= webacl.PartToken
	}
}

// bodyless says whether the request certainly had no body. A request of HTTP/1
// without Content-Length and Transfer-Encoding has none (RFC 9112, 6.3).
func (r *Record) bodyless(q *webacl.Request) bool {
	if r.RequestBodySize.Known {
		return r.RequestBodySize.Bytes == 0
	}
	if !strings.HasPrefix(q.Version, "HTTP/1.") || q.Missing&webacl.PartHeaders != 0 {
		return false
	}
	for _, h := range q.Headers {
		if strings.EqualFold(h.Name, "transfer-encoding") || strings.EqualFold(h.Name, "content-length") && h.Value != "0" {
			return false
		}
	}
	return true
}
