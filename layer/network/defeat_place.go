package network

import (
	"fmt"
	"slices"

	"fathom/engine/reach/vpc"
	"fathom/estate"
	"fathom/estate/tree"
	"fathom/layer/ground"
)

// published is an estate whose stores have public addresses and routes to the
// internet, as while somebody worked from home.
func published(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(s *estate.DBInstance) { s.Public = estate.Known(true, or(s.Public.Pos(), s.Pos)) })
		estate.Change(d, func(s *estate.DBClusterInstance) { s.Public = estate.Known(true, or(s.Public.Pos(), s.Pos)) })
		estate.Change(d, func(s *estate.Redshift) { s.Public = estate.Known(true, or(s.Public.Pos(), s.Pos)) })
		estate.Change(d, func(s *estate.Stream) {
			for i := range s.Brokers.Items {
				b := &s.Brokers.Items[i]
				b.Connectivity.Node = publicBrokers(b.Connectivity.Node)
			}
		})
		var of []*estate.Subnet
		for _, s := range stores(e) {
			if p, ok := place(e, &s); ok {
				of = append(of, p.subnets...)
			}
		}
		routedIn(e, d, of)
	})
}

// publicBrokers is the connectivity of brokers with public access.
func publicBrokers(n *tree.Node) *tree.Node {
	kind := &tree.Node{Kind: tree.String, Text: "SERVICE_PROVIDED_EIPS", Pos: n.Nearest("public_access", "type")}
	access := &tree.Node{Kind: tree.Map, Fields: []tree.Field{{Name: "type", Node: kind}}, Pos: kind.Pos}
	out := &tree.Node{Kind: tree.Map, Pos: kind.Pos}
	if n.Is() == tree.Map {
		out.Fields = slices.DeleteFunc(slices.Clone(n.Fields), func(f tree.Field) bool { return f.Name == "public_access" })
	}
	out.Set("public_access", access)
	return out
}

// routedIn gives subnets a route to an internet gateway: in their own tables,
// and in tables of their own those that share one with others.
func routedIn(e *estate.Estate, d *estate.Draft, subnets []*estate.Subnet) {
	theirs := map[estate.ID]bool{}
	for _, s := range subnets {
		theirs[s.ID] = true
	}
	shared := map[estate.ID]bool{}
	for _, a := range estate.All[*estate.RouteTableAssociation](e) {
		if !slices.ContainsFunc(a.Subnet.To, func(id estate.ID) bool { return theirs[id] }) {
			for _, t := range a.Table.To {
				shared[t] = true
			}
		}
	}
	for _, t := range estate.All[*estate.RouteTable](e) {
		shared[t.ID] = shared[t.ID] || !t.MainOf.Absent()
	}
	done, table, made := map[estate.ID]bool{}, routesOf(e), map[estate.ID]estate.ID{}
	for i, s := range subnets {
		if done[s.ID] || len(s.VPC.To) == 0 {
			continue
		}
		done[s.ID] = true
		if is, _ := table.public(s); is == estate.Yes {
			continue
		}
		gw := gatewayOf(e, d, s, made)
		t := ownTable(e, s)
		if t == nil || shared[t.ID] {
			t = &estate.RouteTable{Base: like(&s.Base, "aws_route_table", i), VPC: s.VPC}
			d.Add(t)
			estate.Remove(d, func(a *estate.RouteTableAssociation) bool { return a.Subnet.Is(s.ID) })
			d.Add(&estate.RouteTableAssociation{Base: like(&s.Base, "aws_route_table_association", i), Subnet: estate.Naming[*estate.Subnet](s.ID), Table: estate.Naming[*estate.RouteTable](t.ID)})
		}
		if done[t.ID] {
			continue
		}
		done[t.ID] = true
		unroute(d, t.ID)
		r := &estate.Route{Base: like(&s.Base, "aws_route", i), Table: estate.Naming[*estate.RouteTable](t.ID), CIDR: estate.Known(everybody, s.Pos)}
		r.Gateway = estate.Naming[estate.Resource](gw)
		d.Add(r)
	}
}

// like is the base of what is added beside something.
func like(b *estate.Base, kind string, n int) estate.Base {
	return estate.Base{ID: estate.ID{Root: b.ID.Root, Addr: fmt.Sprintf("%s.mistake_%d", kind, n)}, Type: kind, Pos: b.Pos, Module: b.Module, Provider: b.Provider}
}

// unroute takes the route to everybody out of a table.
func unroute(d *estate.Draft, table estate.ID) {
	estate.Remove(d, func(r *estate.Route) bool { return r.Table.Is(table) && r.CIDR.Is(everybody) == estate.Yes })
	estate.Change(d, func(t *estate.RouteTable) {
		if t.ID == table {
			t.Routes.Items = slices.DeleteFunc(t.Routes.Items, func(r estate.InlineRoute) bool { return r.CIDR.Is(everybody) == estate.Yes })
		}
	})
}

