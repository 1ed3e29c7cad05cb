package network

import (
	"strings"

	"fathom/estate"
)

// routes answers which subnets the internet can reach: those whose route table
// sends a large piece of the internet to an internet gateway. A subnet without
// a table of its own uses the main table of its VPC, which has only the local
// route unless somebody changed it (Amazon VPC user guide, "Route tables").
type routes struct {
	e *estate.Estate
	// main are the main tables that the files change, by VPC.
	main map[estate.ID]estate.ID
}

func routesOf(e *estate.Estate) routes {
	r := routes{e, map[estate.ID]estate.ID{}}
	for _, t := range estate.All[*estate.RouteTable](e) {
		for _, vpc := range t.MainOf.To {
			r.main[vpc] = t.ID
		}
	}
	for _, m := range estate.All[*estate.MainRouteTable](e) {
		for _, vpc := range m.VPC.To {
			for _, t := range m.Table.To {
				r.main[vpc] = t
			}
		}
	}
	return r
}

// public says whether a subnet has a route to the internet gateway; saw is
// that route, or why it is not known.
func (r routes) public(s *estate.Subnet) (t estate.Truth, saw string) {
	associations := estate.Of[*estate.RouteTableAssociation](r.e, s.ID)
	found := false
	for _, a := range associations {
		if !a.Subnet.Is(s.ID) {
			continue
		}
		found = true
		if len(a.Table.To) == 0 {
			return estate.Maybe, "the route table of " + s.ID.Addr + " is not in what was read"
		}
		for _, id := range a.Table.To {
			if is, why := r.internet(id); is > t {
				t, saw = is, why
			}
		}
	}
	if found {
		return t, saw
	}
	for _, vpc := range s.VPC.To {
		if id, ok := r.main[vpc]; ok {
			return r.internet(id)
		}
	}
	switch {
	case s.PublicIPs.Is(true) == estate.Yes:
		return estate.Maybe, s.ID.Addr + " gives public addresses, and its route table is not in what was read"
	case len(s.VPC.To) == 0:
		return estate.Maybe, "neither the VPC nor the route table of " + s.ID.Addr + " is in what was read"
	}
	if why := r.e.MayHideAWS(); why != "" {
		return estate.Maybe, why
	}
	return estate.No, "the main table"
}

// internet says whether a table routes to an internet gateway.
func (r routes) internet(table estate.ID) (estate.Truth, string) {
	t, ok := estate.Get[*estate.RouteTable](r.e, table)
	if !ok {
		return estate.Maybe, "route table " + table.Addr + " is not in what was read"
	}
	is, saw := estate.No, ""
	if t.Routes.Why != "" {
		is, saw = estate.Maybe, "the routes of "+table.Addr+" are not known: "+t.Routes.Why
	}
	for i := range t.Routes.Items {
		inline := &t.Routes.Items[i]
		if to, why := toInternet(r.e, inline.CIDR, inline.IPv6CIDR, &inline.RouteTarget, table); to > is {
			is, saw = to, why
		}
	}
	for _, one := range estate.Of[*estate.Route](r.e, table) {
		if !one.Table.Is(table) {
			continue
		}
		if to, why := toInternet(r.e, one.CIDR, one.IPv6CIDR, &one.RouteTarget, one.ID); to > is {
			is, saw = to, why
		}
	}
	return is, saw
}

func toInternet(e *estate.Estate, cidr, cidr6 estate.Str, to *estate.RouteTarget, in estate.ID) (estate.Truth, string) {
	wide := cidr.Test(estate.IsWorld).Or(cidr6.Test(estate.IsWorld))
	is := wide.And(internetGateway(e, to.Gateway))
	switch is {
	case estate.Yes:
		dest := cidr
		if cidr.Absent() {
			dest = cidr6
		}
		return is, in.Addr + " routes " + dest.String() + " to the internet gateway"
	case estate.Maybe:
		return is, "where " + in.Addr + " routes to is not known"
	}
	return is, ""
}

func internetGateway(e *estate.Estate, gw estate.Ref[estate.Resource]) estate.Truth {
	for _, r := range estate.To(e, gw) {
		switch r := r.(type) {
		case *estate.InternetGateway:
			return estate.Yes
		case *estate.External:
			if r.Type == "aws_internet_gateway" {
				return estate.Yes
			}
		}
	}
	if len(gw.To) > 0 {
		return estate.No
	}
	return gw.Test(func(id string) bool { return strings.HasPrefix(id, "igw-") })
}
