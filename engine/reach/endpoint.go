package reach

import (
	"fmt"
	"slices"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// throughAPI adds, after the hop of a VPC endpoint, what its policy lets
// through. It filters requests and not packets: which of them, engine/iam
// decides. A way that leads through another endpoint than only, or through
// none, is stopped where only is set.
func (n *Network) throughAPI(hops []flow.Hop, to Place, only *estate.VPCEndpoint) []flow.Hop {
	at := slices.IndexFunc(hops, func(h flow.Hop) bool { _, ok := h.Of.(*estate.VPCEndpoint); return ok })
	if at < 0 {
		if only != nil {
			hops = append(slices.Clip(hops), flow.Hop{Kind: flow.Endpoint, Of: only, At: only.Pos, Says: "this way does not lead through " + to.String(), Open: fmt.Sprintf("add the route table to those of %s", to)})
		}
		return hops
	}
	x := hops[at].Of.(*estate.VPCEndpoint)
	if only != nil && x != only {
		return append(slices.Clip(hops), flow.Hop{Kind: flow.Endpoint, Of: only, At: only.Pos, Says: "this way leads through another endpoint than " + to.String()})
	}
	for at+1 < len(hops) && hops[at+1].Of == estate.Resource(x) {
		at++
	}
	hops = slices.Insert(slices.Clone(hops), at+1, n.policyOf(x, to))
	// the public API is not what answers behind an endpoint
	return slices.DeleteFunc(hops, func(h flow.Hop) bool { return h.Kind == flow.Endpoint && h.Of == to.Of && to.Kind == Store })
}

// apiSet is what the network, and the endpoints on it, let through to the API
// of a service. It takes TCP 443 alone.
func (n *Network) apiSet(p *part, to Place) Reach {
	c := flow.Conn{Protocol: flow.TCP, Port: 443}
	if !p.a.known || !p.b.known {
		return perhaps(flow.Ports(flow.TCP, 443, 443))
	}
	best := estate.No
	for _, w := range n.apiWays(p.a, p.b, c) {
		best = best.Or((&flow.Way{Hops: n.throughAPI(w.Hops, to, p.only)}).Pass())
	}
	if p.a.why != "" {
		best = best.And(estate.Maybe)
	}
	switch best {
	case estate.Yes:
		return sure(flow.Ports(flow.TCP, 443, 443))
	case estate.Maybe:
		return perhaps(flow.Ports(flow.TCP, 443, 443))
	}
	return Reach{}
}

// apiWays are the network's ways to a service, which many stores share.
func (n *Network) apiWays(a, b *end, c flow.Conn) []flow.Way {
	k := pair{a.id, b.id}
	if got, ok := n.cache.apis.Load(k); ok {
		return got.([]flow.Way)
	}
	ways := n.aws.Ways(a.at, b.at, c)
	n.cache.apis.Store(k, ways)
	return ways
}

// policyOf is the policy of an endpoint as a hop. Without one an endpoint lets
// everything through (AWS PrivateLink guide, "Control access to VPC endpoints
// using endpoint policies").
func (n *Network) policyOf(x *estate.VPCEndpoint, to Place) flow.Hop {
	var p *estate.Policy
	var of estate.Resource = x
	if !x.Policy.Absent() {
		p = &x.Policy
	}
	for _, s := range estate.Of[*estate.VPCEndpointPolicy](n.e, x.ID) {
		if !s.Policy.Absent() {
			p, of = &s.Policy, s
		}
	}
	name := "endpoint/" + serviceOf(x)
	if known := n.of[x.ID]; known != nil {
		name = known.String()
	}
	h := flow.Hop{Kind: flow.Endpoint, Of: of, At: pos(of), Pass: estate.Yes}
	switch {
	case p == nil:
		h.Says = name + " has no policy of its own, so it lets through every request"
		return h
	case p.Unknown():
		h.Pass, h.Why, h.At = estate.Maybe, "the policy of "+name+" is not known: "+p.Why(), p.Pos()
		h.Says = "which requests " + name + " lets through is not known"
		return h
	}
	h.At = p.Pos()
	h.Says, h.Pass = allows(name, p, to)
	if h.Pass == estate.No {
		h.Open = fmt.Sprintf("allow what is needed on %s in the policy of %s", to, name)
	}
	return h
}

// allows puts the Allow statements of a policy into words, and says whether
// one may be about the place.
func allows(name string, p *estate.Policy, to Place) (string, estate.Truth) {
	var parts []string
	about := estate.No
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != "Allow" {
			continue
		}
		if !namesPlace(s, to) {
			continue
		}
		about = estate.Yes
		if len(s.Actions) > 0 && slices.Contains(s.Actions, "*") && slices.Contains(s.Resources, "*") && len(s.Conditions) == 0 {
			return "the policy of " + name + " lets through every request", estate.Yes
		}
		part := "all but " + list(s.NotActions)
		if len(s.Actions) > 0 {
			part = list(s.Actions)
		}
		switch {
		case len(s.NotResources) > 0:
			part += " on all but " + list(s.NotResources)
		case !slices.Contains(s.Resources, "*"):
			part += " on " + list(s.Resources)
		}
		for _, c := range s.Conditions {
			part += fmt.Sprintf(" where %s %s %s", c.Key, c.Operator, list(c.Values))
		}
		parts = append(parts, part)
	}
	if about == estate.No {
		return fmt.Sprintf("the policy of %s lets through nothing on %s", name, to), estate.No
	}
	return fmt.Sprintf("the policy of %s lets through only %s", name, strings.Join(parts, "; ")), estate.Yes
}

func list(words []string) string {
	if len(words) > 4 {
		return strings.Join(words[:3], ", ") + fmt.Sprintf(" and %d more", len(words)-3)
	}
	return strings.Join(words, ", ")
}

// namesPlace says whether a statement may be about a store: one of its
// resources may be the store's ARN. Of other places every statement may be.
func namesPlace(s *estate.Statement, to Place) bool {
	if awsService(to.Of) == "" || len(s.Resources) == 0 {
		return true
	}
	b := to.Of.Meta()
	names := slices.Clone(b.Keys)
	if bucket, ok := to.Of.(*estate.Bucket); ok {
		if name, known := bucket.BucketName.Known(); known {
			names = append(names, name)
		} else if !bucket.BucketName.Absent() || len(names) == 0 {
			names = append(names, "*") // any name may be its own
		}
	}
	for _, r := range s.Resources {
		if r == "*" || strings.Contains(r, "${"+b.ID.Addr+".") {
			return true
		}
		parts := strings.SplitN(r, ":", 6)
		tail := parts[len(parts)-1]
		for _, name := range names {
			if name == "*" && !strings.Contains(r, "${") {
				return true
			}
			short, _, _ := strings.Cut(tail, "/")
			if glob(short, name) || glob(tail, name) || glob(tail, "table/"+name) || r == name {
				return true
			}
		}
	}
	return false
}

// glob matches * and ?, in time linear in the text for each *.
func glob(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
