package mesh

import (
	"sync"
	"testing"

	"fathom/diag"
	"fathom/estate"
)

func TestWhatMakesAVerdictUnknown(t *testing.T) {
	for _, c := range []struct{ name, policies, from, to, want, why string }{
		{
			"an external authorizer", `
metadata: {name: ext, namespace: foo}
spec: {action: CUSTOM, provider: {name: opa}, rules: [{}]}`, "foo/sleep", "foo/httpbin:8000", "maybe",
			"AuthorizationPolicy foo/ext asks the authorizer opa, and what it answers no file tells",
		},
		{
			"a token", `
metadata: {name: jwt, namespace: foo}
spec: {rules: [{from: [{source: {requestPrincipals: [iss/*]}}]}]}
---
kind: RequestAuthentication
metadata: {name: jwt, namespace: foo}
spec: {jwtRules: [{issuer: iss}]}`, "foo/sleep", "foo/httpbin:8000", "maybe",
			"no file tells whether the caller has a token that the policies ask for",
		},
		{"a token that another workload takes", `
metadata: {name: jwt, namespace: foo}
spec: {rules: [{from: [{source: {requestPrincipals: [iss/*]}}]}]}
---
kind: RequestAuthentication
metadata: {name: jwt, namespace: foo}
spec: {selector: {matchLabels: {app: other}}, jwtRules: [{issuer: iss}]}`, "foo/sleep", "foo/httpbin:8000", "no", ""},
		{
			"an address", `
metadata: {name: ip, namespace: foo}
spec: {rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}`, "foo/sleep", "foo/httpbin:8000", "maybe",
			"no file tells whether the caller's address is in 10.0.0.0/8",
		},
		{"a public address", `
metadata: {name: ip, namespace: foo}
spec: {rules: [{from: [{source: {ipBlocks: [203.0.113.0/24]}}]}]}`, "foo/sleep", "foo/httpbin:8000", "no", ""},
		{
			"the original client", `
metadata: {name: ip, namespace: foo}
spec: {action: DENY, rules: [{from: [{source: {notRemoteIpBlocks: [10.0.0.0/8]}}]}]}`, "203.0.113.9", "foo/httpbin:8000", "maybe",
			"no file tells whether the original client's address is in anything but 10.0.0.0/8",
		},
		{
			"a server name", `
metadata: {name: sni, namespace: foo}
spec: {rules: [{when: [{key: connection.sni, values: [a.example]}]}]}`, "foo/sleep", "foo/httpbin:8000", "maybe",
			"no file tells which server name the caller sends",
		},
		{"a server name in plaintext", `
metadata: {name: sni, namespace: foo}
spec: {rules: [{when: [{key: connection.sni, values: [a.example]}]}]}`, "legacy/sleep", "foo/httpbin:8000", "no", ""},
		{
			"an experimental attribute", `
metadata: {name: x, namespace: foo}
spec: {rules: [{when: [{key: "experimental.envoy.filters.network.mysql_proxy[db.table]", values: ["[update]"]}]}]}`, "foo/sleep", "foo/httpbin:8000", "maybe",
			"no file tells experimental.envoy.filters.network.mysql_proxy[db.table]",
		},
		{
			"a condition that does not exist, to deny", `
metadata: {name: x, namespace: foo}
spec: {action: DENY, rules: [{when: [{key: request.header, values: [x]}]}]}`, "foo/sleep", "foo/httpbin:8000", "maybe",
			`Istio may leave out rule 1 of AuthorizationPolicy foo/x: condition "request.header" is none that Istio knows`,
		},
		{
			"a path template that is none", `
metadata: {name: x, namespace: foo}
spec: {rules: [{to: [{operation: {paths: ["/{**}/foo/{*}"]}}]}]}`, "foo/sleep", "foo/httpbin:8000", "maybe",
			`Istio may leave out rule 1 of AuthorizationPolicy foo/x: "/{**}/foo/{*}" is not a path template that Istio takes`,
		},
		{"an AuthorizationPolicy that cannot be read", `
metadata: {name: x, namespace: foo}
spec: {action: DENIED}`, "foo/sleep", "foo/httpbin:8000", "maybe", "AuthorizationPolicy foo/x could not be read"},
		{"a PeerAuthentication of the mesh that cannot be read", `
kind: PeerAuthentication
metadata: {name: x, namespace: istio-system}
spec: {mtls: {mode: STRONG}}`, "bar/sleep", "foo/httpbin:8000", "maybe", "PeerAuthentication istio-system/x could not be read"},
		{"a waypoint", `
apiVersion: v1
kind: Namespace
metadata: {name: amb, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: wp}}
---
apiVersion: v1
kind: Pod
metadata: {name: w, namespace: amb}
spec: {containers: [{name: main}]}`, "foo/sleep", "amb/w:80", "maybe", "waypoint wp decides too, and waypoints are not evaluated"},
		{"fields of HTTP at the node's proxy", `
apiVersion: v1
kind: Namespace
metadata: {name: amb, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: v1
kind: Pod
metadata: {name: w, namespace: amb}
spec: {containers: [{name: main}]}
---
metadata: {name: x, namespace: amb}
spec: {rules: [{to: [{operation: {methods: [GET]}}]}]}`, "foo/sleep", "amb/w:80", "no", ""},
		{"a policy for a gateway", `
metadata: {name: x, namespace: foo}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge}]}`, "foo/sleep", "foo/httpbin:8000", "yes", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := read(t, fooBar+authz(c.policies))
			dst, port := target(t, e, c.to)
			v := New(e).Admits(caller(t, e, c.from), dst, port, Detect)
			sound(t, c.name, v)
			if truths[v.Admits] != c.want || v.Why != c.why {
				t.Errorf("%s, %q", truths[v.Admits], v.Why)
			}
		})
	}
}

