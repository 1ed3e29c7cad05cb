package gateway_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fathom/layer/edge/gateway"
)

// seen is an origin that remembers what it was asked.
type seen struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []*http.Request
	bodies []string
}

func newSeen(t testing.TB, answer http.HandlerFunc) *seen {
	t.Helper()
	s := &seen{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.asked = append(s.asked, r)
		s.bodies = append(s.bodies, string(b))
		s.mu.Unlock()
		if answer != nil {
			answer(w, r)
			return
		}
		fmt.Fprintf(w, "%s %s", r.Method, r.RequestURI)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *seen) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func (s *seen) last() *http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[len(s.asked)-1]
}

// house is a running gateway.
type house struct {
	*gateway.Server
	log  *told
	stop func()
}

// base is what every test's configuration has besides its own lines.
const base = "admin: 127.0.0.1:0\nshutdown: {delay: 1ms, grace: 200ms, limit: 10s}\n"

// run starts a gateway with a configuration in which ORIGIN is the origin's URL
// and DIR a folder.
func run(t testing.TB, config, origin, dir string) *house {
	t.Helper()
	config = strings.NewReplacer("ORIGIN", origin, "DIR", dir).Replace(config)
	c, problems := gateway.Parse(filepath.Join(dir, "gateway.yaml"), []byte(base+config))
	for _, p := range problems {
		t.Fatal(p)
	}
	h := &house{log: new(told)}
	var err error
	if h.Server, err = gateway.New(c, gateway.Options{Log: slog.New(slog.NewTextHandler(h.log, nil))}); err != nil {
		t.Fatal(err)
	}
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	h.stop = func() {
		once.Do(func() {
			if err := h.Shutdown(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(h.stop)
	return h
}

// told is what a gateway logs of itself, while it runs.
type told struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *told) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *told) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const plain = `
listen: [{address: "127.0.0.1:0", plain: true}]
routes: [{to: shop}]
origins: {shop: {urls: ["ORIGIN"]}}
`

const withTLS = `
listen: [{address: "127.0.0.1:0", tls: {certificates: [{cert: a.crt, key: a.key}]}}]
routes: [{to: shop}]
origins: {shop: {urls: ["ORIGIN"]}}
`

func (h *house) addr(i int) string { return h.Addrs()[i].String() }
func (h *house) url() string       { return "http://" + h.addr(0) }

// say sends bytes as they are, and gives all that comes back.
func (h *house) say(t testing.TB, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", h.addr(0))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		return err.Error()
	}
	b, _ := io.ReadAll(c)
	return string(b)
}

// certificate writes name.crt and name.key.
func certificate(t testing.TB, dir, name string, hosts ...string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: hosts[0]}, DNSNames: hosts, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, name+".crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, dir, name+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	pool := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	return pool
}

func write(t testing.TB, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// client speaks TLS to a gateway, whatever the name.
func (h *house) client(pool *x509.CertPool, h2 bool) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!h2)
	protocols.SetHTTP2(h2)
	return &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: pool}, Protocols: protocols,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", h.addr(0))
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func get(t testing.TB, c *http.Client, url string) (*http.Response, string) {
	t.Helper()
	r, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(b)
}

func TestARequestReachesTheOriginAsItWasSent(t *testing.T) {
	origin := newSeen(t, nil)
	h := run(t, plain, origin.URL, t.TempDir())
	for _, target := range []string{"/", "/a/../b", "/%2e%2e/x?q=%zz&a;b", "/a|b{c}\"d", "/caf\xe9?\xff", "//two", "/?", "/x?a=1&a=2"} {
		answer := h.say(t, "GET "+target+" HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
		if !strings.HasPrefix(answer, "HTTP/1.1 200 ") || !strings.HasSuffix(answer, "GET "+target) {
			t.Errorf("%q: %s", target, answer)
		}
	}
}

func TestHTTP2(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	origin := newSeen(t, nil)
	h := run(t, withTLS, origin.URL, dir)
	r, body := get(t, h.client(pool, true), "https://shop.example/x?y=1")
	if r.ProtoMajor != 2 || body != "GET /x?y=1" {
		t.Errorf("%s %q", r.Proto, body)
	}
	for name := range origin.last().Header {
		if strings.HasPrefix(name, "Fathom-") {
			t.Errorf("the origin sees %s", name)
		}
	}
}
