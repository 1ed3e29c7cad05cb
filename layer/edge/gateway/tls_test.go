package gateway_test

import (
	"bufio"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTLSVersionsAndSuites(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	origin := newSeen(t, nil)
	h := run(t, withTLS, origin.URL, dir)
	strict := run(t, strings.Replace(withTLS, "certificates", `min: "1.3", certificates`, 1), origin.URL, dir)
	for _, c := range []struct {
		name     string
		h        *house
		max      uint16
		suites   []uint16
		accepted bool
	}{
		{"1.3", h, tls.VersionTLS13, nil, true},
		{"1.2", h, tls.VersionTLS12, nil, true},
		{"1.1", h, tls.VersionTLS11, nil, false},
		{"1.2 with CBC", h, tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}, false},
		{"1.2 where 1.3 is asked for", strict, tls.VersionTLS12, nil, false},
		{"1.3 where 1.3 is asked for", strict, tls.VersionTLS13, nil, true},
	} {
		conn, err := tls.Dial("tcp", c.h.addr(0), &tls.Config{RootCAs: pool, ServerName: "shop.example", MinVersion: tls.VersionTLS10, MaxVersion: c.max, CipherSuites: c.suites})
		if (err == nil) != c.accepted {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			conn.Close()
		}
	}
}

func TestHSTSIsOnEveryAnswerOverTLS(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	origin := newSeen(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=0")
	})
	h := run(t, withTLS+"hsts: {maxAge: 48h, subdomains: true}\n", origin.URL, dir)
	r, _ := get(t, h.client(pool, false), "https://shop.example/")
	if got := r.Header.Values("Strict-Transport-Security"); len(got) != 1 || got[0] != "max-age=172800; includeSubDomains" {
		t.Errorf("got %q", got)
	}
}

func TestTheCertificateIsThatOfTheName(t *testing.T) {
	dir := t.TempDir()
	certificate(t, dir, "a", "shop.example")
	certificate(t, dir, "b", "api.example")
	h := run(t, strings.Replace(withTLS, "key: a.key}", "key: a.key}, {cert: b.crt, key: b.key}", 1), newSeen(t, nil).URL, dir)
	name := func(sni string) string {
		c, err := tls.Dial("tcp", h.addr(0), &tls.Config{InsecureSkipVerify: true, ServerName: sni})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	for sni, want := range map[string]string{"api.example": "api.example", "shop.example": "shop.example", "other.example": "shop.example"} {
		if got := name(sni); got != want {
			t.Errorf("for %s the certificate of %s", sni, got)
		}
	}
	// A new certificate is taken by itself, and a broken one is not.
	certificate(t, dir, "a", "new.example")
	eventually(t, "the new certificate", func() bool { return name("other.example") == "new.example" })
	write(t, dir, "a.crt", "nonsense")
	if err := h.Reload(); err == nil {
		t.Error("a broken certificate was loaded")
	}
	if got := name("other.example"); got != "new.example" {
		t.Errorf("after a broken certificate: %s", got)
	}
}

// eventually waits until something holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not in 20 s", what)
		}
	}
}

func TestPlainHTTPIsRedirected(t *testing.T) {
	dir := t.TempDir()
	certificate(t, dir, "a", "shop.example")
	origin := newSeen(t, nil)
	h := run(t, `
listen: [{address: "127.0.0.1:0", redirect: true}, {address: "127.0.0.1:0", tls: {certificates: [{cert: a.crt, key: a.key}]}}]
routes: [{hosts: [shop.example], to: shop}]
origins: {shop: {urls: ["ORIGIN"]}}
`, origin.URL, dir)
	_, port, _ := net.SplitHostPort(h.addr(1))
	got := h.say(t, "POST /a?b=c HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 1\r\n\r\nx")
	r, err := http.ReadResponse(bufio.NewReader(strings.NewReader(got)), nil)
	if err != nil || r.StatusCode != 308 || r.Header.Get("Location") != "https://shop.example:"+port+"/a?b=c" {
		t.Errorf("got %q %v", got, err)
	}
	if got := h.say(t, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 400 ") {
		t.Errorf("another host: %q", got)
	}
	if origin.count() > 0 {
		t.Error("the origin was asked")
	}
}
