package netpol

import "testing"

// The cluster of the documented cases.
var documentedPods = spaces(`
default
myns project=myproject user=alice
other team=x
`) + pods(`
default/db role=db
default/frontend role=frontend
default/worker role=worker
myns/client role=client
myns/batch role=batch
other/client role=client
other/tool
`)

// TestDocumented has the cases of the Kubernetes documentation, "Network
// Policies" and its recipes, each by its name there.
func TestDocumented(t *testing.T) {
	for _, c := range []struct{ name, policies, want string }{
		{"no policies", ``, `
			other/tool -> default/db TCP/6379 yes
			203.0.113.5 -> default/db UDP/53 yes
			default/db -> 203.0.113.5 ICMP/0 yes`},
		{"the NetworkPolicy resource", `
metadata: {name: test-network-policy, namespace: default}
spec:
  podSelector: {matchLabels: {role: db}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - ipBlock: {cidr: 172.17.0.0/16, except: [172.17.1.0/24]}
    - namespaceSelector: {matchLabels: {project: myproject}}
    - podSelector: {matchLabels: {role: frontend}}
    ports: [{protocol: TCP, port: 6379}]
  egress:
  - to: [{ipBlock: {cidr: 10.0.0.0/24}}]
    ports: [{protocol: TCP, port: 5978}]`, `
			default/frontend -> default/db TCP/6379 yes
			default/frontend -> default/db UDP/6379 no
			default/frontend -> default/db TCP/6380 no
			default/worker -> default/db TCP/6379 maybe
			myns/client -> default/db TCP/6379 yes
			myns/batch -> default/db TCP/6379 yes
			other/client -> default/db TCP/6379 maybe
			172.17.0.255 -> default/db TCP/6379 yes
			172.17.2.0 -> default/db TCP/6379 yes
			172.17.255.255 -> default/db TCP/6379 yes
			172.17.1.9 -> default/db TCP/6379 no
			172.18.0.1 -> default/db TCP/6379 no
			default/db -> 10.0.0.9 TCP/5978 yes
			default/db -> 10.0.0.9 TCP/5979 no
			default/db -> 10.0.1.9 TCP/5978 no
			other/tool -> default/frontend TCP/80 yes`},
		{"namespaceSelector and podSelector in one entry", `
metadata: {name: and, namespace: default}
spec:
  podSelector: {}
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {user: alice}}
      podSelector: {matchLabels: {role: client}}`, `
			myns/client -> default/db TCP/1 yes
			myns/batch -> default/db TCP/1 no
			other/client -> default/db TCP/1 no
			default/worker -> default/db TCP/1 no`},
		{"namespaceSelector and podSelector in two entries", `
metadata: {name: or, namespace: default}
spec:
  podSelector: {}
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {user: alice}}
    - podSelector: {matchLabels: {role: worker}}`, `
			myns/client -> default/db TCP/1 yes
			myns/batch -> default/db TCP/1 yes
			default/worker -> default/db TCP/1 yes
			default/frontend -> default/db TCP/1 no
			other/client -> default/db TCP/1 no`},
		{"default deny all ingress traffic", `
metadata: {name: default-deny-ingress, namespace: default}
spec:
  podSelector: {}
  policyTypes: [Ingress]`, `
			default/frontend -> default/db TCP/6379 no
			myns/client -> default/db TCP/6379 no
			203.0.113.5 -> default/db TCP/6379 no
			default/db -> myns/client TCP/80 yes
			default/db -> 203.0.113.5 TCP/443 yes
			default/db -> default/db TCP/6379 yes`},
		{"allow all ingress traffic", `
metadata: {name: default-deny-ingress, namespace: default}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
metadata: {name: allow-all-ingress, namespace: default}
spec:
  podSelector: {}
  ingress: [{}]
  policyTypes: [Ingress]`, `
			default/frontend -> default/db TCP/6379 yes
			other/tool -> default/db SCTP/9 yes
			203.0.113.5 -> default/db UDP/6379 yes`},
		{"default deny all egress traffic", `
metadata: {name: default-deny-egress, namespace: default}
spec:
  podSelector: {}
  policyTypes: [Egress]`, `
			default/db -> default/frontend TCP/80 no
			default/db -> 203.0.113.5 TCP/443 no
			default/db -> other/tool UDP/53 no
			other/tool -> default/db TCP/6379 yes
			203.0.113.5 -> default/db TCP/6379 yes`},
		{"allow all egress traffic", `
metadata: {name: default-deny-egress, namespace: default}
spec: {podSelector: {}, policyTypes: [Egress]}
---
metadata: {name: allow-all-egress, namespace: default}
spec:
  podSelector: {}
  egress: [{}]
  policyTypes: [Egress]`, `
			default/db -> default/frontend TCP/80 yes
			default/db -> 203.0.113.5 TCP/443 yes
			other/tool -> default/db TCP/6379 yes`},
		{"default deny all ingress and all egress traffic", `
metadata: {name: default-deny-all, namespace: default}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]`, `
			default/db -> default/frontend TCP/80 no
			default/db -> 203.0.113.5 TCP/443 no
			other/tool -> default/db TCP/6379 no
			default/db -> other/tool TCP/1 no
			other/tool -> myns/client TCP/1 yes`},
		{"policyTypes unset: ingress always, egress with egress rules", `
metadata: {name: both, namespace: default}
spec:
  podSelector: {matchLabels: {role: db}}
  egress: [{to: [{podSelector: {}}]}]
---
metadata: {name: ingress-alone, namespace: default}
spec: {podSelector: {matchLabels: {role: worker}}}`, `
			default/frontend -> default/db TCP/1 no
			default/db -> default/frontend TCP/1 yes
			default/db -> other/tool TCP/1 no
			default/frontend -> default/worker TCP/1 no
			default/worker -> other/tool TCP/1 yes`},
		{"policyTypes Egress alone leaves ingress open", `
metadata: {name: egress-alone, namespace: default}
spec:
  podSelector: {matchLabels: {role: db}}
  policyTypes: [Egress]
  ingress: [{from: [{podSelector: {matchLabels: {role: frontend}}}]}]`, `
			other/tool -> default/db TCP/1 yes
			default/db -> other/tool TCP/1 no`},
		{"policyTypes Ingress alone makes egress rules void", `
metadata: {name: ingress-alone, namespace: default}
spec:
  podSelector: {matchLabels: {role: db}}
  policyTypes: [Ingress]
  egress: [{to: [{podSelector: {}}]}]`, `
			default/db -> other/tool TCP/1 yes
			other/tool -> default/db TCP/1 no`},
		{"ingress: [] lets nobody in", `
metadata: {name: none, namespace: default}
spec: {podSelector: {matchLabels: {role: db}}, ingress: []}`, `
			default/frontend -> default/db TCP/1 no
			default/frontend -> default/worker TCP/1 yes`},
		{"from: [] lets everybody in", `
metadata: {name: everybody, namespace: default}
spec: {podSelector: {matchLabels: {role: db}}, ingress: [{from: [], ports: [{port: 6379}]}]}`, `
			203.0.113.5 -> default/db TCP/6379 yes
			other/tool -> default/db TCP/6379 yes
			other/tool -> default/db UDP/6379 no
			other/tool -> default/db TCP/6378 no`},
		{"ports: [] opens every port", `
metadata: {name: ports, namespace: default}
spec: {podSelector: {matchLabels: {role: db}}, ingress: [{from: [{podSelector: {}}], ports: []}]}`, `
			default/frontend -> default/db SCTP/6379 yes
			default/frontend -> default/db ICMP/8 yes
			other/tool -> default/db TCP/6379 no`},
		{"a protocol without a port is all its ports", `
metadata: {name: udp, namespace: default}
spec: {podSelector: {matchLabels: {role: db}}, ingress: [{ports: [{protocol: UDP}]}]}`, `
			default/frontend -> default/db UDP/1 yes
			default/frontend -> default/db UDP/65535 yes
			default/frontend -> default/db TCP/1 no
			default/frontend -> default/db ICMP/8 no`},
		{"SCTP support", `
metadata: {name: sctp, namespace: default}
spec: {podSelector: {matchLabels: {role: db}}, ingress: [{ports: [{protocol: SCTP, port: 7777}]}]}`, `
			default/frontend -> default/db SCTP/7777 yes
			default/frontend -> default/db TCP/7777 no
			default/frontend -> default/db SCTP/7778 no`},
		{"targeting a range of ports", `
metadata: {name: multi-port-egress, namespace: default}
spec:
  podSelector: {matchLabels: {role: db}}
  policyTypes: [Egress]
  egress:
  - to: [{ipBlock: {cidr: 10.0.0.0/24}}]
    ports: [{protocol: TCP, port: 32000, endPort: 32768}]`, `
			default/db -> 10.0.0.7 TCP/32000 yes
			default/db -> 10.0.0.7 TCP/32768 yes
			default/db -> 10.0.0.7 TCP/31999 no
			default/db -> 10.0.0.7 TCP/32769 no
			default/db -> 10.0.0.7 UDP/32000 no
			default/db -> 10.0.1.7 TCP/32000 no`},
		{"targeting multiple namespaces by label", `
metadata: {name: egress-namespaces, namespace: default}
spec:
  podSelector: {matchLabels: {role: frontend}}
  policyTypes: [Egress]
  egress:
  - to:
    - namespaceSelector:
        matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [myns, other]}]`, `
			default/frontend -> myns/client TCP/1 yes
			default/frontend -> other/tool TCP/1 yes
			default/frontend -> default/db TCP/1 no
			default/worker -> default/db TCP/1 yes`},
		{"targeting a namespace by its name", `
metadata: {name: by-name, namespace: default}
spec:
  podSelector: {}
  ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}]}]`, `
			other/tool -> default/db TCP/1 yes
			myns/client -> default/db TCP/1 no
			default/frontend -> default/db TCP/1 no`},
		{"an empty namespaceSelector is every namespace and nobody outside", `
metadata: {name: all-spaces, namespace: default}
spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}`, `
			other/tool -> default/db TCP/1 yes
			default/frontend -> default/db TCP/1 yes
			203.0.113.5 -> default/db TCP/1 no`},
		{"an empty podSelector in a rule is the policy's own namespace", `
metadata: {name: own, namespace: default}
spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`, `
			default/frontend -> default/db TCP/1 yes
			other/tool -> default/db TCP/1 no`},
		{"matchExpressions", `
metadata: {name: expressions, namespace: default}
spec:
  podSelector: {matchExpressions: [{key: role, operator: NotIn, values: [frontend, worker]}]}
  ingress:
  - from:
    - namespaceSelector: {}
      podSelector: {matchExpressions: [{key: role, operator: DoesNotExist}]}
    - podSelector: {matchExpressions: [{key: role, operator: Exists}, {key: role, operator: In, values: [frontend]}]}`, `
			other/tool -> default/db TCP/1 yes
			default/frontend -> default/db TCP/1 yes
			default/worker -> default/db TCP/1 no
			other/client -> default/db TCP/1 no
			other/client -> default/worker TCP/1 yes`},
		{"policies add to each other", `
metadata: {name: a, namespace: default}
spec: {podSelector: {matchLabels: {role: db}}, ingress: [{from: [{podSelector: {matchLabels: {role: frontend}}}], ports: [{port: 1}]}]}
---
metadata: {name: b, namespace: default}
spec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {role: worker}}}], ports: [{port: 2}]}]}`, `
			default/frontend -> default/db TCP/1 yes
			default/frontend -> default/db TCP/2 no
			default/worker -> default/db TCP/2 yes
			default/worker -> default/db TCP/1 no
			default/frontend -> default/worker TCP/1 no`},
		{"both the source's egress and the destination's ingress have to allow", `
metadata: {name: out, namespace: default}
spec: {podSelector: {matchLabels: {role: frontend}}, policyTypes: [Egress], egress: [{ports: [{port: 1}, {port: 2}]}]}
---
metadata: {name: in, namespace: default}
spec: {podSelector: {matchLabels: {role: db}}, ingress: [{ports: [{port: 2}, {port: 3}]}]}`, `
			default/frontend -> default/db TCP/1 no
			default/frontend -> default/db TCP/2 yes
			default/frontend -> default/db TCP/3 no
			default/worker -> default/db TCP/3 yes
			default/frontend -> other/tool TCP/1 yes`},
		{"ipBlock of everything finds pods, a public one does not", `
metadata: {name: blocks, namespace: default}
spec:
  podSelector: {matchLabels: {role: db}}
  ingress:
  - {from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 1}]}
  - {from: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: 2}]}
  - {from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 3}]}
  - {from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}], ports: [{port: 4}]}
  - {from: [{ipBlock: {cidr: "2001:db8::/32"}}], ports: [{port: 5}]}`, `
			other/tool -> default/db TCP/1 yes
			other/tool -> default/db TCP/2 no
			other/tool -> default/db TCP/3 maybe
			other/tool -> default/db TCP/4 maybe
			other/tool -> default/db TCP/5 maybe
			203.0.113.5 -> default/db TCP/2 yes
			203.0.114.5 -> default/db TCP/2 no
			10.1.2.3 -> default/db TCP/4 no
			11.1.2.3 -> default/db TCP/4 yes
			2001:db8::1 -> default/db TCP/5 yes
			2001:db9::1 -> default/db TCP/5 no
			2001:db8::1 -> default/db TCP/1 no
			203.0.113.5 -> default/db TCP/5 no
			2001:db8::/31 -> default/db TCP/5 yes`},
		{"a node reaches the pods it runs", `
metadata: {name: none, namespace: default}
spec: {podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{ipBlock: {cidr: 192.168.7.0/24}}]}]}`, `
			node:192.168.7.7 -> default/db TCP/1 yes
			node:192.168.8.7 -> default/db TCP/1 maybe
			192.168.8.7 -> default/db TCP/1 no
			default/db -> node:192.168.8.7 TCP/1 no`},
	} {
		t.Run(c.name, func(t *testing.T) {
			ask(t, New(read(t, documentedPods+manifests(c.policies)), Options{}), c.want)
		})
	}
}

