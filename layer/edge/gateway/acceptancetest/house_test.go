package acceptancetest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fathom/engine/webacl/waflog"
)

// rule is a rule of a web ACL, in AWS's JSON.
func rule(name, action, statement string) string {
	return fmt.Sprintf(`{"Name": %q, "Priority": PRIORITY, "Action": {%q: {}}, "Statement": %s,
  "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": %[1]q}}`, name, action, statement)
}

// match is a statement: where what holds how.
func match(field, how, what string) string {
	return fmt.Sprintf(`{"ByteMatchStatement": {"FieldToMatch": %s, "PositionalConstraint": %q, "SearchString": %q, "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}}`, field, how, what)
}

func path(prefix string) string { return match(`{"UriPath": {}}`, "STARTS_WITH", prefix) }

// webACL is one that lets through what no rule stops.
func webACL(rules ...string) string {
	var b bytes.Buffer
	b.WriteString(`{"Name": "shop", "DefaultAction": {"Allow": {}}, "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "shop"}, "Rules": [`)
	for i, r := range rules {
		if i > 0 {
			b.WriteString(",\n")
		}
		b.Write(bytes.Replace([]byte(r), []byte("PRIORITY"), []byte(fmt.Sprint(i)), 1))
	}
	b.WriteString("]}\n")
	return b.String()
}

// origin answers with the body that it gets, or else a page with the target.
func origin(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodPost {
			w.Write(b)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("X-Traceparent", r.Header.Get("Traceparent"))
		fmt.Fprintf(w, `<!doctype html><html lang=en><link rel=icon href="data:,"><title>Shop</title><h1>Welcome</h1><p>%s</p>`, r.RequestURI)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// certify writes a.crt and a.key for 127.0.0.1, signed by nobody else.
func certify(t *testing.T, dir string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "shop"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
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
	write(t, dir, "a.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, dir, "a.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// records are the lines of the WAF log that are complete.
func records(t *testing.T, dir string) (out []*waflog.Record) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "waf.log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		r, err := waflog.Parse(line)
		if err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if !json.Valid(line) || !bytes.Equal(r.Append(nil), line) {
			t.Fatalf("the record type does not write the line as it was: %s", line)
		}
		out = append(out, r)
	}
	return out
}

const (
	inPlain = "listen: [{address: \"127.0.0.1:0\", plain: true}]\n"
	inTLS   = "listen: [{address: \"127.0.0.1:0\", tls: {certificates: [{cert: a.crt, key: a.key}]}}]\n"
	shop    = "routes: [{to: shop}]\norigins: {shop: {urls: [\"ORIGIN\"]}}\nacl: {files: [acl.json]}\nlog: {waf: waf.log}\nshutdown: {delay: 1ms, grace: 200ms}\n"
)
