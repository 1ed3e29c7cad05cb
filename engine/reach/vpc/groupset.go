package vpc

import (
	"strings"
	"sync"

	"fathom/engine/reach/flow"
)

// groupSet is the security groups of an interface: what one of them lets pass
// passes.
type groupSet struct {
	id     int
	groups []*group
	none   bool   // nothing filters
	vague  string // why there may be other groups

	mu    sync.RWMutex
	cache map[regionKey]*summed
}

// summed is a region with its sum for one address.
type summed struct {
	region
	passes
}

type regionKey struct {
	dir  int
	spot int // the class of the spot whose addresses they are
	f    int
}

// groupSet returns the set of these groups; two interfaces with the same groups
// share one.
func (n *Network) groupSet(groups []*group, none bool, vague string) *groupSet {
	var key strings.Builder
	for _, g := range groups {
		key.WriteString(g.id + "\x00" + g.doubt + "\x00" + g.Name + "\x01")
		if g.doubt != "" {
			vague = or(vague, g.doubt)
		}
	}
	if none {
		key.WriteString("none")
	}
	key.WriteString(vague)
	if s := n.sets[key.String()]; s != nil {
		return s
	}
	s := &groupSet{id: len(n.sets), groups: groups, none: none, vague: vague, cache: map[regionKey]*summed{}}
	n.sets[key.String()] = s
	return s
}

// byAddress is what the rules let pass from (in) or to (out) the addresses of a
// set by the ranges and prefix lists that they name. service is the service
// whose addresses they are, or "".
func (s *groupSet) byAddress(dir int, set flow.Addrs, service string) region {
	if s.none {
		return open(set)
	}
	r := closed(set)
	if s.vague != "" {
		r = doubtful(set)
	}
	for _, g := range s.groups {
		if g.unknown != "" {
			r = r.everywhere(flow.Conns{}, flow.AllConns())
		}
		for _, x := range g.rules[dir] {
			r = x.byAddress(r, set, service)
		}
	}
	return r
}

func (x *rule) byAddress(r region, set flow.Addrs, service string) region {
	if !x.addrs.Empty() {
		r = r.with(x.addrs, x.sure, x.may)
	}
	if x.addrsWhy != "" {
		r = r.everywhere(flow.Conns{}, x.may)
	}
	for _, l := range x.lists {
		switch {
		case service != "" && sameService(service, l):
			r = r.everywhere(x.sure, x.may)
		case service == "" && !isInternet(set):
			r = r.with(flow.Public(), flow.Conns{}, x.may)
		}
	}
	return r
}

// isInternet reports whether a set is the internet, or so large a part of it
// that it is about everybody and not about the servers of AWS.
func isInternet(a flow.Addrs) bool {
	for _, p := range a.Prefixes() {
		if p.Bits() < 8 {
			return true
		}
	}
	return false
}

// bySpot is byAddress for the addresses of a spot, or of another of its class,
// remembered. Only its sum means the spot itself.
func (s *groupSet) bySpot(dir int, at *spot, f int) *summed {
	key := regionKey{dir, at.class, f}
	s.mu.RLock()
	r, ok := s.cache[key]
	s.mu.RUnlock()
	if ok {
		return r
	}
	r = &summed{region: s.byAddress(dir, at.addrs[f], "")}
	r.sure, r.may = r.sum(false)
	s.mu.Lock()
	s.cache[key] = r
	s.mu.Unlock()
	return r
}

// byGroup is what the rules let pass from (in) or to (out) interfaces with the
// groups of another set, by naming these groups.
func (s *groupSet) byGroup(dir int, peer *groupSet) (sure, may flow.Conns) {
	for _, g := range s.groups {
		if len(g.refs[dir]) > 0 {
			for _, p := range peer.groups {
				if x, ok := g.refs[dir][p.id]; ok {
					sure, may = sure.Union(x.sure), may.Union(x.may)
				}
			}
			if peer.vague != "" {
				for _, x := range g.refs[dir] {
					may = may.Union(x.may)
				}
			}
		}
		may = may.Union(g.any[dir])
	}
	return sure, may
}

// names lists the groups: `security group "a" and security group "b"`.
func (s *groupSet) names() string {
	var all []string
	for _, g := range s.groups {
		all = append(all, g.Name)
	}
	if len(all) == 0 {
		return "its security groups"
	}
	return list(all)
}
