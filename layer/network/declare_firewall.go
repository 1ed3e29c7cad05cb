package network

import (
	"fmt"
	"slices"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// filtered says whether some host outside is known by its name only, so that a
// firewall has to tell hosts by their name.
func (d *declaration) filtered() bool {
	return slices.ContainsFunc(d.Services, func(s platform.Service) bool {
		return slices.ContainsFunc(s.Egress, func(e platform.Egress) bool { return len(e.Addresses) == 0 })
	})
}

// firewall renders the network firewall between the pods and the NAT gateways. It
// is stateful, so that the two directions of a connection have to pass the same
// endpoint: the one in the zone of the pod. The pods' route leads there, the
// firewall's to the NAT gateway, and the NAT gateway's routes to the pods'
// subnets lead back to the firewall endpoint of the pod's zone.
func (d *declaration) firewall() {
	if !d.filtered() {
		return
	}
	d.firewallRoutes()
	var groups []terraform.Entry
	var froms []string
	for i := range d.Services {
		s := &d.Services[i]
		if len(s.Egress) == 0 {
			continue
		}
		label := "egress_" + render.Label(s.Name)
		d.tf(d.ruleGroup(label, s)).For("network.egress-deny").From("services." + s.Name + ".egress")
		groups = append(groups, nest("stateful_rule_group_reference",
			set("priority", 100*(len(groups)+1)),
			set("resource_arn", terraform.Expr("aws_networkfirewall_rule_group."+label+".arn"))))
		froms = append(froms, "services."+s.Name+".egress")
	}
	d.tf(block("aws_networkfirewall_firewall_policy", "main",
		set("name", render.Name(d.Platform, "egress")),
		nest("firewall_policy", append([]terraform.Entry{
			set("stateless_default_actions", []string{"aws:forward_to_sfe"}),
			set("stateless_fragment_default_actions", []string{"aws:drop"}),
			set("stateful_default_actions", []string{"aws:drop_established", "aws:alert_established"}).
				Remark("a handshake passes, as the name comes after it; then nothing does that no rule names"),
			nest("stateful_engine_options", set("rule_order", "STRICT_ORDER"), set("stream_exception_policy", "DROP")),
		}, groups...)...),
	)).For("network.egress-deny").From(froms...)
	mapping := terraform.Labelled("dynamic", []string{"subnet_mapping"},
		set("for_each", terraform.Expr("aws_subnet.firewall")),
		nest("content", set("subnet_id", terraform.Expr("subnet_mapping.value.id"))))
	d.tf(block("aws_networkfirewall_firewall", "main",
		set("name", render.Name(d.Platform, "egress")),
		set("vpc_id", render.VPC),
		set("firewall_policy_arn", terraform.Expr("aws_networkfirewall_firewall_policy.main.arn")),
		set("delete_protection", true),
		set("subnet_change_protection", true),
		mapping,
		d.tags("egress"),
	)).For("network.egress-deny").
		Note("some services call hosts whose addresses nobody can name, so that the names decide")
	d.firewallLogs()
}

// firewallEndpoint is the firewall's endpoint in the zone of each.key.
func (d *declaration) firewallEndpoint() terraform.Expr {
	return terraform.Expr(`one([
    for s in tolist(aws_networkfirewall_firewall.main.firewall_status[0].sync_states) :
    s.attachment[0].endpoint_id if s.availability_zone == "` + d.Region + `${each.key}"
  ])`)
}

// firewallRoutes renders the firewall's subnets and the routes of both directions.
func (d *declaration) firewallRoutes() {
	d.subnets(firewallTier, "the endpoints of the network firewall", "", "").For("network.egress-deny").From("network.zones")
	d.table(firewallTier, true).For("network.egress-deny")
	d.tf(block("aws_route", "firewall",
		set("for_each", terraform.Expr("aws_route_table.firewall")),
		set("route_table_id", terraform.Expr("each.value.id")),
		set("destination_cidr_block", "0.0.0.0/0"),
		set("nat_gateway_id", d.natOf()),
	)).For("network.egress-deny").From("network.nat")
	tiers := []render.Tier{render.Private}
	if d.AnyApart() {
		tiers = append(tiers, render.Apart)
	}
	table := terraform.Expr("aws_route_table.nat[each.key].id")
	if d.Network.NAT == "one" {
		table = terraform.Expr(`aws_route_table.nat["` + d.natZones()[0] + `"].id`)
	}
	for _, t := range tiers {
		d.tf(block("aws_route", "back_"+string(t),
			set("for_each", terraform.Expr("aws_subnet."+string(t))),
			set("route_table_id", table),
			set("destination_cidr_block", terraform.Expr("each.value.cidr_block")),
			set("vpc_endpoint_id", d.firewallEndpoint()),
		)).For("network.egress-deny").From("network.nat").
			Note("answers come back through the endpoint that saw the question")
	}
}

// ruleGroup lets through what one service calls: names in the greeting of TLS, or
// in the request where the port is that of plain http; addresses where they are
// declared.
func (d *declaration) ruleGroup(label string, s *platform.Service) *terraform.Block {
	var lines []string
	add := func(format string, args ...any) {
		lines = append(lines, fmt.Sprintf(format, args...)+fmt.Sprintf(" sid:%d; rev:1;)", len(lines)+1))
	}
	for _, e := range s.Egress {
		host := strings.ToLower(e.Host)
		switch all := v4(e.Addresses); {
		case len(e.Addresses) > 0:
			for _, a := range all {
				add(`pass tcp $HOME_NET any -> %s %d (msg:"%s calls %s"; flow:to_server;`, a, e.Port, s.Name, host)
			}
		case e.Port == 80:
			add(`pass http $HOME_NET any -> $EXTERNAL_NET 80 (msg:"%s calls %s"; flow:to_server, established; http.host; content:"%s"; startswith; endswith;`, s.Name, host, host)
		default:
			add(`pass tls $HOME_NET any -> $EXTERNAL_NET %d (msg:"%s calls %s"; flow:to_server, established; tls.sni; content:"%s"; startswith; nocase; endswith;`, e.Port, s.Name, host, host)
		}
	}
	return block("aws_networkfirewall_rule_group", label,
		set("name", render.Name(d.Platform, "egress", s.Name)),
		set("type", "STATEFUL"),
		set("capacity", max(50, len(lines))).Remark("cannot be changed later, so there is room for more"),
		nest("rule_group",
			nest("rules_source", set("rules_string", terraform.Expr("<<-EOT\n        "+strings.Join(lines, "\n        ")+"\n      EOT"))),
			nest("stateful_rule_options", set("rule_order", "STRICT_ORDER")),
		),
		d.tags("egress-"+s.Name),
	)
}

// firewallLogs keeps what was dropped, and every connection.
func (d *declaration) firewallLogs() {
	d.tf(render.LogGroup(d.Platform, "firewall", "/"+d.Name+"/firewall")).For("network.egress-deny").From("logs.keep")
	var kinds []terraform.Entry
	for _, kind := range []string{"ALERT", "FLOW"} {
		kinds = append(kinds, nest("log_destination_config",
			set("log_type", kind),
			set("log_destination_type", "CloudWatchLogs"),
			set("log_destination", terraform.Obj("logGroup", terraform.Expr("aws_cloudwatch_log_group.firewall.name")))))
	}
	d.tf(block("aws_networkfirewall_logging_configuration", "main",
		set("firewall_arn", terraform.Expr("aws_networkfirewall_firewall.main.arn")),
		nest("logging_configuration", kinds...),
	)).For("network.egress-deny")
}
