package mesh

import (
	"slices"
	"strconv"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// identity is who a caller is to the proxy of a workload.
type identity struct {
	transport Transport
	// principals are the names it has: the cluster's trust domain, and
	// cluster.local, which Istio takes for it.
	principals         []string
	namespace, account string
	domain             string
	addrs              flow.Addrs
	tls                bool // it sends a server name
}

func (id *identity) principal() string {
	if len(id.principals) == 0 {
		return ""
	}
	return id.principals[0]
}

func addrsKey(a flow.Addrs) string {
	out := ""
	for _, p := range a.Prefixes() {
		out += p.String() + ","
	}
	return out
}

// identify is who a caller is over a transport.
func (m *Mesh) identify(src Caller, t Transport, tls bool) *identity {
	id := &identity{transport: t, addrs: src.Addrs, tls: tls || t == Mutual}
	if t != Mutual || src.Workload == nil {
		return id
	}
	id.namespace, id.account, id.domain = src.Workload.Namespace, src.Workload.ServiceAccountName(), m.domain
	rest := "/ns/" + id.namespace + "/sa/" + id.account
	id.principals = []string{m.domain + rest}
	if m.domain != "cluster.local" {
		id.principals = append(id.principals, "cluster.local"+rest)
	}
	return id
}

// meets says whether the caller meets a test that is not about the request.
func (id *identity) meets(t *test, port int) (holds estate.Truth, why string) {
	if t.attr.free() {
		return estate.Maybe, ""
	}
	switch t.attr {
	case peerPrincipal:
		return named(t, id.principals...), ""
	case peerNamespace:
		return named(t, listOf(id.namespace)...), ""
	case peerAccount:
		if id.account == "" {
			return named(t), ""
		}
		return named(t, id.namespace+"/"+id.account), ""
	case peerDomain:
		return named(t, listOf(id.domain)...), ""
	case destinationPort:
		return named(t, strconv.Itoa(port)), ""
	case sourceIP:
		return addressed(t, id.addrs), "no file tells whether the caller's address is in " + listed(t)
	case remoteIP:
		return addressed(t, flow.Addrs{}), "no file tells whether the original client's address is in " + listed(t)
	case destinationIP:
		return addressed(t, flow.Addrs{}), "no file tells whether the workload's address is in " + listed(t)
	case serverName:
		if !id.tls {
			return named(t), ""
		}
		return estate.Maybe, "no file tells which server name the caller sends"
	}
	return estate.Maybe, "no file tells " + t.field
}

func listOf(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// named says whether what is called by names meets a test; without a name it
// meets no value, and is not excluded by any.
func named(t *test, names ...string) estate.Truth {
	is := func(ps []pattern) bool {
		for _, n := range names {
			if slices.ContainsFunc(ps, func(p pattern) bool { return p.matches(n) }) {
				return true
			}
		}
		return false
	}
	if len(t.values) > 0 && !is(t.values) || is(t.not) {
		return estate.No
	}
	return estate.Yes
}

// inside are the addresses that workloads of a cluster have where nothing
// tells: private IPv4, or any IPv6.
var inside = func() flow.Addrs {
	a := flow.Everything().Family(6)
	for _, c := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"} {
		p, _ := flow.ParseAddrs(c)
		a = a.Union(p)
	}
	return a
}()

var inside4 = inside.Family(4)

// addressed says whether an address meets a test; an empty set is one of a
// workload that is not known.
func addressed(t *test, known flow.Addrs) estate.Truth {
	must, may := known, known
	if known.Empty() {
		must, may = inside4, inside
	}
	in := func(block flow.Addrs) estate.Truth {
		switch {
		case block.Holds(must):
			return estate.Yes
		case block.Overlaps(may):
			return estate.Maybe
		}
		return estate.No
	}
	out := estate.Yes
	if len(t.values) > 0 {
		out = in(t.addrs)
	}
	if len(t.not) > 0 {
		out = out.And(in(t.excl).Not())
	}
	return out
}
