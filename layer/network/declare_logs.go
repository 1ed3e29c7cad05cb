package network

import (
	"fathom/render"
	"fathom/render/terraform"
)

// flowFormat is AWS's own format and what it lacks: the addresses of pods and of
// what is behind a NAT gateway (pkt-*), and who lets the packet pass.
const flowFormat = "$${version} $${account-id} $${interface-id} $${srcaddr} $${dstaddr} $${srcport} $${dstport} $${protocol} $${packets} $${bytes} $${start} $${end} $${action} $${log-status} " +
	"$${vpc-id} $${subnet-id} $${tcp-flags} $${pkt-srcaddr} $${pkt-dstaddr} $${flow-direction} $${traffic-path} $${reject-reason}"

// flowLogs renders who talked to whom: all of the VPC to the bucket of logs, and
// what stands apart to a log group besides, where it can be searched and alarms
// can count it at once.
func (d *declaration) flowLogs() {
	d.tf(d.flowLog("main", set("vpc_id", render.VPC))).For("network.flow-logs").From("logs.keep")
	if !d.AnyApart() {
		return
	}
	d.tf(render.LogGroup(d.Platform, "apart_flow", "/"+d.Name+"/flow/apart")).
		For("network.flow-logs", "network.payments-isolation").From(append(d.apartPaths(), "logs.keep")...)
	d.tf(render.Role(d.Platform, "apart_flow", "apart-flow", render.TrustService(d.Platform, "vpc-flow-logs.amazonaws.com"))).
		For("network.payments-isolation")
	group := terraform.Template("${aws_cloudwatch_log_group.apart_flow.arn}:*")
	d.tf(render.RolePolicy("apart_flow", render.Statement{
		Action:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
		Resource: []any{terraform.Expr("aws_cloudwatch_log_group.apart_flow.arn"), group},
	})).For("network.payments-isolation")
	for _, t := range []render.Tier{render.Apart, render.Vault} {
		d.tf(block("aws_flow_log", string(t),
			set("for_each", terraform.Expr("aws_subnet."+string(t))),
			set("subnet_id", terraform.Expr("each.value.id")),
			set("traffic_type", "ALL"),
			set("log_destination_type", "cloud-watch-logs"),
			set("log_destination", terraform.Expr("aws_cloudwatch_log_group.apart_flow.arn")),
			set("iam_role_arn", terraform.Expr("aws_iam_role.apart_flow.arn")),
			set("log_format", terraform.Template(flowFormat)),
			set("max_aggregation_interval", 60),
			set("tags", terraform.Obj("Name", terraform.Template(render.Name(d.Platform, string(t))+"-${each.key}"))),
		)).For("network.flow-logs", "network.payments-isolation").From(d.apartPaths()...)
	}
}

// flowLog keeps all traffic of something in the bucket of logs.
func (d *declaration) flowLog(label string, of ...terraform.Entry) *terraform.Block {
	return block("aws_flow_log", label, append(of,
		set("traffic_type", "ALL"),
		set("log_destination_type", "s3"),
		set("log_destination", terraform.Template("${"+string(render.LogBucket)+".arn}/flow/")),
		set("log_format", terraform.Template(flowFormat)),
		set("max_aggregation_interval", 60),
		d.tags(label),
		set("depends_on", []terraform.Expr{render.PolicyOf(render.LogBucket)}), // or AWS writes a policy of its own
	)...)
}
