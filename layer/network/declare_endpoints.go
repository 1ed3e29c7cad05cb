package network

import (
	"fathom/render"
	"fathom/render/terraform"
)

// interfaces are the services that have an endpoint with nothing special in its
// policy: they have no resources of other accounts that data could be carried to,
// or they describe what belongs to AWS (images, documents), which has no account
// of ours.
var interfaces = []string{
	"acm-pca",              // cert-manager has the mesh's certificates signed
	"autoscaling",          // node groups
	"ec2",                  // the network plug-in
	"eks",                  // nodes that join
	"eks-auth",             // Pod Identity
	"elasticloadbalancing", // the load balancer controller
	"logs",
	"ssm", "ssmmessages", // Session Manager
}

// endpoints renders the ways to AWS that do not lead through the internet, each
// with a policy: only principals of this account, and where data could be carried
// away only its resources.
func (d *declaration) endpoints() {
	ours := render.Condition{Operator: "StringEquals", Key: "aws:PrincipalAccount", Value: d.Account}
	owned := render.Condition{Operator: "StringEquals", Key: "aws:ResourceAccount", Value: d.Account}
	allow := func(sid string, actions []string, on any, c ...render.Condition) render.Statement {
		return render.Statement{Sid: sid, Principal: "*", Action: actions, Resource: []any{on}, Condition: c}
	}
	both := func(service string) terraform.Call {
		return render.Policy(allow("Ours", []string{service + ":*"}, "*", ours, owned))
	}

	d.tf(d.interfaceEndpoint("interface", "${each.key}", render.Policy(allow("Ours", []string{"*"}, "*", ours)),
		set("for_each", terraform.Call{Name: "toset", Args: []any{interfaces}}))).For("network.endpoints")
	for _, service := range []string{"kms", "secretsmanager"} {
		d.tf(d.interfaceEndpoint(service, service, both(service))).For("network.endpoints")
	}
	d.tf(d.interfaceEndpoint("sts", "sts", render.Policy(
		allow("RolesByToken", []string{"sts:AssumeRoleWithWebIdentity"}, d.roles()),
		allow("Roles", []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}, d.roles(), ours),
		allow("WhoAmI", []string{"sts:GetCallerIdentity"}, "*", ours),
	))).For("network.endpoints").
		Note("who comes with the token of a service account is nobody yet, so that only the role can be named")
	registry := render.Policy(
		allow("Pull", []string{
			"ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
		}, "*", ours),
		allow("Ours", []string{"ecr:*"}, "*", ours, owned),
	)
	for _, part := range []string{"api", "dkr"} {
		d.tf(d.interfaceEndpoint("ecr_"+part, "ecr."+part, registry)).For("network.endpoints").
			Note("the add-ons' images are in registries of AWS's own, so that pulling is not bound to this account; pushing is")
	}

	bucket := render.Policy(
		allow("Ours", []string{"s3:*"}, "*", ours, owned),
		allow("LayersOfImages", []string{"s3:GetObject"}, "arn:aws:s3:::prod-"+d.Region+"-starport-layer-bucket/*"),
	)
	d.tf(d.interfaceEndpoint("s3", "s3", bucket)).For("network.endpoints").
		Note("pods reach buckets by this one: its addresses are few, and a NetworkPolicy names them; ECR keeps the layers of images in a bucket of AWS's own").
		Add(nest("dns_options", set("private_dns_only_for_inbound_resolver_endpoint", false)))
	tables := terraform.Expr("values(aws_route_table.private)[*].id")
	if d.AnyApart() {
		tables = "concat(values(aws_route_table.private)[*].id, values(aws_route_table.apart)[*].id)"
	}
	d.tf(block("aws_vpc_endpoint", "s3_gateway",
		set("vpc_id", render.VPC),
		set("vpc_endpoint_type", "Gateway"),
		set("service_name", "com.amazonaws."+d.Region+".s3"),
		set("route_table_ids", tables),
		set("policy", bucket),
		d.tags("s3-gateway"),
	)).For("network.endpoints").Note("for what asks S3 by its public addresses: it stays inside, and under the same policy")
}

// roles are the roles of the account.
func (d *declaration) roles() string { return "arn:aws:iam::" + d.Account + ":role/*" }

// interfaceEndpoint is an endpoint with addresses in the VPC.
func (d *declaration) interfaceEndpoint(label, service string, policy terraform.Call, before ...terraform.Entry) *terraform.Block {
	name := set("service_name", terraform.Template("com.amazonaws."+d.Region+"."+service))
	tags := set("tags", terraform.Obj("Name", terraform.Template(render.Name(d.Platform)+"-"+service)))
	return block("aws_vpc_endpoint", label, append(before,
		set("vpc_id", render.VPC),
		set("vpc_endpoint_type", "Interface"),
		name,
		set("subnet_ids", render.SubnetIDs(doorsTier)),
		set("security_group_ids", []terraform.Expr{render.GroupOf(doorsGroup)}),
		set("private_dns_enabled", true),
		set("policy", policy),
		tags,
	)...)
}
