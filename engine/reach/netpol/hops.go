package netpol

import (
	"slices"
	"strconv"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Hops are what decides about one connection: a hop for the egress of a source
// that is a pod, and one for the ingress of a destination that is a pod. A hop
// of pods that no policy isolates has no resource (Of is nil) and passes.
func (c *Cluster) Hops(src, dst Peer, conn flow.Conn) []flow.Hop {
	if itself(src, dst) {
		says := "a pod always reaches itself, and so does " + called(src.Pod, "")
		return []flow.Hop{{Kind: flow.NetworkPolicy, Pass: estate.Yes, Says: says}}
	}
	var out []flow.Hop
	if src.Pod != nil {
		out = append(out, c.hop(question{src.Pod, egress, dst, conn}))
	}
	if dst.Pod != nil {
		out = append(out, c.hop(question{dst.Pod, ingress, src, conn}))
	}
	return out
}

// question is whether the policies of pods let a connection through between
// them and another end.
type question struct {
	pod   *Pod
	d     direction
	other Peer
	conn  flow.Conn
}

func (q *question) class() *class { return q.pod.class }

// others are the other end in a sentence about a namespace.
func (q *question) others(namespace string) string {
	if q.other.Pod != nil {
		return called(q.other.Pod, namespace)
	}
	return outside(q.other)
}

var (
	lets   = [...]string{ingress: "lets in", egress: "lets out"}
	let    = [...]string{ingress: "let in", egress: "let out"}
	whence = [...]string{ingress: "from", egress: "to"}
	does   = [...]string{ingress: "accepts", egress: "may call"}
)

func (c *Cluster) hop(q question) flow.Hop {
	k := q.class()
	low, high := k.conns(q.d, q.other)
	h := flow.Hop{Kind: flow.NetworkPolicy, Pass: truth(low.Has(q.conn))}
	if h.Pass == estate.No && high.Has(q.conn) {
		h.Pass = estate.Maybe
	}
	switch {
	case k.doubts.foreign != "":
		h.Says = "whether " + called(q.pod, "") + " " + does[q.d] + " " + q.conn.String() + " is not for NetworkPolicies alone to say"
		h.Why = k.doubts.foreign
	case k.host:
		h.Says = called(q.pod, "") + " uses its node's network, where no NetworkPolicy is for it"
	case len(k.sure[q.d]) == 0 && len(k.unsure[q.d]) == 0:
		h.Says = "no NetworkPolicy restricts what " + called(q.pod, "") + " " + does[q.d]
		h.Why = k.doubts.hidden
	case h.Pass == estate.No:
		c.stops(&h, q)
	default:
		c.passes(&h, q)
	}
	if h.Pass != estate.Maybe {
		h.Why = ""
	}
	return h
}

// passes explains a connection that gets through, or may.
func (c *Cluster) passes(h *flow.Hop, q question) {
	k := q.class()
	policies := append(slices.Clone(k.sure[q.d]), k.unsure[q.d]...)
	var best *rule
	var how estate.Truth
	for _, p := range policies {
		for i := range p.rules[q.d] {
			r := &p.rules[q.d][i]
			if !r.on(k.destination(q.d, q.other)).Has(q.conn) {
				continue
			}
			t := r.matches(q.other)
			if p.doubt != "" || !slices.Contains(k.sure[q.d], p) {
				t = t.And(estate.Maybe)
			}
			if t > how {
				best, how = r, t
			}
		}
	}
	if best == nil { // what may let it through is no rule
		c.stops(h, q)
		h.Open = ""
		h.Why = c.doubt(q, nil)
		return
	}
	h.Of = best.of.of
	at := c.matching(best, q.other)
	h.At = best.at(q.d, at)
	h.Says = names([]*policy{best.of}) + " " + lets[q.d] + " " + q.conn.String() + " " + whence[q.d] + " " + c.peerWords(best, at, q.d)
	h.Why = c.doubt(q, best)
}

// matching is the place of the peer of a rule that matches best; -1 for a rule
// for anyone.
func (c *Cluster) matching(r *rule, other Peer) int {
	best := -1
	for i := range r.peers {
		if best < 0 || r.peers[i].matches(other) > r.peers[best].matches(other) {
			best = i
		}
	}
	return best
}

func (c *Cluster) peerWords(r *rule, at int, d direction) string {
	if at < 0 {
		return c.peers([]*rule{r}, d)
	}
	one := &rule{of: r.of, peers: r.peers[at : at+1]}
	return c.peers([]*rule{one}, d)
}

// doubt is why it is not known whether a connection gets through, by a rule or
// by none.
func (c *Cluster) doubt(q question, r *rule) string {
	k := q.class()
	for _, p := range k.unsure[q.d] {
		if r != nil && r.of != p {
			continue
		}
		if p.doubt != "" {
			return p.doubt
		}
		return "whether " + names([]*policy{p}) + " selects " + called(q.pod, "") + " depends on a label that its controller sets"
	}
	if r != nil {
		if why := c.peerDoubt(r, q.other); why != "" {
			return why
		}
	}
	if q.d == ingress && atHome(q.other) {
		return "a node reaches the pods that run on it whatever policies say, and no file tells which those are"
	}
	return k.doubts.hidden
}

// peerDoubt is why it is not known whether a rule's peers have a pod among them.
func (c *Cluster) peerDoubt(r *rule, other Peer) string {
	at := c.matching(r, other)
	if at < 0 || other.Pod == nil || r.peers[at].matches(other) != estate.Maybe {
		return ""
	}
	p, who := &r.peers[at], called(other.Pod, "")
	if p.scope < 0 {
		return "no file tells whether the address of " + who + " is in " + p.cidr
	}
	s, space := c.scopes[p.scope], c.space[other.Pod.Of.Namespace]
	switch {
	case s.namespace == "" && s.spaces.holds(&space) == estate.Maybe:
		return "Namespace " + other.Pod.Of.Namespace + " is not in the files, so its labels are not known"
	case other.Pod.HostNetwork():
		return who + " uses its node's network, and whether selectors find such pods differs between network plugins"
	}
	return "a label of " + who + " that its controller sets decides"
}

// at is the line of a peer of a rule, or of the rule.
func (r *rule) at(d direction, peer int) diag.Pos {
	path := []string{"spec", d.String(), strconv.Itoa(r.index)}
	if peer >= 0 {
		path = append(path, whence[d], strconv.Itoa(peer))
	}
	return r.of.of.At(path...)
}
