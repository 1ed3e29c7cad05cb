package mesh

import "testing"

var fooBar = spaces("foo\nbar\nlegacy x=y\nistio-system x=y") + pods(`
foo/httpbin version=v1 http:8000 -:9000
foo/sleep
foo/tcp-echo tcp:9000 tcp-other:9001 -:9002
bar/sleep
bar/httpbin http:8000
legacy/sleep
`)

// TestDocumented has the cases of Istio's documentation, each with where it
// stands there.
func TestDocumented(t *testing.T) {
	for _, c := range []struct{ name, policies, want string }{
		{"Security: no policy at all", ``, `
			foo/sleep -> foo/httpbin:8000 GET /x yes
			legacy/sleep -> foo/httpbin:8000 GET /x yes`},
		{"Authorization Policy: allow-nothing", `
metadata: {name: allow-nothing, namespace: foo}
spec: {}`, `
			foo/sleep -> foo/httpbin:8000 GET /x no
			legacy/sleep -> foo/httpbin:8000 GET /x no
			foo/sleep -> foo/tcp-echo:9000 bytes no
			foo/sleep -> bar/httpbin:8000 GET /x yes`},
		{"Authorization Policy: allow-all", `
metadata: {name: allow-nothing, namespace: foo}
spec: {}
---
metadata: {name: allow-all, namespace: foo}
spec: {rules: [{}]}`, `
			foo/sleep -> foo/httpbin:8000 GET /x yes
			legacy/sleep -> foo/httpbin:8000 GET /x yes
			203.0.113.1 -> foo/tcp-echo:9000 bytes yes`},
		{"Security: deny-all", `
metadata: {name: deny-all, namespace: foo}
spec: {action: DENY, rules: [{}]}
---
metadata: {name: allow-all, namespace: foo}
spec: {rules: [{}]}`, `
			foo/sleep -> foo/httpbin:8000 GET /x no
			foo/sleep -> foo/tcp-echo:9000 bytes no`},
		{"Security: a DENY policy without rules denies nothing", `
metadata: {name: nothing, namespace: foo}
spec: {action: DENY}`, `
			foo/sleep -> foo/httpbin:8000 GET /x yes`},
		{"Authorization Policy: the example of its beginning", `
metadata: {name: httpbin, namespace: foo}
spec:
  action: ALLOW
  rules:
  - from:
    - source: {principals: [cluster.local/ns/bar/sa/sleep]}
    - source: {namespaces: [foo]}
    to:
    - operation: {methods: [GET], paths: [/info*]}
    - operation: {methods: [POST], paths: [/data]}
    when:
    - key: request.auth.claims[iss]
      values: [https://accounts.google.com]
---
kind: RequestAuthentication
metadata: {name: google, namespace: foo}
spec: {jwtRules: [{issuer: https://accounts.google.com}]}`, `
			bar/sleep -> foo/httpbin:8000 GET /info/x token=https://accounts.google.com/me yes
			foo/sleep -> foo/httpbin:8000 GET /info token=https://accounts.google.com/me yes
			foo/sleep -> foo/httpbin:8000 POST /data token=https://accounts.google.com/me yes
			foo/sleep -> foo/httpbin:8000 POST /info token=https://accounts.google.com/me no
			foo/sleep -> foo/httpbin:8000 POST /data/x token=https://accounts.google.com/me no
			foo/sleep -> foo/httpbin:8000 GET /info no
			foo/sleep -> foo/httpbin:8000 GET /info token=https://evil.example/me no
			bar/httpbin -> foo/httpbin:8000 GET /info token=https://accounts.google.com/me no
			legacy/sleep -> foo/httpbin:8000 GET /info token=https://accounts.google.com/me no`},
		{"Authorization Policy: a DENY of a method from a namespace", `
metadata: {name: httpbin, namespace: foo}
spec:
  action: DENY
  rules: [{from: [{source: {namespaces: [bar]}}], to: [{operation: {methods: [POST]}}]}]`, `
			bar/sleep -> foo/httpbin:8000 POST /x no
			bar/sleep -> foo/httpbin:8000 GET /x yes
			foo/sleep -> foo/httpbin:8000 POST /x yes
			legacy/sleep -> foo/httpbin:8000 POST /x yes`},
		{"Authorization Policy: a DENY of a method on a port", `
metadata: {name: httpbin, namespace: foo}
spec: {action: DENY, rules: [{to: [{operation: {methods: [POST], ports: ["8000"]}}]}]}`, `
			foo/sleep -> foo/httpbin:8000 POST /x no
			foo/sleep -> foo/httpbin:8000 GET /x yes
			foo/sleep -> foo/httpbin:9000 POST /x yes`},
		{"Security: DENY goes before ALLOW", `
metadata: {name: allow, namespace: foo}
spec: {rules: [{from: [{source: {namespaces: [bar]}}]}]}
---
metadata: {name: deny, namespace: foo}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}`, `
			bar/sleep -> foo/httpbin:8000 GET /x yes
			bar/sleep -> foo/httpbin:8000 GET /admin/x no
			foo/sleep -> foo/httpbin:8000 GET /x no`},
		{"Security: a policy in the root namespace is for the whole mesh", `
metadata: {name: deny, namespace: istio-system}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/debug]}}]}]}`, `
			foo/sleep -> foo/httpbin:8000 GET /debug no
			foo/sleep -> bar/httpbin:8000 GET /debug no
			foo/sleep -> bar/httpbin:8000 GET /x yes`},
		{"Authorization Policy: a selector in the root namespace", `
metadata: {name: allow-nothing, namespace: istio-system}
spec: {selector: {matchLabels: {version: v1}}}`, `
			foo/sleep -> foo/httpbin:8000 GET /x no
			foo/sleep -> bar/httpbin:8000 GET /x yes`},
		{"Authorization Policy: a selector", `
metadata: {name: allow-nothing, namespace: foo}
spec: {selector: {matchLabels: {app: httpbin}}}`, `
			foo/sleep -> foo/httpbin:8000 GET /x no
			foo/sleep -> foo/tcp-echo:9000 bytes yes
			foo/sleep -> bar/httpbin:8000 GET /x yes`},
		{"Security: AUDIT has no effect", `
metadata: {name: audit, namespace: foo}
spec: {action: AUDIT, rules: [{}]}`, `
			foo/sleep -> foo/httpbin:8000 GET /x yes`},
		{"Authorization Policy: a dry run is not enforced", `
metadata: {name: dry, namespace: foo, annotations: {istio.io/dry-run: "true"}}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/headers]}}]}]}`, `
			foo/sleep -> foo/httpbin:8000 GET /headers yes`},
		{"External Authorization: CUSTOM first, then DENY, then ALLOW", `
metadata: {name: ext, namespace: foo}
spec: {action: CUSTOM, provider: {name: my-ext}, rules: [{to: [{operation: {paths: [/admin/*]}}]}]}
---
metadata: {name: deny, namespace: foo}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/admin/x]}}]}]}
---
metadata: {name: allow, namespace: foo}
spec: {rules: [{to: [{operation: {methods: [GET]}}]}]}`, `
			foo/sleep -> foo/httpbin:8000 GET /admin/y maybe
			foo/sleep -> foo/httpbin:8000 GET /admin/x no
			foo/sleep -> foo/httpbin:8000 POST /admin/y no
			foo/sleep -> foo/httpbin:8000 GET /x yes`},
		{"Authorization Policy: exact, prefix, suffix and presence", `
metadata: {name: values, namespace: foo}
spec:
  rules:
  - to:
    - operation: {paths: [/test/*]}
    - operation: {paths: ["*/info"]}
    - operation: {paths: [/exact], methods: ["*"]}
  - to: [{operation: {hosts: ["*.Example.com"]}}]
  - when: [{key: "request.headers[X-Token]", values: [admin*]}]`, `
			foo/sleep -> foo/httpbin:8000 GET /test/ yes
			foo/sleep -> foo/httpbin:8000 GET /test no
			foo/sleep -> foo/httpbin:8000 GET /a/info yes
			foo/sleep -> foo/httpbin:8000 GET /a/info/ no
			foo/sleep -> foo/httpbin:8000 GET /exact yes
			foo/sleep -> foo/httpbin:8000 GET /exact/ no
			foo/sleep -> foo/httpbin:8000 GET /x host=api.example.COM yes
			foo/sleep -> foo/httpbin:8000 GET /x host=example.org no
			foo/sleep -> foo/httpbin:8000 GET /x x-token:admin-1 yes
			foo/sleep -> foo/httpbin:8000 GET /x x-token:other no`},
		{"Authorization Policy: path templates", `
metadata: {name: templates, namespace: foo}
spec: {rules: [{to: [{operation: {paths: ["/foo/{*}", "/bar/{*}/baz/{**}", "/qux/{**}/"]}}]}]}`, `
			foo/sleep -> foo/httpbin:8000 GET /foo/bar yes
			foo/sleep -> foo/httpbin:8000 GET /foo/bar/baz no
			foo/sleep -> foo/httpbin:8000 GET /foo/ no
			foo/sleep -> foo/httpbin:8000 GET /bar/buzz/baz/ yes
			foo/sleep -> foo/httpbin:8000 GET /bar/buzz/baz/x/y yes
			foo/sleep -> foo/httpbin:8000 GET /bar/a/b/baz/x no
			foo/sleep -> foo/httpbin:8000 GET /qux/bar/ yes
			foo/sleep -> foo/httpbin:8000 GET /qux// yes
			foo/sleep -> foo/httpbin:8000 GET /qux/bar no`},
		{"Security: notPaths", `
metadata: {name: not, namespace: foo}
spec:
  rules:
  - to: [{operation: {notPaths: [/healthz]}}]
    from: [{source: {namespaces: [foo]}}]`, `
			foo/sleep -> foo/httpbin:8000 GET /x yes
			foo/sleep -> foo/httpbin:8000 GET /healthz no
			bar/sleep -> foo/httpbin:8000 GET /x no`},
		{"Security: authenticated identities alone", `
metadata: {name: someone, namespace: foo}
spec: {rules: [{from: [{source: {principals: ["*"]}}]}]}`, `
			bar/sleep -> foo/httpbin:8000 GET /x yes
			legacy/sleep -> foo/httpbin:8000 GET /x no
			203.0.113.1 -> foo/httpbin:8000 GET /x no`},
		{"Security: an empty source is anybody", `
metadata: {name: anybody, namespace: foo}
spec: {rules: [{from: [{source: {}}], to: [{operation: {methods: [GET]}}]}]}`, `
			legacy/sleep -> foo/httpbin:8000 GET /x yes
			203.0.113.1 -> foo/httpbin:8000 POST /x no`},
		{"Security: notPrincipals are met by plaintext", `
metadata: {name: deny-others, namespace: foo}
spec: {action: DENY, rules: [{from: [{source: {notPrincipals: [cluster.local/ns/bar/sa/sleep]}}]}]}`, `
			bar/sleep -> foo/httpbin:8000 GET /x yes
			foo/sleep -> foo/httpbin:8000 GET /x no
			legacy/sleep -> foo/httpbin:8000 GET /x no`},
		{"Security: a DENY by principal is not met by plaintext", `
metadata: {name: deny-one, namespace: foo}
spec: {action: DENY, rules: [{from: [{source: {principals: [cluster.local/ns/bar/sa/sleep]}}]}]}`, `
			bar/sleep -> foo/httpbin:8000 GET /x no
			legacy/sleep -> foo/httpbin:8000 GET /x yes`},
		{"Authorization Policy: serviceAccounts and trustDomains", `
metadata: {name: accounts, namespace: foo}
spec:
  rules:
  - from: [{source: {serviceAccounts: [sleep]}}]
    to: [{operation: {paths: [/own]}}]
  - from: [{source: {serviceAccounts: [bar/sleep]}}]
    to: [{operation: {paths: [/bar]}}]
  - from: [{source: {trustDomains: [cluster.local]}}]
    to: [{operation: {paths: [/domain]}}]`, `
			foo/sleep -> foo/httpbin:8000 GET /own yes
			bar/sleep -> foo/httpbin:8000 GET /own no
			bar/sleep -> foo/httpbin:8000 GET /bar yes
			foo/sleep -> foo/httpbin:8000 GET /domain yes
			legacy/sleep -> foo/httpbin:8000 GET /domain no`},
		{"TCP Traffic: ALLOW by port", `
metadata: {name: tcp-policy, namespace: foo}
spec:
  selector: {matchLabels: {app: tcp-echo}}
  rules: [{to: [{operation: {ports: ["9000", "9001"]}}]}]`, `
			foo/sleep -> foo/tcp-echo:9000 bytes yes
			foo/sleep -> foo/tcp-echo:9001 bytes yes
			foo/sleep -> foo/tcp-echo:9002 bytes no`},
		{"TCP Traffic: an ALLOW rule with a method counts for nothing", `
metadata: {name: tcp-policy, namespace: foo}
spec:
  selector: {matchLabels: {app: tcp-echo}}
  rules: [{to: [{operation: {methods: [GET], ports: ["9000"]}}]}]`, `
			foo/sleep -> foo/tcp-echo:9000 bytes no
			foo/sleep -> foo/tcp-echo:9001 bytes no`},
		{"TCP Traffic: a DENY rule with a method denies everything", `
metadata: {name: tcp-policy, namespace: foo}
spec:
  selector: {matchLabels: {app: tcp-echo}}
  action: DENY
  rules: [{to: [{operation: {methods: [GET]}}]}]`, `
			foo/sleep -> foo/tcp-echo:9000 bytes no
			foo/sleep -> foo/tcp-echo:9001 bytes no`},
		{"TCP Traffic: a DENY rule with a method and a port denies the port", `
metadata: {name: tcp-policy, namespace: foo}
spec:
  selector: {matchLabels: {app: tcp-echo}}
  action: DENY
  rules: [{to: [{operation: {methods: [GET], ports: ["9000"]}}]}]`, `
			foo/sleep -> foo/tcp-echo:9000 bytes no
			foo/sleep -> foo/tcp-echo:9001 bytes yes`},
		{"Conditions: those about the connection", `
metadata: {name: when, namespace: foo}
spec:
  rules:
  - when: [{key: source.namespace, values: [bar]}, {key: destination.port, values: ["8000"]}]
  - when: [{key: source.principal, notValues: [cluster.local/ns/foo/sa/*]}, {key: "request.headers[version]", values: [v2]}]
  - when: [{key: source.ip, values: [203.0.113.0/24]}]`, `
			bar/sleep -> foo/httpbin:8000 GET /x yes
			bar/sleep -> foo/httpbin:9000 GET /x no
			bar/sleep -> foo/httpbin:9000 GET /x version:v2 yes
			foo/sleep -> foo/httpbin:8000 GET /x version:v2 no
			203.0.113.9 -> foo/httpbin:8000 GET /x yes
			198.51.100.9 -> foo/httpbin:8000 GET /x no`},
		{"JWT: requestPrincipals need a RequestAuthentication", `
metadata: {name: jwt, namespace: foo}
spec: {selector: {matchLabels: {app: httpbin}}, rules: [{from: [{source: {requestPrincipals: ["*"]}}]}]}`, `
			foo/sleep -> foo/httpbin:8000 GET /x token=iss/sub no`},
		{"JWT: deny what has no token", `
metadata: {name: jwt, namespace: foo}
spec: {action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}]}]}
---
kind: RequestAuthentication
metadata: {name: jwt, namespace: foo}
spec: {selector: {matchLabels: {app: httpbin}}, jwtRules: [{issuer: iss}]}`, `
			foo/sleep -> foo/httpbin:8000 GET /x no
			foo/sleep -> foo/httpbin:8000 GET /x token=iss/sub yes`},
	} {
		t.Run(c.name, func(t *testing.T) { ask(t, read(t, fooBar+authz(c.policies)), c.want) })
	}
}

