package edge

import (
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

const (
	zoneID    = terraform.Expr("data.aws_route53_zone.main.zone_id")
	edgeCert  = terraform.Expr("aws_acm_certificate_validation.edge.certificate_arn")
	lbCert    = terraform.Expr("aws_acm_certificate_validation.origin.certificate_arn")
	spareCert = terraform.Expr("aws_acm_certificate_validation.standby.certificate_arn")
)

// declareNames renders the certificates, the names of the shop and of its
// origin, and what fails over.
func declareNames(p *platform.Platform) []render.Resource {
	out := []render.Resource{
		terraform.Data("aws_route53_zone", "main", set("name", p.Edge.Zone), set("private_zone", false)).
			From("edge.zone").Note("The zone is older than the platform: the registrar points at it"),
	}
	origin := originHost(p)
	out = append(out, certificate(p, "edge", render.ProviderGlobal, p.Edge.Domains[0], p.Edge.Domains[1:]...)...)
	out = append(out, certificate(p, "origin", "", origin, p.Edge.Domains...)...)
	out = append(out, certificate(p, "standby", render.ProviderBackup, origin, p.Edge.Domains...)...)
	for _, host := range append([]string{origin}, p.Edge.Domains...) {
		out = append(out, proof(host))
	}
	for _, d := range p.Edge.Domains {
		for _, kind := range []string{"A", "AAAA"} {
			out = append(out, terraform.Resource("aws_route53_record", label(d)+"_"+strings.ToLower(kind),
				set("zone_id", zoneID), set("name", d), set("type", kind),
				nest("alias",
					set("name", render.Distribution+".domain_name"),
					set("zone_id", render.Distribution+".hosted_zone_id"),
					set("evaluate_target_health", false)),
			).From("edge.domains"))
		}
	}
	return append(out, declareFailover(p)...)
}

// label makes a Terraform label of a host name.
func label(host string) string {
	return strings.NewReplacer(".", "_", "-", "_", "*", "any").Replace(host)
}

func certificate(p *platform.Platform, name string, provider terraform.Expr, host string, more ...string) []render.Resource {
	at := func(body ...terraform.Entry) []terraform.Entry {
		return append(when(provider != "", set("provider", provider)), body...)
	}
	var proofs []terraform.Expr
	for _, h := range append([]string{host}, more...) {
		proofs = append(proofs, terraform.Expr("aws_route53_record.proof_"+label(h)+".fqdn"))
	}
	cert := at(set("domain_name", host))
	if len(more) > 0 {
		cert = append(cert, set("subject_alternative_names", more))
	}
	cert = append(cert, set("validation_method", "DNS"), nest("lifecycle", set("create_before_destroy", true)))
	return []render.Resource{
		terraform.Resource("aws_acm_certificate", name, cert...).For("edge.tls").From("edge.domains", "edge.zone"),
		terraform.Resource("aws_acm_certificate_validation", name, at(
			set("certificate_arn", terraform.Expr("aws_acm_certificate."+name+".arn")),
			set("validation_record_fqdns", proofs),
		)...).For("edge.tls"),
	}
}

// proof is the record that proves a name to all three certificates: AWS asks one
// account for the same record in every region.
func proof(host string) *terraform.Block {
	of := func(attr string) terraform.Expr {
		return terraform.Expr("one([for o in aws_acm_certificate.origin.domain_validation_options : o.resource_record_" + attr + " if o.domain_name == \"" + host + "\"])")
	}
	return terraform.Resource("aws_route53_record", "proof_"+label(host),
		set("zone_id", zoneID),
		set("name", of("name")), set("type", of("type")), set("records", []terraform.Expr{of("value")}), set("ttl", 300),
	).For("edge.tls").From("edge.domains").Note("Proves the name to the certificates of all regions")
}

// declareFailover lets the origin's name answer with the standby when the load
// balancer has no healthy target.
func declareFailover(p *platform.Platform) []render.Resource {
	record := func(name, kind, lb string, asks bool, body ...terraform.Entry) *terraform.Block {
		all := []terraform.Entry{
			set("zone_id", zoneID), set("name", originHost(p)), set("type", "A"), set("set_identifier", name),
		}
		all = append(all, body...)
		return terraform.Resource("aws_route53_record", "origin_"+name, append(all,
			nest("failover_routing_policy", set("type", kind)),
			nest("alias",
				set("name", terraform.Expr(lb+".dns_name")), set("zone_id", terraform.Expr(lb+".zone_id")),
				set("evaluate_target_health", asks)))...,
		).For("edge.failover").From("edge.zone", "region", "backupRegion")
	}
	alarm := alarmOf(p, alarmSpec{
		label: "origin_healthy", what: "The load balancer has no healthy target: the shop is down, or its region is",
		namespace: "AWS/ApplicationELB", metric: "HealthyHostCount", statistic: "Maximum", below: 1, periods: 3,
		dimensions: terraform.Obj("LoadBalancer", render.LoadBalancer+".arn_suffix", "TargetGroup", terraform.Expr("aws_lb_target_group.gateway.arn_suffix")),
		missing:    "breaching",
	})
	return []render.Resource{
		alarm.For("edge.failover").From("notify.oncall"),
		healthCheck("origin", "aws_cloudwatch_metric_alarm.origin_healthy", p.Region).
			Note("Route 53 asks the alarm: its own checkers cannot reach a load balancer that only takes CloudFront, and through CloudFront " +
				"they would see the standby after a failover and never turn back"),
		record("primary", "PRIMARY", "aws_lb.main", true, set("health_check_id", terraform.Expr("aws_route53_health_check.origin.id"))),
		record("secondary", "SECONDARY", "aws_lb.standby", false).
			Note("The standby has no targets whose health could be asked for: it answers by itself"),
	}
}

func healthCheck(name, alarm, region string) *terraform.Block {
	return terraform.Resource("aws_route53_health_check", name,
		set("type", "CLOUDWATCH_METRIC"),
		set("cloudwatch_alarm_name", terraform.Expr(alarm+".alarm_name")),
		set("cloudwatch_alarm_region", region),
		set("insufficient_data_health_status", "Unhealthy"),
	).For("edge.failover")
}

// alarmSpec is an alarm on one metric, a minute a period.
type alarmSpec struct {
	label, what, namespace, metric, statistic, missing string
	// below or above is the threshold: the one that is not 0.
	below, above, periods int
	dimensions            terraform.Object
	provider              terraform.Expr
}

func alarmOf(p *platform.Platform, a alarmSpec) *terraform.Block {
	comparison, threshold := "LessThanThreshold", a.below
	if a.below == 0 {
		comparison, threshold = "GreaterThanThreshold", a.above
	}
	topic := render.OnCallTopic
	if a.provider == render.ProviderGlobal {
		topic = render.OnCallTopicGlobal
	}
	missing := a.missing
	if missing == "" {
		missing = "notBreaching"
	}
	body := when(a.provider != "", set("provider", a.provider))
	body = append(body,
		set("alarm_name", render.Name(p, strings.ReplaceAll(a.label, "_", "-"))),
		set("alarm_description", a.what),
		set("namespace", a.namespace), set("metric_name", a.metric), set("dimensions", a.dimensions),
		set("statistic", a.statistic), set("period", 60), set("evaluation_periods", a.periods),
		set("comparison_operator", comparison), set("threshold", threshold),
		set("treat_missing_data", missing),
		set("alarm_actions", []terraform.Expr{topic}),
	)
	return terraform.Resource("aws_cloudwatch_metric_alarm", a.label, body...)
}
