package edge

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// originHeader carries the secret from CloudFront to the load balancer.
const originHeader = "x-origin-secret"

// listenerPolicy speaks TLS 1.2 and 1.3 with ciphers that have forward secrecy.
const listenerPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

// declareBalancer renders the load balancer, which only takes CloudFront, and of
// it only what carries the secret; and its binding to the gateway's pods.
func declareBalancer(p *platform.Platform) []render.Resource {
	group := terraform.Expr("aws_lb_target_group.gateway.arn")
	return []render.Resource{
		balancer(p, "main", "", render.GroupOf("alb"), render.Public, render.AccessLogs),
		terraform.Resource("aws_lb_target_group", "gateway",
			set("name", render.Short(32, p, "gateway")),
			set("target_type", "ip"), set("protocol", "HTTPS"), set("port", render.GatewayPort), set("vpc_id", render.VPC),
			set("deregistration_delay", 30),
			nest("health_check",
				set("protocol", "HTTPS"), set("path", "/"), set("matcher", "200-499"),
				set("interval", 10), set("timeout", 5), set("healthy_threshold", 2), set("unhealthy_threshold", 3),
			).Remark("any answer over TLS shows that the gateway lives; it knows no route for the load balancer's own questions"),
		).From("edge").Note("The ingress gateway's pods; TargetGroupBinding edge/gateway puts them in"),
		terraform.Resource("aws_lb_listener", "https",
			set("load_balancer_arn", render.LoadBalancer+".arn"),
			set("port", 443), set("protocol", "HTTPS"),
			set("ssl_policy", listenerPolicy), set("certificate_arn", lbCert),
			refusal("403", "forbidden"),
		).For("edge.origin-secret", "edge.tls").From("edge.originSecret").
			Note("Whoever does not send the secret gets 403. There is no listener on port 80: only CloudFront comes here, over https"),
		terraform.Resource("aws_lb_listener_rule", "origin_secret",
			set("listener_arn", terraform.Expr("aws_lb_listener.https.arn")),
			set("priority", 10),
			nest("condition", nest("http_header",
				set("http_header_name", originHeader), set("values", []terraform.Expr{currentSecret, previousSecret}))),
			nest("action", set("type", "forward"), set("target_group_arn", group)),
		).For("edge.origin-secret").From("edge.originSecret").
			Note("The current secret, and the one before it while CloudFront's places learn the new one; the function origin_secret ends that"),
		kubernetes.New("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", render.GatewayNamespace, render.GatewayAccount,
			"spec", kubernetes.M(
				"serviceRef", kubernetes.M("name", render.GatewayAccount, "port", "https"),
				"targetGroupName", render.Short(32, p, "gateway"),
				"targetType", "ip",
			),
		).For("edge.front-door").From("edge").
			Note("Puts the gateway's pods into the target group. By its name, as the ARN is only known once it is there; security groups are the network's"),
	}
}

func balancer(p *platform.Platform, name string, provider, group terraform.Expr, tier render.Tier, logs terraform.Expr) *terraform.Block {
	full := render.Short(32, p, name)
	return terraform.Resource("aws_lb", name, append(when(provider != "", set("provider", provider)),
		set("name", full),
		set("load_balancer_type", "application"), set("internal", false),
		set("security_groups", []terraform.Expr{group}), set("subnets", render.SubnetIDs(tier)),
		set("drop_invalid_header_fields", true), set("desync_mitigation_mode", "strictest"),
		set("enable_deletion_protection", true),
		nest("access_logs", set("enabled", true), set("bucket", logs+".id"), set("prefix", "alb")),
		set("depends_on", []terraform.Expr{render.PolicyOf(logs)}), // or it may not write there yet
	)...).For("edge.front-door").From("edge")
}

func refusal(status, message string) terraform.Entry {
	return nest("default_action", set("type", "fixed-response"),
		nest("fixed_response", set("content_type", "text/plain"), set("status_code", status), set("message_body", message)))
}

const holdingPage = `<!doctype html><title>Back soon</title><h1>We will be back soon</h1><p>The shop is closed for the moment. Orders you have placed are safe.</p>`

// declareStandby renders what answers from the backup region while the shop is
// down.
func declareStandby(p *platform.Platform) []render.Resource {
	return []render.Resource{
		balancer(p, "standby", render.ProviderBackup, render.GroupOf("standby"), render.Standby, render.AccessLogsStandby).
			For("edge.failover").From("backupRegion").
			Note("Answers with a holding page while the origin's name has failed over to the backup region"),
		terraform.Resource("aws_lb_listener", "standby",
			set("provider", render.ProviderBackup),
			set("load_balancer_arn", terraform.Expr("aws_lb.standby.arn")),
			set("port", 443), set("protocol", "HTTPS"),
			set("ssl_policy", listenerPolicy), set("certificate_arn", spareCert),
			nest("default_action", set("type", "fixed-response"),
				nest("fixed_response", set("content_type", "text/html"), set("status_code", "503"), set("message_body", holdingPage))),
		).For("edge.failover", "edge.tls").From("backupRegion"),
	}
}
