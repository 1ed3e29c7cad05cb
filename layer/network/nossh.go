package network

import (
	"fathom/control"
	"fathom/estate"
)

var noSSH = control.Control{
	ID:       "network.no-ssh",
	Title:    "Port 22, and 3389, closed everywhere",
	Why:      "A stolen key or a guessed password opens a shell on a machine inside the network, and nobody has recorded what was done there",
	Threats:  []control.Threat{control.AccountTakeover, control.LateralMovement},
	Phase:    control.QuickWin,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 1.2.5", "PCI DSS 4.0.1 1.3.1", "CIS AWS 7.0 6.3", "CIS AWS 7.0 6.4"},
	Check:    checkNoSSH,
	Defeat:   withSSH,
	Fells:    []string{"network.no-open-ingress"},
}

const useSessions = "remove the rule and open shells through Systems Manager Session Manager, which needs no inbound port"

func checkNoSSH(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, g := range groups(e) {
		fine := true
		for i := range g.rules {
			if r, judged := sshRule(e, &g, &g.rules[i]); judged {
				out = append(out, r)
				fine = false
			}
		}
		switch {
		case g.SecurityGroup == nil || !fine:
		case estate.RulesWhy(g.SecurityGroup) != "":
			out = append(out, control.Unsure(g, g.Pos, g.name+" may have more rules: "+estate.RulesWhy(g.SecurityGroup)))
		default:
			out = append(out, control.Is(g))
		}
	}
	for _, n := range estate.All[*estate.NodeGroup](e) {
		out = append(out, remoteAccess(n)...)
	}
	return out
}

func sshRule(e *estate.Estate, g *group, r *estate.Rule) (res control.Result, judged bool) {
	port, name, covers := 22, "SSH", r.Covers(22)
	if rdp := r.Covers(3389); rdp > covers {
		port, name, covers = 3389, "RDP", rdp
	}
	open, saw := world(e, r)
	wide := !narrow(r)
	switch {
	case r.Egress, covers == estate.No, isICMP(r), empty(r):
		return res, false
	case covers == estate.Maybe && open != estate.Yes:
		return control.Unsure(r.Of, r.At, "it is not known which ports "+g.name+" takes from "+sources(e, r)+": "+portsWhy(r)), true
	case wide && open == estate.No && len(r.CIDRs.Items) == 0 && !r.CIDRs.Unknown():
		// Node to node, load balancer to node: everything from a group of the
		// same machines is how clusters talk, not a way in for a person.
		return res, false
	case wide && open == estate.Maybe:
		return control.Unsure(r.Of, r.At, "it is not known from where "+g.name+" takes "+r.Ports()+": "+worldWhy(e, r)), true
	}
	m := control.Mistake{
		At: r.At, Severity: control.Medium, Fix: useSessions,
		Evidence: []control.Evidence{{At: r.At, Saw: sees(e, r)}},
	}
	from, says := sources(e, r), ""
	switch {
	case open == estate.Yes:
		a := arrives(e, g, r)
		m.Severity, m.Cause, from = a.bears(control.Critical), control.CauseOpenIngress, saw
		m.Evidence, says = append(m.Evidence, a.saw...), a.says
	case wide:
		m.Severity = control.Low
		m.Fix = "open only the ports that are needed, to the security groups that need them"
	}
	m.Summary = g.name + " takes " + r.Ports() + service(r, port, name) + " from " + from + says
	return control.Not(r.Of, m), true
}

// narrow says that a rule is about SSH or RDP rather than about everything.
func narrow(r *estate.Rule) bool {
	from, ok1 := r.From.Known()
	to, ok2 := r.To.Known()
	return ok1 && ok2 && r.AllTraffic() == estate.No && to-from < 1000
}

func portsWhy(r *estate.Rule) string {
	for _, why := range []string{r.Protocol.Why(), r.From.Why(), r.To.Why()} {
		if why != "" {
			return why
		}
	}
	return "they are not written"
}

// remoteAccess judges SSH to the nodes of a managed group. EKS opens port 22 to
// 0.0.0.0/0 where a key but no source group is given (EKS API,
// RemoteAccessConfig).
func remoteAccess(n *estate.NodeGroup) []control.Result {
	a := n.Remote.One()
	if a == nil {
		if n.Remote.Why != "" {
			return []control.Result{control.Unsure(n, n.Remote.At, "whether remote_access is there is not known: "+n.Remote.Why)}
		}
		return []control.Result{control.Is(n)}
	}
	if a.KeyPair.Set() == estate.No {
		return []control.Result{control.Is(n)}
	}
	name := named("node group", n.Group, n.Meta())
	m := control.Mistake{
		At: a.At, Severity: control.Critical, Cause: control.CauseOpenIngress,
		Summary:  name + " has an SSH key and no source_security_group_ids, so EKS opens port 22 (SSH) of its nodes to 0.0.0.0/0",
		Fix:      "remove the remote_access block; open shells through Systems Manager Session Manager",
		Evidence: []control.Evidence{{At: a.KeyPair.Pos(), Saw: "ec2_ssh_key = " + a.KeyPair.String()}},
	}
	switch {
	case a.KeyPair.Set() == estate.Maybe:
		return []control.Result{control.Unsure(n, a.At, "whether "+name+" has an SSH key is not known: "+a.KeyPair.Why())}
	case !a.From.Absent():
		m.Severity, m.Cause = control.Medium, ""
		m.Summary = name + " takes port 22 (SSH) from the groups in remote_access"
	}
	return []control.Result{control.Not(n, m)}
}
