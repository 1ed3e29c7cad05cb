package network_test

import (
	"strings"
	"testing"

	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/layer/network"
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

var declared, printed = layertest.Of(network.Layer())

// estateOf reads back what is rendered, among what other layers put into the
// network.
func estateOf(t testing.TB, p *platform.Platform, resources []render.Resource) *estate.Estate {
	t.Helper()
	return layertest.Whole(t, layertest.Tree(t, p,
		render.Part{Layer: "network", Resources: resources}, render.Part{Layer: "others", Resources: others(p)}))
}

// others are, as small as they can be, what other layers render and what stands
// in the network: nodes, stores, load balancers, pods.
func others(p *platform.Platform) []render.Resource {
	res, set, nest := terraform.Resource, terraform.Set, terraform.Nest
	out := []render.Resource{
		res("aws_kms_key", "logs"), res("aws_kms_key", "cluster"),
		res("aws_s3_bucket", "logs", set("bucket", render.BucketName(p, "logs"))),
		res("aws_iam_role", "cluster", set("name", "cluster")),
		res("aws_iam_role", "cni", set("name", "cni")),
		res("aws_iam_role", "nodes", set("name", "nodes")),
		res("aws_iam_policy", "boundary", set("name", "boundary"), set("policy", render.Policy())),
		res("aws_iam_role_policy_attachment", "cluster"), res("aws_iam_role_policy_attachment", "cluster_pod_groups"),
		balancer("main", render.Public, ""), balancer("standby", render.Standby, render.ProviderBackup),
		res("aws_launch_template", "nodes",
			set("vpc_security_group_ids", []terraform.Expr{render.GroupOf("nodes")}),
			nest("metadata_options", set("http_tokens", "required"), set("http_put_response_hop_limit", 1))),
		nodes("general", render.Private),
	}
	if p.AnyApart() {
		out = append(out, nodes("apart", render.Apart, set("labels", terraform.Obj("apart", "true"))))
	}
	for i := range p.Stores {
		out = append(out, store(p, &p.Stores[i])...)
	}
	for _, t := range []render.Tier{render.Database, render.Vault} {
		if t == render.Database || p.AnyApart() {
			out = append(out,
				res("aws_db_subnet_group", string(t), set("name", string(t)), set("subnet_ids", render.SubnetIDs(t))),
				res("aws_elasticache_subnet_group", string(t), set("name", string(t)), set("subnet_ids", render.SubnetIDs(t))))
		}
	}
	for i := range p.Services {
		s := &p.Services[i]
		out = append(out, deployment(s.Namespace, s.Name, s.Port, p.Apart(s)))
	}
	return append(out, deployment(render.GatewayNamespace, render.GatewayAccount, render.GatewayPort, false))
}

func balancer(name string, t render.Tier, provider terraform.Expr) render.Resource {
	body := []terraform.Entry{
		terraform.Set("name", name), terraform.Set("load_balancer_type", "application"), terraform.Set("internal", false),
		terraform.Set("subnets", render.SubnetIDs(t)),
	}
	group := "alb"
	if provider != "" {
		body, group = append(body, terraform.Set("provider", provider)), "standby"
	}
	return terraform.Resource("aws_lb", name, append(body, terraform.Set("security_groups", []terraform.Expr{render.GroupOf(group)}))...)
}

func nodes(name string, t render.Tier, body ...terraform.Entry) render.Resource {
	return terraform.Resource("aws_eks_node_group", name, append(body,
		terraform.Set("cluster_name", render.Cluster+".name"), terraform.Set("node_group_name", name),
		terraform.Set("node_role_arn", render.NodeRole+".arn"), terraform.Set("subnet_ids", render.SubnetIDs(t)),
		terraform.Nest("launch_template",
			terraform.Set("id", terraform.Expr("aws_launch_template.nodes.id")), terraform.Set("version", "1")))...)
}

// store is a store in the subnets and under the group that are rendered for it.
func store(p *platform.Platform, s *platform.Store) []render.Resource {
	kind, label, _ := strings.Cut(render.StoreAddress(s), ".")
	tier := render.Database
	if s.Isolate {
		tier = render.Vault
	}
	set := terraform.Set
	groups := []terraform.Expr{render.StoreGroup(s.Name)}
	body := []terraform.Entry{set("tags", render.StoreTags(p, s))}
	switch s.Engine {
	case platform.Postgres, platform.MySQL:
		body = append(body, set("cluster_identifier", render.Name(p, s.Name)),
			set("engine", map[platform.Engine]string{platform.Postgres: "aurora-postgresql", platform.MySQL: "aurora-mysql"}[s.Engine]),
			set("db_subnet_group_name", terraform.Expr("aws_db_subnet_group."+string(tier)+".name")),
			set("vpc_security_group_ids", groups))
	case platform.Redis:
		body = append(body, set("replication_group_id", render.Name(p, s.Name)), set("engine", "redis"),
			set("subnet_group_name", terraform.Expr("aws_elasticache_subnet_group."+string(tier)+".name")),
			set("security_group_ids", groups))
	case platform.Kafka:
		body = append(body, set("cluster_name", render.Name(p, s.Name)), terraform.Nest("broker_node_group_info",
			set("client_subnets", render.SubnetIDs(tier)), set("security_groups", groups), set("instance_type", "kafka.m7g.large")))
	case platform.S3:
		body = append(body, set("bucket", render.BucketName(p, s.Name)))
	}
	return []render.Resource{terraform.Resource(kind, label, body...)}
}

func deployment(namespace, name string, port int, apart bool) render.Resource {
	m, list := kubernetes.M, func(v ...any) kubernetes.L { return v }
	labels := m("matchLabels", m("app.kubernetes.io/name", name))
	spec := m("containers", list(m("name", name, "image", name, "ports", list(m("containerPort", port)))))
	if apart {
		spec = append(spec, m("nodeSelector", m("apart", "true"))...)
	} else { // the taint would keep it away from the others, and reach follows no taints
		spec = append(spec, m("nodeSelector", m("eks.amazonaws.com/nodegroup", "general"))...)
	}
	return kubernetes.New("apps/v1", "Deployment", namespace, name, "spec", m(
		"selector", labels,
		"template", m("metadata", m("labels", m("app.kubernetes.io/name", name)), "spec", spec),
	))
}