func TestNamedPorts(t *testing.T) {
	c := New(read(t, spaces("shop\nweb")+pods(`
		shop/a app=a http:8080 dns:53/UDP
		shop/b app=b http:9090
		shop/c app=c
		web/d app=d http:80/UDP
	`)+manifests(`
metadata: {name: in, namespace: shop}
spec: {podSelector: {}, ingress: [{ports: [{port: http}, {protocol: UDP, port: dns}]}]}
---
metadata: {name: out, namespace: web}
spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}`)), Options{})
	ask(t, c, `
		shop/b -> shop/a TCP/8080 yes
		shop/b -> shop/a TCP/9090 no
		shop/b -> shop/a UDP/53 yes
		shop/a -> shop/b TCP/9090 yes
		shop/a -> shop/b TCP/8080 no
		shop/a -> shop/c TCP/8080 no
		web/d -> shop/a TCP/8080 yes
		web/d -> shop/b TCP/9090 yes
		web/d -> shop/c TCP/9090 no
		web/d -> 203.0.113.5 TCP/8080 no
		203.0.113.5 -> shop/a TCP/8080 yes
	`)
}

func TestHostNetwork(t *testing.T) {
	c := New(read(t, spaces("shop")+pods(`
		shop/a app=a
		shop/agent app=agent host
	`)+manifests(`
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
metadata: {name: out, namespace: shop}
spec: {podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: agent}}}], ports: [{port: 1}]}]}`)), Options{})
	ask(t, c, `
		203.0.113.5 -> shop/agent TCP/1 yes
		shop/agent -> 203.0.113.5 TCP/1 yes
		shop/a -> shop/agent TCP/1 maybe
		shop/a -> shop/agent TCP/2 no
		shop/agent -> shop/a TCP/1 maybe
	`)
}
