package access

import (
	"slices"
	"strconv"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// operator renders the way in of an operator, and what it leads to.
func (d *declaration) operator(o *platform.Operator) {
	w := ofOperator(o)
	d.add(d.role(w), render.RolePolicy(w.label, d.permissions(o)...).For(w.controls...).From(w.from))
	d.approval(w)
	if may(o, "shell") {
		d.add(d.shell("shell_"+render.Label(o.Name), render.Name(d.p, "shell", o.Name), "A shell on a node for "+o.Name, w.minutes).
			For("access.session-audit", "access.scoped").From(w.from))
	}
	if may(o, "logs") || may(o, "restart") {
		d.add(terraform.Resource("aws_eks_access_entry", w.label,
			set("cluster_name", render.Cluster+".name"),
			set("principal_arn", terraform.Expr("aws_iam_role."+w.label+".arn")),
			set("kubernetes_groups", []string{render.Name(d.p, w.name)}),
			set("type", "STANDARD"),
		).For("access.scoped").From(w.from).Note("what the group may do is in kubernetes/base/access"))
		d.cluster(o, w)
	}
}

// permissions are what an operator may do in AWS, each for as long as the grant.
func (d *declaration) permissions(o *platform.Operator) []render.Statement {
	p := d.p
	var out []render.Statement
	add := func(s render.Statement) {
		s.Condition = append(s.Condition, granted())
		out = append(out, s)
	}
	var documents []any
	if may(o, "shell") {
		documents = append(documents, terraform.Expr("aws_ssm_document.shell_"+render.Label(o.Name)+".arn"))
	}
	for _, s := range stores(p, o) {
		documents = append(documents, terraform.Expr("aws_ssm_document.tunnel_"+render.Label(s.Name)+".arn"))
	}
	if len(documents) > 0 {
		for _, s := range begin(p, documents, nodeGroups(p, o)) {
			add(s)
		}
	}
	if may(o, "logs") {
		logs := "arn:aws:logs:" + p.Region + ":" + p.Account + ":log-group:"
		add(render.Statement{
			Sid: "ReadLogs", Action: []string{"logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetLogRecord", "logs:StartQuery"},
			Resource: []any{logs + "/" + p.Name + "/*", logs + "/aws/containerinsights/" + p.Name + "/*"},
		})
		add(render.Statement{
			Sid: "Look", Resource: []any{"*"},
			Action: []string{
				"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics",
				"logs:DescribeLogGroups", "logs:DescribeQueries", "logs:GetQueryResults", "logs:StopQuery",
			},
		})
	}
	if may(o, "logs") || may(o, "restart") {
		add(render.Statement{Sid: "FindTheCluster", Action: []string{"eks:DescribeCluster"}, Resource: []any{render.Cluster + ".arn"}})
	}
	return out
}

// begin lets somebody begin sessions by certain documents on certain nodes, and
// end their own (Systems Manager User Guide, "Additional sample IAM policies for
// Session Manager"). Sessions are named after aws:userid, which somebody else
// cannot choose.
func begin(p *platform.Platform, documents []any, groups []string) []render.Statement {
	own := "arn:aws:ssm:" + p.Region + ":" + p.Account + ":session/${aws:userid}-*"
	return []render.Statement{
		{
			Sid: "OnTheseNodes", Action: []string{"ssm:StartSession"}, Resource: []any{"arn:aws:ec2:" + p.Region + ":" + p.Account + ":instance/*"},
			Condition: []render.Condition{
				is("StringEquals", "ssm:resourceTag/eks:cluster-name", render.Cluster+".name"),
				is("StringEquals", "ssm:resourceTag/eks:nodegroup-name", groups),
				is("BoolIfExists", "ssm:SessionDocumentAccessCheck", "true"),
			},
		},
		{Sid: "ByTheseDocuments", Action: []string{"ssm:StartSession"}, Resource: documents},
		{Sid: "OwnSessionsOnly", Action: []string{"ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"}, Resource: []any{own}},
		{Sid: "FindNodes", Action: []string{"ec2:DescribeInstances", "ssm:DescribeInstanceInformation", "ssm:DescribeSessions", "ssm:GetConnectionStatus"}, Resource: []any{"*"}},
		{
			Sid: "SealTheChannel", Action: []string{"kms:GenerateDataKey"}, Resource: []any{render.KeyARN("logs")},
			Condition: []render.Condition{is("StringLike", "kms:EncryptionContext:aws:ssm:SessionId", "*")},
		},
	}
}

// nodeGroups are the groups of nodes that an operator's services run on.
func nodeGroups(p *platform.Platform, o *platform.Operator) []string {
	var out []string
	for _, s := range services(p, o) {
		name := "general"
		if p.Apart(s) {
			name = "apart"
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// cluster renders what an operator may do in the cluster: read the logs of a
// namespace, and restart a service. A restart is a change of the Deployment, so
// that it names the services; logs are of pods, whose names nobody knows before.
func (d *declaration) cluster(o *platform.Operator, w way) {
	seen := map[string]bool{}
	for _, s := range services(d.p, o) {
		if may(o, "logs") && !seen[s.Namespace] {
			seen[s.Namespace] = true
			d.allow(w, s.Namespace, w.name+"-logs", "", list{
				m("apiGroups", list{""}, "resources", list{"pods", "pods/log", "events"}, "verbs", list{"get", "list"}),
				m("apiGroups", list{"apps"}, "resources", list{"deployments", "replicasets"}, "verbs", list{"get", "list"}),
			})
		}
		if may(o, "restart") {
			d.allow(w, s.Namespace, w.name+"-restart-"+s.Name, "services."+s.Name, list{
				m("apiGroups", list{"apps"}, "resources", list{"deployments"}, "resourceNames", list{s.Name}, "verbs", list{"get", "patch"}),
			})
		}
	}
}

// allow renders a Role and its binding to the group of a way in.
func (d *declaration) allow(w way, namespace, name, from string, rules list) {
	const group = "rbac.authorization.k8s.io"
	role := kubernetes.New(group+"/v1", "Role", namespace, name, "rules", rules)
	binding := kubernetes.New(group+"/v1", "RoleBinding", namespace, name,
		"roleRef", m("apiGroup", group, "kind", "Role", "name", name),
		"subjects", list{m("apiGroup", group, "kind", "Group", "name", render.Name(d.p, w.name))},
	)
	for _, o := range []*kubernetes.Object{role, binding} {
		o.For("access.scoped").From(w.from).In(w.name)
		if from != "" {
			o.From(from)
		}
		d.add(o)
	}
}

// stores are those that an operator may have a tunnel to: what its services use
// and what has one address.
func stores(p *platform.Platform, o *platform.Operator) []*platform.Store {
	if !may(o, "tunnel") {
		return nil
	}
	mine := services(p, o)
	var out []*platform.Store
	for i := range p.Stores {
		s := &p.Stores[i]
		if address(s) != "" && slices.ContainsFunc(p.Users(s.Name), func(u platform.User) bool { return slices.Contains(mine, u.By) }) {
			out = append(out, s)
		}
	}
	return out
}

// address is where a store is reached; empty where it has several addresses, or
// none.
func address(s *platform.Store) terraform.Expr {
	switch s.Engine {
	case platform.Postgres, platform.MySQL:
		return terraform.Expr(render.StoreAddress(s) + ".endpoint")
	case platform.Redis:
		return terraform.Expr(render.StoreAddress(s) + ".primary_endpoint_address")
	}
	return ""
}

// tunnels renders a document for each store that anybody may have a tunnel to. It
// names the host and the port, where AWS's own would forward to any.
func (d *declaration) tunnels() {
	p := d.p
	for i := range p.Stores {
		s := &p.Stores[i]
		var from []string
		for j := range p.Operators {
			if slices.Contains(stores(p, &p.Operators[j]), s) {
				from = append(from, "operators."+p.Operators[j].Name)
			}
		}
		if len(from) == 0 {
			continue
		}
		d.add(terraform.Resource("aws_ssm_document", "tunnel_"+render.Label(s.Name),
			set("name", render.Name(p, "tunnel", s.Name)),
			set("document_type", "Session"),
			set("document_format", "JSON"),
			set("content", terraform.JSON(obj(
				"schemaVersion", "1.0",
				"description", "A tunnel to "+s.Name+" and to nothing else",
				"sessionType", "Port",
				"parameters", obj("localPortNumber", obj(
					"type", "String", "description", "the port on the operator's own machine",
					"allowedPattern", "^([0-9]{1,5})$", "default", "0",
				)),
				"properties", obj(
					"type", "LocalPortForwarding",
					"host", address(s), "portNumber", strconv.Itoa(s.Engine.DefaultPort()),
					"localPortNumber", "{{ localPortNumber }}",
				),
			))),
		).For("access.scoped").From(append(from, "stores."+s.Name)...).
			Note("what goes through a tunnel is not recorded; the database's own log has the statements"))
	}
}
