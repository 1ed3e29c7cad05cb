package edge

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// declareShield renders what Shield Advanced protects, by what health, and who is
// called. The subscription itself is not rendered: it binds the organisation for a
// year, so it is a person's to make; shield: true says that it is there.
func declareShield(p *platform.Platform) []render.Resource {
	if !p.Edge.Shield {
		return nil
	}
	var blocks []*terraform.Block
	protect := func(label, arn, health string) {
		blocks = append(blocks, terraform.Resource("aws_shield_protection", label,
			set("name", render.Name(p, label)), set("resource_arn", terraform.Expr(arn))))
		if health != "" {
			blocks = append(blocks, terraform.Resource("aws_shield_protection_health_check_association", label,
				set("shield_protection_id", terraform.Expr("aws_shield_protection."+label+".id")),
				set("health_check_arn", terraform.Expr("aws_route53_health_check."+health+".arn"))))
		}
	}
	protect("distribution", "aws_cloudfront_distribution.main.arn", "distribution")
	protect("balancer", "aws_lb.main.arn", "origin")
	protect("standby", "aws_lb.standby.arn", "distribution")
	protect("zone", "data.aws_route53_zone.main.arn", "")
	blocks = append(blocks, shieldHealth(p)...)
	blocks = append(blocks,
		terraform.Resource("aws_shield_application_layer_automatic_response", "distribution",
			set("resource_arn", render.Distribution+".arn"),
			set("action", map[bool]string{true: "COUNT", false: "BLOCK"}[p.Edge.WAF == "count"]),
			set("depends_on", []terraform.Expr{"aws_shield_protection.distribution"})),
		render.Role(p, "shield_response", "shield-response", render.Policy(render.Statement{
			Principal: terraform.Obj("Service", "drt.shield.amazonaws.com"), Action: []string{"sts:AssumeRole"},
		})).Note("AWS's response team acts from accounts of its own, so no condition on the account holds; it may do what the policy of its own says"),
		terraform.Resource("aws_iam_role_policy_attachment", "shield_response",
			set("role", terraform.Expr("aws_iam_role.shield_response.name")),
			set("policy_arn", "arn:aws:iam::aws:policy/service-role/AWSShieldDRTAccessPolicy")),
		terraform.Resource("aws_shield_drt_access_role_arn_association", "main",
			set("role_arn", terraform.Expr("aws_iam_role.shield_response.arn")),
			set("depends_on", []terraform.Expr{"aws_iam_role_policy_attachment.shield_response"})),
		terraform.Resource("aws_shield_proactive_engagement", "main",
			set("enabled", true),
			nest("emergency_contact",
				set("email_address", p.Notify.Email), set("phone_number", p.Notify.Phone),
				set("contact_notes", p.Name+", on call")),
			set("depends_on", []terraform.Expr{"aws_shield_drt_access_role_arn_association.main"})).
			From("notify.phone", "notify.email"))
	blocks[0].Note("Shield Advanced itself is subscribed to by a person, as it binds the organisation for a year. These name what it protects, and by whose health it tells a flood")
	var out []render.Resource
	for _, b := range blocks {
		out = append(out, b.For("edge.shield").From("edge.shield").In("shield"))
	}
	return out
}

// shieldHealth is what shows that a flood hurts: errors that visitors see. It
// stands for the standby too, which only visitors of the distribution meet.
func shieldHealth(p *platform.Platform) []*terraform.Block {
	return []*terraform.Block{
		alarmOf(p, alarmSpec{
			label: "distribution_errors", provider: render.ProviderGlobal,
			what:      "More than 5 % of the answers that visitors get are errors of the server",
			namespace: "AWS/CloudFront", metric: "5xxErrorRate", statistic: "Average", above: 5, periods: 3,
			dimensions: terraform.Obj("DistributionId", render.Distribution+".id", "Region", "Global"),
		}),
		healthCheck("distribution", "aws_cloudwatch_metric_alarm.distribution_errors", "us-east-1"),
	}
}
