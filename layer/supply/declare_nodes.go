package supply

import (
	"regexp"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// arm matches the instance types with processors of AWS's own: a family, a
// generation, and a g among what follows (Amazon EC2 instance type naming
// conventions); a1 is older than the rule.
var arm = regexp.MustCompile(`^(a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\.`)

// isARM says whether nodes of that type run images for arm64.
func isARM(instance string) bool {
	family, rest, _ := strings.Cut(instance, ".")
	family, _, _ = strings.Cut(family, "-") // m7i-flex
	return arm.MatchString(family + "." + rest)
}

// nodes renders the node groups: managed by EKS, of Bottlerocket, which has no
// shell and no package manager and whose root file system cannot be changed. A
// node is never patched; a newer image replaces it.
func nodes(p *platform.Platform) []*terraform.Block {
	arch, ami := "x86_64", "BOTTLEROCKET_x86_64"
	if isARM(p.Cluster.Instance) {
		arch, ami = "arm64", "BOTTLEROCKET_ARM_64"
	}
	out := []*terraform.Block{
		terraform.Data("aws_ssm_parameter", "node_image",
			set("name", "/aws/service/bottlerocket/aws-k8s-"+p.Cluster.Version+"/"+arch+"/latest/image_version"),
		).For("supply.immutable-nodes").From("cluster.version", "cluster.instance").
			Note("the newest image: a plan that would replace nodes says that there is one"),
		terraform.Resource("aws_launch_template", "nodes",
			set("name", render.Name(p, "nodes")),
			set("update_default_version", true),
			set("vpc_security_group_ids", []terraform.Expr{render.GroupOf("nodes")}),
			nest("metadata_options",
				set("http_endpoint", "enabled"),
				set("http_tokens", "required"),
				set("http_put_response_hop_limit", 1)),
			disk("/dev/xvda", 4).Remark("the system, and below what pods keep on the node: images, logs, emptyDirs"),
			disk("/dev/xvdb", 80),
			tagged(p, "instance"), tagged(p, "volume"),
		).For("supply.immutable-nodes", "identity.node-role", "network.no-ssh", "data.at-rest").
			Note("no key pair: nobody signs in to a node but by Session Manager. With one hop, the credentials of the node stay out of reach of its pods"),
		nodeGroup(p, "general", ami, render.Private, p.Cluster.Nodes.Min).From("cluster.nodes", "cluster.instance"),
	}
	if p.AnyApart() {
		apart := nodeGroup(p, "apart", ami, render.Apart, min(len(p.Network.Zones), p.Cluster.Nodes.Max),
			set("labels", terraform.Obj("apart", "true")),
			nest("taint", set("key", "apart"), set("value", "true"), set("effect", "NO_SCHEDULE")))
		apart.For("network.payments-isolation").From("cluster.instance", "network.zones").
			Note("for the services that stand apart: no other pod is put here")
		out = append(out, apart)
	}
	return out
}

func disk(device string, gib int) terraform.Entry {
	return nest("block_device_mappings",
		set("device_name", device),
		nest("ebs",
			set("volume_size", gib),
			set("volume_type", "gp3"),
			set("encrypted", true),
			set("kms_key_id", render.KeyARN("volumes"))))
}

// tagged says whose the nodes are: default_tags do not reach what a launch
// template makes.
func tagged(p *platform.Platform, kind string) terraform.Entry {
	return nest("tag_specifications",
		set("resource_type", kind),
		set("tags", terraform.Obj("Name", render.Name(p, "nodes"), "platform", p.Name)))
}

func nodeGroup(p *platform.Platform, name, ami string, tier render.Tier, least int, more ...terraform.Entry) *terraform.Block {
	return terraform.Resource("aws_eks_node_group", name, terraform.Join([]terraform.Entry{
		set("cluster_name", render.Cluster+".name"),
		set("node_group_name", name),
		set("node_role_arn", render.NodeRole+".arn"),
		set("subnet_ids", render.SubnetIDs(tier)),
		set("ami_type", ami),
		set("instance_types", []string{p.Cluster.Instance}),
		set("version", p.Cluster.Version),
		set("release_version", terraform.Expr("data.aws_ssm_parameter.node_image.insecure_value")),
	}, more, []terraform.Entry{
		nest("launch_template",
			set("id", terraform.Expr("aws_launch_template.nodes.id")),
			set("version", terraform.Expr("aws_launch_template.nodes.latest_version"))),
		nest("scaling_config",
			set("min_size", least), set("max_size", p.Cluster.Nodes.Max), set("desired_size", least)),
		nest("update_config", set("max_unavailable_percentage", 25)),
		nest("node_repair_config", set("enabled", true)),
		nest("lifecycle", set("ignore_changes", []terraform.Expr{"scaling_config[0].desired_size"})).
			Remark("the autoscaler's"),
		set("depends_on", []terraform.Expr{"aws_iam_role_policy_attachment.nodes", "aws_iam_role_policy_attachment.nodes_images"}).
			Remark("a node joins only while its role may"),
	})...).For("supply.immutable-nodes")
}
