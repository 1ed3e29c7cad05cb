package mesh

import (
	"slices"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Admits says which requests of a caller to a port of a workload's pods
// (the container's port, not the Service's) the mesh lets in.
func (m *Mesh) Admits(src Caller, dst *estate.Workload, port int, p Protocol) Verdict {
	d := m.doorOf(dst, port)
	if p == Detect {
		p = d.protocol
	}
	return m.judge(src, d, func(s *scene) Verdict { return m.authorise(s, p) })
}

// scene is one way things may be: who demands what, and how the caller sends.
type scene struct {
	door   *door
	src    Caller
	dst    *estate.Workload
	port   int
	link   link
	demand demand
	proxy  proxy
	id     *identity
}

// judge puts together the verdicts of every way that things may be, of which
// decide judges the policies.
func (m *Mesh) judge(src Caller, d *door, decide func(*scene) Verdict) Verdict {
	around := Verdict{Admits: estate.Yes, Every: true, What: "every request", Transport: Around}
	if !m.declared {
		return around
	}
	p := d.proxy
	if p.is != estate.Yes {
		h := flow.Hop{Kind: flow.Mesh, Of: p.of, At: p.at, Pass: estate.Yes, Says: p.says}
		around.Hops = []flow.Hop{h}
	}
	if p.is == estate.No {
		return around
	}
	links, linkWhy := m.links(src, d)
	var all []Verdict
	for _, one := range d.demands {
		for _, l := range links {
			all = append(all, m.scene(&scene{door: d, src: src, dst: d.of, port: d.port, link: l, demand: one, proxy: p}, decide))
		}
	}
	why := linkWhy
	if len(d.demands) > 1 {
		why = differ(d.demands)
	}
	if p.is == estate.Maybe {
		all, why = append(all, around), p.says
	}
	return merge(all, why)
}

// differ tells of policies that demand different things.
func differ(ds []demand) string {
	who := func(d demand) string {
		if d.by == nil {
			return "Istio's default"
		}
		return "PeerAuthentication " + d.by.Namespace + "/" + d.by.Name
	}
	return who(ds[0]) + " and " + who(ds[1]) + " are for the same workloads and differ; the older one holds"
}

// merge is what all verdicts agree on; the first is the likeliest.
func merge(all []Verdict, why string) Verdict {
	out := all[0]
	for i := range all[1:] {
		v := &all[i+1]
		if out.Requires != v.Requires {
			out.Requires = estate.Maybe
		}
		out.Every = out.Every && v.Every
		if out.Bypass == "" {
			out.Bypass = v.Bypass
		}
		if v.Admits != out.Admits || out.Admits == estate.Maybe {
			out.Admits, out.Why = estate.Maybe, why
		}
	}
	if out.Admits == estate.Maybe && len(out.Hops) > 0 {
		out.Hops = slices.Clone(out.Hops)
		h := &out.Hops[len(out.Hops)-1]
		if h.Pass != estate.Maybe {
			h.Pass, h.Refuses, h.Why, h.Open = estate.Maybe, false, out.Why, ""
		}
	}
	return out
}

// scene judges one way that things may be.
func (m *Mesh) scene(s *scene, decide func(*scene) Verdict) Verdict {
	if s.proxy.ambient && s.demand.mode == disable { // not supported there
		s.demand.mode = permissive
	}
	v := Verdict{What: "no request", Requires: truth(s.demand.mode == strict)}
	hop := flow.Hop{Kind: flow.Mesh, At: s.demand.at, Pass: estate.Yes, Says: s.demand.says(s.port)}
	if s.demand.by != nil {
		hop.Of = s.demand.by
	}
	t, fails := s.transport()
	v.Transport = t
	if fails != "" {
		hop.Pass, hop.Refuses, hop.Says = estate.No, true, s.demand.says(s.port)+"; "+s.link.says
		hop.Open = fails
		if s.link.kind == custom {
			hop.Pass, hop.Refuses, hop.Open = estate.Maybe, false, ""
			hop.Why = "no file tells whether the mesh trusts the certificate that " + title(s.src.Workload) + " shows"
			v.Admits, v.Why = estate.Maybe, hop.Why
			v.What = "requests"
		}
		v.Hops = []flow.Hop{hop}
		return v
	}
	if s.id = m.identify(s.src, t, s.link.kind == simple || s.link.kind == custom); t == Mutual && s.src.Addrs.Empty() {
		m.cache.mu.Lock()
		s.id = m.stationOf(s.src.Workload).id
		m.cache.mu.Unlock()
	}
	switch {
	case t == Mutual:
		hop.Says += "; " + title(s.src.Workload) + " comes as " + s.id.principal()
	case s.link.kind == automatic:
		hop.Says += "; " + title(s.src.Workload) + " comes in plaintext"
	default:
		hop.Says += "; " + s.link.says
	}
	v = decide(s)
	v.Transport, v.Principal, v.Requires = t, s.id.principal(), truth(s.demand.mode == strict)
	v.Hops = append([]flow.Hop{hop}, v.Hops...)
	return v
}

// transport is how the packets of a scene come, and where that fails, the
// change that would mend it.
func (s *scene) transport() (t Transport, fails string) {
	mutual := s.demand.mode != disable
	mend := func(client string) string {
		if s.demand.by == nil {
			return client
		}
		return client + ", or set the mode of PeerAuthentication " + s.demand.by.Namespace + "/" + s.demand.by.Name + " to PERMISSIVE"
	}
	switch {
	case s.link.kind == automatic && mutual:
		return Mutual, ""
	case s.link.kind == forced && mutual:
		return Mutual, ""
	case s.link.kind == forced:
		return Mutual, mend("remove the tls block of DestinationRule " + idOf(s.link.of))
	case s.demand.mode != strict:
		return Plain, ""
	case s.src.Workload == nil:
		return Plain, mend("let the caller come through a gateway of the mesh")
	case s.link.kind != bare:
		return Plain, mend("set tls.mode of DestinationRule " + idOf(s.link.of) + " to ISTIO_MUTUAL")
	case s.link.of == nil:
		return Plain, mend("have " + title(s.src.Workload) + " call through a Service, or give it a proxy")
	}
	if r, ok := s.link.of.(*estate.DestinationRule); ok {
		return Plain, mend("remove the tls block of DestinationRule " + r.Namespace + "/" + r.Name)
	}
	return Plain, mend("give " + title(s.src.Workload) + " a proxy for this port")
}

func idOf(r estate.Resource) string {
	if d, ok := r.(*estate.DestinationRule); ok {
		return d.Namespace + "/" + d.Name
	}
	return ""
}

func truth(b bool) estate.Truth {
	if b {
		return estate.Yes
	}
	return estate.No
}

// spoken are the protocols that a caller may speak in a scene.
func (s *scene) spoken(p Protocol) []Protocol {
	switch {
	case s.proxy.ambient, s.link.kind == simple && s.id.transport == Plain, s.link.kind == custom && s.id.transport == Plain:
		return []Protocol{TCP} // the node's proxy, or TLS of their own: nobody sees requests
	case p == Detect:
		return []Protocol{HTTP, TCP}
	}
	return []Protocol{p}
}

// authorise is the verdict of the AuthorizationPolicies in a scene.
func (m *Mesh) authorise(s *scene, p Protocol) Verdict {
	g := s.door.guard
	speaks := s.spoken(p)
	first := g.ask(s.id, s.port, speaks[0])
	v := Verdict{Admits: first.admits, Every: first.every, What: first.what, Why: first.why}
	if first.admits == estate.Yes {
		base := Request{Method: "GET", Path: "/", Host: s.dst.Name + "." + s.dst.Namespace}
		v.Witness = g.space.request(first.sure[slices.IndexFunc(first.sure, func(b box) bool { return g.space.sure(b) == estate.Yes })], base)
		if speaks[0] == TCP {
			v.Witness = Request{}
		}
	}
	v.Hops = m.hops(g, s, first, speaks[0])
	if len(speaks) > 1 {
		raw := g.ask(s.id, s.port, speaks[1])
		v.Every = v.Every && raw.every
		switch {
		case raw.admits > v.Admits:
			v.Admits, v.Why, v.Witness = raw.admits, raw.why, Request{}
			v.What = "bytes that are not HTTP"
			v.Hops = m.hops(g, s, raw, TCP)
		case raw.admits == estate.No && first.every:
			v.What = "every request of HTTP"
		}
	}
	if w := m.waypoint(s.dst); w != "" && s.proxy.ambient && v.Admits != estate.No {
		v.Admits, v.Every = estate.Maybe, false
		v.Why = "waypoint " + w + " decides too, and waypoints are not evaluated"
		v.Hops = append(v.Hops, flow.Hop{Kind: flow.Mesh, Pass: estate.Maybe, Says: "requests to " + title(s.dst) + " go through waypoint " + w, Why: v.Why})
	}
	if s.id.transport == Mutual && s.demand.mode != strict {
		v.Bypass = m.bypass(g, s, first, speaks[0])
	}
	return v
}

// bypass says what a caller gets in that leaves its proxy out: plaintext has no
// principal, so that no DENY of it holds.
func (m *Mesh) bypass(g *guard, s *scene, through *decision, p Protocol) string {
	bare := g.ask(m.identify(s.src, Plain, false), s.port, p)
	if g.space.wide {
		return ""
	}
	more, ok := subtract(bare.sure, through.sure)
	if !ok || !slices.ContainsFunc(more, func(b box) bool { return g.space.sure(b) == estate.Yes }) {
		return ""
	}
	return "in plaintext, which carries no principal, " + bare.what + " is let in"
}
