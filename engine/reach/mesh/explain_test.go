package mesh

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/explain.txt anew")

const explained = `
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
kind: PeerAuthentication
metadata: {name: metrics, namespace: shop}
spec: {selector: {matchLabels: {app: orders}}, portLevelMtls: {9090: {mode: PERMISSIVE}}}
---
metadata: {name: payments, namespace: shop}
spec:
  selector: {matchLabels: {app: payments}}
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/orders]}}]
    to: [{operation: {methods: [POST], paths: [/charge, /refund/*], ports: ["8080"]}}]
---
metadata: {name: search, namespace: shop}
spec:
  selector: {matchLabels: {app: search}}
  rules:
  - from: [{source: {namespaces: [shop, web]}}]
    to: [{operation: {methods: [GET, HEAD], paths: ["/products/*"]}}, {operation: {paths: [/healthz]}}]
---
metadata: {name: no-admin, namespace: shop}
spec:
  selector: {matchLabels: {app: search}}
  action: DENY
  rules: [{to: [{operation: {paths: [/products/admin*]}}], when: [{key: "request.headers[x-debug]", notValues: ["1"]}]}]
---
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  rules: [{from: [{source: {serviceAccounts: [orders]}}], to: [{operation: {methods: [GET]}}]}]
---
metadata: {name: allow-nothing, namespace: closed}
spec: {}
---
metadata: {name: orders, namespace: shop}
spec:
  selector: {matchLabels: {app: orders}}
  action: DENY
  rules: [{from: [{source: {principals: ["cluster.local/ns/web/*"]}}], to: [{operation: {notMethods: [GET]}}]}]
---
metadata: {name: web, namespace: web}
spec: {action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {paths: [/account*]}}]}]}
---
metadata: {name: frozen, namespace: web}
spec: {selector: {matchLabels: {app: frozen}}, action: DENY, rules: [{from: [{source: {namespaces: [shop]}}]}]}
---
kind: DestinationRule
metadata: {name: legacy, namespace: web}
spec: {host: search.shop.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
---
metadata: {name: api, namespace: api}
spec: {rules: [{from: [{source: {requestPrincipals: [https://issuer.example/*]}}], to: [{operation: {hosts: [api.example.com]}}]}]}
---
kind: RequestAuthentication
metadata: {name: jwt, namespace: api}
spec: {jwtRules: [{issuer: https://issuer.example}]}
`

// TestExplanations writes out how questions are answered, and holds it to
// testdata/explain.txt, which is there to be read.
func TestExplanations(t *testing.T) {
	e := read(t, spaces("shop\nweb\nclosed\napi\nold x=y")+pods(`
		shop/payments http:8080 http-metrics:9090
		shop/orders http:8080 http-metrics:9090
		shop/search http:8080
		shop/db tcp:5432
		web/shopfront http:80
		web/frozen http:80
		closed/vault http:80
		api/api http:80
		old/cron
		old/batch http:80
	`)+authz(explained))
	m := New(e)
	var b strings.Builder
	for _, q := range strings.Split(strings.TrimSpace(`
shop/orders -> shop/payments:8080
shop/search -> shop/payments:8080
shop/orders -> shop/payments:9090
old/cron -> shop/payments:8080
203.0.113.9 -> shop/payments:8080
shop/orders -> shop/search:8080
web/shopfront -> shop/search:8080
shop/orders -> shop/db:5432
shop/orders -> closed/vault:80
web/shopfront -> shop/orders:8080
web/shopfront -> shop/orders:9090
old/cron -> shop/orders:9090
shop/orders -> web/shopfront:80
shop/orders -> web/frozen:80
shop/orders -> api/api:80
shop/orders -> old/batch:80
`), "\n") {
		words := strings.Fields(q)
		b.WriteString(q + "\n")
		dst, port := target(t, e, words[2])
		v := m.Admits(caller(t, e, words[0]), dst, port, Detect)
		sound(t, q, v)
		b.WriteString("  admits " + v.What + ": " + truths[v.Admits] + "\n")
		for _, h := range v.Hops {
			b.WriteString("  " + truths[h.Pass] + ": " + h.Says + "\n")
			if h.Open != "" {
				b.WriteString("    to open: " + h.Open + "\n")
			}
			if h.Of != nil {
				b.WriteString("    at " + h.At.String() + "\n")
			}
		}
		if v.Why != "" {
			b.WriteString("  because " + v.Why + "\n")
		}
		if v.Bypass != "" {
			b.WriteString("  but " + v.Bypass + "\n")
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
