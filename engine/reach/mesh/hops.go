package mesh

import (
	"slices"
	"strconv"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// hops explains what the policies of a workload decide.
func (m *Mesh) hops(g *guard, s *scene, d *decision, p Protocol) []flow.Hop {
	h := flow.Hop{Kind: flow.Mesh, Pass: d.admits}
	if d.admits == estate.Maybe {
		h.Why = d.why
	}
	switch {
	case len(g.policies) == 0:
		h.Says = "no AuthorizationPolicy is for " + title(g.of)
		return []flow.Hop{h}
	case d.admits == estate.No && !d.open && len(d.in) == 0:
		g.nothingAllows(&h, s, p)
		return []flow.Hop{h}
	case d.admits == estate.No:
		denies(&h, d, p)
		return []flow.Hop{h}
	}
	var out []flow.Hop
	if in := d.left(d.in); len(in) > 0 {
		x := likeliest(in)
		r := x.of.of
		h.Of, h.At = r.of.of, r.at()
		h.Says = name(r.of) + " lets in " + written(d.left(d.in), p)
		if who := x.of.whom(); who != "" && len(in) == 1 {
			h.Says += " from " + who
		}
		out = append(out, h)
	}
	for _, x := range d.taken() {
		r := x.of.of
		hop := flow.Hop{Kind: flow.Mesh, Of: r.of.of, At: r.at(), Pass: estate.Yes, Says: name(r.of) + " refuses " + x.of.requests(p)}
		if r.of.action == external {
			hop.Says = name(r.of) + " asks " + provider(r.of) + " about " + x.of.requests(p)
		}
		if who := x.of.whom(); who != "" {
			hop.Says += " from " + who
		}
		out = append(out, hop)
	}
	if len(out) == 0 {
		h.Says = "no rule of the " + strconv.Itoa(len(g.policies)) + " AuthorizationPolicies for " + title(g.of) + " is about this caller"
		if len(g.policies) == 1 {
			h.Says = "no rule of " + name(g.policies[0]) + " is about this caller"
		}
		return []flow.Hop{h}
	}
	if d.admits == estate.Maybe && out[0].Pass != estate.Maybe {
		out[0].Pass, out[0].Why = estate.Maybe, d.why
	}
	return out
}

// likeliest is the first match that holds for sure, or the first.
func likeliest(ms []*match) *match {
	for _, x := range ms {
		if x.holds == estate.Yes {
			return x
		}
	}
	return ms[0]
}

func (r *rule) at() diag.Pos { return r.of.of.At("spec", "rules", strconv.Itoa(r.index)) }

// denies explains that DENY policies leave nothing.
func denies(h *flow.Hop, d *decision, p Protocol) {
	x := d.out[0]
	for _, o := range d.out {
		if o.holds == estate.Yes && len(o.of.tests) < len(x.of.tests) {
			x = o
		}
	}
	r := x.of.of
	h.Refuses, h.Of, h.At = true, r.of.of, r.at()
	h.Says = name(r.of) + " refuses " + x.of.requests(p)
	if who := x.of.whom(); who != "" {
		h.Says += " from " + who
	}
	if r.http && p == TCP {
		h.Says += ": it denies by fields of HTTP, which on a port that is not HTTP count for nothing"
	}
	h.Open = "take the caller out of rule " + strconv.Itoa(r.index+1) + " of " + name(r.of)
	if who := x.of.whom(); who != "" {
		h.Open += " (" + who + ")"
	}
}

// nothingAllows explains that there are ALLOW policies and none of their rules
// is about the caller.
func (g *guard) nothingAllows(h *flow.Hop, s *scene, p Protocol) {
	var allows []*policy
	for _, a := range g.policies {
		if a.action == allow {
			allows = append(allows, a)
		}
	}
	h.Refuses = true
	best, bad := nearest(allows, s, p)
	if best == nil {
		h.Of, h.At = allows[0].of, allows[0].of.At("spec")
		h.Says = refusal(allows) + " every request: " + they(allows) + " no rules"
		h.Open = "add an AuthorizationPolicy to namespace " + g.of.Namespace + " that allows " + s.who() + " to call " + g.of.Name
		return
	}
	r := best.of
	h.Of, h.At = r.of.of, r.at()
	rule := "rule " + strconv.Itoa(r.index+1) + " of " + name(r.of)
	switch {
	case p == TCP && r.http:
		h.Says = refusal(allows) + ": rule " + strconv.Itoa(r.index+1) + " has fields of HTTP, and port " + strconv.Itoa(s.port) + " is not HTTP"
		h.Open = "declare the Service's port as HTTP (its name, or appProtocol), or write " + rule + " without fields of HTTP"
	case bad.attr == destinationPort:
		h.Says = refusal(allows) + ": no rule allows port " + strconv.Itoa(s.port)
		h.At = r.of.of.At(bad.path...)
		h.Open = "add port " + strconv.Itoa(s.port) + " to " + rule
	case bad.attr == sourceIP:
		h.Says = refusal(allows) + ": no rule allows the address of the caller"
		h.At = r.of.of.At(bad.path...)
		h.Open = "add its address to ipBlocks of " + rule
	case bad.attr <= peerDomain && s.id.principal() == "":
		h.Says = refusal(allows) + ": no rule allows a caller without a principal"
		h.At = r.of.of.At(bad.path...)
		h.Open = "have the caller speak mutual TLS, and allow its principal in " + rule
	case bad.attr <= peerDomain:
		h.Says = refusal(allows) + ": no rule allows principal " + s.id.principal()
		h.At = r.of.of.At(bad.path...)
		h.Open = "add principal " + s.id.principal() + " to " + rule
		if bad.attr != peerPrincipal || len(bad.values) == 0 {
			h.Open = "add a rule for principal " + s.id.principal() + " to " + name(r.of)
		}
	case bad.attr.http():
		h.Says = refusal(allows) + ": no rule allows a request without a token, and no RequestAuthentication is for " + title(g.of)
		h.Open = "add a RequestAuthentication to namespace " + g.of.Namespace
	default:
		h.Says = refusal(allows) + ": no rule allows it"
		h.Open = "add a rule for " + s.who() + " to " + name(r.of)
	}
}

// nearest is the product that fails by the fewest tests, and the first of those.
func nearest(ps []*policy, s *scene, p Protocol) (*product, *test) {
	var best *product
	var bad *test
	least := 0
	for _, pol := range ps {
		for _, r := range pol.rules {
			for _, pr := range r.products {
				fails := 0
				var first *test
				for _, t := range pr.tests {
					holds := estate.Yes
					switch {
					case t.attr.free() && p != TCP:
						holds = estate.Maybe // it may be a token that nobody can have
					case !t.attr.free():
						holds, _ = s.id.meets(t, s.port)
					}
					if holds == estate.No || holds == estate.Maybe && first == nil && t.attr >= tokenPrincipal {
						if first == nil || first.attr.http() {
							first = t
						}
						fails++
					}
				}
				if first == nil && len(pr.tests) > 0 {
					first = pr.tests[0]
				}
				if first != nil && (best == nil || fails < least) {
					best, bad, least = pr, first, fails
				}
			}
		}
	}
	return best, bad
}

// who is the caller in a sentence.
func (s *scene) who() string {
	switch {
	case s.id.principal() != "":
		return "principal " + s.id.principal()
	case s.src.Workload != nil:
		return title(s.src.Workload)
	}
	return "the caller"
}

func refusal(ps []*policy) string {
	if len(ps) == 1 {
		return name(ps[0]) + " refuses"
	}
	var names []string
	for _, p := range ps {
		names = append(names, p.of.Namespace+"/"+p.of.Name)
	}
	slices.Sort(names)
	return "AuthorizationPolicies " + few(names, "and") + " refuse"
}

func they(ps []*policy) string {
	if len(ps) == 1 {
		return "it has"
	}
	return "they have"
}
