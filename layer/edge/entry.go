package edge

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

// cloudFrontListIDs are that list's ids by region, as people paste them.
var cloudFrontListIDs = []string{
	"pl-22a6434b", "pl-31a34658", "pl-38a64351", "pl-3b927c52", "pl-4ea04527", "pl-4fa04526", "pl-58a04531", "pl-5da64334",
	"pl-75b1541c", "pl-82a045eb", "pl-93a247fa", "pl-9aa247f3", "pl-a3a144ca", "pl-b6a144df", "pl-b8a742d1", "pl-fab65393",
}

// source is what kind of sender an ingress rule admits.
type source uint8

const (
	fromWorld source = iota
	fromCloudFront
	fromNamed // addresses on the internet, written out
	fromUnknown
)

// entry is one ingress rule of a load balancer.
type entry struct {
	on    estate.Resource // what holds the rule
	at    diag.Pos
	who   string // the group the rule belongs to
	from  source
	saw   string
	ports string
	only  estate.Truth // it admits nothing but TCP 443
	why   string
}

func knownCloudFrontID(id string) bool {
	return slices.Contains(cloudFrontListIDs, strings.TrimSpace(id))
}

// entriesOf are the ingress rules of a load balancer that admit anything from
// outside the VPC. Rules that name groups or private addresses do not: a group
// stands for private addresses only (VPC User Guide, "Security group rules").
func entriesOf(e *estate.Estate, lb *estate.LoadBalancer) []entry {
	if lb.SecurityGroups.Absent() {
		return []entry{{on: lb, at: lb.Pos, from: fromUnknown, why: "security_groups is not set, so AWS gives it the VPC's default group"}}
	}
	return groupEntries(e, lb, lb.SecurityGroups)
}

func groupEntries(e *estate.Estate, on estate.Resource, refs estate.Refs[*estate.SecurityGroup]) []entry {
	var out []entry
	for i := range refs.Items {
		ref := &refs.Items[i]
		groups := estate.To(e, *ref)
		if len(groups) == 0 {
			why := cmp.Or(ref.Why(), "security group "+ref.String()+" is not in what was read")
			out = append(out, entry{on: on, at: ref.Pos(), from: fromUnknown, why: "who reaches it is not known: " + why})
		}
		for _, g := range groups {
			for _, r := range estate.RulesOf(e, g) {
				if !r.Egress {
					out = append(out, ruleEntries(e, g, &r)...)
				}
			}
			if why := g.Ingress.Why; why != "" {
				out = append(out, entry{on: g, at: g.Ingress.At, from: fromUnknown, why: why})
			}
		}
	}
	if why := refs.Why(); why != "" && len(out) == 0 {
		out = append(out, entry{on: on, at: refs.Pos(), from: fromUnknown, why: "who reaches it is not known: " + why})
	}
	return out
}

func ruleEntries(e *estate.Estate, g *estate.SecurityGroup, r *estate.Rule) []entry {
	base := entry{on: r.Of, at: r.At, who: name(g), ports: r.Ports(), only: only443(r)}
	var out []entry
	add := func(from source, saw, why string) {
		en := base
		en.from, en.saw, en.why = from, saw, why
		out = append(out, en)
	}
	var world, named []string
	for _, c := range r.CIDRs.Items {
		cidr, ok := c.Known()
		switch {
		case !ok:
			add(fromUnknown, "", "the addresses of the rule are not known: "+c.Why())
		case estate.IsWorld(cidr):
			world = append(world, cidr)
		case !private(cidr):
			named = append(named, cidr)
		}
	}
	if r.CIDRs.Why() != "" {
		add(fromUnknown, "", "the addresses of the rule are not known: "+r.CIDRs.Why())
	}
	if len(world) > 0 {
		add(fromWorld, strings.Join(world, " and "), "")
	}
	if len(named) > 0 && len(world) == 0 {
		add(fromNamed, strings.Join(named, ", "), "")
	}
	for i := range r.PrefixLists {
		switch ref := &r.PrefixLists[i]; isCloudFront(e, ref) {
		case estate.Yes:
			add(fromCloudFront, cloudFrontList, "")
		case estate.No:
			add(fromNamed, "prefix list "+ref.String(), "")
		default:
			add(fromUnknown, "", "it is not known whether prefix list "+ref.String()+" is CloudFront's")
		}
	}
	return out
}

