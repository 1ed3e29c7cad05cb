package netpol

import (
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// set is what policies let through: connections, or addresses.
type set[T any] interface {
	Union(T) T
	Intersect(T) T
}

// decide puts together what the policies of a direction let through: low is
// what they do for sure, high what they may. Policies add to each other; where
// none isolates the pods for sure, each that may takes away what it does not
// allow itself.
func decide[T set[T]](k *class, d direction, all T, of func(*policy) (low, high T)) (low, high T) {
	var none T
	switch {
	case k.doubts.foreign != "":
		return none, all
	case k.host:
		return all, all
	}
	if len(k.sure[d]) == 0 {
		low, high = all, all
		for _, p := range k.unsure[d] {
			l, _ := of(p)
			low = low.Intersect(l)
		}
		if k.doubts.hidden != "" {
			low = none
		}
		return low, high
	}
	for _, p := range k.sure[d] {
		l, h := of(p)
		low, high = low.Union(l), high.Union(h)
	}
	for _, p := range k.unsure[d] {
		_, h := of(p)
		high = high.Union(h)
	}
	if k.doubts.hidden != "" {
		high = all
	}
	return low, high
}

// conns are the connections that the policies of pods let through between them
// and another end.
func (k *class) conns(d direction, other Peer) (low, high flow.Conns) {
	low, high = decide(k, d, flow.AllConns(), func(p *policy) (l, h flow.Conns) {
		if p.refused != "" {
			return flow.Conns{}, flow.AllConns()
		}
		for i := range p.rules[d] {
			r := &p.rules[d][i]
			t := r.matches(other)
			if t == estate.No {
				continue
			}
			on := r.on(k.destination(d, other))
			h = h.Union(on)
			if t == estate.Yes {
				l = l.Union(on)
			}
		}
		return l, h
	})
	if other.Pod == nil && len(k.sure[d]) == 0 && len(k.unsure[d]) > 1 {
		low = flow.Conns{} // each of them may let another of the addresses through
	}
	if d == ingress && atHome(other) {
		high = flow.AllConns()
	}
	return low, high
}

// addrs are those of the addresses of the other end that get through with a
// connection.
func (k *class) addrs(d direction, other Peer, conn flow.Conn) (yes, maybe flow.Addrs) {
	low, high := decide(k, d, other.Addrs, func(p *policy) (l, h flow.Addrs) {
		if p.refused != "" {
			return flow.Addrs{}, other.Addrs
		}
		for i := range p.rules[d] {
			r := &p.rules[d][i]
			if !r.on(k.destination(d, other)).Has(conn) {
				continue
			}
			if r.anyone {
				l = other.Addrs
			}
			for j := range r.peers {
				l = l.Union(r.peers[j].block.Intersect(other.Addrs))
			}
		}
		return l, l
	})
	if d == ingress && atHome(other) {
		high = other.Addrs
	}
	return low, high.Minus(low)
}

// atHome says that an end may be on the node that pods run on, which they
// cannot keep out.
func atHome(other Peer) bool { return other.Node || other.Pod != nil && other.Pod.class.host }

// destination is the class of the pods that a connection goes to, or nil.
func (k *class) destination(d direction, other Peer) *class {
	switch {
	case d == ingress:
		return k
	case other.Pod != nil:
		return other.Pod.class
	}
	return nil
}

// on are the connections of a rule's ports on the pods of a class; nil is a
// destination outside, where names of ports stand for nothing.
func (r *rule) on(dst *class) flow.Conns {
	out := r.conns
	if dst != nil {
		for _, n := range r.named {
			out = out.Union(dst.named[n])
		}
	}
	return out
}

// matches says whether the peers of a rule have the other end among them.
func (r *rule) matches(other Peer) estate.Truth {
	if r.anyone {
		return estate.Yes
	}
	t := estate.No
	for i := range r.peers {
		if t = t.Or(r.peers[i].matches(other)); t == estate.Yes {
			break
		}
	}
	return t
}

func (p *peer) matches(other Peer) estate.Truth {
	switch {
	case other.Pod == nil:
		return truth(p.scope < 0 && p.block.Overlaps(other.Addrs))
	case p.scope < 0 && other.Pod.class.host:
		return p.hosts
	case p.scope < 0:
		return p.pods
	case other.Pod.class.host: // whether its packets are told from its node's is not defined
		return other.Pod.class.found[p.scope].And(estate.Maybe)
	}
	return other.Pod.class.found[p.scope]
}

// isolated says whether policies restrict a direction.
func (k *class) isolated(d direction) estate.Truth {
	switch {
	case k.doubts.foreign != "":
		return estate.Maybe
	case k.host:
		return estate.No
	case len(k.sure[d]) > 0:
		return estate.Yes
	case len(k.unsure[d]) > 0, k.doubts.hidden != "":
		return estate.Maybe
	}
	return estate.No
}
