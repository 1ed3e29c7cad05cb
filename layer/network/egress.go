package network

import (
	"slices"
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"fathom/control"
	"fathom/estate"
)

var egressDeny = control.Control{
	ID:       "network.egress-deny",
	Title:    "Egress denied by default, named destinations only",
	Why:      "What runs inside can send what it has read to any server, and fetch the next stage of the attack from one",
	Threats:  []control.Threat{control.Exfiltration, control.SupplyChain},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 1.3.2", "GDPR 32"},
	Check:    checkEgress,
	Defeat:   letOut,
}

func checkEgress(e *estate.Estate) []control.Result {
	filtered := filteredVPCs(e)
	var out []control.Result
	for _, g := range groups(e) {
		out = append(out, groupEgress(e, &g, filtered)...)
	}
	pods := podsFiltered(e, filtered)
	for _, p := range estate.All[*estate.NetworkPolicy](e) {
		out = append(out, policyEgress(p, pods)...)
	}
	return out
}

// podsFiltered says that what pods send out passes such a firewall: the cluster
// of the files, and every one where there are several, stands in such a VPC.
func podsFiltered(e *estate.Estate, filtered map[estate.ID]bool) bool {
	clusters := estate.All[*estate.EKSCluster](e)
	for _, c := range clusters {
		n := c.Network.One()
		if n == nil {
			return false
		}
		subnets := estate.ToAll(e, n.Subnets)
		for _, s := range subnets {
			if !slices.ContainsFunc(s.VPC.To, func(vpc estate.ID) bool { return filtered[vpc] }) {
				return false
			}
		}
		if len(subnets) == 0 {
			return false
		}
	}
	return len(clusters) > 0
}

// filteredVPCs are those whose way out leads through a network firewall that
// drops what no rule lets pass.
func filteredVPCs(e *estate.Estate) map[estate.ID]bool {
	out := map[estate.ID]bool{}
	for _, f := range estate.All[*estate.NetworkFirewall](e) {
		for _, p := range estate.To(e, f.Policy) {
			for _, a := range p.Policy.Items {
				if a.StatefulDefault.Any(func(s string) bool { return strings.HasPrefix(s, "aws:drop") }) == estate.Yes {
					for _, vpc := range f.VPC.To {
						out[vpc] = true
					}
				}
			}
		}
	}
	return out
}

// groupEgress judges where a security group lets traffic out. A group that
// Terraform makes without an egress rule has none: the provider removes the
// rule that AWS puts there (aws_security_group, "Removing All Ingress and
// Egress Rules").
func groupEgress(e *estate.Estate, g *group, filtered map[estate.ID]bool) []control.Result {
	if g.SecurityGroup != nil {
		for _, vpc := range g.VPC.To {
			if filtered[vpc] {
				return []control.Result{control.Is(g, control.Evidence{At: g.Pos, Saw: "a network firewall drops what its rules do not name"})}
			}
		}
	}
	var out []control.Result
	for i := range g.rules {
		if r, judged := egressRule(e, g, &g.rules[i]); judged {
			out = append(out, r)
		}
	}
	if len(out) > 0 || g.SecurityGroup == nil {
		return out
	}
	if why := g.Egress.Why; why != "" {
		return []control.Result{control.Unsure(g, g.Egress.At, g.name+" may have more egress rules: "+why)}
	}
	return []control.Result{control.Is(g)}
}

func egressRule(e *estate.Estate, g *group, r *estate.Rule) (res control.Result, judged bool) {
	is, saw := world(e, r)
	switch {
	case !r.Egress, is == estate.No, isICMP(r):
		return res, false
	case is == estate.Maybe:
		return control.Unsure(r.Of, r.At, "it is not known where "+g.name+" sends "+r.Ports()+": "+worldWhy(e, r)), true
	}
	m := control.Mistake{
		At:       r.At,
		Summary:  g.name + " lets " + r.Ports() + " out to " + saw,
		Fix:      "name the destinations: security groups, prefix lists of VPC endpoints, or the addresses of partners, each on its port",
		Evidence: []control.Evidence{{At: r.At, Saw: sees(e, r)}},
	}
	out := leaves(e, g)
	m.Summary += out.says
	m.Evidence = append(m.Evidence, out.saw...)
	if everyPort(r) {
		if quiet(e, g) || out.arrives == estate.No {
			m.Severity = control.Low
		}
		return control.Not(r.Of, m), true
	}
	m.Severity = control.Low // one port to the world is a smaller hole, and a hole
	return control.Partly(r.Of, m), true
}

