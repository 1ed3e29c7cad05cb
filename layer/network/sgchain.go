package network

import (
	"slices"

	"fathom/control"
	"fathom/estate"
)

var sgChain = control.Control{
	ID:       "network.sg-chain",
	Title:    "Stores take their own port from the security groups of their callers",
	Why:      "Every machine that gets an address in the range can connect to the store, also one the attacker has just started",
	Threats:  []control.Threat{control.LateralMovement, control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 1.2.5", "PCI DSS 4.0.1 1.3.1"},
	Check:    checkChain,
	Defeat:   unchained,
}

func checkChain(e *estate.Estate) []control.Result {
	guards := map[estate.ID]*guard{}
	var order []estate.ID
	var out []control.Result
	for _, s := range stores(e) {
		if search, ok := s.Resource.(*estate.Search); ok && search.Network.Any() == estate.No {
			continue // on the internet: network.private-data says so
		}
		if r, judged := groupless(&s); judged {
			out = append(out, r)
		}
		for _, g := range estate.ToAll(e, s.groups) {
			if guards[g.ID] == nil {
				guards[g.ID] = &guard{group: groupOf(e, g)}
				order = append(order, g.ID)
			}
			guards[g.ID].stores = append(guards[g.ID].stores, s.name)
			guards[g.ID].ports = append(guards[g.ID].ports, s.ports...)
		}
	}
	for _, id := range order {
		out = append(out, guards[id].judge(e)...)
	}
	return out
}

// groupless judges a store by whether its security groups are written.
func groupless(s *store) (res control.Result, judged bool) {
	switch {
	case s.groups.Absent() && s.inherits:
		return res, false
	case s.groups.Absent():
		return control.Not(s, control.Mistake{
			Summary: s.name + " names no security group, so the default one of its VPC guards it",
			Fix:     "give it a security group of its own that takes its port from the groups of its callers",
		}), true
	case s.groups.Unknown():
		why := s.groups.Why()
		if why == "" {
			why = "a security group it names is not in what was read"
		}
		return control.Unsure(s, s.groups.Pos(), "who may connect to "+s.name+" is not known: "+why), true
	}
	for _, ref := range s.groups.Items {
		if len(ref.To) == 0 {
			return control.Unsure(s, s.groups.Pos(), "who may connect to "+s.name+" is not known: security group "+ref.String()+" is not in what was read"), true
		}
	}
	return res, false
}

// guard is a security group with the stores it guards.
type guard struct {
	group
	stores []string
	ports  []int
}

func (g *guard) judge(e *estate.Estate) []control.Result {
	var out []control.Result
	for i := range g.rules {
		if r, judged := g.rule(e, &g.rules[i]); judged {
			out = append(out, r)
		}
	}
	switch why := estate.RulesWhy(g.SecurityGroup); {
	case len(out) > 0:
		return out
	case why != "":
		return []control.Result{control.Unsure(g, g.Pos, g.name+" may have more rules: "+why)}
	}
	return []control.Result{control.Is(g, control.Evidence{At: g.Pos, Saw: "takes the ports of " + control.Few(g.stores, 3) + " from security groups only"})}
}

func (g *guard) rule(e *estate.Estate, r *estate.Rule) (res control.Result, judged bool) {
	covers := g.covers(r)
	if r.Egress || isICMP(r) || empty(r) || covers == estate.No {
		return res, false
	}
	open, saw := world(e, r)
	m := control.Mistake{
		At:       r.At,
		Evidence: []control.Evidence{{At: r.At, Saw: sees(e, r)}},
		Fix:      "take the port from the security groups of the callers: referenced_security_group_id (security_groups, source_security_group_id)",
	}
	guarding := g.name + ", which guards " + control.Few(g.stores, 2) + ", takes " + r.Ports() + " from "
	switch {
	case open == estate.Yes:
		m.Cause, m.Severity = control.CauseOpenIngress, control.High
		m.Summary = guarding + saw
		return control.Not(r.Of, m), true
	case len(r.CIDRs.Known()) > 0 || len(r.PrefixLists) > 0:
		m.Summary = guarding + "addresses rather than security groups: " + sources(e, r)
		return control.Partly(r.Of, m), true
	case r.CIDRs.Unknown():
		return control.Unsure(r.Of, r.At, "from where "+g.name+" takes "+r.Ports()+" is not known: "+worldWhy(e, r)), true
	case covers == estate.Maybe:
		return control.Unsure(r.Of, r.At, "which ports "+g.name+" takes from "+sources(e, r)+" is not known: "+portsWhy(r)), true
	case g.broad(r):
		m.Summary = guarding + sources(e, r) + ", which is more than its own port"
		m.Fix = "open only the port of the store"
		m.Severity = control.Low
		return control.Partly(r.Of, m), true
	}
	return res, false
}

// covers says whether a rule is about a port of the stores. Where their ports
// are not known, every rule is.
func (g *guard) covers(r *estate.Rule) estate.Truth {
	t := estate.No
	for _, p := range g.ports {
		t = t.Or(r.Covers(p))
	}
	if len(g.ports) == 0 {
		return estate.Yes
	}
	return t
}

// broad says that a rule opens many ports besides the store's. What members of
// the group may do to each other (replication) is not restricted here.
func (g *guard) broad(r *estate.Rule) bool {
	others := slices.ContainsFunc(r.Groups, func(ref estate.Ref[*estate.SecurityGroup]) bool { return !ref.Is(g.ID) })
	if !others {
		return false
	}
	from, ok1 := r.From.Known()
	to, ok2 := r.To.Known()
	return r.AllTraffic() == estate.Yes || ok1 && ok2 && to-from > 200
}
