package access

import (
	"fathom/render"
	"fathom/render/terraform"
)

// emergency renders the way in for when the pipeline or the cluster is broken:
// wider than any other, never wide enough to lose data or the traces.
func (d *declaration) emergency() {
	p := d.p
	if p.BreakGlass.Who == "" {
		return
	}
	w := ofEmergency(p)
	const label = "break_glass"
	role := terraform.Expr("aws_iam_role." + label)
	document := "shell_" + label
	d.add(
		d.role(w),
		render.RolePolicy(label, d.repairs(terraform.Expr("aws_ssm_document."+document+".arn"))...).For(w.controls...).For("access.scoped").From(w.from),
		d.shell(document, render.Name(p, "shell-break-glass"), "A shell on a node in an emergency", w.minutes).For("access.session-audit").From(w.from),
		terraform.Resource("aws_eks_access_entry", label,
			set("cluster_name", render.Cluster+".name"),
			set("principal_arn", role+".arn"),
			set("type", "STANDARD"),
		).For("access.break-glass").From(w.from),
		terraform.Resource("aws_eks_access_policy_association", label,
			set("cluster_name", render.Cluster+".name"),
			set("principal_arn", role+".arn"),
			set("policy_arn", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"),
			nest("access_scope", set("type", "cluster")),
			set("depends_on", []terraform.Expr{"aws_eks_access_entry." + label}),
		).For("access.break-glass").From(w.from),
	)
	d.approval(w)
	d.loud(role)
}

// ownCluster lets those who apply the files into the cluster: nobody else is let
// in when it is new, whoever makes it included, and somebody has to put into it
// what pulls the manifests.
func (d *declaration) ownCluster() {
	const label = "administrators"
	entry := terraform.Expr("aws_eks_access_entry." + label)
	d.add(
		terraform.Data("aws_iam_roles", label,
			set("for_each", terraform.Expr("toset([for arn in "+string(render.Administrators)+" : basename(arn)])")),
			set("name_regex", terraform.Template(`^${replace(each.key, "*", ".*")}$`)),
		).For("access.scoped").From("account").Note("The cluster lets in roles by their whole names"),
		terraform.Resource("aws_eks_access_entry", label,
			set("for_each", terraform.Expr("data.aws_iam_roles."+label)),
			set("cluster_name", render.Cluster+".name"),
			set("principal_arn", terraform.Expr("one(each.value.arns)")),
			set("type", "STANDARD"),
		).For("access.scoped").From("account").
			Note("Who applies these files, and puts into the new cluster what pulls the manifests: whoever makes a cluster is not let in by that"),
		terraform.Resource("aws_eks_access_policy_association", label,
			set("for_each", entry),
			set("cluster_name", render.Cluster+".name"),
			set("principal_arn", terraform.Expr("each.value.principal_arn")),
			set("policy_arn", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"),
			nest("access_scope", set("type", "cluster")),
		).For("access.scoped").From("account"),
	)
}

// repairs are what is needed to mend the platform by hand. There is nothing of
// IAM, of keys, of logs or of backups' deletion in it.
func (d *declaration) repairs(document terraform.Expr) []render.Statement {
	p := d.p
	groups := []string{"general"}
	if p.AnyApart() {
		groups = append([]string{"apart"}, groups...)
	}
	in := func(service, what string) string {
		return "arn:aws:" + service + ":" + p.Region + ":" + p.Account + ":" + what
	}
	out := begin(p, []any{document}, groups)
	out = append(out,
		render.Statement{
			Sid: "TheCluster", Action: []string{"eks:DescribeCluster", "eks:DescribeNodegroup", "eks:UpdateNodegroupConfig", "eks:UpdateNodegroupVersion"},
			Resource: []any{in("eks", "cluster/"+p.Name+"*"), in("eks", "nodegroup/"+p.Name+"*/*")},
		},
		render.Statement{
			Sid: "TheDatabases", Action: []string{"rds:FailoverDBCluster", "rds:ModifyDBCluster", "rds:RebootDBInstance", "rds:RestoreDBClusterToPointInTime"},
			Resource: []any{in("rds", "cluster:"+p.Name+"-*"), in("rds", "db:"+p.Name+"-*"), in("rds", "subgrp:"+p.Name+"-*"), in("rds", "cluster-pg:"+p.Name+"-*")},
		},
		render.Statement{
			Sid: "TheEdge", Action: []string{
				"elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule", "elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:SetRulePriorities",
			},
			Resource: []any{in("elasticloadbalancing", "listener/app/"+p.Name+"*"), in("elasticloadbalancing", "listener-rule/app/"+p.Name+"*"), in("elasticloadbalancing", "targetgroup/"+p.Name+"*")},
		},
		render.Statement{
			Sid: "TheWebACL", Action: []string{"wafv2:GetWebACL", "wafv2:UpdateIPSet", "wafv2:UpdateWebACL"},
			Resource: []any{"arn:aws:wafv2:us-east-1:" + p.Account + ":global/*"},
		},
		render.Statement{
			Sid: "Look", Resource: []any{"*"},
			Action: []string{
				"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
				"elasticloadbalancing:DescribeTargetHealth", "rds:DescribeDBClusters", "rds:DescribeDBInstances",
			},
		},
	)
	for i := range out {
		out[i].Condition = append(out[i].Condition, granted())
	}
	return out
}

// loud tells everybody on call when the emergency way in is taken: at once, and
// from the trail, which has the events of all regions.
func (d *declaration) loud(role terraform.Expr) {
	p := d.p
	const label = "break_glass"
	controls := []string{"access.break-glass", "response.detections"}
	says := "Somebody took the emergency way in: whoever is on call asks them why"
	d.add(
		terraform.Resource("aws_cloudwatch_event_rule", label,
			set("name", render.Name(p, "break-glass")),
			set("description", says),
			set("state", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
			set("event_pattern", terraform.JSON(obj(
				"source", []string{"aws.sts"},
				"detail-type", []string{"AWS API Call via CloudTrail"},
				"detail", obj(
					"eventName", []string{"AssumeRole"},
					"requestParameters", obj("roleArn", []terraform.Expr{role + ".arn"}),
				),
			))),
		).For(controls...).From("breakGlass").Note("AssumeRole is a reading event, which rules see only in this state"),
		terraform.Resource("aws_cloudwatch_event_target", label,
			set("rule", terraform.Expr("aws_cloudwatch_event_rule."+label+".name")),
			set("arn", render.OnCallTopic),
		).For(controls...).From("breakGlass", "notify.oncall"),
		terraform.Resource("aws_cloudwatch_log_metric_filter", label,
			set("name", render.Name(p, "break-glass")),
			set("log_group_name", render.TrailLog+".name"),
			set("pattern", terraform.Template(`{ ($.eventName = \"AssumeRole\") && ($.requestParameters.roleArn = \"${`+string(role)+`.arn}\") }`)),
			nest("metric_transformation", set("name", "break-glass"), set("namespace", p.Name+"/detections"), set("value", "1")),
		).For(controls...).From("breakGlass"),
		terraform.Resource("aws_cloudwatch_metric_alarm", label,
			set("alarm_name", render.Name(p, "break-glass")),
			set("alarm_description", says),
			set("namespace", p.Name+"/detections"),
			set("metric_name", "break-glass"),
			set("statistic", "Sum"),
			set("period", 300),
			set("evaluation_periods", 1),
			set("comparison_operator", "GreaterThanOrEqualToThreshold"),
			set("threshold", 1),
			set("treat_missing_data", "notBreaching"),
			set("alarm_actions", []terraform.Expr{render.OnCallTopic}),
		).For(controls...).From("breakGlass", "notify.oncall"),
	)
}
