package vpc

import (
	"cmp"
	"slices"
	"sync/atomic"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// table is a route table, compiled: the route with the longest prefix decides,
// and of two alike a static one before one that a gateway propagates (VPC User
// Guide, "Route priority").
type table struct {
	of     *estate.RouteTable // nil for the main table that AWS makes
	name   string
	routes []*route
	why    string // why it is not known which routes apply
	last   atomic.Pointer[divided]
}

// divided is a set of addresses divided among the routes: every way out of a
// subnet asks for the same again.
type divided struct {
	set     flow.Addrs
	service string
	legs    []leg
}

type route struct {
	of   estate.Resource
	at   diag.Pos
	dest flow.Addrs
	bits int // of the prefix; -1 where the destination is not known
	// service is the service whose servers the route leads to: a gateway
	// endpoint, or a prefix list that AWS keeps.
	service    string
	text       string // the destination as it is written
	to         *target
	propagated bool
	why        string // why it may not apply, or to more
}

// leg is a part of a set of addresses that leaves a subnet by one route.
type leg struct {
	addrs flow.Addrs
	route *route
	sure  bool
}

// legs divides the addresses of a set among the routes, by the longest prefix.
// service is the service whose servers they are, or "". What no route takes is
// in no leg.
func (t *table) legs(set flow.Addrs, service string) []leg {
	if d := t.last.Load(); d != nil && d.set == set && d.service == service {
		return d.legs
	}
	out := t.divide(set, service)
	t.last.Store(&divided{set, service, out})
	return out
}

func (t *table) divide(set flow.Addrs, service string) []leg {
	var out []leg
	var taken []flow.Addrs // by routes that surely apply
	var doubt flow.Addrs
	for _, r := range t.routes {
		take := without(r.takes(set, service), taken)
		if take.Empty() {
			continue
		}
		if firm := take.Minus(doubt); r.why == "" && !firm.Empty() {
			out, taken = append(out, leg{firm, r, true}), append(taken, firm)
			take = take.Intersect(doubt)
		}
		if !take.Empty() {
			out = append(out, leg{take, r, false})
			if r.why == "" {
				taken = append(taken, take)
			} else {
				doubt = doubt.Union(take)
			}
		}
	}
	return out
}

// without is what is in no set of a list. Of a thousand routes few overlap, and
// only those are looked at.
func without(set flow.Addrs, sets []flow.Addrs) flow.Addrs {
	var over []flow.Addrs
	for _, x := range sets {
		if x.Overlaps(set) {
			over = append(over, x)
		}
	}
	return set.Minus(flow.UnionOf(over))
}

func (r *route) takes(set flow.Addrs, service string) flow.Addrs {
	switch {
	case r.service != "":
		if service != "" && sameService(service, r.service) {
			return set
		}
		return flow.Addrs{}
	case r.bits < 0:
		return set
	}
	return r.dest.Intersect(set)
}

// sortRoutes puts the routes in the order in which they decide. Routes to an
// AWS service come first: its ranges are longer than any that people write for
// the internet.
func (t *table) sortRoutes() {
	rank := func(r *route) int {
		switch {
		case r.service != "":
			return 200
		case r.bits < 0: // it may be longer than any other
			return 300
		}
		return r.bits
	}
	slices.SortStableFunc(t.routes, func(a, b *route) int {
		if c := cmp.Compare(rank(b), rank(a)); c != 0 {
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

// declareTables reads the route tables and gives every subnet its own.
func (n *Network) declareTables() {
	for _, r := range estate.All[*estate.RouteTable](n.e) {
		n.tables[r.ID] = n.tableOf(r)
	}
	for _, v := range estate.All[*estate.VPC](n.e) {
		n.vpcs[keyOf(v.ID)].main = n.mainTable(v)
	}
	hidden := n.e.MayHideAWS()
	for _, r := range estate.All[*estate.Subnet](n.e) {
		s := n.subnets[r.ID]
		s.table = s.vpc.main
		given := false
		for _, a := range estate.Of[*estate.RouteTableAssociation](n.e, r.ID) {
			if a.Subnet.Is(r.ID) && !given {
				given = true
				s.table = n.tableRef(a.Table, s.vpc)
				if a.Maybe != "" || len(a.Subnet.To) > 1 {
					s.table = &table{why: "it is not known which route table " + s.name + " has: " + or(a.Maybe, a.Subnet.Why(), "an association may be its own")}
				}
			}
		}
		if !given && hidden != "" && s.table.why == "" {
			s.table = &table{why: "no route table is associated with " + s.name + " in what was read; " + hidden}
		}
	}
}

// tableRef is the table that a reference names: a declared one, or the main
// one of a VPC.
func (n *Network) tableRef(ref estate.Ref[*estate.RouteTable], v *vpc) *table {
	for _, id := range ref.To {
		if t := n.tables[id]; t != nil {
			return t
		}
		if r, ok := estate.Get[*estate.VPC](n.e, id); ok {
			return n.vpcs[keyOf(r.ID)].main
		}
	}
	if text, ok := ref.Known(); ok && v != nil && v.of != nil && v.of.MainTable.Is(text) == estate.Yes {
		return v.main
	}
	return &table{why: "route table " + ref.String() + " is not in the files"}
}

// mainTable is the table of the subnets that have none of their own: a declared
// one, or the one that AWS makes with the VPC, which only routes locally.
func (n *Network) mainTable(v *estate.VPC) *table {
	if ms := estate.Of[*estate.MainRouteTable](n.e, v.ID); len(ms) > 0 {
		if found := estate.To(n.e, ms[0].Table); len(found) > 0 {
			return n.tables[found[0].ID]
		}
		return &table{why: "the main route table of " + called("VPC", v) + " is not in the files"}
	}
	for _, t := range estate.All[*estate.RouteTable](n.e) {
		id, ok := t.MainOf.Known()
		if t.MainOf.Is(v.ID) || ok && v.MainTable.Is(id) == estate.Yes {
			return n.tables[t.ID]
		}
	}
	t := &table{name: "the main route table of " + called("VPC", v)}
	for _, r := range estate.All[*estate.Route](n.e) { // route_table_id = aws_vpc.main.main_route_table_id
		id, ok := r.Table.Known()
		if r.Table.Is(v.ID) || ok && v.MainTable.Is(id) == estate.Yes && len(r.Table.To) == 0 {
			t.add(n, r, r.Pos, &r.RouteTarget, []estate.Str{r.CIDR, r.IPv6CIDR}, r.Maybe)
		}
	}
	if v.Type == "aws_default_vpc" { // it comes with an internet gateway and a route to it
		t.routes = append(t.routes, &route{
			of: v, at: v.Pos, dest: must("0.0.0.0/0"), text: "0.0.0.0/0",
			to: &target{kind: toInternet, id: "default " + keyOf(v.ID), of: v, name: "the internet gateway of " + called("VPC", v)},
		})
	}
	n.endpointRoutes(t, v.ID)
	t.sortRoutes()
	return t
}

func (n *Network) tableOf(r *estate.RouteTable) *table {
	t := &table{of: r, name: called("route table", r), why: r.Routes.Why}
	for i := range r.Routes.Items {
		b := &r.Routes.Items[i]
		t.add(n, r, b.At, &b.RouteTarget, []estate.Str{b.CIDR, b.IPv6CIDR}, "")
	}
	for _, s := range estate.Of[*estate.Route](n.e, r.ID) {
		if s.Table.Is(r.ID) {
			t.add(n, s, s.Pos, &s.RouteTarget, []estate.Str{s.CIDR, s.IPv6CIDR}, s.Maybe)
		}
	}
	n.endpointRoutes(t, r.ID)
	n.propagated(t, r)
	t.sortRoutes()
	return t
}

// add adds a route with each of its destinations.
func (t *table) add(n *Network, of estate.Resource, at diag.Pos, to *estate.RouteTarget, cidrs []estate.Str, maybe string) {
	target := n.targetOf(to, of.Meta().ID.Root)
	if maybe != "" {
		maybe = "it is not known whether " + of.Meta().ID.Addr + " exists: " + maybe
	}
	base := route{of: of, at: at, to: target, why: maybe}
	for _, c := range cidrs {
		if c.Absent() {
			continue
		}
		r := base
		r.text = c.String()
		text, ok := c.Known()
		a, err := flow.ParseAddrs(text)
		if !ok || err != nil {
			r.bits, r.why = -1, or(r.why, c.Why(), "its destination is not known")
		} else {
			r.dest, r.bits = a, bitsOf(a)
		}
		t.routes = append(t.routes, &r)
	}
	if to.PrefixList.Absent() {
		return
	}
	l := n.prefixList(to.PrefixList, of.Meta().ID.Root)
	base.text = l.name
	for _, a := range l.entries {
		r := base
		r.dest, r.bits = a, bitsOf(a)
		t.routes = append(t.routes, &r)
	}
	switch {
	case l.service != "":
		base.service = l.service
		t.routes = append(t.routes, &base)
	case l.why != "":
		base.bits, base.why = -1, or(base.why, l.why)
		t.routes = append(t.routes, &base)
	}
}

func bitsOf(a flow.Addrs) int {
	bits := 0
	for _, p := range a.Prefixes() {
		bits = max(bits, p.Bits())
	}
	return bits
}
