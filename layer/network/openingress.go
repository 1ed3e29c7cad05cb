package network

import (
	"strconv"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var noOpenIngress = control.Control{
	ID:       "network.no-open-ingress",
	Title:    "Nothing but the edge takes traffic from the whole internet",
	Why:      "Whoever scans the internet finds the port and needs one weak password or one unpatched server to be inside",
	Threats:  []control.Threat{control.LateralMovement, control.Exfiltration},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 1.3.1", "PCI DSS 4.0.1 1.4.1", "GDPR 32", "HIPAA 164.312(e)(1)", "CIS AWS 7.0 6.3", "CIS AWS 7.0 6.4"},
	Check:    checkOpenIngress,
	Defeat:   openToWorld,
	Fells:    []string{"network.sg-chain"},
}

// guarded are the ports of stores and of administration: one of them open to
// the world exposes data or the machine itself.
var guarded = []struct {
	port int
	name string
}{
	{22, "SSH"},
	{23, "telnet"},
	{445, "SMB"},
	{1433, "SQL Server"},
	{1521, "Oracle"},
	{2049, "NFS"},
	{2181, "ZooKeeper"},
	{2375, "Docker"},
	{3306, "MySQL"},
	{3389, "RDP"},
	{5432, "PostgreSQL"},
	{5439, "Redshift"},
	{6379, "Redis"},
	{9042, "Cassandra"},
	{9092, "Kafka"},
	{9094, "Kafka"},
	{9096, "Kafka"},
	{9098, "Kafka"},
	{9200, "OpenSearch"},
	{10250, "kubelet"},
	{11211, "Memcached"},
	{27017, "MongoDB"},
}

func checkOpenIngress(e *estate.Estate) []control.Result {
	hidden := hiddenFront(e)
	var out []control.Result
	for _, g := range groups(e) {
		var open []opening
		fine := true
		use, why := front(e, &g, hidden)
		for i := range g.rules {
			o, unsure := openRule(e, &g, &g.rules[i], use, why)
			if unsure != "" {
				out = append(out, control.Unsure(g.rules[i].Of, g.rules[i].At, unsure))
			}
			if o != nil {
				open = append(open, *o)
			}
			fine = fine && unsure == "" && o == nil
		}
		out = append(out, mistakes(&g, open)...)
		switch {
		case g.SecurityGroup == nil || !fine:
		case estate.RulesWhy(g.SecurityGroup) != "":
			out = append(out, control.Unsure(g, g.Pos, g.name+" may have more rules: "+estate.RulesWhy(g.SecurityGroup)))
		default:
			out = append(out, control.Is(g))
		}
	}
	return out
}

// opening is a rule that is open to the world.
type opening struct {
	rule     *estate.Rule
	port     int // the guarded port that it lets in, or 0
	severity control.Severity
	ports    string // "port 22 (SSH)"
	from     string
	saw      string
	but      string // why it is no rule of the edge although it looks like one
	arrival  arrival
}

// openRule judges one rule. It returns nil and "" for one that is fine.
// use and why say whether the group is the edge's.
func openRule(e *estate.Estate, g *group, r *estate.Rule, use estate.Truth, why string) (o *opening, unsure string) {
	is, saw := world(e, r)
	if r.Egress || is == estate.No {
		return nil, ""
	}
	if !webPort(r) { // the edge has no other ports
		use, why = estate.No, ""
	}
	switch {
	case use == estate.Yes, isICMP(r) && r.From.Is(3) == estate.Yes: // ICMP "unreachable" has to come in for path MTU discovery
		return nil, ""
	case is == estate.Maybe:
		return nil, "it is not known from where " + g.name + " takes " + r.Ports() + ": " + worldWhy(e, r)
	case use == estate.Maybe:
		return nil, g.name + " takes " + r.Ports() + " from " + saw + ", which only the edge may, and whether it is the edge's is not known: " + why
	}
	o = &opening{rule: r, severity: control.High, ports: r.Ports(), from: saw, saw: sees(e, r), but: why}
	switch port, name := exposed(r); {
	case isICMP(r):
		o.severity, o.ports = control.Low, "ICMP"
	case r.Ports() == "all ports":
		o.severity = control.Critical
	case name != "":
		o.severity, o.port = control.Critical, port
		o.ports += service(r, port, name)
	}
	o.arrival = arrives(e, g, r)
	o.severity = o.arrival.bears(o.severity)
	return o, ""
}

// mistakes makes one mistake of the openings at one line: a dynamic block for
// two ports is one line to change.
func mistakes(g *group, open []opening) []control.Result {
	type line struct {
		of estate.ID
		at diag.Pos
	}
	var out []control.Result
	var says []arrival
	seen := map[line]int{}
	for _, o := range open {
		k := line{o.rule.Of.Meta().ID, o.rule.At}
		i, again := seen[k]
		if !again {
			i, seen[k] = len(out), len(out)
			says = append(says, arrival{})
			out = append(out, control.Not(o.rule.Of, control.Mistake{
				At: o.rule.At, Cause: control.CauseOpenIngress, Summary: g.name + " takes ",
				Fix: "name who may connect: referenced_security_group_id (security_groups, source_security_group_id) of the callers, or a prefix list of the addresses that need it",
			}))
		} else {
			out[i].Summary += ", and "
		}
		out[i].Summary += o.ports + " from " + o.from
		if o.but != "" {
			out[i].Summary += ", and " + o.but
		}
		says[i] = o.arrival.worse(says[i])
		out[i].Severity = max(out[i].Severity, o.severity)
		out[i].Evidence = append(out[i].Evidence, control.Evidence{At: o.rule.At, Saw: o.saw})
		if o.port == 22 || o.port == 3389 {
			out[i].Fix = useSessions
		}
	}
	for i := range out {
		out[i].Summary += says[i].says
		out[i].Evidence = append(out[i].Evidence, says[i].saw...)
	}
	return out
}

// service says what a port is for: " (MySQL)", or " (with 3306, MySQL)" for one
// in a range.
func service(r *estate.Rule, port int, name string) string {
	if r.From.Is(port).And(r.To.Is(port)) == estate.Yes {
		return " (" + name + ")"
	}
	return " (with " + strconv.Itoa(port) + ", " + name + ")"
}

// exposed returns the first guarded port that a rule lets in.
func exposed(r *estate.Rule) (port int, name string) {
	for _, p := range guarded {
		if r.Covers(p.port) == estate.Yes {
			return p.port, p.name
		}
	}
	return 0, ""
}

// webPort says that a rule is about 80 or 443 and nothing else.
func webPort(r *estate.Rule) bool {
	if isICMP(r) || r.AllTraffic() != estate.No {
		return false
	}
	for _, p := range []int{80, 443} {
		if r.From.Is(p).And(r.To.Is(p)) == estate.Yes {
			return true
		}
	}
	return false
}

// front says whether a group belongs to the edge: internet-facing load
// balancers use it, and nothing else does. Where it does not although a load
// balancer uses it, why says who else does.
func front(e *estate.Estate, g *group, hidden string) (t estate.Truth, why string) {
	if g.SecurityGroup == nil {
		if ofCluster(e, &g.rules[0]) {
			return estate.No, ""
		}
		return estate.Maybe, "the group is not in what was read"
	}
	other := ""
	for _, u := range estate.Of[estate.Resource](e, g.ID) {
		use := estate.No
		switch u := u.(type) {
		case *estate.SecurityGroup, *estate.SecurityGroupRule, *estate.IngressRule, *estate.EgressRule:
			continue
		case *estate.LoadBalancer:
			use = u.Internal.Default(false).Is(false)
		case *estate.ClassicLB:
			use = u.Internal.Default(false).Is(false)
		case *estate.Ingress:
			// The AWS controller makes internal load balancers by default.
			if u.Annotations["alb.ingress.kubernetes.io/scheme"] == "internet-facing" {
				use = estate.Yes
			}
		}
		if use == estate.No {
			other = u.Meta().ID.Addr
			continue
		}
		if use == estate.Maybe {
			why = "whether " + u.Meta().ID.Addr + " faces the internet is not known"
		}
		t = t.Or(use)
	}
	switch {
	case t == estate.No && other == "" && hidden != "":
		return estate.Maybe, hidden
	case t != estate.No && other != "":
		return estate.No, other + " uses the group too"
	}
	return t, why
}

// hiddenFront says why a group that nothing uses may still be a load
// balancer's, or "".
func hiddenFront(e *estate.Estate) string {
	for _, lb := range estate.All[*estate.LoadBalancer](e) {
		if lb.SecurityGroups.Unknown() && lb.Internal.Is(true) != estate.Yes {
			return "the security groups of " + lb.ID.Addr + " are not known"
		}
	}
	return e.MayHideAWS()
}

// ofCluster says that a rule is for the security group that EKS makes for a
// cluster, its nodes and its control plane.
func ofCluster(e *estate.Estate, r *estate.Rule) bool {
	for _, id := range groupOfRule(r).To {
		if _, ok := estate.Get[*estate.EKSCluster](e, id); ok {
			return true
		}
	}
	return false
}
