package agreetest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"fathom/engine/webacl/assembly"
	"fathom/engine/webacl/dialect"
	"fathom/engine/webacl/geo"
	"fathom/engine/webacl/managed"
	"fathom/engine/webacl/waflog"
	"fathom/layer/edge/gateway"
)

const config = `
listen:
  - {address: "127.0.0.1:0", plain: true}
  - {address: "127.0.0.1:0", tls: {certificates: [{cert: a.crt, key: a.key}]}}
admin: "off"
trusted: [127.0.0.1/32]
routes: [{to: shop}]
origins: {shop: {urls: ["ORIGIN"]}}
acl:
  files: [acl.json, office.json, six.json, probes.json, inner.json]
  resource: alb
  lists: {ip-reputation: bad.txt}
geo: {country: country.mmdb, asn: asn.mmdb}
log: {waf: stdout, buffer: 100000}
overload: {off: true}
shutdown: {delay: 1ms, grace: 200ms, limit: 30s}
`

// reputation is the list behind the managed group of that name.
const reputation = "192.0.2.200\n2001:db8:2::/48\n"

// gate is a running gateway, and what it logs.
type gate struct {
	*gateway.Server
	mu   sync.Mutex
	more *sync.Cond
	log  []logged
	// list is the file with the list of addresses.
	list string
}

// logged is a record, and its line.
type logged struct {
	*waflog.Record
	line string
}

func start(t testing.TB) *gate {
	t.Helper()
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) //nolint:errcheck // nobody looks at it
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(origin.Close)
	dir := t.TempDir()
	put := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range files(t) {
		put(name, content)
	}
	put("country.mmdb", countries(t))
	put("asn.mmdb", systems(t))
	put("bad.txt", []byte(reputation))
	cert, key := certificate(t)
	put("a.crt", cert)
	put("a.key", key)
	c, problems := gateway.Parse(filepath.Join(dir, "gateway.yaml"), []byte(strings.ReplaceAll(config, "ORIGIN", origin.URL)))
	for _, p := range problems {
		t.Fatal(p)
	}
	g := &gate{list: filepath.Join(dir, "bad.txt")}
	g.more = sync.NewCond(&g.mu)
	var err error
	if g.Server, err = gateway.New(c, gateway.Options{Log: slog.New(slog.DiscardHandler), Stdout: g}); err != nil {
		t.Fatal(err)
	}
	if err := g.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return g
}

func (g *gate) address(i int) string { return g.Addrs()[i].String() }

// Write takes lines of the gateway's log.
func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for line := range bytes.Lines(p) {
		r, err := waflog.Parse(bytes.TrimSpace(line))
		if err != nil {
			return 0, err
		}
		g.log = append(g.log, logged{r, string(bytes.TrimSpace(line))})
	}
	g.more.Broadcast()
	return len(p), nil
}

// records waits for the records of a round, and gives them in the order of the
// requests.
func (g *gate) records(t *testing.T, n int) []logged {
	t.Helper()
	late := time.AfterFunc(60*time.Second, g.more.Broadcast)
	defer late.Stop()
	end := time.Now().Add(60 * time.Second)
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.log) < n && time.Now().Before(end) {
		g.more.Wait()
	}
	out := make([]logged, n)
	for _, r := range g.log {
		for _, h := range r.HTTPRequest.Headers {
			if strings.EqualFold(h.Name, "X-N") {
				i, _ := strconv.Atoi(h.Value)
				out[i] = r
			}
		}
	}
	for i, r := range out {
		if r.Record == nil {
			t.Fatalf("request %d of %d has no record; there are %d", i, n, len(g.log))
		}
	}
	g.log = nil
	return out
}

func newEval(t testing.TB, reputationList string) *eval {
	t.Helper()
	var docs []dialect.Document
	for name, content := range files(t) {
		doc, problems := dialect.Read(name, content, dialect.Options{})
		for _, p := range problems {
			t.Fatal(p)
		}
		docs = append(docs, doc)
	}
	acls := dialect.Join(docs...).ACLs
	if len(acls) != 1 {
		t.Fatalf("the files hold %d web ACLs", len(acls))
	}
	o := assembly.Options{}
	o.Resource, _ = assembly.ParseResource("alb")
	o.Counter, _ = assembly.Counters("exact")
	var err error
	if o.Geo, err = geo.Open(countries(t), systems(t)); err != nil {
		t.Fatal(err)
	}
	list, problems := managed.ParsePrefixes(reputationList, []byte(reputation))
	for _, p := range problems {
		t.Fatal(p)
	}
	o.Managed.Reputation = list
	a, problems := assembly.New(acls[0], o)
	for _, p := range problems {
		t.Fatal(p)
	}
	return &eval{program: a.Program}
}

func countries(t testing.TB) []byte {
	place := func(code, region string) mmdbtype.Map {
		return mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String(code)}, "subdivisions": mmdbtype.Slice{mmdbtype.Map{"iso_code": mmdbtype.String(region)}}}
	}
	return database(t, "GeoLite2-City", map[string]mmdbtype.Map{
		"192.0.2.0/24": place("US", "CA"), "198.51.100.0/24": place("DE", "BE"), "2001:db8:1::/48": place("FR", "IDF"),
	})
}

func systems(t testing.TB) []byte {
	return database(t, "GeoLite2-ASN", map[string]mmdbtype.Map{
		"192.0.2.0/25": {"autonomous_system_number": mmdbtype.Uint32(64500)}, "203.0.113.0/24": {"autonomous_system_number": mmdbtype.Uint32(64501)},
	})
}

func database(t testing.TB, kind string, records map[string]mmdbtype.Map) []byte {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: kind, IPVersion: 6, RecordSize: 24, Description: map[string]string{"en": "for tests"}, Languages: []string{"en"}, IncludeReservedNetworks: true, BuildEpoch: 1})
	if err != nil {
		t.Fatal(err)
	}
	for network, record := range records {
		_, prefix, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(prefix, record); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := tree.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func certificate(t testing.TB) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"shop.example"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs})
}
