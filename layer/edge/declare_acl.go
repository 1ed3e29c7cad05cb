package edge

import (
	"slices"
	"strconv"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// declareACL renders the web ACL of the distribution, the staging one's with the
// same rules, the sets that they refer to, and where their logs go.
func declareACL(p *platform.Platform, rules []wafRule) []render.Resource {
	var out []render.Resource
	for _, r := range exempted(p) {
		body := []terraform.Entry{
			set("provider", render.ProviderGlobal),
			set("name", render.Name(p, "exempt", r)), set("scope", "CLOUDFRONT"),
		}
		for _, x := range p.Edge.Exempt {
			if x.Rule == r {
				body = append(body, nest("regular_expression", set("regex_string", x.Path)))
			}
		}
		out = append(out, terraform.Resource("aws_wafv2_regex_pattern_set", exemptSet(r), body...).
			For("edge.waf-enforcing").From("edge.exempt").In("web_acl"))
	}
	out = append(out,
		webACL(p, "edge", rules).For(aclControls...).From(aclPaths(p)...).In("web_acl").
			Note("What every request meets first. "+capacityNote(rules)+countNote(p)),
		webACL(p, "staging", rules).For("edge.waf-canary").From("edge.canary").In("web_acl_staging").
			Note("The same rules for the staging distribution. The pipeline applies a change here first "+
				"(terraform apply -target=aws_wafv2_web_acl.staging), and to aws_wafv2_web_acl.edge once the alarm canary has stayed quiet"),
		logging(p, "edge"), logging(p, "staging"),
	)
	return out
}

var aclControls = []string{
	"edge.waf-attached", "edge.waf-managed", "edge.waf-enforcing", "edge.rate-limit",
	"edge.geo", "edge.bots", "edge.client-proof", "edge.challenge",
}

// aclPaths are where the rules come from.
func aclPaths(p *platform.Platform) []string {
	out := []string{"edge.waf", "edge.limit", "edge.bots", "edge.routes"}
	add := func(there bool, path string) {
		if there {
			out = append(out, path)
		}
	}
	add(len(p.Edge.Geo.Deny)+len(p.Edge.Geo.Challenge) > 0, "edge.geo")
	add(p.Edge.Clients.Header != "", "edge.clients")
	add(len(p.Edge.Exempt) > 0, "edge.exempt")
	add(len(p.Excepted("edge.waf-enforcing")) > 0, "exceptions")
	return out
}

func capacityNote(rules []wafRule) string {
	return "Its rules need a capacity of at most " + strconv.Itoa(wcuOf(rules)) + " WCU of " + strconv.Itoa(mostWCU) +
		"; what is above 1500 costs extra. The rules of single paths and exemptions have their priority from their name, " +
		"so that a new one leaves the others where they are"
}

// countNote says who answers for a web ACL that only counts.
func countNote(p *platform.Platform) string {
	out := ""
	for _, x := range everywhere(p) {
		out += ". All of it only counts until " + x.Until.Format("2006-01-02") + ": " + x.Because + " (" + x.Owner + ")"
	}
	return out
}

func webACL(p *platform.Platform, label string, rules []wafRule) *terraform.Block {
	body := []terraform.Entry{
		set("provider", render.ProviderGlobal),
		set("name", render.Name(p, label)), set("scope", "CLOUDFRONT"),
	}
	if slices.Contains(exempted(p), "SizeRestrictions_BODY") {
		body = append(body, nest("association_config", nest("request_body", nest("cloudfront", set("default_size_inspection_limit", "KB_64")))).
			Remark("bodies longer than 8 KB are let through at some paths: let as much of them be looked at as WAF can"))
	}
	body = append(body, nest("default_action", nest("allow")))
	for _, r := range rules {
		body = append(body, r.entry())
	}
	body = append(body, hidden(p))
	return terraform.Resource("aws_wafv2_web_acl", label, append(body, visible(render.Name(p, label)))...)
}

// entry is the rule as Terraform has it.
func (r wafRule) entry() terraform.Entry {
	action := nest("action", nest(r.action))
	if r.managed != nil {
		action = nest("override_action", nest(r.action))
	}
	return nest("rule",
		set("name", r.name), set("priority", r.priority), action,
		nest("statement", r.body.entry()),
		visible(r.name),
	).Remark(r.why)
}

func visible(metric string) terraform.Entry {
	return nest("visibility_config",
		set("cloudwatch_metrics_enabled", true), set("metric_name", metric), set("sampled_requests_enabled", true))
}

// hidden keeps what logs in, out of the samples that AWS WAF shows and out of
// its logs: redacted_fields is for the logs alone.
func hidden(p *platform.Platform) terraform.Entry {
	hide := func(kind string, keys ...string) terraform.Entry {
		return nest("data_protection", set("action", "SUBSTITUTION"),
			nest("field", set("field_type", kind), set("field_keys", keys)))
	}
	list := []terraform.Entry{hide("SINGLE_HEADER", "authorization")}
	if c := p.Edge.Clients.Cookie; c != "" {
		list = append(list, hide("SINGLE_COOKIE", c))
	}
	return nest("data_protection_config", list...)
}

// logging keeps the web ACL's logs, in the bucket that response owns.
func logging(p *platform.Platform, label string) *terraform.Block {
	acl := "aws_wafv2_web_acl." + label
	body := []terraform.Entry{
		set("provider", render.ProviderGlobal),
		set("resource_arn", terraform.Expr(acl+".arn")),
		set("log_destination_configs", []terraform.Expr{render.WAFLogs + ".arn"}),
	}
	hide := []terraform.Entry{
		nest("single_header", set("name", "authorization")),
		nest("single_header", set("name", "cookie")),
	}
	if len(p.Edge.Clients.Mobile) > 0 {
		hide = append(hide, nest("single_header", set("name", signatureHeader)))
	}
	if sensitiveQueries(p) {
		hide = append(hide, nest("query_string").Remark("services behind the edge see personal data, which may stand in an address"))
	}
	for _, h := range hide {
		remark := h.Comment
		h.Comment = ""
		body = append(body, nest("redacted_fields", h).Remark(remark))
	}
	file := map[string]string{"edge": "web_acl", "staging": "web_acl_staging"}[label]
	return terraform.Resource("aws_wafv2_web_acl_logging_configuration", label, body...).
		For("edge.waf-logging").From("edge", "logs").In(file)
}

// sensitiveQueries says whether a service behind the edge sees data about people.
func sensitiveQueries(p *platform.Platform) bool {
	return slices.ContainsFunc(p.Edge.Routes, func(r platform.Route) bool {
		s := p.Service(r.To)
		return s != nil && slices.Index(platform.Classes, p.ClassOf(s.Handles)) >= slices.Index(platform.Classes, platform.Personal)
	})
}
