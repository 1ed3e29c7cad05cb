package crstest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"fathom/engine/webacl/waflog"
	"fathom/layer/edge/gateway"
)

// throughGateway is the gateway with the rule set before the backend. It has no
// settings of its own, but that it is not overloaded by tests.
const throughGateway = `
listen: [{address: "127.0.0.1:0", plain: true}]
admin: "off"
routes: [{to: backend}]
origins: {backend: {urls: ["ORIGIN"]}}
crs:
  mode: detect
  paranoia: 4
  responses: true
  directives: |
SETUP
log: {waf: stdout, buffer: 100000}
overload: {off: true}
shutdown: {delay: 1ms, grace: 200ms, limit: 30s}
`

type viaGateway struct {
	*gateway.Server
	origin  *httptest.Server
	records bytes.Buffer
	texts   texts
}

func newGateway(t testing.TB) *viaGateway {
	t.Helper()
	g := &viaGateway{origin: httptest.NewServer(http.HandlerFunc(backend)), texts: texts{by: map[netip.Addr][]string{}}}
	indented := "    " + strings.ReplaceAll(setup, "\n", "\n    ")
	config := strings.NewReplacer("ORIGIN", g.origin.URL, "SETUP", indented).Replace(throughGateway)
	c, problems := gateway.Parse(filepath.Join(t.TempDir(), "gateway.yaml"), []byte(config))
	for _, p := range problems {
		t.Fatal(p)
	}
	var err error
	if g.Server, err = gateway.New(c, gateway.Options{Log: slog.New(&g.texts), Stdout: &g.records}); err != nil {
		t.Fatal(err)
	}
	if err := g.Start(); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *viaGateway) address() string { return g.Addrs()[0].String() }

// end reads the records: what the gateway logs is what counts.
func (g *viaGateway) end(t testing.TB) map[netip.Addr]logged {
	t.Helper()
	if err := g.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	g.origin.Close()
	all := map[netip.Addr]logged{}
	for line := range bytes.Lines(g.records.Bytes()) {
		r, err := waflog.Parse(bytes.TrimSpace(line))
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		from := netip.MustParseAddr(r.HTTPRequest.ClientIP)
		l := logged{lines: g.texts.by[from]}
		if r.Fathom != nil {
			for _, s := range r.Fathom.StandIns {
				l.ids = append(l.ids, idsOf(t, s.Patterns)...)
			}
		}
		all[from] = l
	}
	return all
}

func idsOf(t testing.TB, patterns []string) (ids []int) {
	t.Helper()
	for _, p := range patterns {
		id, err := strconv.Atoi(strings.TrimPrefix(p, "CRS "))
		if err != nil {
			t.Fatalf("%q does not name a rule", p)
		}
		ids = append(ids, id)
	}
	return ids
}

// texts keeps what the gateway tells of each rule that matched, in the form that
// the tests look for: ModSecurity's.
type texts struct {
	mu sync.Mutex
	by map[netip.Addr][]string
}

func (x *texts) Enabled(context.Context, slog.Level) bool { return true }
func (x *texts) WithAttrs([]slog.Attr) slog.Handler       { return x }
func (x *texts) WithGroup(string) slog.Handler            { return x }

func (x *texts) Handle(_ context.Context, r slog.Record) error {
	has := map[string]any{}
	r.Attrs(func(a slog.Attr) bool {
		has[a.Key] = a.Value.Any()
		return true
	})
	from, ok := has["client"].(netip.Addr)
	data, told := has["data"].([]string)
	if !ok || !told {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.by[from] = append(x.by[from], fmt.Sprintf("%s [id \"%v\"] [msg %q] [data %q]", has["message"], has["rule"], has["message"], strings.Join(data, " ")))
	return nil
}