func everyPort(r *estate.Rule) bool {
	from, ok1 := r.From.Known()
	to, ok2 := r.To.Known()
	return r.AllTraffic() == estate.Yes || ok1 && ok2 && to-from > 60000
}

// quiet says that only stores and load balancers use a group: servers that AWS
// runs and that start few connections of their own, so that the hole is small.
func quiet(e *estate.Estate, g *group) bool {
	if g.SecurityGroup == nil {
		return false
	}
	for _, u := range estate.Of[estate.Resource](e, g.ID) {
		switch u.(type) {
		case *estate.SecurityGroup, *estate.SecurityGroupRule, *estate.IngressRule, *estate.EgressRule,
			*estate.LoadBalancer, *estate.ClassicLB, *estate.Ingress, *estate.VPCEndpoint,
			*estate.DBCluster, *estate.DBInstance, *estate.CacheGroup, *estate.CacheCluster, *estate.Stream, *estate.Search, *estate.Redshift:
		default:
			return false
		}
	}
	return true
}

// policyEgress judges where a NetworkPolicy lets pods send. A policy without an
// egress part is no mistake here: whether its pods are isolated is the business
// of network.pod-policy. A port to everywhere is named destinations all the same
// where a network firewall tells the hosts.
func policyEgress(p *estate.NetworkPolicy, filtered bool) []control.Result {
	if !isolates(p, networkingv1.PolicyTypeEgress) {
		return nil
	}
	var out []control.Result
	for i := range p.Spec.Egress {
		r := &p.Spec.Egress[i]
		to := everywhere(r.To)
		if to == "" || onlyDNS(r.Ports) {
			continue
		}
		at := p.At("spec", "egress", strconv.Itoa(i))
		m := control.Mistake{
			At:       at,
			Summary:  "NetworkPolicy " + p.Namespace + "/" + p.Name + " lets " + selected(p) + " send anything " + to,
			Fix:      "name the destinations in to (podSelector, namespaceSelector or ipBlock) and their ports",
			Evidence: []control.Evidence{{At: at, Saw: "egress " + to}},
		}
		if len(r.Ports) == 0 {
			out = append(out, control.Not(p, m))
			continue
		}
		if filtered {
			out = append(out, control.Is(p, control.Evidence{At: at, Saw: "a network firewall drops what its rules do not name"}))
			continue
		}
		m.Severity = control.Low
		m.Summary = "NetworkPolicy " + p.Namespace + "/" + p.Name + " lets " + selected(p) + " send to " + ports(r.Ports) + " " + to
		out = append(out, control.Partly(p, m))
	}
	if len(out) == 0 {
		out = append(out, control.Is(p))
	}
	return out
}

// everywhere says how a list of peers names everyone, or is "". A missing or
// empty list means everyone (NetworkPolicy v1).
func everywhere(peers []networkingv1.NetworkPolicyPeer) string {
	if len(peers) == 0 {
		return "anywhere"
	}
	for _, p := range peers {
		if p.IPBlock != nil && estate.IsWorld(p.IPBlock.CIDR) {
			return "to " + p.IPBlock.CIDR
		}
	}
	return ""
}

// onlyDNS says that a rule is about port 53: asking for names has to be open,
// and the resolver's address is often not known to who writes the policy.
func onlyDNS(ps []networkingv1.NetworkPolicyPort) bool {
	for _, p := range ps {
		if p.Port == nil || p.Port.IntValue() != 53 || p.EndPort != nil {
			return false
		}
	}
	return len(ps) > 0
}

func ports(ps []networkingv1.NetworkPolicyPort) string {
	var all []string
	for _, p := range ps {
		s := "every port"
		if p.Port != nil {
			s = "port " + p.Port.String()
		}
		if p.EndPort != nil {
			s += "-" + strconv.Itoa(int(*p.EndPort))
		}
		all = append(all, s)
	}
	return control.Few(all, 3)
}
