package network

import (
	"fathom/render"
	"fathom/render/terraform"
)

// cluster renders the EKS cluster and the add-ons that its network is made of.
// Its nodes are the layer supply's.
func (d *declaration) cluster() {
	name := render.Name(d.Platform)
	d.tf(render.LogGroup(d.Platform, "cluster", "/aws/eks/"+name+"/cluster")).From("logs.keep").
		Note("EKS would make it by itself, and keep everything for ever without a key")
	access := []terraform.Entry{
		set("subnet_ids", render.SubnetIDs(render.Private)),
		set("security_group_ids", []terraform.Expr{render.GroupOf(clusterGroup)}),
		set("endpoint_private_access", true),
		set("endpoint_public_access", len(d.Cluster.From) > 0),
	}
	from := []string{"cluster.version"}
	if len(d.Cluster.From) > 0 {
		from = append(from, "cluster.from")
		access = append(access, set("public_access_cidrs", d.Cluster.From))
	}
	d.tf(block("aws_eks_cluster", "main",
		set("name", name),
		set("version", d.Cluster.Version),
		set("role_arn", render.ClusterRole+".arn"),
		set("enabled_cluster_log_types", []string{"api", "audit", "authenticator", "controllerManager", "scheduler"}),
		set("bootstrap_self_managed_addons", false),
		set("deletion_protection", true),
		nest("vpc_config", access...),
		nest("access_config",
			set("authentication_mode", "API"),
			set("bootstrap_cluster_creator_admin_permissions", false)),
		nest("encryption_config",
			set("resources", []string{"secrets"}),
			nest("provider", set("key_arn", render.KeyARN("cluster")))),
		set("tags", terraform.Obj("Name", name)),
		set("depends_on", []terraform.Expr{
			"aws_cloudwatch_log_group.cluster", "aws_iam_role_policy_attachment.cluster", "aws_iam_role_policy_attachment.cluster_pod_groups",
		}),
	)).For("network.cluster-private").From(from...)

	d.addon("vpc-cni", set("service_account_role_arn", terraform.Expr("aws_iam_role.cni.arn")), set("configuration_values", d.plugin())).
		For("network.pod-policy", "network.sg-chain").Note(d.enforcing())
	d.addon("coredns")
	d.addon("kube-proxy")
	if who := d.podIdentity(); len(who) > 0 {
		d.addon("eks-pod-identity-agent").From(who...).
			Note("gives pods the credentials of their roles, with tags")
	}
}

func (d *declaration) addon(name string, body ...terraform.Entry) *terraform.Block {
	return d.tf(block("aws_eks_addon", render.Label(name), append([]terraform.Entry{
		set("cluster_name", render.Cluster+".name"),
		set("addon_name", name),
		set("resolve_conflicts_on_create", "OVERWRITE"),
		set("resolve_conflicts_on_update", "OVERWRITE"),
	}, body...)...))
}

// podIdentity are the paths of the services that have their roles by Pod
// Identity.
func (d *declaration) podIdentity() []string {
	var out []string
	for _, s := range d.Services {
		if s.SessionTags {
			out = append(out, "services."+s.Name+".sessionTags")
		}
	}
	return out
}

// mode is how strictly the groups of pods are enforced. In strict mode nothing
// link-local reaches a pod with a group of its own, so not the agent of Pod
// Identity either (amazon-vpc-cni-k8s, issues 2797 and 3557).
func (d *declaration) mode() string {
	if len(d.podIdentity()) > 0 {
		return "standard"
	}
	return "strict"
}

func (d *declaration) enforcing() string {
	says := "NetworkPolicies are enforced, and pods have security groups of their own"
	if d.mode() == "standard" {
		says += "; between pods on one node the NetworkPolicies alone decide, as the agent of Pod Identity is not reached in strict mode"
	}
	return says
}

// plugin is the configuration of the network plug-in ("Configure the Amazon VPC
// CNI plugin for Kubernetes for security groups for Amazon EKS Pods", EKS user
// guide). Pods keep their addresses on the way to the NAT gateway: otherwise they
// would leave with the node's, and under the node's security group.
func (d *declaration) plugin() terraform.Call {
	return terraform.JSON(terraform.Obj(
		"enableNetworkPolicy", "true",
		"env", terraform.Obj(
			"ENABLE_POD_ENI", "true",
			"POD_SECURITY_GROUP_ENFORCING_MODE", d.mode(),
			"AWS_VPC_K8S_CNI_EXTERNALSNAT", "true",
		),
		"init", terraform.Obj("env", terraform.Obj("DISABLE_TCP_EARLY_DEMUX", "true")),
	))
}
