package vpc

import (
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// groupHop words what the groups of own decide about a connection with peer,
// which is nil for an outside.
func (p *path) groupHop(dir int, at side, own, peer *Interface, c flow.Conn, live flow.Addrs, t estate.Truth) flow.Hop {
	h := flow.Hop{Kind: flow.SecurityGroup, At: own.Of.Meta().Pos}
	d := &p.dom[at]
	if own.set.none {
		h.Of, h.Says = own.Of, own.Name+" has no security group, so nothing filters what it takes"
		if dir == out {
			h.Says = own.Name + " has no security group, so nothing filters what it sends"
		}
		return h
	}
	if len(own.set.groups) > 0 {
		h.Of, h.At = own.set.groups[0].Of, posOf(own.set.groups[0].Of)
	}
	if g, r := p.decides(dir, d, own, peer, c, live, t); r != nil {
		h.Of, h.At = g.Of, r.at
		if r.at.IsZero() {
			h.At = posOf(g.Of)
		}
		h.Says = g.Name + verb(dir) + r.says(dir == out)
		if t == estate.Maybe {
			h.Why = r.doubt(d, live, peer)
		}
		return h
	}
	if t == estate.Maybe {
		h.Why = own.set.why()
		h.Says = "whether " + own.set.names() + verb(dir) + connText(c) + word(dir) + p.peerName(d, peer, live) + " is not known"
		return h
	}
	h.Says = "no rule of " + own.set.names() + verb(dir) + connText(c) + word(dir) + p.peerName(d, peer, live)
	h.Open = "add an " + [2]string{"ingress", "egress"}[dir] + " rule for " + connText(c) + word(dir) + p.peerRule(d, peer, live) + [2]string{" to ", " in "}[dir] + firstName(own.set)
	return h
}

func posOf(r estate.Resource) (at diag.Pos) {
	if r != nil {
		return r.Meta().Pos
	}
	return at
}

func verb(dir int) string {
	if dir == out {
		return " lets out "
	}
	return " lets in "
}

func word(dir int) string {
	if dir == out {
		return " to "
	}
	return " from "
}

func firstName(s *groupSet) string {
	if len(s.groups) == 0 {
		return "its security group"
	}
	return s.groups[0].Name
}

// decides finds the rule that lets a connection pass, or may: the first that
// surely does for every address, then the first that does for some, then the
// first that may.
func (p *path) decides(dir int, d *domain, own, peer *Interface, c flow.Conn, live flow.Addrs, t estate.Truth) (*group, *rule) {
	var by *group
	var best *rule
	rank := 0
	for _, g := range own.set.groups {
		for _, r := range g.rules[dir] {
			if k := p.match(r, d, peer, c, live); k > rank {
				by, best, rank = g, r, k
			}
		}
	}
	if t == estate.No {
		return nil, nil
	}
	return by, best
}

// match says how well a rule fits: 4 surely for all addresses, 3 surely for
// some, 2 perhaps, 0 not.
func (p *path) match(r *rule, d *domain, peer *Interface, c flow.Conn, live flow.Addrs) int {
	k := 0
	overlaps := r.addrs.Overlaps(live)
	for _, l := range r.lists {
		if d.service != "" && sameService(d.service, l) {
			k = 4
		} else if d.service == "" && live.Overlaps(flow.Public()) && !isInternet(d.addrs) {
			k = max(k, 2)
		}
	}
	switch {
	case overlaps && r.addrs.Holds(live):
		k = 4
	case overlaps:
		k = max(k, 3)
	case r.addrsWhy != "":
		k = max(k, 2)
	}
	if p.refs && peer != nil {
		k = max(k, r.names(peer.set))
	}
	switch {
	case !r.may.Has(c):
		return 0
	case !r.sure.Has(c):
		return min(k, 2)
	}
	return k
}

// names says whether a rule names a group of a set: 4 surely, 2 perhaps.
func (r *rule) names(peer *groupSet) int {
	k := 0
	for _, g := range peer.groups {
		switch {
		case slices.Contains(r.refs, g.id):
			return 4
		case slices.Contains(r.maybes, g.id):
			k = 2
		}
	}
	if peer.vague != "" && len(r.refs)+len(r.maybes) > 0 {
		k = 2
	}
	if len(r.doubts) > 0 {
		k = 2
	}
	return k
}

// doubt is why a rule only may let in what comes from live.
func (r *rule) doubt(d *domain, live flow.Addrs, peer *Interface) string {
	switch {
	case r.why != "":
		return r.why
	case r.addrs.Overlaps(live) && !r.addrs.Holds(live):
		return d.name + " has " + d.address() + ", of which the rule covers a part"
	case r.addrsWhy != "":
		return r.addrsWhy
	case len(r.doubts) > 0:
		return r.doubts[0]
	case len(r.maybes) > 0:
		return "which group the rule names is not known: " + r.maybesWhy
	case peer != nil && peer.set.vague != "":
		return "which security groups " + peer.Name + " has is not known: " + peer.set.vague
	case len(r.lists) > 0:
		return "whether prefix list " + r.lists[0] + " holds " + live.String() + " is not in the files"
	}
	return "not every rule is known"
}

// why is the reason of what is not known of a set's rules.
func (s *groupSet) why() string {
	for _, g := range s.groups {
		if g.unknown != "" {
			return g.unknown
		}
	}
	return or(s.vague, "not every rule is known")
}

// address is the domain's addresses in words: "some address of 10.0.1.0/24".
func (d *domain) address() string {
	switch {
	case d.spot != nil:
		for f := range d.spot.addrs {
			if d.spot.addrs[f].Equal(d.addrs) {
				return d.spot.shown(f)
			}
		}
	case d.any:
		return d.addrs.String()
	}
	return "a public address that is not known"
}

// peerName is who a connection is with: its groups and where it stands.
func (p *path) peerName(d *domain, peer *Interface, live flow.Addrs) string {
	switch {
	case peer == nil && d.any && !live.Equal(d.addrs):
		return live.String()
	case peer == nil:
		return d.name
	case p.refs && len(peer.set.groups) > 0:
		return peer.set.names() + " (" + d.address() + ")"
	case p.refs:
		return peer.Name + " (" + d.address() + ")"
	}
	return "the public address of " + peer.Name
}

// peerRule is what a new rule would name.
func (p *path) peerRule(d *domain, peer *Interface, live flow.Addrs) string {
	switch {
	case peer == nil && strings.HasPrefix(d.service, "com.amazonaws."):
		return "prefix list " + d.service
	case peer == nil && d.service != "":
		return d.service
	case peer == nil:
		return shown(live.String())
	case p.refs && len(peer.set.groups) > 0:
		return firstName(peer.set)
	case p.refs:
		return live.String()
	}
	return "the public address of " + peer.Name
}
