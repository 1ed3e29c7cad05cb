package platform_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fathom/platform"
)

// today is the day of the tests.
var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var options = platform.Options{
	Today:        today,
	Controls:     []string{"edge.waf-enforcing", "edge.shield", "data.backups"},
	ManagedRules: []string{"SizeRestrictions_BODY", "CrossSiteScripting_BODY"},
}

// same compares platforms but for where their values were written.
var same = cmpopts.IgnoreUnexported(platform.Platform{})

// shop is the declaration that tests change.
func shop(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// edit changes a piece of a declaration that is there once.
type edit struct{ old, new string }

func (e edit) on(t testing.TB, text []byte) []byte {
	t.Helper()
	if n := bytes.Count(text, []byte(e.old)); n != 1 {
		t.Fatalf("%q is there %d times", e.old, n)
	}
	return bytes.Replace(text, []byte(e.old), []byte(e.new), 1)
}

func parsed(t testing.TB, text []byte) *platform.Platform {
	t.Helper()
	p, problems := platform.Parse("shop.yaml", text, options)
	for _, x := range problems {
		t.Error(x.Error())
	}
	if p == nil {
		t.FailNow()
	}
	return p
}

func TestParse(t *testing.T) {
	p := parsed(t, shop(t))
	got := *p.Service("orders")
	want := platform.Service{
		Name: "orders", Image: platform.Image{Repository: "shop/orders", Digest: "sha256:1c168adb00d208e42f93314529f1fa9c0427eb63233ceda95a5db52b7012a719"},
		Owner: "checkout", Namespace: "shop", Port: 8080, Protocol: "http", Health: "/healthz", Replicas: platform.Range{Min: 3, Max: 60},
		CPU: "250m", Memory: "256Mi",
		Calls: []platform.Call{
			{To: "mailer"},
			{To: "payments", Requests: []platform.Request{{Method: "POST", Path: "/charge"}}},
			{To: "search", Requests: []platform.Request{{Method: "GET", Path: "/products/*"}}},
		},
		Stores: []platform.Use{
			{Store: "cache", Access: "write"},
			{Store: "events", Produce: []string{"order-events"}},
			{Store: "invoices", Access: "write"},
			{Store: "orders-db", Access: "write"},
		},
		Handles: []string{"email", "order"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantAWS := []platform.Permission{{Actions: []string{"s3:GetObjectVersion"}, On: "invoices", Path: "signed/*", Text: "s3:GetObjectVersion on invoices/signed/*"}}
	if diff := cmp.Diff(wantAWS, p.Service("mailer").AWS); diff != "" {
		t.Error(diff)
	}
	wantStore := platform.Store{
		Name: "invoices", Engine: platform.S3, Owner: "checkout", Holds: []string{"email"}, Key: "shared",
		Lock: platform.Lock{Mode: "compliance", Keep: 400 * 24 * time.Hour}, Keep: 2 * 365 * 24 * time.Hour,
	}
	if diff := cmp.Diff(wantStore, *p.Store("invoices")); diff != "" {
		t.Error(diff)
	}
	var paths []string
	for _, r := range p.Edge.Routes {
		paths = append(paths, r.Path+" "+r.Form+" "+r.Priority)
	}
	if diff := cmp.Diff([]string{"/api/mobile/*  critical", "/checkout checkout critical", "/search/*  sheddable", "/login login degraded"}, paths); diff != "" {
		t.Error(diff)
	}
	wantClients := platform.Clients{Cookie: "shop-session", Header: "x-shop-client", Value: "web/", Mobile: []string{"/api/mobile/*"}, Window: 5 * time.Minute}
	if diff := cmp.Diff(wantClients, p.Edge.Clients); diff != "" {
		t.Error(diff)
	}
	if got := p.Service("payments").Namespace; got != "payments" {
		t.Errorf("payments uses a store that stands apart, and is in namespace %q", got)
	}
}

func TestDefaults(t *testing.T) {
	text := shop(t)
	for _, e := range []edit{
		{"network: {cidr: 10.20.0.0/16, zones: [a, b, c], nat: zone}\n", ""},
		{"cluster: {version: \"1.35\", instance: m7g.large, nodes: {min: 3, max: 24}, from: [198.51.100.0/24]}\n", ""},
		{"version: 1.31.1, proxy", "proxy"},
		{"  waf: block\n", ""},
		{"  originSecret: {rotate: 30d, overlap: 24h}\n", ""},
		{"  bots: {verified: allow, suspect: challenge, automated: block}\n", ""},
		{"  canary: 5%\n", ""},
		{"limit: {max: 3000, per: 5m, by: ip}", "limit: {max: 3000}"},
		{"  shield: true\n", ""},
		{"breakGlass: {who: group/sre, approve: group/leads, max: 1h}", "breakGlass: {who: group/sre, approve: group/leads}"},
	} {
		text = e.on(t, text)
	}
	p := parsed(t, text)
	edge := p.Edge
	edge.Domains, edge.Zone, edge.Geo, edge.Clients, edge.WaitingRoom, edge.Routes, edge.Exempt = nil, "", platform.Geo{}, platform.Clients{}, platform.WaitingRoom{}, nil, nil
	got := platform.Platform{Network: p.Network, Cluster: p.Cluster, Mesh: p.Mesh, Edge: edge, BreakGlass: p.BreakGlass, Logs: p.Logs, Notify: p.Notify, Unit: p.Unit}
	got.Mesh.Proxy = platform.Image{}
	want := platform.Platform{
		Network:    platform.Network{CIDR: "10.20.0.0/16", Zones: []string{"a", "b", "c"}, NAT: "zone"},
		Cluster:    platform.Cluster{Version: "1.35", Instance: "m7g.large", Nodes: platform.Range{Min: 3, Max: 12}},
		Mesh:       platform.Mesh{Version: "1.31.1", TrustDomain: "cluster.local", Certificates: 24 * time.Hour},
		BreakGlass: platform.BreakGlass{Who: "group/sre", Approve: "group/leads", Max: time.Hour},
		Logs:       platform.Logs{Keep: 400 * 24 * time.Hour},
		Notify:     platform.Notify{OnCall: "oncall@shop.example.com", Phone: "+4930123456", Email: "oncall@shop.example.com", Privacy: "privacy@shop.example.com", Within: 72 * time.Hour},
		Unit:       "111111111111",
		Edge: platform.Edge{
			WAF: "block", OriginSecret: platform.Rotation{Every: 30 * 24 * time.Hour, Overlap: 24 * time.Hour}, Canary: 5,
			Bots:  platform.Bots{Verified: "allow", Suspect: "challenge", Automated: "block"},
			Limit: platform.Limit{Max: 3000, Per: 5 * time.Minute, By: "ip"},
		},
	}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Error(diff)
	}
}

func TestTheOrderMeansNothing(t *testing.T) {
	text := shop(t)
	for _, e := range []edit{
		{"zones: [a, b, c]", "zones: [c, a, b]"},
		{"handles: [email, order]", "handles: [order, email]"},
		{`calls: {payments: ["POST /charge"], search: ["GET /products/*"], mailer: []}`, `calls: {mailer: [], search: ["GET /products/*"], payments: ["POST /charge"]}`},
		{"{cache: read, events: {consume: [order-events]}}", "{events: {consume: [order-events]}, cache: read}"},
		{"  order: {class: internal}\n  catalogue: {class: public}\n", "  catalogue: {class: public}\n  order: {class: internal}\n"},
		{"may: [logs, restart, shell]", "may: [shell, logs, restart]"},
	} {
		text = e.on(t, text)
	}
	i := bytes.Index(text, []byte("  cache: {engine"))
	j := bytes.Index(text, []byte("  events: {engine"))
	k := bytes.Index(text, []byte("  invoices: {engine"))
	text = []byte(string(text[:i]) + string(text[j:k]) + string(text[i:j]) + string(text[k:]))
	if diff := cmp.Diff(parsed(t, shop(t)), parsed(t, text), same); diff != "" {
		t.Error(diff)
	}
}

func TestAt(t *testing.T) {
	text := shop(t)
	p := parsed(t, text)
	lines := strings.Split(string(text), "\n")
	for _, c := range []struct {
		path []string
		says string // what stands there
	}{
		{[]string{"platform", "region"}, "eu-west-1"},
		{[]string{"services", "orders", "calls", "search"}, `["GET /products`},
		{[]string{"services", "orders", "calls", "search", "0"}, `"GET /products`},
		{[]string{"services", "orders", "stores", "events", "produce", "order-events"}, "order-events"},
		{[]string{"services", "orders", "handles", "order"}, "order]"},
		{[]string{"edge", "routes", "/login", "limit", "max"}, "50,"},
		{[]string{"edge", "routes", "1", "limit", "max"}, "50,"},
		{[]string{"services", "payments", "egress", "api.psp.example", "port"}, "443"},
		{[]string{"exceptions", "edge.waf-enforcing", "until"}, "2026-12-05"},
		{[]string{"stores", "cache", "key"}, "{engine: redis"}, // not written: where it would be
		{[]string{"logs"}, "platform:"},
	} {
		at := p.At(c.path...)
		if at.File != "shop.yaml" || at.Line == 0 || !strings.HasPrefix(lines[at.Line-1][at.Column-1:], c.says) {
			t.Errorf("%v is at %v, which does not say %q", c.path, at, c.says)
		}
	}
}

func TestStarter(t *testing.T) {
	p, problems := platform.Parse("platform.yaml", platform.Starter(), options)
	for _, x := range problems {
		t.Error(x.Error())
	}
	if p == nil || len(p.Services) < 2 {
		t.Fatal("the starter declares nothing")
	}
}

// Editors save in more than one way.
func TestLineEndsAndMarks(t *testing.T) {
	text := shop(t)
	want := parsed(t, text)
	for name, other := range map[string][]byte{
		"CRLF":     bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
		"BOM":      append([]byte("\ufeff"), text...),
		"marked":   append([]byte("---\n"), text...),
		"finished": append(bytes.Clone(text), []byte("...\n")...),
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, parsed(t, other), same); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Columns count characters, and lines of a file with CRLF are lines.
func TestPositionsBesideOtherLetters(t *testing.T) {
	text := edit{"because: pictures are large, owner: web, until: 2026-12-20", "because: Bücher — 本, owner: web, until: 2026-01-20"}.on(t, shop(t))
	for _, text := range [][]byte{text, bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))} {
		_, problems := platform.Parse("shop.yaml", text, options)
		if len(problems) != 1 {
			t.Fatal(problems)
		}
		lines := strings.Split(string(text), "\n")
		line := []rune(lines[problems[0].Line-1])
		if here := string(line[problems[0].Column-1:]); !strings.HasPrefix(here, "2026-01-20") {
			t.Errorf("%s is at %q", problems[0].Error(), here)
		}
	}
}
