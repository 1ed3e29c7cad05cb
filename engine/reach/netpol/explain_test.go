package netpol

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/estate"
)

var update = flag.Bool("update", false, "write testdata/explain.txt anew")

const explained = `
metadata: {name: payments, namespace: shop}
spec:
  podSelector: {matchLabels: {app: payments}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: orders}}}]
    ports: [{port: 8080}]
---
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {team: shop}}
      podSelector: {matchExpressions: [{key: tier, operator: In, values: [back, batch]}]}
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}
    ports: [{port: sql}, {port: 9000, endPort: 9010}]
---
metadata: {name: deny, namespace: ops}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
metadata: {name: office, namespace: ops}
spec:
  podSelector: {matchLabels: {app: grafana}}
  ingress:
  - from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.128/25]}}]
    ports: [{port: 443}]
---
metadata: {name: a, namespace: web}
spec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: a}}}], ports: [{port: 80}]}]}
---
metadata: {name: b, namespace: web}
spec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: b}}}], ports: [{port: 80}, {port: 443}]}]}
---
metadata: {name: anyone, namespace: free}
spec: {podSelector: {}, ingress: [{}]}
`

// TestExplanations writes out how questions are answered, and holds it to
// testdata/explain.txt, which is there to be read.
func TestExplanations(t *testing.T) {
	c := New(read(t, spaces("shop team=shop\nops\nweb\nfree team=x")+pods(`
		shop/payments app=payments
		shop/orders app=orders tier=back
		shop/search app=search
		shop/db app=db sql:5432
		shop/agent app=agent host
		ops/grafana app=grafana
		ops/bare
		web/a app=a
		web/c app=c
		free/tool role=x team=y
		gone/pod app=z
	`)+manifests(explained)), Options{})
	var b strings.Builder
	for _, q := range strings.Split(strings.TrimSpace(`
shop/orders -> shop/payments TCP/8080
shop/search -> shop/payments TCP/8080
shop/orders -> shop/payments TCP/9090
shop/search -> shop/payments UDP/53
203.0.113.9 -> shop/payments TCP/8080
web/c -> shop/payments TCP/8080
shop/orders -> shop/db TCP/5432
shop/search -> shop/db TCP/5432
free/tool -> shop/db TCP/9005
ops/grafana -> shop/db TCP/5432
shop/db -> 198.51.100.7 TCP/443
gone/pod -> shop/db TCP/9000
203.0.113.9 -> ops/grafana TCP/443
203.0.113.200 -> ops/grafana TCP/443
shop/orders -> ops/grafana TCP/443
203.0.113.9 -> ops/bare TCP/80
shop/search -> ops/bare TCP/80
web/c -> web/a TCP/80
web/c -> web/a TCP/443
shop/search -> free/tool TCP/80
shop/agent -> shop/payments TCP/8080
203.0.113.9 -> shop/agent TCP/22
node:10.0.0.1 -> shop/payments TCP/8080
shop/db -> shop/db TCP/5432
`), "\n") {
		words := strings.Fields(q)
		b.WriteString(strings.TrimSpace(q) + "\n")
		for _, h := range c.Hops(end(t, c, words[0]), end(t, c, words[2]), connOf(t, words[3])) {
			b.WriteString("  " + truths[h.Pass] + ": " + h.Says + "\n")
			if h.Why != "" {
				b.WriteString("    because " + h.Why + "\n")
			}
			if h.Open != "" {
				b.WriteString("    to open: " + h.Open + "\n")
			}
			if h.Of != nil {
				b.WriteString("    at " + h.At.String() + "\n")
			}
		}
	}
	const golden = "testdata/explain.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("explanations differ (-want +got); go test -update accepts them:\n%s", diff)
	}
}

// A hop points at the line that a change would begin at.
func TestHopsPointAtTheRule(t *testing.T) {
	const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: payments
  namespace: shop
spec:
  podSelector: {}
  ingress:
  - ports:
    - port: 1
    from:
    - ipBlock: {cidr: 203.0.113.0/24}
    - podSelector: {matchLabels: {app: orders}}
`
	c := New(read(t, policy+pods("shop/orders app=orders\nshop/search app=search")), Options{})
	for _, q := range []struct {
		from, conn string
		line       int32
		pass       estate.Truth
	}{
		{"shop/orders", "TCP/1", 13, estate.Yes},
		{"203.0.113.1", "TCP/1", 12, estate.Yes},
		{"198.51.100.1", "TCP/1", 11, estate.No},
		{"shop/orders", "TCP/2", 9, estate.No},
		{"198.51.100.1", "TCP/2", 8, estate.No},
	} {
		hops := c.Hops(end(t, c, q.from), end(t, c, "shop/search"), connOf(t, q.conn))
		h := hops[len(hops)-1]
		if h.Pass != q.pass || h.At.Line != q.line || h.Of == nil {
			t.Errorf("%s %s: %s at %s: %s", q.from, q.conn, truths[h.Pass], h.At, h.Says)
		}
	}
}
