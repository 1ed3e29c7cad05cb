package edge

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fathom/control"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// declared is an example without its exceptions.
func declared(t *testing.T, name string) *platform.Platform {
	t.Helper()
	p := layertest.Platform(t, name)
	p.Exceptions = nil
	return p
}

var rendered, printed = layertest.Of(Layer())

// others are what the edge stands beside: the load balancers' security groups,
// the bucket of its logs, and the topics.
func others() []render.Resource {
	out := []render.Resource{
		terraform.Data("aws_ec2_managed_prefix_list", "cloudfront", set("name", cloudFrontList)),
		terraform.Resource("aws_s3_bucket", "waf_logs", set("bucket", "aws-waf-logs-shop")),
	}
	for _, g := range []string{"alb", "standby"} {
		group := terraform.Expr("aws_security_group." + g + ".id")
		out = append(out,
			terraform.Resource("aws_security_group", g, set("name", g)),
			terraform.Resource("aws_vpc_security_group_ingress_rule", g,
				set("security_group_id", group), set("ip_protocol", "tcp"), set("from_port", 443), set("to_port", 443),
				set("prefix_list_id", terraform.Expr("data.aws_ec2_managed_prefix_list.cloudfront.id"))))
	}
	return out
}

func filesOf(t *testing.T, p *platform.Platform, resources []render.Resource) fstest.MapFS {
	t.Helper()
	return layertest.Tree(t, p, render.Part{Layer: "edge", Resources: append(others(), resources...)})
}

func estateOf(t *testing.T, p *platform.Platform, resources []render.Resource) *estate.Estate {
	t.Helper()
	return layertest.Alone(t, filesOf(t, p, resources))
}

func judge(t *testing.T, e *estate.Estate, id string) control.Verdict {
	t.Helper()
	return layertest.Judge(t, Layer(), id, e)
}

func TestEveryControlIsThere(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			p := declared(t, name)
			layertest.Present(t, Layer(), estateOf(t, p, rendered(t, p)))
		})
	}
}

// Whoever takes a part out of what was rendered is told which control it was.
func TestWhatIsTakenOutIsMissed(t *testing.T) {
	for _, c := range []struct{ without, control string }{
		{"aws_wafv2_web_acl_logging_configuration.edge", "edge.waf-logging"},
		{"aws_cloudfront_continuous_deployment_policy.canary", "edge.waf-canary"},
		{"aws_cloudfront_response_headers_policy.shop", "edge.tls"},
		{"aws_cloudfront_function.mobile_signature", "edge.client-proof"},
		{"aws_cloudfront_function.waiting_room", "edge.overload"},
		{"EnvoyFilter.networking.istio.io/", "edge.overload"},
		{"aws_route53_record.origin_secondary", "edge.failover"},
		{"aws_shield_protection_health_check_association.balancer", "edge.shield"},
		{"aws_shield_proactive_engagement.main", "edge.shield"},
		{"aws_shield_drt_access_role_arn_association.main", "edge.shield"},
		{"aws_lb_listener_rule.origin_secret", "edge.origin-secret"},
		{"aws_wafv2_web_acl.edge", "edge.waf-attached"},
	} {
		t.Run(c.without, func(t *testing.T) {
			p := declared(t, "shopnow")
			all := rendered(t, p)
			rest := slices.DeleteFunc(slices.Clone(all), func(r render.Resource) bool { return strings.HasPrefix(r.Address(), c.without) })
			if len(rest) == len(all) {
				t.Fatalf("nothing is called %s", c.without)
			}
			if c.without == "aws_lb_listener_rule.origin_secret" { // a listener that nothing forwards from demands nothing
				for _, r := range rest {
					if b, ok := r.(*terraform.Block); ok && b.Address() == "aws_lb_listener.https" {
						b.Body = append(b.Body[:len(b.Body)-1:len(b.Body)-1], nest("default_action",
							set("type", "forward"), set("target_group_arn", terraform.Expr("aws_lb_target_group.gateway.arn"))))
					}
				}
			}
			if v := judge(t, estateOf(t, p, rest), c.control); v.Status == control.Present {
				t.Errorf("%s is still present", c.control)
			}
		})
	}
}

func TestTwiceIsTheSame(t *testing.T) { layertest.SameEveryTime(t, Layer()) }

// A service that no route leads to changes nothing at the edge; one with a route
// changes the web ACLs and adds its own, and no rule's priority.
func TestWhatAServiceChanges(t *testing.T) {
	before := declared(t, "bazaar")
	p := declared(t, "bazaar")
	p.Services = append(p.Services, platform.Service{Name: "zoo", Namespace: "bazaar", Protocol: "http", Port: 8080})
	layertest.Changes(t, printed(t, before), printed(t, p)) // nothing
	p.Edge.Routes = append(p.Edge.Routes, platform.Route{
		Path: "/animals/*", To: "zoo", Priority: "sheddable",
		Limit: platform.Limit{Max: 100, Per: 5 * time.Minute, By: "ip"}, Challenge: true,
	})
	layertest.Changes(t, printed(t, before), printed(t, p),
		"aws_wafv2_web_acl.edge", "aws_wafv2_web_acl.staging", "+EnvoyFilter.networking.istio.io/bazaar/zoo-shedding")
	priorities := map[string]int{}
	for _, r := range rulesOf(before) {
		priorities[r.name] = r.priority
	}
	added := 0
	for _, r := range rulesOf(p) {
		if was, there := priorities[r.name]; !there {
			added++
		} else if was != r.priority {
			t.Errorf("rule %s went from %d to %d", r.name, was, r.priority)
		}
	}
	if added != 2 {
		t.Errorf("%d rules were added, want a limit and a challenge", added)
	}
}

// Functions may do what they need to, to what they are for.
func TestFunctionsMayNoMore(t *testing.T) {
	for address, text := range printed(t, declared(t, "shopnow")) {
		if strings.HasPrefix(address, "aws_iam_role_policy.") && (strings.Contains(text, `= "*"`) || strings.Contains(text, `:*"`) && strings.Count(text, `:*"`) > 1) {
			t.Errorf("%s has a wildcard:\n%s", address, text)
		}
	}
}

func TestSecretsAreInNoFile(t *testing.T) {
	p := declared(t, "shopnow")
	for name, f := range filesOf(t, p, rendered(t, p)) {
		for _, line := range strings.Split(string(f.Data), "\n") {
			if strings.Contains(line, "secret_string ") && !strings.Contains(line, "${data.") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

// A plan that asks for variables stops the pipeline.
func TestTheResponseTeamIsGivenWhoToCall(t *testing.T) {
	for _, name := range layertest.Examples {
		p := declared(t, name)
		for _, r := range rendered(t, p) {
			b, ok := r.(*terraform.Block)
			if !ok {
				continue
			}
			text := layertest.Text(t, b)
			if b.Kind == "variable" && !strings.Contains(text, "default") {
				t.Errorf("%s: %s wants a value from whoever applies it", name, b.Address())
			}
			if b.Address() == "aws_shield_proactive_engagement.main" && !(strings.Contains(text, p.Notify.Phone) && strings.Contains(text, p.Notify.Email)) {
				t.Errorf("%s: nobody is called:\n%s", name, text)
			}
		}
	}
}
