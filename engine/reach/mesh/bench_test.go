package mesh

import (
	"fmt"
	"strings"
	"testing"

	"fathom/estate"
)

// large makes a mesh of n workloads in n/50 namespaces, with a policy for every
// fifth and one that denies for each namespace.
func large(tb testing.TB, n int) *estate.Estate {
	var ns, ps, policies strings.Builder
	for i := range max(n/50, 1) {
		fmt.Fprintf(&ns, "ns%d\n", i)
		fmt.Fprintf(&policies, "metadata: {name: deny, namespace: ns%d}\nspec: {action: DENY, rules: [{to: [{operation: {paths: [/debug*], methods: [POST, DELETE]}}]}]}\n---\n", i)
	}
	for i := range n {
		space := i % max(n/50, 1)
		fmt.Fprintf(&ps, "ns%d/w%d http:8080\n", space, i)
		if i%5 == 0 {
			fmt.Fprintf(&policies, "metadata: {name: p%d, namespace: ns%d}\nspec: {selector: {matchLabels: {app: w%d}}, rules: [{from: [{source: {principals: [cluster.local/ns/ns%d/sa/w%d], namespaces: [ns0]}}, {source: {namespaces: [ns1]}}], to: [{operation: {methods: [GET], paths: [/v1/w%d/*, /healthz]}}]}]}\n---\n", i, space, i, space, i+1, i)
		}
	}
	return read(tb, spaces(ns.String())+pods(ps.String())+authz(policies.String()))
}

// BenchmarkMatrix reads a mesh and asks about every pair of its workloads.
func BenchmarkMatrix(b *testing.B) {
	for _, n := range []int{250, 500, 1000} {
		b.Run(fmt.Sprintf("workloads=%d", n), func(b *testing.B) {
			e := large(b, n)
			ws := estate.All[*estate.Workload](e)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				m := New(e)
				some := 0
				for _, src := range ws {
					for _, dst := range ws {
						if yes, _ := m.Lets(Caller{Workload: src}, dst, 8080, HTTP); yes == estate.Yes {
							some++
						}
					}
				}
				if some == 0 || some == n*n {
					b.Fatal("the policies decide nothing")
				}
			}
		})
	}
}

// BenchmarkAdmits answers one question in words.
func BenchmarkAdmits(b *testing.B) {
	e := large(b, 250)
	m, ws := New(e), estate.All[*estate.Workload](e)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Admits(Caller{Workload: ws[i%250]}, ws[i/250%250], 8080, HTTP)
		i++
	}
}

// BenchmarkRequest decides about one request.
func BenchmarkRequest(b *testing.B) {
	e := large(b, 250)
	m, ws := New(e), estate.All[*estate.Workload](e)
	r := Request{Method: "GET", Path: "/v1/w0/x", Host: "w0"}
	for b.Loop() {
		m.AdmitsRequest(Caller{Workload: ws[1]}, ws[0], 8080, r)
	}
}
