package vpc

import (
	"cmp"
	"slices"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// transits are the transit gateways: what is attached to them, and the tables
// by which each attachment's packets are routed (Transit Gateways guide, "How
// transit gateways work").
type transits struct {
	// attachments by transit gateway, in the order of their addresses.
	attachments map[string][]*attachment
	byResource  map[estate.ID]*attachment
}

// attachment joins a VPC, or a VPN or another transit gateway, to a transit
// gateway.
type attachment struct {
	of      estate.Resource
	name    string
	gateway estate.ID
	vpc     *vpc // nil for anything but a VPC
	subnets []*subnet
	table   *transitTable // by which its packets are routed
	refs    bool          // groups of the other side can be named in rules
}

type transitTable struct {
	of     estate.Resource // nil for none, and for one that is not in the files
	name   string
	routes []transitRoute
	why    string // why it is not known which routes there are
}

type transitRoute struct {
	of         estate.Resource
	at         diag.Pos
	dest       flow.Addrs
	bits       int
	to         *attachment // nil for a black hole and for what is not known
	blackhole  bool
	propagated bool
	why        string
}

func (n *Network) declareTransit() {
	n.transit = transits{attachments: map[string][]*attachment{}, byResource: map[estate.ID]*attachment{}}
	for _, r := range estate.All[*estate.TransitAttachment](n.e) {
		a := &attachment{of: r, name: called("transit gateway attachment", r), vpc: n.vpcOf(r.VPC, r.ID.Root)}
		for _, s := range estate.ToAll(n.e, r.Subnets) {
			a.subnets = append(a.subnets, n.subnets[s.ID])
		}
		for _, g := range estate.To(n.e, r.Gateway) {
			a.gateway = g.ID
			a.refs = g.GroupReferences.Is("enable") == estate.Yes && r.GroupReferences.Is("disable") == estate.No
		}
		n.attachTo(typed(n, r.Gateway, r.ID.Root, toTransit, "transit gateway").id, r.ID, a)
	}
	for _, r := range estate.All[*estate.VPNConnection](n.e) {
		if !r.TransitGateway.Absent() {
			a := &attachment{of: r, name: called("VPN connection", r)}
			n.attachTo(typed(n, r.TransitGateway, r.ID.Root, toTransit, "transit gateway").id, r.ID, a)
		}
	}
	for _, r := range estate.All[*estate.TransitPeering](n.e) {
		n.transit.byResource[r.ID] = &attachment{of: r, name: called("transit gateway peering", r)}
	}
	tables := map[estate.ID]*transitTable{}
	for _, r := range estate.All[*estate.TransitTable](n.e) {
		tables[r.ID] = n.transitTable(r)
	}
	for _, all := range n.transit.attachments {
		for _, a := range all {
			a.table = n.associated(a, tables)
		}
	}
}

func (n *Network) attachTo(gateway string, id estate.ID, a *attachment) {
	n.transit.byResource[id] = a
	n.transit.attachments[gateway] = append(n.transit.attachments[gateway], a)
}

// associated is the table by which an attachment's packets are routed: the one
// it is associated with, otherwise the gateway's default one, in which every
// attachment that does not say otherwise is and to which it propagates.
func (n *Network) associated(a *attachment, tables map[estate.ID]*transitTable) *transitTable {
	id := a.of.Meta().ID
	if xs := estate.Of[*estate.TransitAssociation](n.e, id); len(xs) > 0 {
		if found := estate.To(n.e, xs[0].Table); len(found) > 0 {
			return tables[found[0].ID]
		}
		return &transitTable{why: "the route table of " + a.name + " is not in the files"}
	}
	g, ok := estate.Get[*estate.TransitGateway](n.e, a.gateway)
	r, isVPC := a.of.(*estate.TransitAttachment)
	switch {
	case !ok:
		return &transitTable{why: "the transit gateway of " + a.name + " is not in the files"}
	case g.Association.Is("disable") == estate.Yes, isVPC && r.Association.Default(true).Is(true) == estate.No:
		return &transitTable{name: "no route table"}
	}
	return n.defaultTransit(g)
}

func (n *Network) defaultTransit(g *estate.TransitGateway) *transitTable {
	t := &transitTable{of: g, name: "the default route table of " + called("transit gateway", g)}
	for _, a := range n.transit.attachments[keyOf(g.ID)] {
		r, isVPC := a.of.(*estate.TransitAttachment)
		switch {
		case g.Propagation.Is("disable") == estate.Yes, isVPC && r.Propagation.Default(true).Is(true) == estate.No:
		default:
			t.propagate(a)
		}
	}
	for _, r := range estate.All[*estate.TransitRoute](n.e) {
		if r.Table.Is(g.ID) { // association_default_route_table_id
			t.static(n, r)
		}
	}
	for _, p := range estate.All[*estate.TransitPropagation](n.e) {
		if p.Table.Is(g.ID) {
			t.propagates(n, p)
		}
	}
	t.sort()
	return t
}

func (n *Network) transitTable(r *estate.TransitTable) *transitTable {
	t := &transitTable{of: r, name: called("transit gateway route table", r)}
	for _, s := range estate.Of[*estate.TransitRoute](n.e, r.ID) {
		t.static(n, s)
	}
	for _, p := range estate.Of[*estate.TransitPropagation](n.e, r.ID) {
		t.propagates(n, p)
	}
	t.sort()
	return t
}

func (t *transitTable) static(n *Network, s *estate.TransitRoute) {
	r := transitRoute{of: s, at: s.Pos, blackhole: s.Blackhole.Is(true) == estate.Yes}
	text, ok := s.CIDR.Known()
	a, err := flow.ParseAddrs(text)
	r.dest, r.bits = a, bitsOf(a)
	if !ok || err != nil {
		r.dest, r.bits, r.why = flow.Everything(), 300, or(s.CIDR.Why(), "the destination of "+s.ID.Addr+" is not known")
	}
	for _, id := range s.Attachment.To {
		r.to = n.transit.byResource[id]
	}
	if r.to == nil && !r.blackhole {
		r.why = or(r.why, s.Attachment.Why(), "attachment "+s.Attachment.String()+" is not in the files")
	}
	if s.Maybe != "" {
		r.why = s.Maybe
	}
	t.routes = append(t.routes, r)
}

func (t *transitTable) propagates(n *Network, p *estate.TransitPropagation) {
	for _, id := range p.Attachment.To {
		if a := n.transit.byResource[id]; a != nil {
			t.propagate(a)
			return
		}
	}
	t.why = or(t.why, "attachment "+p.Attachment.String()+", which propagates to "+t.name+", is not in the files")
}

// propagate adds the routes to an attachment: the ranges of its VPC. Those of a
// VPN are announced by BGP and in no file.
func (t *transitTable) propagate(a *attachment) {
	if a.vpc == nil {
		t.routes = append(t.routes, transitRoute{of: a.of, at: a.of.Meta().Pos, dest: onPremises, bits: 1, to: a, propagated: true, why: "which routes " + a.name + " announces is not in the files"})
		return
	}
	for f := range a.vpc.addrs {
		r := transitRoute{of: a.of, at: a.of.Meta().Pos, dest: a.vpc.addrs[f], bits: bitsOf(a.vpc.addrs[f]), to: a, propagated: true}
		if !a.vpc.known[f] && !r.dest.Empty() {
			r.bits, r.why = 0, "the range of "+a.vpc.name+" is not known"
		}
		if !r.dest.Empty() {
			t.routes = append(t.routes, r)
		}
	}
}

func (t *transitTable) sort() {
	slices.SortStableFunc(t.routes, func(a, b transitRoute) int {
		if c := cmp.Compare(b.bits, a.bits); c != 0 {
			return c
		}
		switch {
		case a.propagated == b.propagated:
			return 0
		case b.propagated:
			return -1
		}
		return 1
	})
}

// leads is what the table sends of a set of addresses to an attachment.
func (t *transitTable) leads(to *attachment, set flow.Addrs) (r region, by *transitRoute) {
	r = closed(set)
	if t.why != "" {
		return doubtful(set), nil
	}
	rest, doubt := set, flow.Addrs{}
	for i := range t.routes {
		x := &t.routes[i]
		take := x.dest.Intersect(rest)
		if take.Empty() {
			continue
		}
		switch {
		case x.to == to && x.why == "":
			r = r.with(take.Minus(doubt), flow.AllConns(), flow.AllConns())
			r, by = r.with(take.Intersect(doubt), flow.Conns{}, flow.AllConns()), x
		case x.why != "" && (x.to == to || x.to == nil):
			r, by = r.with(take, flow.Conns{}, flow.AllConns()), x
		case by == nil:
			by = x
		}
		if x.why == "" {
			rest = rest.Minus(take)
		} else if x.to != to {
			doubt = doubt.Union(take)
		}
	}
	return r, by
}
