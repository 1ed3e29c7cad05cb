package netpol

import (
	"slices"
	"strconv"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// stops explains a connection that no rule lets through, by the rule that comes
// nearest, and says how to open it.
func (c *Cluster) stops(h *flow.Hop, q question) {
	k := q.class()
	policies := k.sure[q.d]
	if len(policies) == 0 {
		policies = k.unsure[q.d]
	}
	var ports, peers, rest []*rule // what fits: the ports, the peers, neither
	for _, p := range policies {
		for i := range p.rules[q.d] {
			r := &p.rules[q.d][i]
			switch {
			case r.on(k.destination(q.d, q.other)).Has(q.conn):
				ports = append(ports, r)
			case r.matches(q.other) != estate.No:
				peers = append(peers, r)
			default:
				rest = append(rest, r)
			}
		}
	}
	switch {
	case len(ports) > 0:
		c.wrongPeer(h, q, ports)
	case len(peers) > 0:
		c.wrongPort(h, q, peers)
	default:
		c.noRule(h, q, policies, rest)
	}
}

// wrongPeer: the ports fit, the other end does not.
func (c *Cluster) wrongPeer(h *flow.Hop, q question, rs []*rule) {
	first := rs[0]
	h.Of, h.At = first.of.of, first.of.of.At("spec", q.d.String(), strconv.Itoa(first.index), whence[q.d])
	h.Says = c.only(rs, q.d) + " " + q.conn.String() + " only " + whence[q.d] + " " + c.peers(rs, q.d) + "; " + c.facts(rs, q)
	if exactly(first.on(q.class().destination(q.d, q.other)), q.conn) {
		h.Open = "add " + c.wanted(q, first.of, rs) + " to " + strconv.Quote(whence[q.d]) + " of " + ruleName(first, q.d)
		return
	}
	h.Open = c.newRule(q, first.of, rs)
}

// wrongPort: the other end fits, the port does not.
func (c *Cluster) wrongPort(h *flow.Hop, q question, rs []*rule) {
	first := rs[0]
	h.Of, h.At = first.of.of, first.of.of.At("spec", q.d.String(), strconv.Itoa(first.index), "ports")
	h.Says = c.only(rs, q.d) + " only " + c.ports(rs) + " " + whence[q.d] + " " + c.peers(rs, q.d) + ", not " + q.conn.String()
	if len(first.peers) == 1 && first.peers[0].scope >= 0 {
		h.Open = "add " + q.conn.String() + ` to "ports" of ` + ruleName(first, q.d)
		return
	}
	h.Open = c.newRule(q, first.of, rs)
}

// noRule: no rule comes near.
func (c *Cluster) noRule(h *flow.Hop, q question, policies []*policy, rs []*rule) {
	first := policies[0]
	for _, p := range policies { // what is for these pods alone is the one to change
		if len(p.subject) > len(first.subject) {
			first = p
		}
	}
	if len(rs) > 0 {
		first = rs[0].of
	}
	h.Of, h.At = first.of, first.of.At("spec", q.d.String())
	if len(rs) == 0 {
		verb := lets
		if len(policies) > 1 {
			verb = let
		}
		h.Says = names(policies) + " " + verb[q.d] + " nothing"
	} else {
		h.Says = c.only(rs, q.d) + " only " + c.ports(rs) + " " + whence[q.d] + " " + c.peers(rs, q.d) + ", not " + q.conn.String() + " " + whence[q.d] + " " + q.others(first.of.Namespace)
	}
	h.Open = c.newRule(q, first, rs)
}

// only begins a sentence: "NetworkPolicy shop/payments lets in".
func (c *Cluster) only(rs []*rule, d direction) string {
	var ps []*policy
	for _, r := range rs {
		if !slices.Contains(ps, r.of) {
			ps = append(ps, r.of)
		}
	}
	if len(ps) == 1 {
		return names(ps) + " " + lets[d]
	}
	return names(ps) + " " + let[d]
}

// newRule says which rule to add where. A policy for all pods of its namespace
// is left alone: opening it would open them all.
func (c *Cluster) newRule(q question, to *policy, rs []*rule) string {
	if len(to.subject) == 0 {
		return "add a NetworkPolicy to namespace " + q.pod.Of.Namespace + " for " + choose(q.pod, q.pod.Of.Namespace, nil) + " with an " + q.d.String() + " rule for " +
			q.conn.String() + " " + whence[q.d] + " " + c.wanted(q, to, rs)
	}
	return "add an " + q.d.String() + " rule for " + q.conn.String() + " " + whence[q.d] + " " + c.wanted(q, to, rs) + " to " + names([]*policy{to})
}

// wanted is the other end as a peer of a rule.
func (c *Cluster) wanted(q question, to *policy, rs []*rule) string {
	if q.other.Pod == nil {
		return blocks(q.other.Addrs)
	}
	if q.other.Pod.HostNetwork() {
		return "an ipBlock with the addresses of the nodes"
	}
	var prefer []string
	for _, s := range c.scopesOf(rs) {
		for i := range s.pods {
			prefer = append(prefer, s.pods[i].key)
		}
	}
	return choose(q.other.Pod, to.of.Namespace, prefer)
}

func (c *Cluster) scopesOf(rs []*rule) []*scope {
	var out []*scope
	for _, r := range rs {
		for i := range r.peers {
			if r.peers[i].scope >= 0 {
				out = append(out, c.scopes[r.peers[i].scope])
			}
		}
	}
	return out
}

// facts says what the other end is in place of what the rules ask for: "search
// has app=search", "web/search is in namespace web".
func (c *Cluster) facts(rs []*rule, q question) string {
	who := q.others(q.pod.Of.Namespace)
	scopes := c.scopesOf(rs)
	switch {
	case q.other.Pod == nil && !anyBlock(rs):
		return who + " is no pod"
	case q.other.Pod == nil:
		return who + " is not among them"
	case len(scopes) == 0:
		return who + " is a pod"
	}
	var pod, space []string
	elsewhere := false
	l := c.space[q.other.Pod.Of.Namespace]
	for _, s := range scopes {
		if s.namespace != "" && s.namespace != q.other.Pod.Of.Namespace || s.namespace == "" && s.spaces.holds(&l) == estate.No {
			elsewhere = true
			for i := range s.spaces {
				if s.spaces[i].key != nameLabel {
					space = append(space, state(&l, s.spaces[i].key))
				}
			}
			continue
		}
		for i := range s.pods {
			pod = append(pod, state(&q.other.Pod.labels, s.pods[i].key))
		}
	}
	var parts []string
	if len(pod) > 0 {
		parts = append(parts, "has "+few(unique(pod), "and"))
	}
	if elsewhere {
		in := "is in namespace " + q.other.Pod.Of.Namespace
		if len(space) > 0 {
			in += ", which has " + few(unique(space), "and")
		}
		parts = append(parts, in)
	}
	return who + " " + strings.Join(parts, " and ")
}

func anyBlock(rs []*rule) bool {
	return slices.ContainsFunc(rs, func(r *rule) bool {
		return slices.ContainsFunc(r.peers, func(p peer) bool { return p.scope < 0 })
	})
}

// blocks are addresses as ipBlocks.
func blocks(a flow.Addrs) string {
	if a.Equal(flow.Public()) {
		a = flow.Everything()
	}
	var parts []string
	for _, p := range a.Prefixes() {
		parts = append(parts, p.String())
	}
	if len(parts) == 1 {
		return "ipBlock " + parts[0]
	}
	return "ipBlocks " + few(parts, "and")
}

// state is a label as it is: "app=search", "no label app".
func state(l *labelSet, key string) string {
	v, there := l.get(key)
	switch there {
	case estate.Yes:
		return key + "=" + v
	case estate.Maybe:
		return "a label " + key + " that no file tells"
	}
	return "no label " + key
}

func unique(parts []string) []string {
	slices.Sort(parts)
	return slices.Compact(parts)
}

func ruleName(r *rule, d direction) string {
	return d.String() + " rule " + strconv.Itoa(r.index+1) + " of " + names([]*policy{r.of})
}

// exactly says that a rule is for one connection and nothing else.
func exactly(c flow.Conns, conn flow.Conn) bool {
	return c.Equal(flow.Ports(conn.Protocol, conn.Port, conn.Port))
}