func ownTable(e *estate.Estate, s *estate.Subnet) *estate.RouteTable {
	for _, a := range estate.Of[*estate.RouteTableAssociation](e, s.ID) {
		if a.Subnet.Is(s.ID) {
			for _, t := range estate.To(e, a.Table) {
				return t
			}
		}
	}
	return nil
}

// gatewayOf is the internet gateway of a subnet's VPC, a new one where it has
// none.
func gatewayOf(e *estate.Estate, d *estate.Draft, s *estate.Subnet, made map[estate.ID]estate.ID) estate.ID {
	vpc := s.VPC.To[0]
	if id, ok := made[vpc]; ok {
		return id
	}
	for _, gw := range estate.Of[*estate.InternetGateway](e, vpc) {
		return gw.ID
	}
	for _, a := range estate.Of[*estate.InternetGatewayAttachment](e, vpc) {
		for _, id := range a.Gateway.To {
			return id
		}
	}
	gw := &estate.InternetGateway{Base: like(&s.Base, "aws_internet_gateway", 0), VPC: s.VPC}
	gw.ID.Addr += "_" + vpc.Addr
	made[vpc] = gw.ID
	d.Add(gw)
	return gw.ID
}

// routedOut gives the subnets of what runs a route out, where they have none: by
// a NAT gateway of their VPC's.
func routedOut(e *estate.Estate, d *estate.Draft) {
	g := ground.Of(e)
	done := map[estate.ID]bool{}
	var all []*estate.Subnet
	for _, n := range g.Nodes {
		all = append(all, standsIn(e, n.Place.Of)...)
	}
	for _, w := range g.Workloads {
		all = append(all, standsIn(e, w.Place.Of)...)
	}
	for i, s := range all {
		t := ownTable(e, s)
		if t == nil || done[t.ID] || len(s.VPC.To) == 0 || leadsOut(e, t) {
			continue
		}
		done[t.ID] = true
		nat := &estate.NATGateway{Base: like(&s.Base, "aws_nat_gateway", i), VPC: s.VPC}
		d.Add(nat)
		r := &estate.Route{Base: like(&s.Base, "aws_route", i), Table: estate.Naming[*estate.RouteTable](t.ID), CIDR: estate.Known(everybody, s.Pos)}
		r.NAT = estate.Naming[*estate.NATGateway](nat.ID)
		d.Add(r)
	}
}

func standsIn(e *estate.Estate, r estate.Resource) []*estate.Subnet {
	var out []*estate.Subnet
	if i := estate.Once(e, vpc.New).Of(r); i != nil {
		for _, s := range i.Spots {
			if s.Subnet != nil {
				out = append(out, s.Subnet)
			}
		}
	}
	return out
}

// leadsOut says whether a table has a route to everybody, or may.
func leadsOut(e *estate.Estate, t *estate.RouteTable) bool {
	world := func(c estate.Str) bool { return c.Test(estate.IsWorld) != estate.No }
	if t.Routes.Why != "" || slices.ContainsFunc(t.Routes.Items, func(r estate.InlineRoute) bool { return world(r.CIDR) }) {
		return true
	}
	return slices.ContainsFunc(estate.Of[*estate.Route](e, t.ID), func(r *estate.Route) bool { return r.Table.Is(t.ID) && world(r.CIDR) })
}

// together is an estate in which what is about cards stands with everything
// else: a load balancer in the subnets of its stores, its pods on any node, and
// no network ACL that keeps anybody out.
func together(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(a *estate.NetworkACL) {
			all := estate.InlineACL{At: a.Pos, Number: estate.Known(100, a.Pos), Action: estate.Known("allow", a.Pos), Protocol: estate.Known("-1", a.Pos), CIDR: estate.Known(everybody, a.Pos)}
			all.From, all.To = estate.Known(0, a.Pos), estate.Known(0, a.Pos)
			a.Ingress, a.Egress = estate.KnownBlocks(all), estate.KnownBlocks(all)
		})
		estate.Remove(d, func(*estate.NetworkACLRule) bool { return true })
		estate.Change(d, func(w *estate.Workload) {
			if cardWorkload(w) {
				w.Pod.NodeSelector = nil
			}
		})
		for i, s := range stores(e) {
			if p, ok := place(e, &s); ok && cardStore(&s) && len(p.subnets) > 0 {
				b := s.Meta()
				lb := &estate.LoadBalancer{Base: like(b, "aws_lb", i), Internal: estate.Known(true, b.Pos)}
				lb.Subnets = estate.NamingAll[*estate.Subnet](idsOf(p.subnets)...)
				d.Add(lb)
			}
		}
	})
}

func idsOf(subnets []*estate.Subnet) []estate.ID {
	var out []estate.ID
	for _, s := range subnets {
		out = append(out, s.ID)
	}
	return out
}
