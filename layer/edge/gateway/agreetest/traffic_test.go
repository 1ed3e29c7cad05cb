package agreetest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"fathom/engine/webacl"
)

// sent is a request as it goes out.
type sent struct {
	number      int
	h2, tls     bool
	chunked     bool
	method      string
	path, query string
	asks        bool // the target has a question mark
	headers     []webacl.Header
	body        []byte
	client      netip.Addr // whom X-Forwarded-For names
	scheme      string
	absolute    string // the target begins with it
}

// maker makes requests up.
type maker struct{ *rand.Rand }

func (m maker) one(of ...string) string { return of[m.IntN(len(of))] }

// in says yes once in n times.
func (m maker) in(n int) bool { return m.IntN(n) == 0 }

var attacks = []string{
	"1' OR '1'='1' -- ", "1 UNION SELECT password FROM users", "'; DROP TABLE items; --", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`,
	"../../../../etc/passwd", "${jndi:ldap://x/a}", "; cat /etc/passwd", "<?php system($_GET['c']); ?>", "__proto__[admin]=1", "javascript:alert(1)",
	"%00", "\x00a", "a\tb\nc", "é", "日本", "\xff\xfe", "", "&#x3c;b&#62;", `\x3cscript\x3e`, "0x414243", "PD9waHAgZWNobyAxOyA/Pg==", "/*c*/union/**/select/*", "z",
}

var agents = []string{
	"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "curl/8.5.0", "CURL/7", "Googlebot/2.1 (+http://www.google.com/bot.html)", "python-requests/2.31", "sqlmap/1.8", "",
}

// value is text as a client might send it in a query or form: plain, encoded,
// encoded twice, or with an encoding that is broken.
func (m maker) value() string {
	v := m.one(attacks...)
	if m.in(3) {
		v = strconv.Itoa(m.IntN(100000))
	}
	switch m.IntN(6) {
	case 0:
		return url.QueryEscape(url.QueryEscape(v))
	case 1:
		return strings.ReplaceAll(url.PathEscape(v), "%", m.one("%", "%u00", "%25"))
	case 2:
		return m.one("%", "%2", "%zz", "%u12", "+", "%C0%AE") + url.QueryEscape(v)
	}
	return url.QueryEscape(v)
}

func (m maker) makeQuery() string {
	var pairs []string
	for range m.IntN(5) {
		pair := m.one("q", "id", "item", "Q", "page", "debug", "%71", "a[]", "") + m.one("=", "=", "=", "") + m.value()
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, m.one("&", "&", "&", "&&", ";"))
}

func (m maker) makePath() string {
	switch m.IntN(12) {
	case 0:
		return "/" + url.PathEscape(m.one(attacks...))
	case 1:
		return "/" + strings.Repeat(m.one("a/", "%2e%2e/", "./", "//", `\`), 1+m.IntN(120))
	case 2:
		return "/x/x/" + m.one("", "%e2%82%ac", "\xe2\x82", "é")
	}
	return m.one("/", "/", "/shop/item/42", "/api/v1/items", "/api/../admin", "/login", "/register", "/health", "/old/page", "/internal/x", "/INDEX.PHP", "/a.%70hp", "/.git/config", "/wp-login.php", "/shop;v=1/x")
}

func (m maker) json() string {
	text := strconv.Quote(strings.ToValidUTF8(m.one(attacks...), "?"))
	switch m.IntN(8) {
	case 0:
		return `{"user":{"name":` + text + `}` // not closed
	case 1:
		return `{"a":1,"a":` + text + `,"A":null}x`
	case 2:
		return strings.Repeat(`[`, m.IntN(50)) + text
	case 3:
		return `{"items":[` + strings.Repeat(`{"sku":"x","n":1.50e2},`, m.IntN(900)) + text + `]}`
	}
	return `{"user":{"name":` + text + `,"id":7},"items":[` + text + `,true,null,-0],"__proto__":` + text + `}`
}

func (m maker) makeBody(s *sent) {
	kind := ""
	switch m.IntN(7) {
	case 0:
		return
	case 1:
		kind, s.body = "application/json", []byte(m.json())
	case 2:
		kind, s.body = "text/plain", []byte(m.one(attacks...))
	case 3:
		kind, s.body = "application/octet-stream", m.noise(m.IntN(3000))
	case 4: // around the 8 KiB that a load balancer's web ACL sees
		kind, s.body = "application/x-www-form-urlencoded", []byte("a="+strings.Repeat("x", 8100+m.IntN(120))+"&b=union")
	default:
		kind, s.body = "application/x-www-form-urlencoded", []byte(m.makeQuery())
	}
	if m.in(200) {
		s.body = append(m.noise(60000+m.IntN(12000)), s.body...)
	}
	s.add("Content-Type", m.one(kind, kind, kind, "application/json; charset=utf-8", ""))
}

func (m maker) noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(m.Uint32())
	}
	return b
}

func (s *sent) add(name, value string) {
	s.headers = append(s.headers, webacl.Header{Name: name, Value: value})
}

// makeHeaders are those of a browser, some of them odd, and some twice.
func (m maker) makeHeaders(s *sent) {
	add := func(name, value string) {
		if m.in(20) {
			name = strings.ToUpper(name)
		}
		s.add(name, value)
	}
	if !m.in(10) {
		add("User-Agent", m.one(agents...))
	}
	if !m.in(5) {
		add("Accept", m.one("*/*", "text/html,application/xhtml+xml;q=0.9", "image/png"))
	}
	for range m.IntN(3) {
		add("Cookie", m.cookie())
	}
	if m.in(4) {
		add("Referer", "https://shop.example/"+m.value())
	}
	for range m.IntN(3) / 2 * m.IntN(3) {
		add("X-Odd", m.one("", " ", "a, b", "caf\xc3\xa9", "caf\xe9", "${JNDI:x}", "\"q\"", "a\tb", strings.Repeat("y", m.IntN(300))))
	}
	if m.in(300) {
		for i := range 60 + m.IntN(180) {
			add("X-Many-"+strconv.Itoa(i), m.one("v", "${jndi:x}"))
		}
	}
	if m.in(300) {
		add("X-Long", strings.Repeat("l", 7000+m.IntN(3000)))
	}
	if m.in(100) {
		add("X-Inspect", "crs")
	}
}

func (m maker) cookie() string {
	var parts []string
	for range 1 + m.IntN(4) {
		parts = append(parts, m.one("sid", "lang", "SID", "a b", "")+m.one("=", "=", "=", "")+m.one("0123", "en", `"quoted"`, "%3Cscript%3E", "1' OR 1=1", "a=b", ""))
	}
	c := strings.Join(parts, m.one("; ", "; ", ";", " ; ", ","))
	if m.in(200) {
		c += "; big=" + strings.Repeat("c", 8000+m.IntN(800))
	}
	return c
}

var clients = []string{"192.0.2.7", "192.0.2.200", "198.51.100.9", "198.51.100.200", "203.0.113.7", "2001:db8:1::5", "2001:db8:2::5", "66.249.66.1"}

// makeClient names a client in X-Forwarded-For, which the gateway believes since
// the connection is from a proxy that it trusts.
func (m maker) makeClient(s *sent) {
	client, other := m.one(clients...), m.one("192.0.2.7", "203.0.113.7", "unknown", "2001:db8:1::6", "")
	peer := "127.0.0.1"
	switch m.IntN(8) {
	case 0:
		client = peer
	case 1:
		s.add("X-Forwarded-For", other+", "+client)
	case 2:
		s.add("X-Forwarded-For", other)
		s.add("x-forwarded-for", client)
	case 3:
		s.add("X-Forwarded-For", client+", "+m.one("nonsense", "1.2.3.4.5", "[::1]:80"))
		client = peer
	case 4:
		s.add("X-Forwarded-For", other+","+client+" , 127.0.0.1")
	default:
		s.add("X-Forwarded-For", client)
	}
	s.client = netip.MustParseAddr(client)
	if s.scheme = "http"; s.tls {
		s.scheme = "https"
	}
	if m.in(10) {
		s.scheme = m.one("http", "https")
		s.add("X-Forwarded-Proto", s.scheme)
	}
}

// make makes the n-th request.
func (m maker) make(n int, tls, h2 bool) *sent {
	s := &sent{number: n, h2: h2, tls: tls, path: m.makePath()}
	s.method = m.one("GET", "GET", "GET", "GET", "POST", "POST", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "PROPFIND")
	if s.asks = !m.in(3); s.asks {
		s.query = m.makeQuery()
	}
	if !h2 && m.in(50) {
		s.absolute = "http://shop.example"
	}
	host := m.IntN(3)
	for i := range 3 {
		if i == host && !h2 {
			s.add(m.one("Host", "Host", "host"), "shop.example")
		}
		switch i {
		case 0:
			m.makeHeaders(s)
		case 1:
			s.add("X-N", fmt.Sprint(n))
		case 2:
			m.makeClient(s)
		}
	}
	if s.method == "POST" || s.method == "PUT" || s.method == "PATCH" || m.in(40) {
		m.makeBody(s)
		s.chunked = !h2 && s.body != nil && m.in(4)
	}
	s.clean()
	return s
}

// clean keeps to what a server takes at all: no control characters in targets and
// values, lower-case names over HTTP/2.
func (s *sent) clean() {
	if s.h2 && len(s.body) > 30000 {
		s.body = s.body[:30000]
	}
	switch {
	case s.body == nil:
	case s.chunked:
		s.add("Transfer-Encoding", "chunked")
	default:
		s.add("Content-Length", strconv.Itoa(len(s.body)))
	}
	for i := range s.headers {
		h := &s.headers[i]
		h.Value = strings.TrimSpace(visible(h.Value))
		if s.h2 {
			h.Name = strings.ToLower(h.Name)
		}
	}
	s.path, s.query = visible(s.path), visible(s.query)
}

// visible is text without control characters.
func visible(text string) string {
	var b []byte
	for i := range len(text) {
		if c := text[i]; c >= ' ' && c != 0x7f {
			b = append(b, c)
		}
	}
	return string(b)
}

func (s *sent) target() string {
	if !s.asks {
		return s.absolute + s.path
	}
	return s.absolute + s.path + "?" + s.query
}

// request is what fathom waf eval is told of it.
func (s *sent) request() *webacl.Request {
	q := &webacl.Request{
		Method: s.method, Path: s.path, Query: s.query, Version: "HTTP/1.1", Scheme: s.scheme,
		Headers: s.headers, Body: s.body, Client: s.client,
	}
	if s.h2 {
		q.Version = "HTTP/2.0"
		q.Headers = append([]webacl.Header{{Name: "host", Value: "shop.example"}}, oneCookie(s.headers)...)
	}
	return q
}

// oneCookie joins the cookies of HTTP/2, which may come apart (RFC 9113, 8.2.3).
func oneCookie(headers []webacl.Header) (out []webacl.Header) {
	at := -1
	for _, h := range headers {
		switch {
		case h.Name != "cookie" || at < 0:
			if h.Name == "cookie" {
				at = len(out)
			}
			out = append(out, h)
		default:
			out[at].Value += "; " + h.Value
		}
	}
	return out
}
