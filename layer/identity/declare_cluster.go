package identity

import (
	"slices"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// cluster renders the roles of the cluster itself, of its nodes and of its
// network plug-in, and the provider that takes the tokens of its service
// accounts.
func (d *declaration) cluster() {
	d.add(render.Role(d.p, "cluster", "cluster", render.TrustService(d.p, "eks.amazonaws.com"))).
		For("identity.least-privilege")
	d.attach("cluster", "cluster", "AmazonEKSClusterPolicy").For("identity.least-privilege")
	d.attach("cluster_pod_groups", "cluster", "AmazonEKSVPCResourceController").
		For("identity.least-privilege", "network.sg-chain").
		Note("pods have security groups of their own, which the control plane attaches")

	d.nodes()

	d.add(terraform.Resource("aws_iam_openid_connect_provider", "cluster",
		set("url", render.Cluster+".identity[0].oidc[0].issuer"),
		set("client_id_list", []string{"sts.amazonaws.com"}),
	)).For("identity.irsa")

	d.add(render.Role(d.p, "cni", "cni", render.TrustAccount("kube-system", "aws-node"))).
		For("identity.node-role", "identity.trust-exact").
		Note("the network plug-in changes the nodes' interfaces: a role of its own, so that the nodes' role cannot; the add-on vpc-cni names it in service_account_role_arn")
	d.attach("cni", "cni", "AmazonEKS_CNI_Policy").For("identity.node-role")
}

// nodes renders the role that every pod falls back on: it joins the cluster and
// pulls images, and no more ("Amazon EKS node IAM role", EKS user guide).
func (d *declaration) nodes() {
	trust := render.Policy(render.Statement{
		Principal: obj("Service", "ec2.amazonaws.com"),
		Action:    []string{"sts:AssumeRole"},
	})
	d.add(render.Role(d.p, "nodes", "nodes", trust)).For("identity.node-role")
	d.attach("nodes", "nodes", "AmazonEKSWorkerNodeMinimalPolicy").For("identity.node-role")
	d.attach("nodes_images", "nodes", "AmazonEC2ContainerRegistryPullOnly").For("identity.node-role")
	if sessions(d.p) {
		d.attach("nodes_sessions", "nodes", "AmazonSSMManagedInstanceCore").
			For("identity.node-role", "access.ssm-only").From("operators", "breakGlass").
			Note("people reach nodes by Session Manager, whose agent has the node's role")
	}
}

// sessions says whether anybody may have a session on a node, or through one.
func sessions(p *platform.Platform) bool {
	return p.BreakGlass.Who != "" || slices.ContainsFunc(p.Operators, func(o platform.Operator) bool {
		return slices.Contains(o.May, "shell") || slices.Contains(o.May, "tunnel")
	})
}