// TestPeerAuthentication has the cases of the reference of that name.
func TestPeerAuthentication(t *testing.T) {
	for _, c := range []struct{ name, policies, want string }{
		{"nothing is PERMISSIVE", ``, `
			legacy/sleep -> foo/httpbin:8000 GET / yes
			foo/sleep -> foo/httpbin:8000 GET / yes`},
		{"STRICT for a namespace", `
kind: PeerAuthentication
metadata: {name: default, namespace: foo}
spec: {mtls: {mode: STRICT}}`, `
			legacy/sleep -> foo/httpbin:8000 GET / no
			203.0.113.1 -> foo/httpbin:8000 GET / no
			bar/sleep -> foo/httpbin:8000 GET / yes
			legacy/sleep -> bar/httpbin:8000 GET / yes`},
		{"STRICT for the mesh", `
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}`, `
			legacy/sleep -> foo/httpbin:8000 GET / no
			legacy/sleep -> bar/httpbin:8000 GET / no`},
		{"a selector in the root namespace is ignored", `
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {selector: {matchLabels: {app: httpbin}}, mtls: {mode: STRICT}}`, `
			legacy/sleep -> foo/httpbin:8000 GET / yes`},
		{"the workload goes before the namespace, that before the mesh", `
kind: PeerAuthentication
metadata: {name: mesh, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
kind: PeerAuthentication
metadata: {name: space, namespace: foo}
spec: {mtls: {mode: PERMISSIVE}}
---
kind: PeerAuthentication
metadata: {name: one, namespace: foo}
spec: {selector: {matchLabels: {app: httpbin}}, mtls: {mode: STRICT}}`, `
			legacy/sleep -> foo/httpbin:8000 GET / no
			legacy/sleep -> foo/tcp-echo:9000 bytes yes
			legacy/sleep -> bar/httpbin:8000 GET / no`},
		{"UNSET inherits, and one port is apart", `
kind: PeerAuthentication
metadata: {name: space, namespace: foo}
spec: {mtls: {mode: STRICT}}
---
kind: PeerAuthentication
metadata: {name: one, namespace: foo}
spec: {selector: {matchLabels: {app: tcp-echo}}, mtls: {mode: UNSET}, portLevelMtls: {9000: {mode: DISABLE}}}`, `
			legacy/sleep -> foo/tcp-echo:9000 bytes yes
			legacy/sleep -> foo/tcp-echo:9001 bytes no
			foo/sleep -> foo/tcp-echo:9000 bytes yes`},
		{"a port without mutual TLS has no principals", `
kind: PeerAuthentication
metadata: {name: one, namespace: foo}
spec: {selector: {matchLabels: {app: tcp-echo}}, mtls: {mode: STRICT}, portLevelMtls: {9000: {mode: DISABLE}}}
---
metadata: {name: allow, namespace: foo}
spec: {rules: [{from: [{source: {namespaces: [foo]}}]}]}`, `
			foo/sleep -> foo/tcp-echo:9000 bytes no
			foo/sleep -> foo/tcp-echo:9001 bytes yes`},
		{"portLevelMtls of a policy without a selector is ignored", `
kind: PeerAuthentication
metadata: {name: space, namespace: foo}
spec: {mtls: {mode: STRICT}, portLevelMtls: {9000: {mode: DISABLE}}}`, `
			legacy/sleep -> foo/tcp-echo:9000 bytes no`},
		{"two of one level that differ", `
kind: PeerAuthentication
metadata: {name: a, namespace: foo}
spec: {mtls: {mode: STRICT}}
---
kind: PeerAuthentication
metadata: {name: b, namespace: foo}
spec: {mtls: {mode: PERMISSIVE}}`, `
			legacy/sleep -> foo/httpbin:8000 GET / maybe
			foo/sleep -> foo/httpbin:8000 GET / yes`},
		{"two of one level that agree", `
kind: PeerAuthentication
metadata: {name: a, namespace: foo}
spec: {mtls: {mode: STRICT}}
---
kind: PeerAuthentication
metadata: {name: b, namespace: foo}
spec: {mtls: {mode: STRICT}}`, `
			legacy/sleep -> foo/httpbin:8000 GET / no`},
		{"proxies send plaintext to what no Service leads to", `
kind: PeerAuthentication
metadata: {name: a, namespace: foo}
spec: {mtls: {mode: STRICT}}`, `
			foo/sleep -> foo/tcp-echo:9002 bytes no`},
	} {
		t.Run(c.name, func(t *testing.T) { ask(t, read(t, fooBar+authz(c.policies)), c.want) })
	}
}

