package network

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var endpoints = control.Control{
	ID:       "network.endpoints",
	Title:    "VPC endpoints for S3, ECR, KMS, STS, logs and SSM, with endpoint policies",
	Why:      "Calls to AWS leave by the internet route, which then has to be open for everything, and nothing stops a copy to somebody else's bucket",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 1.3.2"},
	Check:    checkEndpoints,
	Defeat:   unlimited,
}

// The services that need an endpoint, by what runs in the VPC. Session Manager
// needs ssm and ssmmessages; ec2messages only for agents before 3.3 (Systems
// Manager user guide, "Create VPC endpoints").
var (
	forAll        = []string{"s3", "kms", "sts", "logs"}
	forContainers = []string{"ecr.api", "ecr.dkr"}
	forMachines   = []string{"ssm", "ssmmessages"}
)

func checkEndpoints(e *estate.Estate) []control.Result {
	run := runningIn(e)
	loose := looseEndpoint(e)
	var out []control.Result
	for _, v := range estate.All[*estate.VPC](e) {
		in := run[v.ID]
		if (in.stores || in.balancers) && !in.containers && !in.machines && !in.functions {
			continue // stores and load balancers call no service of AWS
		}
		out = append(out, missingEndpoints(e, v, in, loose))
	}
	for _, ep := range estate.All[*estate.VPCEndpoint](e) {
		if r, judged := endpointPolicy(e, ep); judged {
			out = append(out, r)
		}
	}
	return out
}

// running is what runs in a VPC.
type running struct{ containers, machines, functions, stores, balancers bool }

func runningIn(e *estate.Estate) map[estate.ID]running {
	out := map[estate.ID]running{}
	mark := func(f func(*running), subnets ...*estate.Subnet) {
		for _, s := range subnets {
			for _, vpc := range s.VPC.To {
				r := out[vpc]
				f(&r)
				out[vpc] = r
			}
		}
	}
	containers := func(r *running) { r.containers = true }
	machines := func(r *running) { r.machines = true }
	nodes := func(r *running) { r.containers, r.machines = true, true }
	functions := func(r *running) { r.functions = true }
	for _, c := range estate.All[*estate.EKSCluster](e) {
		if n := c.Network.One(); n != nil {
			mark(containers, estate.ToAll(e, n.Subnets)...)
		}
	}
	for _, n := range estate.All[*estate.NodeGroup](e) {
		mark(nodes, estate.ToAll(e, n.Subnets)...)
	}
	for _, s := range estate.All[*estate.ECSService](e) {
		if n := s.Network.One(); n != nil {
			mark(containers, estate.ToAll(e, n.Subnets)...)
		}
	}
	for _, i := range estate.All[*estate.Instance](e) {
		mark(machines, estate.To(e, i.Subnet)...)
	}
	for _, a := range estate.All[*estate.AutoScalingGroup](e) {
		mark(machines, estate.ToAll(e, a.Subnets)...)
	}
	for _, f := range estate.All[*estate.Lambda](e) {
		if n := f.Network.One(); n != nil {
			mark(functions, estate.ToAll(e, n.Subnets)...)
		}
	}
	for _, lb := range estate.All[*estate.LoadBalancer](e) {
		mark(func(r *running) { r.balancers = true }, estate.ToAll(e, lb.Subnets)...)
	}
	for _, s := range stores(e) {
		if p, ok := place(e, &s); ok {
			mark(func(r *running) { r.stores = true }, p.subnets...)
		}
	}
	return out
}

// needs are the endpoints a VPC has to have. Where nothing is seen to run, it
// is a VPC for others to use, and needs them all.
func (r running) needs() []string {
	none := r == running{}
	out := slices.Clone(forAll)
	if r.containers || none {
		out = append(out, forContainers...)
	}
	if r.machines || none {
		out = append(out, forMachines...)
	}
	return out
}

