package mesh

import (
	"slices"
	"strconv"
	"sync"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// guard is the policies that are for a workload, ready to be asked.
type guard struct {
	of       *estate.Workload
	policies []*policy
	space    *space
	tokens   bool
	// doubt says why there may be more policies.
	doubt string
	// consts are the tests that are not about requests.
	consts []*test

	mu    sync.Mutex
	known map[question]*decision
}

// question is what a decision depends on: of the caller, how the tests that are
// not about requests come out.
type question struct {
	caller   string
	protocol Protocol
}

// guardOf is the guard of a workload. The cache is locked.
func (m *Mesh) guardOf(w *estate.Workload) *guard {
	if g := m.cache.guards[w]; g != nil {
		return g
	}
	g := &guard{of: w, tokens: m.takesTokens(w), doubt: m.why(w.Namespace), known: map[question]*decision{}}
	spaces := []string{w.Namespace}
	if m.root != w.Namespace {
		spaces = append(spaces, m.root)
	}
	key := ""
	for _, ns := range spaces {
		for i, p := range m.policies[ns] {
			if p.dry || p.action == audit || !p.isFor(w) {
				continue
			}
			g.policies = append(g.policies, p)
			g.consts = append(g.consts, p.consts...)
			key += ns + "/" + strconv.Itoa(i) + ";"
		}
	}
	if m.cache.spaces[key] == nil {
		m.cache.spaces[key] = newSpace(g.policies)
	}
	g.space = m.cache.spaces[key]
	m.cache.guards[w] = g
	return g
}

// isFor says whether a policy is for a workload's own proxy. Policies with
// targetRefs are for gateways and waypoints.
func (p *policy) isFor(w *estate.Workload) bool {
	refs := p.of.Spec.GetTargetRefs()
	if one := p.of.Spec.GetTargetRef(); one != nil {
		refs = append(slices.Clone(refs), one)
	}
	for _, r := range refs {
		if r.GetKind() == "Gateway" && p.of.Namespace == w.Namespace && w.PodLabels["gateway.networking.k8s.io/gateway-name"] == r.GetName() {
			return true
		}
	}
	return len(refs) == 0 && matchesLabels(p.of.Spec.GetSelector().GetMatchLabels(), w)
}

// decision is what the policies of a workload say to a caller.
type decision struct {
	admits estate.Truth
	every  bool
	// sure are the requests that are let in for sure, may those that may be.
	sure, may []box
	// in are the products of ALLOW policies that let something in, out those of
	// others that keep something out; without ALLOW policies, open is set.
	in, out []*match
	open    bool
	why     string
	what    string
}

// match is a product that a caller's requests can meet.
type match struct {
	of    *product
	holds estate.Truth
	why   string
	boxes []box
}

// ask decides for a caller that the workload knows as id.
func (g *guard) ask(id *identity, port int, protocol Protocol) *decision {
	key := make([]byte, len(g.consts))
	for i, t := range g.consts {
		holds, _ := id.meets(t, port)
		key[i] = '0' + byte(holds)
	}
	q := question{string(key), protocol}
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.known[q]
	if d == nil {
		d = g.decide(id, port, protocol)
		d.what = d.words(protocol)
		g.known[q] = d
	}
	return d
}

// decide follows the order of Istio: what a CUSTOM policy matches may be
// denied; what a DENY policy matches is; without any ALLOW policy the rest is
// let in, with some, what they match.
func (g *guard) decide(id *identity, port int, protocol Protocol) *decision {
	d := &decision{open: true}
	if g.space.wide {
		d.admits, d.why = estate.Maybe, "the policies for "+g.of.Namespace+"/"+g.of.Name+" have too many patterns to try"
		return d
	}
	whole := g.space.whole(g.tokens)
	var in, mayIn, out, mayOut []box
	for _, p := range g.policies {
		if p.action == allow {
			d.open = false
		}
		for _, r := range p.rules {
			for _, x := range g.matches(r, id, port, protocol, whole) {
				switch {
				case p.action == allow:
					d.in, mayIn = append(d.in, x), append(mayIn, x.boxes...)
					if x.holds == estate.Yes {
						in = append(in, x.boxes...)
					}
				case p.action == deny:
					d.out, mayOut = append(d.out, x), append(mayOut, x.boxes...)
					if x.holds == estate.Yes {
						out = append(out, x.boxes...)
					}
				default: // CUSTOM
					x.holds = estate.Maybe
					x.why = name(p) + " asks " + provider(p) + ", and what it answers no file tells"
					d.out, mayOut = append(d.out, x), append(mayOut, x.boxes...)
				}
			}
		}
	}
	if d.open {
		in, mayIn = []box{whole}, []box{whole}
	}
	sure, ok1 := subtract(in, mayOut)
	may, ok2 := subtract(mayIn, out)
	if !ok1 || !ok2 {
		d.admits, d.why = estate.Maybe, "the policies for "+g.of.Namespace+"/"+g.of.Name+" overlap in too many ways to try"
		return d
	}
	d.sure, d.may = sure, may
	rest, ok := subtract([]box{whole}, sure)
	d.every = ok && len(rest) == 0
	for _, b := range sure {
		d.admits = d.admits.Or(g.space.sure(b))
	}
	if len(may) > 0 {
		d.admits = d.admits.Or(estate.Maybe)
	}
	denied, ok := subtract([]box{whole}, out)
	d.doubt(g, ok && len(denied) == 0)
	return d
}

// doubt takes back what policies that were not read could change, and finds the
// reason of a Maybe.
func (d *decision) doubt(g *guard, denied bool) {
	if g.doubt != "" {
		if d.every = false; !denied { // what rules deny for sure stays denied, whatever else there is
			d.admits, d.why = estate.Maybe, g.doubt
		}
		return
	}
	if d.admits != estate.Maybe {
		return
	}
	for _, x := range slices.Concat(d.in, d.out) {
		if x.holds == estate.Maybe && x.why != "" {
			d.why = x.why
			return
		}
	}
	d.why = "no file tells whether the caller has a token that the policies ask for"
}

func provider(p *policy) string {
	if n := p.of.Spec.GetProvider().GetName(); n != "" {
		return "the authorizer " + n
	}
	return "an external authorizer"
}

// matches are the products of a rule that requests of a caller can meet. On a
// port that is not HTTP, Istio leaves out ALLOW rules with fields of HTTP, and
// such fields of all others ("Authorization Policy for TCP Ports").
func (g *guard) matches(r *rule, id *identity, port int, protocol Protocol, whole box) []*match {
	if protocol == TCP && r.http && r.of.action == allow {
		return nil
	}
	var out []*match
	for _, p := range r.products {
		x := &match{of: p, holds: estate.Yes, boxes: []box{whole}}
		for _, t := range p.tests {
			switch {
			case protocol == TCP && t.attr.http(), r.vague(t):
			case t.attr.free():
				x.boxes = g.space.narrow(x.boxes, t)
			default:
				holds, why := id.meets(t, port)
				if x.holds = x.holds.And(holds); holds == estate.Maybe && x.why == "" {
					x.why = why
				}
			}
		}
		if x.holds == estate.No || len(x.boxes) == 0 {
			continue
		}
		if r.doubt != "" {
			x.holds, x.why = estate.Maybe, "Istio may leave out rule "+strconv.Itoa(r.index+1)+" of "+name(r.of)+": "+r.doubt
		}
		out = append(out, x)
	}
	return out
}

// vague says that what a test means is not known, for some value of its rule
// cannot be read.
func (r *rule) vague(t *test) bool { return r.doubt != "" && t.attr > peerDomain }

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

// addressed says whether an address meets a test; an empty set is one of a
// workload that is not known.
func addressed(t *test, known flow.Addrs) estate.Truth {
	must, may := known, known
	if known.Empty() {
		must, may = inside.Family(4), inside
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
