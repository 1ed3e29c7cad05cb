package mesh

import (
	"slices"
	"strconv"
	"sync"

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