func TestDestinationRules(t *testing.T) {
	const strictFoo = `
kind: PeerAuthentication
metadata: {name: default, namespace: foo}
spec: {mtls: {mode: STRICT}}
---
`
	const byName = `
metadata: {name: allow, namespace: foo}
spec: {rules: [{from: [{source: {principals: [cluster.local/ns/foo/sa/sleep]}}]}]}
---
`
	for _, c := range []struct{ name, policies, want string }{
		{"DISABLE against STRICT", strictFoo + `
kind: DestinationRule
metadata: {name: r, namespace: foo}
spec: {host: httpbin, trafficPolicy: {tls: {mode: DISABLE}}}`, `
			foo/sleep -> foo/httpbin:8000 GET / no
			bar/sleep -> foo/httpbin:8000 GET / no`},
		{"DISABLE loses the principal", byName + `
kind: DestinationRule
metadata: {name: r, namespace: foo}
spec: {host: httpbin.foo.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}`, `
			foo/sleep -> foo/httpbin:8000 GET / no`},
		{"the client's namespace goes before the Service's", strictFoo + `
kind: DestinationRule
metadata: {name: r, namespace: foo}
spec: {host: httpbin, trafficPolicy: {tls: {mode: DISABLE}}}
---
kind: DestinationRule
metadata: {name: r, namespace: bar}
spec: {host: "*.foo.svc.cluster.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}`, `
			foo/sleep -> foo/httpbin:8000 GET / no
			bar/sleep -> foo/httpbin:8000 GET / yes`},
		{"the most specific host decides", strictFoo + `
kind: DestinationRule
metadata: {name: a, namespace: foo}
spec: {host: "*.local", trafficPolicy: {tls: {mode: DISABLE}}}
---
kind: DestinationRule
metadata: {name: b, namespace: foo}
spec: {host: httpbin.foo.svc.cluster.local, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}`, `
			foo/sleep -> foo/httpbin:8000 GET / yes
			foo/sleep -> foo/tcp-echo:9000 bytes no`},
		{"settings of a port replace the others", strictFoo + `
kind: DestinationRule
metadata: {name: r, namespace: foo}
spec: {host: tcp-echo, trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 9001}, tls: {mode: ISTIO_MUTUAL}}]}}`, `
			foo/sleep -> foo/tcp-echo:9000 bytes no
			foo/sleep -> foo/tcp-echo:9001 bytes yes`},
		{"SIMPLE shows no certificate", strictFoo + `
kind: DestinationRule
metadata: {name: r, namespace: foo}
spec: {host: httpbin, trafficPolicy: {tls: {mode: SIMPLE}}}`, `
			foo/sleep -> foo/httpbin:8000 GET / no`},
		{"MUTUAL shows one that nobody knows", strictFoo + `
kind: DestinationRule
metadata: {name: r, namespace: foo}
spec: {host: httpbin, trafficPolicy: {tls: {mode: MUTUAL}}}`, `
			foo/sleep -> foo/httpbin:8000 GET / maybe`},
		{"mutual TLS to what takes plaintext alone", `
kind: PeerAuthentication
metadata: {name: default, namespace: foo}
spec: {mtls: {mode: DISABLE}}
---
kind: DestinationRule
metadata: {name: r, namespace: foo}
spec: {host: httpbin, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}`, `
			foo/sleep -> foo/httpbin:8000 GET / no
			foo/sleep -> foo/tcp-echo:9000 bytes yes`},
		{"a subset may be called", strictFoo + `
kind: DestinationRule
metadata: {name: r, namespace: foo}
spec: {host: httpbin, subsets: [{name: v1, trafficPolicy: {tls: {mode: DISABLE}}}]}`, `
			foo/sleep -> foo/httpbin:8000 GET / maybe`},
		{"a rule for some clients", strictFoo + `
kind: DestinationRule
metadata: {name: r, namespace: foo}
spec: {host: httpbin, workloadSelector: {matchLabels: {app: sleep}}, trafficPolicy: {tls: {mode: DISABLE}}}`, `
			foo/tcp-echo -> foo/httpbin:8000 GET / yes
			foo/sleep -> foo/httpbin:8000 GET / no`},
		{"a rule that is not exported", strictFoo + `
kind: DestinationRule
metadata: {name: r, namespace: foo}
spec: {host: httpbin, exportTo: ["."], trafficPolicy: {tls: {mode: DISABLE}}}`, `
			foo/sleep -> foo/httpbin:8000 GET / no
			bar/sleep -> foo/httpbin:8000 GET / yes`},
	} {
		t.Run(c.name, func(t *testing.T) { ask(t, read(t, fooBar+authz(c.policies)), c.want) })
	}
}

