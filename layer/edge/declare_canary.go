package edge

import (
	"fmt"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

const policyID = terraform.Expr("aws_cloudfront_continuous_deployment_policy.canary.id")

// canaryPoints is by how many percentage points more the staging web ACL may
// refuse than the serving one before the canary ends by itself.
const canaryPoints = 5

// declareCanary renders the share of requests that meets a changed web ACL first,
// and what ends it.
func declareCanary(p *platform.Platform) []render.Resource {
	out := lambdaSpec{
		name: "canary_stop", provider: render.ProviderGlobal, timeout: 30,
		controls: []string{"edge.waf-canary"}, paths: []string{"edge.canary"},
		what:        "Switches the canary off when its web ACL refuses too much",
		environment: terraform.Obj("POLICY_ID", policyID),
		statements: []render.Statement{{
			Sid:      "Switch",
			Action:   []string{"cloudfront:GetContinuousDeploymentPolicyConfig", "cloudfront:UpdateContinuousDeploymentPolicy"},
			Resource: []any{terraform.Template("arn:aws:cloudfront::" + p.Account + ":continuous-deployment-policy/${" + string(policyID) + "}")},
		}},
	}.blocks(p)
	blocks := []*terraform.Block{
		terraform.Top("variable", []string{"canary"},
			set("type", terraform.Expr("bool")), set("default", true),
			set("description", "Whether the distribution has its continuous deployment policy. False for the very first apply: CloudFront takes none while it makes a distribution")),
		terraform.Resource("aws_cloudfront_continuous_deployment_policy", "canary",
			set("enabled", true),
			nest("staging_distribution_dns_names",
				set("items", []terraform.Expr{"aws_cloudfront_distribution.staging.domain_name"}), set("quantity", 1)),
			nest("traffic_config", set("type", "SingleWeight"),
				nest("single_weight_config", set("weight", share(p)),
					nest("session_stickiness_config", set("idle_ttl", 300), set("maximum_ttl", 3600)).Remark("a visitor stays on one side")))).
			Note("The share of requests that meets the staging distribution and its web ACL. The function canary_stop switches it off when " +
				"the alarm fires; the next apply switches it on again, so the pipeline asks the alarm first"),
		canaryAlarm(p),
		terraform.Resource("aws_lambda_permission", "canary_stop",
			set("provider", render.ProviderGlobal),
			set("function_name", terraform.Expr("aws_lambda_function.canary_stop.function_name")),
			set("action", "lambda:InvokeFunction"), set("principal", "lambda.alarms.cloudwatch.amazonaws.com"),
			set("source_account", p.Account), set("source_arn", terraform.Expr("aws_cloudwatch_metric_alarm.canary.arn"))),
	}
	for _, b := range blocks {
		out = append(out, b.For("edge.waf-canary").From("edge.canary"))
	}
	return out
}

// share is the weight of the staging distribution, as a part of 1.
func share(p *platform.Platform) float64 { return float64(p.Edge.Canary) / 100 }

// canaryAlarm compares what the two web ACLs refuse, in percent of what each saw:
// an attack makes both refuse more, a bad rule only the staging one.
func canaryAlarm(p *platform.Platform) *terraform.Block {
	metric := func(id, acl, name string) terraform.Entry {
		return nest("metric_query", set("id", id),
			nest("metric",
				set("namespace", "AWS/WAFV2"), set("metric_name", name), set("period", 60), set("stat", "Sum"),
				set("dimensions", terraform.Obj("WebACL", terraform.Expr("aws_wafv2_web_acl."+acl+".name"), "Rule", "ALL"))))
	}
	refused := func(side string) string {
		return fmt.Sprintf("100*FILL(%s_blocked,0)/(FILL(%s_blocked,0)+FILL(%s_allowed,0)+1)", side, side, side)
	}
	return terraform.Resource("aws_cloudwatch_metric_alarm", "canary",
		set("provider", render.ProviderGlobal),
		set("alarm_name", render.Name(p, "canary")),
		set("alarm_description", fmt.Sprintf("The staging web ACL refuses %d percentage points more than the serving one", canaryPoints)),
		set("comparison_operator", "GreaterThanThreshold"), set("threshold", canaryPoints),
		set("evaluation_periods", 5), set("datapoints_to_alarm", 3), set("treat_missing_data", "notBreaching"),
		set("alarm_actions", []terraform.Expr{"aws_lambda_function.canary_stop.arn", render.OnCallTopicGlobal}),
		metric("staging_blocked", "staging", "BlockedRequests"), metric("staging_allowed", "staging", "AllowedRequests"),
		metric("serving_blocked", "edge", "BlockedRequests"), metric("serving_allowed", "edge", "AllowedRequests"),
		nest("metric_query", set("id", "worse"), set("return_data", true),
			set("label", "percentage points refused by the staging web ACL alone"),
			set("expression", refused("staging")+" - "+refused("serving"))),
	)
}
