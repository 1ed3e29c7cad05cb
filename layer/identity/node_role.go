package identity

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var nodeRole = control.Control{
	ID:       "identity.node-role",
	Title:    "the node role is minimal, and pods cannot reach it: IMDSv2 with hop limit 1",
	Why:      "one compromised pod takes the node's credentials from the metadata service and with them what every workload may do",
	Threats:  []control.Threat{control.LateralMovement},
	Phase:    control.MidTerm,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 7.2.5", "CIS AWS 7.0 6.7", "HIPAA 164.308(a)(4)"},
	Check:    checkNodeRole,
	Defeat:   answering,
}

func checkNodeRole(e *estate.Estate) []control.Result {
	out := nodeGrants(e)
	return append(out, checkMetadata(e)...)
}

// nodePolicies are what a node needs ("Amazon EKS node IAM role" in the EKS
// user guide), and what its agents commonly do with the node's own role.
var nodePolicies = []string{
	"AmazonEKSWorkerNodePolicy", "AmazonEKSWorkerNodeMinimalPolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly",
	"AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy",
}

// nodeActions are actions that a policy of one's own on the node role may hold
// without giving pods anything of worth.
var nodeActions = []string{
	"autoscaling:describe*", "cloudwatch:putmetricdata", "ec2:describe*", "ec2messages:*", "ecr:batchcheck*", "ecr:batchget*", "ecr:describe*",
	"ecr:get*", "ecr:list*", "eks-auth:*", "eks:describe*", "logs:create*", "logs:describe*", "logs:put*", "ssmmessages:*", "sts:getcalleridentity", "xray:put*",
}

// nodeRoles are the roles of worker nodes, with what makes each one: a node
// group, an access entry, the worker policy.
func nodeRoles(e *estate.Estate) map[estate.ID]string {
	out := map[estate.ID]string{}
	for _, g := range estate.All[*estate.NodeGroup](e) {
		for _, id := range g.Role.To {
			out[id] = g.ID.Addr
		}
	}
	for _, a := range estate.All[*estate.EKSAccessEntry](e) {
		if a.Kind.Test(func(k string) bool { return strings.HasPrefix(k, "EC2_") || k == "EC2" }) == estate.Yes {
			for _, id := range a.Principal.To {
				out[id] = a.ID.Addr
			}
		}
	}
	worker := func(p estate.Str) bool {
		return p.Test(func(arn string) bool { return strings.Contains(arn, ":aws:policy/AmazonEKSWorkerNode") }) == estate.Yes
	}
	for _, a := range estate.All[*estate.RoleAttachment](e) {
		if worker(a.Policy.Str) {
			for _, id := range a.Role.To {
				out[id] = a.ID.Addr
			}
		}
	}
	for _, r := range estate.All[*estate.Role](e) {
		if slices.ContainsFunc(r.Managed.Items, func(p estate.Ref[*estate.IAMPolicy]) bool { return worker(p.Str) }) {
			out[r.ID] = r.ID.Addr
		}
	}
	return out
}

func nodeGrants(e *estate.Estate) []control.Result {
	nodes := nodeRoles(e)
	var out []control.Result
	for _, r := range estate.All[*estate.Role](e) {
		if nodes[r.ID] == "" {
			continue
		}
		extra := extraGrants(r, r.HolderOf(e))
		if len(extra) == 0 {
			extra = []control.Result{control.Is(r, control.Evidence{At: r.Pos, Saw: "the role of " + nodes[r.ID] + " holds only what a node needs"})}
		}
		out = append(out, extra...)
	}
	return out
}

// extraGrants are the mistakes in what a node role holds, and what of it is
// not known.
func extraGrants(r *estate.Role, h estate.Holder) []control.Result {
	var out []control.Result
	for _, p := range h.AWSManaged {
		arn, _ := p.Known()
		name, _ := managedName(arn)
		if slices.Contains(nodePolicies, name) {
			continue
		}
		m := control.Mistake{
			At:      p.Pos(),
			Summary: "node " + roleLabel(r) + " also holds " + name + ", and so does every pod on its nodes",
			Fix:     "attach " + name + " to a role of the one service account that needs it, if any does",
		}
		if broad[name] == "" {
			m.Severity = control.Medium
		}
		out = append(out, control.Partly(r, m))
	}
	for _, g := range h.Grants {
		if saw := notForNodes(g.Policy); len(saw) > 0 {
			out = append(out, control.Not(g.From, control.Mistake{
				At: g.At, Cause: control.CauseNodeGrant,
				Summary: "node " + roleLabel(r) + " also allows " + list(saw, 4) + ", and so does every pod on its nodes",
				Fix:     "move the statements to roles of the service accounts that need them (IRSA or Pod Identity)",
			}))
		}
	}
	if h.Why != "" {
		out = append(out, control.Unsure(r, r.Pos, "what node "+roleLabel(r)+" holds is not all known: "+h.Why))
	}
	return out
}

func notForNodes(p *estate.Policy) []string {
	var out []string
	for _, s := range p.Statements {
		if s.Effect != "Allow" {
			continue
		}
		if len(s.NotActions) > 0 {
			out = append(out, "everything but "+list(slices.Clone(s.NotActions), 2))
		}
		for _, a := range s.Actions {
			if strings.EqualFold(a, "kms:Decrypt") && ofSessions(&s) {
				continue
			}
			if !slices.ContainsFunc(nodeActions, func(ok string) bool { return wild(ok, strings.ToLower(a)) }) {
				out = append(out, a)
			}
		}
	}
	return out
}

// ofSessions says whether a statement is about the channels of Session Manager
// alone: what they are sealed with opens nothing else, and the agent has to open
// it (Systems Manager User Guide, "Turn on KMS key encryption of session data").
func ofSessions(s *estate.Statement) bool {
	return slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool {
		op := strings.ToLower(c.Operator)
		return c.Key == "kms:encryptioncontext:aws:ssm:sessionid" && strings.HasPrefix(op, "string") &&
			!strings.Contains(op, "not") && !strings.HasSuffix(op, "ifexists") && !strings.Contains(op, "null")
	})
}