func missingEndpoints(e *estate.Estate, v *estate.VPC, in running, loose string) control.Result {
	name := named("VPC", estate.Str{}, v.Meta())
	have, why := map[string]bool{}, loose
	for _, ep := range estate.Of[*estate.VPCEndpoint](e, v.ID) {
		if !ep.VPC.Is(v.ID) {
			continue
		}
		if s := leadsTo(ep); s != "" {
			have[s] = true
		} else if ep.Service.Unknown() {
			why = "which service " + ep.ID.Addr + " leads to is not known: " + ep.Service.Why()
		}
	}
	var missing []string
	for _, s := range in.needs() {
		if !have[s] {
			missing = append(missing, s)
		}
	}
	switch {
	case len(missing) == 0:
		return control.Is(v)
	case why != "":
		return control.Unsure(v, v.Pos, why)
	}
	m := control.Mistake{
		Summary: name + " has no VPC endpoint for " + control.Few(missing, 8),
		Fix:     "add aws_vpc_endpoint for each: a Gateway for s3, an Interface with private_dns_enabled in private subnets for the others, each with a policy",
	}
	r := control.Lacks(e, v, m)
	if len(missing) < len(in.needs()) && r.Status == control.Absent {
		r.Status = control.Partial
	}
	return r
}

func looseEndpoint(e *estate.Estate) string {
	for _, ep := range estate.All[*estate.VPCEndpoint](e) {
		if len(ep.VPC.To) == 0 && ep.VPC.Unknown() {
			return "in which VPC " + ep.ID.Addr + " is, is not known: " + ep.VPC.Why()
		}
	}
	return ""
}

// leadsTo is the AWS service that an endpoint is for, of those asked for, or
// "". The region in its name may be unknown.
func leadsTo(ep *estate.VPCEndpoint) string {
	name := ep.Service.String()
	for _, services := range [][]string{forAll, forContainers, forMachines} {
		for _, s := range services {
			if strings.HasSuffix(name, "."+s) {
				return s
			}
		}
	}
	return ""
}

// endpointPolicy judges the policy of an endpoint to a service that is asked
// for. Without one AWS allows everything to everyone through it.
func endpointPolicy(e *estate.Estate, ep *estate.VPCEndpoint) (res control.Result, judged bool) {
	s := leadsTo(ep)
	if s == "" {
		return res, false
	}
	return judgePolicy(e, ep, s), true
}

// judgePolicy judges the policy of an endpoint to a service.
func judgePolicy(e *estate.Estate, ep *estate.VPCEndpoint, s string) control.Result {
	by, p := estate.Resource(ep), &ep.Policy
	for _, own := range estate.Of[*estate.VPCEndpointPolicy](e, ep.ID) {
		by, p = own, &own.Policy
	}
	m := control.Mistake{
		At: p.Pos(), Severity: control.Low,
		Summary: "the endpoint " + ep.ID.Addr + " for " + s + " has no policy, so it leads to everybody's resources, not only yours",
		Fix:     "add a policy that allows only principals and resources of your account: Condition aws:PrincipalAccount, aws:ResourceAccount",
	}
	if s == "s3" { // the one through which data leaves: a bucket of the attacker's
		m.Severity = control.Medium
	}
	switch {
	case p.Unknown():
		return control.Unsure(by, p.Pos(), "what the endpoint "+ep.ID.Addr+" allows is not known: "+p.Why())
	case p.Absent():
		if r := control.Lacks(e, ep, m); r.Status != control.Absent {
			return r
		}
		return control.Partly(ep, m)
	}
	for i := range p.Statements {
		if allowsAll(&p.Statements[i]) {
			m.Summary = "the policy of the endpoint " + ep.ID.Addr + " for " + s + " allows everything to everyone"
			m.Evidence = []control.Evidence{{At: p.Pos(), Saw: "Allow * on * without a condition"}}
			return control.Partly(by, m)
		}
	}
	return control.Is(by, control.Evidence{At: p.Pos(), Saw: "the endpoint for " + s + " has a policy"})
}

// allowsAll says that a statement allows every action on every resource to
// everyone, which is what AWS's default policy does.
func allowsAll(s *estate.Statement) bool {
	star := func(all []string) bool { return slices.Contains(all, "*") }
	everyone := slices.ContainsFunc(s.Principals, func(p estate.Principal) bool { return p.ID == "*" })
	return s.Effect == "Allow" && star(s.Actions) && star(s.Resources) && everyone && len(s.Conditions) == 0
}