// only443 says whether a rule admits TCP 443 and nothing else.
func only443(r *estate.Rule) estate.Truth {
	return r.Protocol.In("tcp", "TCP", "6").And(r.From.Is(443)).And(r.To.Is(443))
}

// isCloudFront says whether a prefix list is CloudFront's.
func isCloudFront(e *estate.Estate, ref *estate.Ref[*estate.PrefixList]) estate.Truth {
	lists := estate.To(e, *ref)
	if id, ok := ref.Known(); ok && len(lists) == 0 {
		if knownCloudFrontID(id) || id == cloudFrontList {
			return estate.Yes
		}
		return estate.Maybe
	}
	if len(lists) == 0 {
		return estate.Maybe
	}
	all := estate.Yes
	for _, l := range lists {
		is := l.ListName.Is(cloudFrontList)
		for _, f := range l.Filters.Items {
			is = is.Or(f.Values.Has(cloudFrontList)).Or(f.Values.Any(knownCloudFrontID))
		}
		if is == estate.No && len(l.Entries.Items) == 0 && l.ListName.Absent() {
			is = estate.Maybe // looked up by something else than its name
		}
		all = all.And(is)
	}
	return all
}

// private says whether a CIDR is not routed on the internet.
func private(cidr string) bool {
	p, err := netip.ParsePrefix(strings.TrimSpace(cidr))
	if err != nil {
		return false
	}
	a := p.Addr()
	shared := netip.MustParsePrefix("100.64.0.0/10")
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || shared.Contains(a)
}

// closed says whether only CloudFront reaches a load balancer.
func closed(e *estate.Estate, d door) estate.Truth {
	var entries []entry
	switch r := d.Resource.(type) {
	case *estate.LoadBalancer:
		entries = entriesOf(e, r)
	case *estate.ClassicLB:
		entries = classicEntries(e, r)
	case *estate.Ingress:
		entries = ingressEntries(e, d.alb)
	case *estate.Service:
		entries = serviceEntries(r)
	}
	t := estate.No
	for _, en := range entries {
		switch en.from {
		case fromCloudFront:
			t = t.Or(estate.Yes)
		case fromUnknown:
			t = t.Or(estate.Maybe)
		default:
			return estate.No
		}
	}
	return t
}

// ingressEntries are the rules the controller makes: for the groups that are
// named, else for the prefix lists, else for inbound-cidrs, which default to
// everybody.
func ingressEntries(e *estate.Estate, a *ingressALB) []entry {
	for _, in := range a.members {
		if !in.SecurityGroups.Absent() {
			return groupEntries(e, in, in.SecurityGroups)
		}
	}
	in := a.first()
	base := entry{on: in, at: in.Pos, who: "Ingress " + in.Name, ports: "its ports", only: estate.Yes}
	if ids, at := a.setting("security-group-prefix-lists", "prefixListsIDs"); ids != "" {
		return prefixEntries(base, at, ids)
	}
	cidrs, at := a.setting("inbound-cidrs", "inboundCIDRs")
	if cidrs == "" {
		base.from, base.saw = fromWorld, "0.0.0.0/0 (inbound-cidrs is not set)"
		return []entry{base}
	}
	base.at = at
	for _, c := range strings.Split(cidrs, ",") {
		if estate.IsWorld(c) {
			base.from, base.saw = fromWorld, strings.TrimSpace(c)
			return []entry{base}
		}
	}
	base.from, base.saw = fromNamed, cidrs
	return []entry{base}
}
