package netpol

import (
	"fmt"
	"strings"
	"testing"

	"fathom/estate"
)

// large makes a cluster of n workloads in n/50 namespaces and n/5 policies:
// each namespace denies by default, and every tenth workload has a policy that
// lets in the workloads that call it.
func large(tb testing.TB, n int) *estate.Estate {
	var ps, ns, policies strings.Builder
	for i := range max(n/50, 1) {
		fmt.Fprintf(&ns, "ns%d team=t%d\n", i, i%7)
		fmt.Fprintf(&policies, "metadata: {name: deny, namespace: ns%d}\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n---\n", i)
		fmt.Fprintf(&policies, "metadata: {name: dns, namespace: ns%d}\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ns0}}}], ports: [{protocol: UDP, port: 53}]}]}\n---\n", i)
	}
	for i := range n {
		space := i % max(n/50, 1)
		fmt.Fprintf(&ps, "ns%d/w%d app=w%d tier=t%d http:%d\n", space, i, i, i%5, 8000+i%3)
		switch i % 12 {
		case 0:
			fmt.Fprintf(&policies, "metadata: {name: in%d, namespace: ns%d}\nspec: {podSelector: {matchLabels: {app: w%d}}, ingress: [{from: [{podSelector: {matchLabels: {tier: t1}}}, {namespaceSelector: {matchLabels: {team: t3}}, podSelector: {matchLabels: {tier: t2}}}], ports: [{port: http}, {port: 9000, endPort: 9100}]}]}\n---\n", i, space, i)
		case 6:
			fmt.Fprintf(&policies, "metadata: {name: out%d, namespace: ns%d}\nspec: {podSelector: {matchLabels: {app: w%d}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}, podSelector: {matchExpressions: [{key: tier, operator: In, values: [t1, t4]}]}}], ports: [{port: http}]}, {to: [{ipBlock: {cidr: 203.0.113.0/24}}]}]}\n---\n", i, space, i)
		}
	}
	return read(tb, spaces(ns.String())+pods(ps.String())+manifests(policies.String()))
}

// BenchmarkMatrix compiles a cluster and asks about every pair of its pods.
func BenchmarkMatrix(b *testing.B) {
	for _, n := range []int{250, 500, 1000} {
		b.Run(fmt.Sprintf("pods=%d", n), func(b *testing.B) {
			e := large(b, n)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				c := New(e, Options{})
				some := 0
				for _, src := range c.Pods() {
					for _, dst := range c.Pods() {
						if yes, _ := c.Conns(Peer{Pod: src}, Peer{Pod: dst}); !yes.Empty() {
							some++
						}
					}
				}
				b.ReportMetric(float64(c.Classes()), "classes")
				b.ReportMetric(float64(len(estate.All[*estate.NetworkPolicy](e))), "policies")
				if some == 0 || some == n*n {
					b.Fatal("the policies decide nothing")
				}
			}
		})
	}
}

// BenchmarkHops explains one connection.
func BenchmarkHops(b *testing.B) {
	c := New(large(b, 1000), Options{})
	src, dst := Peer{Pod: c.Pods()[5]}, Peer{Pod: c.Pods()[12]}
	for b.Loop() {
		c.Hops(src, dst, connOf(b, "TCP/8080"))
	}
}
