package gateway_test

import (
	"strings"
	"testing"
)

// Requests of which two servers may make two different ones (RFC 9112, 11.2).
// After each stands a second request; the origin must see neither.
func TestAmbiguousRequestsReachNoOrigin(t *testing.T) {
	const second = "GET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n"
	origin := newSeen(t, nil)
	h := run(t, plain, origin.URL, t.TempDir())
	for _, c := range []struct{ name, code, text string }{
		{"length and chunked", "400", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"chunked and length", "400", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n"},
		{"two lengths", "400", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n"},
		{"two equal lengths", "400", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n"},
		{"a list of lengths", "400", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 0, 0\r\n\r\n"},
		{"a signed length", "400", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: +0\r\n\r\n"},
		{"a hexadecimal length", "400", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 0x0\r\n\r\n"},
		{"a negative length", "400", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: -1\r\n\r\n"},
		{"an empty length", "400", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length:\r\n\r\n"},
		{"a huge length", "400", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 99999999999999999999\r\n\r\n"},
		{"space before the colon", "400", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length : 44\r\n\r\n"},
		{"tab before the colon", "400", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding\t: chunked\r\n\r\n"},
		{"a folded header", "400", "POST / HTTP/1.1\r\nHost: shop\r\nX: a\r\n Transfer-Encoding: chunked\r\n\r\n"},
		{"a folded coding", "400", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding:\r\n chunked\r\n\r\n"},
		{"a first header that is folded", "400", "POST / HTTP/1.1\r\n Host: shop\r\n\r\n"},
		{"an unknown coding", "400", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: xchunked\r\n\r\n"},
		{"identity", "400", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: identity\r\n\r\n"},
		{"gzip, chunked", "400", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
		{"chunked twice", "400", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"chunked with a vertical tab", "400", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"},
		{"chunked with quotes", "400", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"},
		{"chunked of 1.0", "400", "POST / HTTP/1.0\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"an underscore", "400", "POST / HTTP/1.1\r\nHost: shop\r\nContent_Length: 44\r\n\r\n"},
		{"an underscore in the coding", "400", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer_Encoding: chunked\r\n\r\n"},
		{"a bare LF", "400", "POST / HTTP/1.1\nHost: shop\n\n"},
		{"a bare LF among CRLF", "400", "POST / HTTP/1.1\r\nHost: shop\r\nX: a\nContent-Length: 44\r\n\r\n"},
		{"a bare LF at the end", "400", "POST / HTTP/1.1\r\nHost: shop\r\n\n"},
		{"a bare CR", "400", "POST / HTTP/1.1\r\nHost: shop\r\nX: a\rContent-Length: 44\r\n\r\n"},
		{"a NUL in a value", "400", "POST / HTTP/1.1\r\nHost: shop\r\nX: a\x00b\r\n\r\n"},
		{"a NUL in a name", "400", "POST / HTTP/1.1\r\nHost: shop\r\nX\x00: a\r\n\r\n"},
		{"a line without a colon", "400", "POST / HTTP/1.1\r\nHost: shop\r\nX\r\n\r\n"},
		{"an empty name", "400", "POST / HTTP/1.1\r\nHost: shop\r\n: a\r\n\r\n"},
		{"two hosts", "400", "GET / HTTP/1.1\r\nHost: shop\r\nHost: other\r\n\r\n"},
		{"two equal hosts", "400", "GET / HTTP/1.1\r\nHost: shop\r\nhost: shop\r\n\r\n"},
		{"no host", "400", "GET / HTTP/1.1\r\nX: y\r\n\r\n"},
		{"a host with a path", "400", "GET / HTTP/1.1\r\nHost: shop/x\r\n\r\n"},
		{"a host with a user", "400", "GET / HTTP/1.1\r\nHost: a@shop\r\n\r\n"},
		{"another host in the target", "400", "GET http://other/ HTTP/1.1\r\nHost: shop\r\n\r\n"},
		{"a space in the target", "400", "GET /a b HTTP/1.1\r\nHost: shop\r\n\r\n"},
		{"a tab for a space", "400", "GET\t/ HTTP/1.1\r\nHost: shop\r\n\r\n"},
		{"two spaces", "400", "GET  / HTTP/1.1\r\nHost: shop\r\n\r\n"},
		{"an empty line first", "400", "\r\nGET / HTTP/1.1\r\nHost: shop\r\n\r\n"},
		{"no version", "400", "GET /\r\nHost: shop\r\n\r\n"},
		{"version 0.9", "505", "GET / HTTP/0.9\r\nHost: shop\r\n\r\n"},
		{"version 1.2", "505", "GET / HTTP/1.2\r\nHost: shop\r\n\r\n"},
		{"version in small letters", "400", "GET / http/1.1\r\nHost: shop\r\n\r\n"},
		{"the preface of HTTP/2", "505", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
		{"CONNECT", "400", "CONNECT shop:443 HTTP/1.1\r\nHost: shop:443\r\n\r\n"},
		{"a fragment", "400", "GET /#a HTTP/1.1\r\nHost: shop\r\n\r\n"},
		{"TLS on a plain port", "400", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"},
		{"a long request line", "414", "GET /" + strings.Repeat("a", 20<<10) + " HTTP/1.1\r\nHost: shop\r\n\r\n"},
		{"a long head", "431", "GET / HTTP/1.1\r\nHost: shop\r\nX: " + strings.Repeat("a", 70<<10) + "\r\n\r\n"},
		{"100,000 headers", "431", "GET / HTTP/1.1\r\nHost: shop\r\n" + strings.Repeat("a:b\r\n", 100_000) + "\r\n"},
	} {
		got := h.say(t, c.text+second)
		if !strings.HasPrefix(got, "HTTP/1.1 "+c.code+" ") || strings.Count(got, "HTTP/1.1 ") != 1 || !strings.Contains(got, "Connection: close") {
			t.Errorf("%s: want one %s, got %.300q", c.name, c.code, got)
		}
		if n := origin.count(); n > 0 {
			t.Fatalf("%s: the origin was asked %d times: %s", c.name, n, origin.last().RequestURI)
		}
	}
}

// The framing of a body is wrong only after its request began.
func TestBadChunksReachNoOrigin(t *testing.T) {
	origin := newSeen(t, nil)
	h := run(t, plain, origin.URL, t.TempDir())
	for _, c := range []struct{ name, body string }{
		{"a bare LF after the size", "5\nhello\r\n0\r\n\r\n"},
		{"a bare LF after the data", "5\r\nhello\n0\r\n\r\n"},
		{"a chunk that is too long", "5\r\nhello!\r\n0\r\n\r\n"},
		{"a chunk that is too short", "5\r\nhel\r\n0\r\n\r\n"},
		{"no size", "\r\nhello\r\n0\r\n\r\n"},
		{"0x", "0x5\r\nhello\r\n0\r\n\r\n"},
		{"a sign", "+5\r\nhello\r\n0\r\n\r\n"},
		{"a space before the size", " 5\r\nhello\r\n0\r\n\r\n"},
		{"a space after the size", "5 \r\nhello\r\n0\r\n\r\n"},
		{"an overflow", "10000000000000005\r\nhello\r\n0\r\n\r\n"},
		{"a huge chunk", "fffffffffffffff\r\nhello\r\n0\r\n\r\n"},
		{"many zeros", strings.Repeat("0", 40) + "5\r\nhello\r\n0\r\n\r\n"},
		{"a long extension", "5;" + strings.Repeat("a", 400) + "\r\nhello\r\n0\r\n\r\n"},
		{"an extension with a bare CR", "5;a\rb\r\nhello\r\n0\r\n\r\n"},
		{"a bare LF in the trailer", "0\r\nX: y\n\r\n"},
		{"a length in the trailer", "0\r\nContent_Length: 5\r\n\r\n"},
		{"a trailer that is none", "0\r\nGET / HTTP/1.1\r\n\r\n"},
		{"a trailer without end", "0\r\n" + strings.Repeat("a: b\r\n", 5000)},
	} {
		got := h.say(t, "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n"+c.body+"GET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n")
		if n := origin.count(); n > 0 {
			t.Fatalf("%s: the origin was asked %d times", c.name, n)
		}
		if !strings.HasPrefix(got, "HTTP/1.1 4") || strings.Count(got, "HTTP/1.1 ") != 1 {
			t.Errorf("%s: got %.300q", c.name, got)
		}
	}
}

// What is ambiguous after a good request on the same connection: the good one is
// answered, what follows is not.
func TestAGoodRequestBeforeABadOneIsAnswered(t *testing.T) {
	origin := newSeen(t, nil)
	h := run(t, plain, origin.URL, t.TempDir())
	got := h.say(t, "GET /good HTTP/1.1\r\nHost: shop\r\n\r\nPOST /bad HTTP/1.1\r\nHost: shop\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 200 ") || strings.Count(got, "HTTP/1.1 400 ") != 1 || origin.count() != 1 || origin.last().RequestURI != "/good" {
		t.Errorf("origin %d, client %q", origin.count(), got)
	}
}

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	origin := newSeen(t, nil)
	h := run(t, plain, origin.URL, t.TempDir())
	text := ""
	for _, p := range []string{"/1", "/2", "/3"} {
		text += "POST " + p + " HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n"
	}
	got := h.say(t, text+"GET /4 HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
	for _, want := range []string{"POST /1", "POST /2", "POST /3", "GET /4"} {
		_, after, ok := strings.Cut(got, want)
		if !ok {
			t.Fatalf("%s is missing in %q", want, got)
		}
		got = after
	}
	if origin.bodies[0] != "abc" || origin.bodies[2] != "abc" {
		t.Errorf("bodies %q", origin.bodies)
	}
}
