package edge

import (
	"slices"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// declareDistribution renders the distribution and its staging twin, the policies
// of both, and where their logs go.
func declareDistribution(p *platform.Platform) []render.Resource {
	out := []render.Resource{
		terraform.Data("aws_cloudfront_cache_policy", "none", set("name", "Managed-CachingDisabled")).
			Note("Every answer of the shop may be somebody's own"),
		terraform.Data("aws_cloudfront_origin_request_policy", "all", set("name", "Managed-AllViewer")).
			Note("The services see the request as it was sent, Host included"),
		headersPolicy(p),
		distribution(p, "main",
			set("comment", render.Name(p, "main")), set("aliases", p.Edge.Domains),
			set("web_acl_id", render.WebACL+".arn"),
			set("continuous_deployment_policy_id", terraform.Expr("var.canary ? aws_cloudfront_continuous_deployment_policy.canary.id : null")),
		).For("edge.waf-attached", "edge.tls", "edge.origin-secret", "edge.client-proof").
			Note("The way in. It depends on the listener rule, which has to take a new origin secret before this sends it"),
		distribution(p, "staging",
			set("comment", render.Name(p, "staging")), set("staging", true),
			set("web_acl_id", terraform.Expr("aws_wafv2_web_acl.staging.arn")),
		).For("edge.waf-canary").
			Note("The twin that a share of requests meets. It has no name of its own: CloudFront sends it the shop's"),
	}
	return append(out, accessLogs(p)...)
}

func distribution(p *platform.Platform, label string, own ...terraform.Entry) *terraform.Block {
	body := append([]terraform.Entry{set("enabled", true)}, own...)
	body = append(body,
		set("is_ipv6_enabled", true),
		set("http_version", "http2").Remark("continuous deployment has no HTTP/3"),
		nest("origin",
			set("origin_id", "shop"), set("domain_name", originHost(p)),
			nest("custom_header", set("name", originHeader), set("value", currentSecret)),
			nest("custom_origin_config",
				set("http_port", 80), set("https_port", 443),
				set("origin_protocol_policy", "https-only"), set("origin_ssl_protocols", []string{"TLSv1.2"}))),
		nest("default_cache_behavior", behaviour(p, everyMethod, "")...),
	)
	for _, b := range behavioursOf(p) {
		body = append(body, nest("ordered_cache_behavior", append([]terraform.Entry{set("path_pattern", b.path)}, behaviour(p, b.methods, b.function)...)...))
	}
	body = append(body,
		nest("viewer_certificate",
			set("acm_certificate_arn", edgeCert), set("ssl_support_method", "sni-only"), set("minimum_protocol_version", "TLSv1.2_2021")),
		nest("restrictions", nest("geo_restriction", set("restriction_type", "none")).Remark("countries are the web ACL's: it can challenge, and logs")),
		set("depends_on", []terraform.Expr{"aws_lb_listener_rule.origin_secret"}),
	)
	file := map[string]string{"main": "distribution", "staging": "distribution_staging"}[label]
	return terraform.Resource("aws_cloudfront_distribution", label, body...).From("edge.domains", "edge.routes", "edge.clients.mobile").In(file)
}

// The lists of methods that CloudFront has (API, AllowedMethods).
var (
	everyMethod = []string{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}
	askMethods  = []string{"GET", "HEAD", "OPTIONS"}
	readMethods = []string{"GET", "HEAD"}
)

// allowedMethods is the shortest of CloudFront's lists that holds the methods.
func allowedMethods(methods []string) []string {
	for _, list := range [][]string{readMethods, askMethods} {
		if len(methods) > 0 && !slices.ContainsFunc(methods, func(m string) bool { return !slices.Contains(list, m) }) {
			return list
		}
	}
	return everyMethod
}

// pathBehaviour is a path that differs from the default.
type pathBehaviour struct {
	path     string
	methods  []string
	function string // the label of what runs before it
}

// behavioursOf are the paths that differ, the longest first: CloudFront takes the
// first that matches.
func behavioursOf(p *platform.Platform) []pathBehaviour {
	paths := map[string][]string{}
	for _, m := range p.Edge.Clients.Mobile {
		paths[m] = everyMethod
	}
	if w := p.Edge.WaitingRoom.Path; w != "" {
		paths[w] = everyMethod
	}
	for _, r := range p.Edge.Routes {
		if _, there := paths[r.Path]; there || len(allowedMethods(r.Methods)) < len(everyMethod) {
			paths[r.Path] = allowedMethods(r.Methods)
		}
	}
	// A path that is narrower than one of these differs from it, if it is not
	// among them: it has to be told apart too.
	for _, r := range p.Edge.Routes {
		for path := range paths {
			if _, there := paths[r.Path]; !there && covers(path, r.Path) {
				paths[r.Path] = allowedMethods(r.Methods)
			}
		}
	}
	var out []pathBehaviour
	for path, methods := range paths {
		b := pathBehaviour{path: path, methods: methods}
		switch {
		case signed(p, path):
			b.function = proofFunction
		case p.Edge.WaitingRoom.Path != "" && covers(p.Edge.WaitingRoom.Path, path):
			b.function = roomFunction
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b pathBehaviour) int {
		if len(a.path) != len(b.path) {
			return len(b.path) - len(a.path)
		}
		return strings.Compare(a.path, b.path)
	})
	return out
}

func behaviour(p *platform.Platform, methods []string, function string) []terraform.Entry {
	out := []terraform.Entry{
		set("target_origin_id", "shop"),
		set("viewer_protocol_policy", "redirect-to-https"),
		set("allowed_methods", methods), set("cached_methods", readMethods),
		set("cache_policy_id", terraform.Expr("data.aws_cloudfront_cache_policy.none.id")),
		set("origin_request_policy_id", terraform.Expr("data.aws_cloudfront_origin_request_policy.all.id")),
		set("response_headers_policy_id", terraform.Expr("aws_cloudfront_response_headers_policy.shop.id")),
	}
	if function != "" {
		out = append(out, nest("function_association",
			set("event_type", "viewer-request"), set("function_arn", terraform.Expr("aws_cloudfront_function."+function+".arn"))))
	}
	return out
}

func headersPolicy(p *platform.Platform) *terraform.Block {
	return terraform.Resource("aws_cloudfront_response_headers_policy", "shop",
		set("name", render.Name(p, "shop")),
		nest("security_headers_config",
			nest("strict_transport_security",
				set("access_control_max_age_sec", 63072000), set("include_subdomains", true), set("override", true)),
			nest("content_type_options", set("override", true)),
			nest("frame_options", set("frame_option", "SAMEORIGIN"), set("override", false)),
			nest("referrer_policy", set("referrer_policy", "strict-origin-when-cross-origin"), set("override", false))),
	).For("edge.tls").From("edge.domains")
}

// accessLogs sends both distributions' logs to the locked bucket. Standard logging
// v2 needs no ACL on the bucket, and lets the fields be chosen: no cookie, no query
// and no referrer, where people's data stands.
func accessLogs(p *platform.Platform) []render.Resource {
	out := []render.Resource{
		terraform.Resource("aws_cloudwatch_log_delivery_destination", "cloudfront",
			set("provider", render.ProviderGlobal),
			set("name", render.Name(p, "cloudfront")), set("output_format", "json"),
			nest("delivery_destination_configuration",
				set("destination_resource_arn", terraform.Template("${"+string(render.LogBucket)+".arn}/cloudfront")))).
			From("logs").In("distribution"),
	}
	for _, d := range []string{"main", "staging"} {
		file := map[string]string{"main": "distribution", "staging": "distribution_staging"}[d]
		out = append(out,
			terraform.Resource("aws_cloudwatch_log_delivery_source", "cloudfront_"+d,
				set("provider", render.ProviderGlobal),
				set("name", render.Name(p, "cloudfront", d)), set("log_type", "ACCESS_LOGS"),
				set("resource_arn", terraform.Expr("aws_cloudfront_distribution."+d+".arn"))).From("logs").In(file),
			terraform.Resource("aws_cloudwatch_log_delivery", "cloudfront_"+d,
				set("provider", render.ProviderGlobal),
				set("delivery_source_name", terraform.Expr("aws_cloudwatch_log_delivery_source.cloudfront_"+d+".name")),
				set("delivery_destination_arn", terraform.Expr("aws_cloudwatch_log_delivery_destination.cloudfront.arn")),
				set("record_fields", logFields),
				set("s3_delivery_configuration", terraform.List{terraform.Obj("suffix_path", "/{DistributionId}/{yyyy}/{MM}/{dd}/{HH}", "enable_hive_compatible_path", false)}),
				set("depends_on", []terraform.Expr{render.PolicyOf(render.LogBucket)})).
				From("logs").In(file).Note("Without cookies, queries and referrers: people's data stands there"),
		)
	}
	return out
}

var logFields = []string{
	"date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status",
	"cs(User-Agent)", "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes",
	"time-taken", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type", "cs-protocol-version", "c-port",
	"time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len",
}
