package supply

import (
	"encoding/base64"
	"fmt"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var immutableNodes = control.Control{
	ID:       "supply.immutable-nodes",
	Title:    "managed node groups, and nodes replaced rather than patched",
	Why:      "what an attacker leaves on a node stays there, and so does every hole of its old image",
	Threats:  []control.Threat{control.LateralMovement, control.SupplyChain},
	Phase:    control.LongTerm,
	Severity: control.Medium,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 2.2.1", "PCI DSS 4.0.1 6.3.3"},
	Check:    checkNodes,
	Aside:    "it takes away in days or weeks what somebody left on a node, and keeps nobody off it",
	OnlyAWS:  "nodes are replaced by EKS",
}

// checkNodes judges whatever makes nodes. Managed node groups, Fargate, Auto
// Mode and Karpenter replace nodes on a new version; a group of one's own does
// so only when it is told to. Key pairs of launch templates are the access
// layer's business.
func checkNodes(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, g := range estate.All[*estate.NodeGroup](e) {
		out = append(out, judgeNodeGroup(g))
	}
	for _, f := range estate.All[*estate.FargateProfile](e) {
		out = append(out, control.Is(f, control.Evidence{At: f.Pos, Saw: "Fargate: there are no nodes to keep"}))
	}
	for _, c := range estate.All[*estate.EKSCluster](e) {
		if a := c.Auto.One(); a != nil && a.Enabled.Is(true) == estate.Yes {
			out = append(out, control.Is(c, control.Evidence{At: a.Enabled.Pos(), Saw: "EKS Auto Mode replaces nodes within 21 days"}))
		}
	}
	for _, g := range estate.All[*estate.AutoScalingGroup](e) {
		out = append(out, judgeOwnGroup(e, g)...)
	}
	return append(out, nodePools(e)...)
}

func judgeNodeGroup(g *estate.NodeGroup) control.Result {
	label := "node group " + g.ID.Addr
	if n, ok := g.Group.Known(); ok {
		label = fmt.Sprintf("node group %q (%s)", n, g.ID.Addr)
	}
	ami, known := g.AMI.Known()
	if known && strings.HasPrefix(ami, "AL2_") {
		return control.Partly(g, control.Mistake{
			At:      g.AMI.Pos(),
			Summary: label + " runs " + ami + ", for which EKS publishes no new images",
			Fix:     `set ami_type = "AL2023_x86_64_STANDARD" or "BOTTLEROCKET_x86_64"`,
		})
	}
	if r := g.Remote.One(); r != nil && r.KeyPair.Set() != estate.No {
		return control.Partly(g, control.Mistake{
			At: r.At, Severity: control.Low, Cause: control.CauseOpenIngress, // the block opens port 22, too
			Summary: label + " has an SSH key, so its nodes can be changed by hand",
			Fix:     "remove remote_access, and use Session Manager where somebody has to look",
		})
	}
	if g.AMI.Unknown() {
		return control.Unsure(g, g.AMI.Pos(), "the ami_type of "+label+" is not known: "+g.AMI.Why())
	}
	return control.Is(g, control.Evidence{At: g.AMI.Pos(), Saw: "managed, ami_type " + g.AMI.String()})
}

// judgeOwnGroup judges an Auto Scaling group whose instances join a cluster;
// others are none of this control's business.
func judgeOwnGroup(e *estate.Estate, g *estate.AutoScalingGroup) []control.Result {
	if !joinsCluster(e, g) {
		return nil
	}
	m := control.Mistake{
		Summary: g.ID.Addr + " runs nodes that nobody replaces: it is self-managed and has no max_instance_lifetime",
		Fix:     "use aws_eks_node_group or Karpenter, or set max_instance_lifetime to at most 30 days (2592000)",
	}
	switch g.MaxLifetime.Default(0).Test(func(s int) bool { return s > 0 }) {
	case estate.Yes:
		return []control.Result{control.Is(g, control.Evidence{At: g.MaxLifetime.Pos(), Saw: "max_instance_lifetime = " + g.MaxLifetime.String()})}
	case estate.Maybe:
		return []control.Result{control.Unsure(g, g.MaxLifetime.Pos(), "the max_instance_lifetime of "+g.ID.Addr+" is not known: "+g.MaxLifetime.Why())}
	}
	return []control.Result{control.Not(g, m)}
}

// joinsCluster knows the nodes of a cluster by the tag that EKS demands, or by
// the script that starts the kubelet.
func joinsCluster(e *estate.Estate, g *estate.AutoScalingGroup) bool {
	for _, t := range g.Tag.Items {
		if k, _ := t.Key.Known(); strings.HasPrefix(k, "kubernetes.io/cluster/") || strings.HasPrefix(k, "k8s.io/cluster-autoscaler/") || strings.HasPrefix(t.Key.String(), "kubernetes.io/cluster/") {
			return true
		}
	}
	joins := func(userData estate.Str) bool {
		text := userData.String()
		if plain, err := base64.StdEncoding.DecodeString(text); err == nil {
			text = string(plain)
		}
		return strings.Contains(text, "/etc/eks/bootstrap.sh") || strings.Contains(text, "nodeadm") || strings.Contains(text, "node.eks.aws")
	}
	var templates []*estate.LaunchTemplate
	for _, t := range g.Template.Items {
		templates = append(templates, append(estate.To(e, t.ID), estate.To(e, t.Name)...)...)
	}
	for _, m := range g.Mixed.Items {
		for _, t := range m.Template.Items {
			for _, s := range t.Spec.Items {
				templates = append(templates, append(estate.To(e, s.ID), estate.To(e, s.Name)...)...)
			}
		}
	}
	for _, t := range templates {
		if joins(t.UserData) {
			return true
		}
	}
	for _, c := range estate.To(e, g.Config) {
		if joins(c.UserData) {
			return true
		}
	}
	return false
}

// nodePools judges Karpenter's: expireAfter is 720h unless said.
func nodePools(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, o := range estate.All[*estate.Object](e) {
		if o.Kind != "NodePool" || !strings.HasPrefix(o.APIVersion, "karpenter.sh/") {
			continue
		}
		path := []string{"spec", "template", "spec", "expireAfter"}
		if o.Manifest.At(path...) == nil {
			path = []string{"spec", "disruption", "expireAfter"} // before v1
		}
		if v, _ := o.Manifest.At(path...).Literal(); v == "Never" {
			out = append(out, control.Partly(o, control.Mistake{
				At:      o.At(path...),
				Summary: o.ID.Addr + " never replaces its nodes: expireAfter is Never",
				Fix:     "set expireAfter: 720h",
			}))
			continue
		}
		out = append(out, control.Is(o, control.Evidence{At: o.Pos, Saw: "Karpenter replaces nodes"}))
	}
	return out
}