// TestProxies has what is in the mesh and what is not ("Controlling the
// injection policy", "Resource Annotations", ambient).
func TestProxies(t *testing.T) {
	e := read(t, spaces("in\nout x=y\nbanned istio-injection=disabled\nrev istio.io/rev=stable\nambient istio.io/dataplane-mode=ambient\nistio-system x=y")+pods(`
		in/a http:80 http-x:81
		in/refuses sidecar.istio.io/inject=false http:80
		in/old @sidecar.istio.io/inject=false http:80
		in/node host http:80
		in/hole @traffic.sidecar.istio.io/excludeInboundPorts=80,9090 http:80 http-x:81
		in/some @traffic.sidecar.istio.io/includeInboundPorts=80 http:80 http-x:81
		in/leaks @traffic.sidecar.istio.io/excludeOutboundPorts=80
		in/ranges @traffic.sidecar.istio.io/excludeOutboundIPRanges=10.0.0.0/8
		out/b http:80
		out/joins sidecar.istio.io/inject=true http:80
		out/revised istio.io/rev=canary http:80
		ambient/g http:80
		banned/c sidecar.istio.io/inject=true http:80
		rev/d http:80
		ambient/e http:80
		nowhere/f http:80
	`)+authz(`
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
kind: PeerAuthentication
metadata: {name: g, namespace: ambient}
spec: {selector: {matchLabels: {app: g}}, mtls: {mode: DISABLE}}
---
metadata: {name: g, namespace: ambient}
spec: {selector: {matchLabels: {app: g}}, rules: [{from: [{source: {namespaces: [in]}}]}]}`))
	ask(t, e, `
		in/a -> ambient/g:80 GET / yes
		out/b -> ambient/g:80 GET / no
		in/a -> out/revised:80 GET / yes
		out/b -> out/revised:80 GET / no
		in/a -> in/a:80 GET / yes
		in/a -> rev/d:80 GET / yes
		in/a -> out/joins:80 GET / yes
		in/a -> ambient/e:80 GET / yes
		ambient/e -> in/a:80 GET / yes
		out/b -> in/a:80 GET / no
		in/refuses -> in/a:80 GET / no
		in/old -> in/a:80 GET / no
		in/node -> in/a:80 GET / no
		banned/c -> in/a:80 GET / no
		out/b -> ambient/e:80 GET / no
		out/b -> in/refuses:80 GET / yes
		out/b -> in/node:80 GET / yes
		out/b -> banned/c:80 GET / yes
		out/b -> in/hole:80 GET / yes
		out/b -> in/hole:81 GET / no
		out/b -> in/some:80 GET / no
		out/b -> in/some:81 GET / yes
		in/leaks -> in/a:80 GET / no
		in/leaks -> in/a:81 GET / yes
		in/ranges -> in/a:80 GET / maybe
		nowhere/f -> in/a:80 GET / maybe
		out/b -> nowhere/f:80 GET / maybe
		in/a -> nowhere/f:80 GET / yes
	`)
}