// What parts of the files may hide can change every verdict, but what a rule
// denies stays denied.
func TestHiddenPolicies(t *testing.T) {
	e := read(t, fooBar+authz(`
metadata: {name: deny, namespace: foo}
spec: {action: DENY, rules: [{from: [{source: {namespaces: [bar]}}]}]}`))
	hidden := estate.New(e.Resources, []estate.Gap{{Of: "chart redis", Pos: diag.At("Chart.yaml", 3, 0), Why: "not vendored", Kubernetes: true}}, nil, nil)
	m := New(hidden)
	dst := workload(t, hidden, "foo/httpbin")
	for _, q := range []struct {
		from         string
		want, wanted estate.Truth
	}{{"bar/sleep", estate.No, estate.No}, {"foo/sleep", estate.Maybe, estate.Yes}} {
		v := m.Admits(caller(t, hidden, q.from), dst, 8000, Detect)
		sound(t, q.from, v)
		if v.Admits != q.want {
			t.Errorf("%s: %s, %s", q.from, truths[v.Admits], v.Why)
		}
		if v := m.AsWritten().Admits(caller(t, hidden, q.from), dst, 8000, Detect); v.Admits != q.wanted {
			t.Errorf("%s: as written %s, %s", q.from, truths[v.Admits], v.Why)
		}
	}
}

func TestWithoutIstioNothingIsDecided(t *testing.T) {
	e := read(t, spaces("foo x=y")+pods("foo/a http:80\nfoo/b"))
	m := New(e)
	v := m.Admits(caller(t, e, "foo/b"), workload(t, e, "foo/a"), 80, Detect)
	if m.Declared() || v.Admits != estate.Yes || !v.Every || v.Transport != Around || len(v.Hops) != 0 {
		t.Errorf("%+v", v)
	}
}

// The configuration of the mesh moves the root namespace and the trust domain.
func TestMeshConfiguration(t *testing.T) {
	e := read(t, fooBar+`---
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: istio, namespace: istio-system}
spec:
  meshConfig: {rootNamespace: istio-config, trustDomain: shop.example}
`+authz(`
metadata: {name: root, namespace: istio-config}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/debug]}}]}]}
---
metadata: {name: not-root, namespace: istio-system}
spec: {}
---
metadata: {name: domain, namespace: foo}
spec:
  rules:
  - {from: [{source: {principals: [shop.example/ns/bar/sa/sleep]}}], to: [{operation: {paths: [/new]}}]}
  - {from: [{source: {principals: [cluster.local/ns/bar/sa/sleep]}}], to: [{operation: {paths: [/old]}}]}`))
	ask(t, e, `
		bar/sleep -> foo/httpbin:8000 GET /new yes
		bar/sleep -> foo/httpbin:8000 GET /old yes
		foo/sleep -> foo/httpbin:8000 GET /new no
		foo/sleep -> bar/httpbin:8000 GET /debug no
		foo/sleep -> bar/httpbin:8000 GET /x yes`)
	if v := New(e).Admits(caller(t, e, "bar/sleep"), workload(t, e, "foo/httpbin"), 8000, Detect); v.Principal != "shop.example/ns/bar/sa/sleep" {
		t.Error(v.Principal)
	}
}

func TestMutualTLSThatIsNotAutomatic(t *testing.T) {
	e := read(t, fooBar+`---
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: istio, namespace: istio-system}
spec: {meshConfig: {enableAutoMtls: false}}
`+authz(`
kind: PeerAuthentication
metadata: {name: default, namespace: foo}
spec: {mtls: {mode: STRICT}}
---
kind: DestinationRule
metadata: {name: r, namespace: bar}
spec: {host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}`))
	ask(t, e, `
		foo/sleep -> foo/httpbin:8000 GET / no
		bar/sleep -> foo/httpbin:8000 GET / yes`)
}

func TestProtocols(t *testing.T) {
	e := read(t, spaces("foo")+pods("foo/a http:1 http2-x:2 grpc:3 tcp:4 https:5 mysql-x:6 plain:7 grpc-web-x:8 redis:9 -:10")+`---
apiVersion: v1
kind: Service
metadata: {name: other, namespace: foo}
spec: {selector: {app: a}, ports: [{name: tcp, port: 81, targetPort: 1}, {name: tcp-x, port: 83, targetPort: 7, appProtocol: HTTP}, {name: http-udp, port: 84, targetPort: 4, protocol: UDP}]}
`)
	m, w := New(e), workload(t, e, "foo/a")
	want := map[int]Protocol{1: Detect, 2: HTTP, 3: HTTP, 4: TCP, 5: TCP, 6: TCP, 7: Detect, 8: HTTP, 9: TCP, 10: Detect}
	for port, p := range want {
		if got := m.Protocol(w, port); got != p {
			t.Errorf("port %d: %q, want %q", port, got, p)
		}
	}
}

// A mesh may be asked by several at once (go test -race).
func TestAskedBySeveralAtOnce(t *testing.T) {
	e := large(t, 60)
	m, ws := New(e), estate.All[*estate.Workload](e)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, src := range ws {
				for _, dst := range ws {
					v := m.Admits(Caller{Workload: src}, dst, 8080, Detect)
					if admits, _ := m.Lets(Caller{Workload: src}, dst, 8080, Detect); admits != v.Admits {
						t.Errorf("%s -> %s: %s, %s", src.Name, dst.Name, truths[admits], truths[v.Admits])
					}
				}
			}
		})
	}
	all.Wait()
}
