package edge_test

import (
	_ "embed"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/edge"
	"fathom/layer/ground"
)

//go:embed testdata/steps/shop.tf
var shop string

// built is the small shop of testdata/steps with some of its text replaced, pair
// by pair.
func built(t *testing.T, pairs ...string) *estate.Estate {
	t.Helper()
	text := shop
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the shop has no %q", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	e, problems := read.Paths(fstest.MapFS{"shop.tf": {Data: []byte(text)}}, []string{"."}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return e
}

// told are the ways to a capability: the guards of each step that gives it, with
// their states.
func told(e *estate.Estate, gives depth.Capability) []string {
	var out []string
	for _, s := range edge.Layer().Steps(e) {
		if s.Gives != gives {
			continue
		}
		var guards []string
		for i := range s.Stops {
			guards = append(guards, s.Stops[i].State.String()+" "+s.Stops[i].String())
		}
		line := strings.Join(guards, ", ")
		if s.Doubt != "" {
			line += " (doubtful)"
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

const app = "node/app"

func TestAttackThroughAndAroundTheFrontDoor(t *testing.T) {
	const (
		door   = "standing edge.front-door on aws_lb.main"
		secret = "standing edge.origin-secret on aws_lb.main"
	)
	around := []string{door + ", " + secret, secret}
	for _, c := range []struct {
		name  string
		pairs []string
		want  []string
	}{
		{"guarded", nil, append(around, "standing edge.waf-managed on aws_wafv2_web_acl.shop")},
		{"the groups count", []string{"none {}", "count {}"}, append([]string{"missing edge.waf-managed on aws_wafv2_web_acl.shop"}, around...)},
		{"one group is not there", []string{"AWSManagedRulesSQLiRuleSet", "AWSManagedRulesUnixRuleSet"}, append([]string{"missing edge.waf-managed on aws_wafv2_web_acl.shop"}, around...)},
		{"a rule of a group counts", []string{`name = "AWSManagedRulesCommonRuleSet"`, "name = \"AWSManagedRulesCommonRuleSet\"\nrule_action_override {\nname = \"GenericLFI_BODY\"\naction_to_use {\ncount {}\n}\n}"}, append([]string{"missing edge.waf-managed on aws_wafv2_web_acl.shop"}, around...)},
		{"a rule that no exploit meets counts", []string{`name = "AWSManagedRulesCommonRuleSet"`, "name = \"AWSManagedRulesCommonRuleSet\"\nrule_action_override {\nname = \"SizeRestrictions_BODY\"\naction_to_use {\ncount {}\n}\n}"}, append(around, "standing edge.waf-managed on aws_wafv2_web_acl.shop")},
		{"a group is another's", []string{"\"AWS\"", "var.vendor", "AWSManagedRulesSQLiRuleSet", "OWASP"}, append([]string{"doubtful edge.waf-managed on aws_wafv2_web_acl.shop"}, around...)},
		{"no web ACL", []string{"web_acl_id = aws_wafv2_web_acl.shop.arn", ""}, append([]string{"missing edge.waf-managed on aws_cloudfront_distribution.shop"}, around...)},
		{"a web ACL that was not read", []string{"web_acl_id = aws_wafv2_web_acl.shop.arn", "web_acl_id = var.acl"}, append([]string{"doubtful edge.waf-managed on aws_cloudfront_distribution.shop"}, around...)},
		{"the secret is not asked for", []string{`type = "fixed-response"`, "type = \"forward\"\ntarget_group_arn = aws_lb_target_group.app.arn"}, []string{
			"missing edge.origin-secret on aws_lb.main", door + ", missing edge.origin-secret on aws_lb.main", "standing edge.waf-managed on aws_wafv2_web_acl.shop",
		}},
		{"everybody is let in", []string{`prefix_list_id = data.aws_ec2_managed_prefix_list.cloudfront.id`, `cidr_ipv4 = "0.0.0.0/0"`}, []string{
			"missing edge.front-door on aws_lb.main, " + secret + ", missing edge.waf-managed on aws_lb.main", secret + ", missing edge.waf-managed on aws_lb.main", "standing edge.waf-managed on aws_wafv2_web_acl.shop",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, told(built(t, c.pairs...), ground.Attack(app))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFloodAndAnswersThroughTheFrontDoor: a flood meets what counts requests; an
// answer with a database in it meets nothing.
func TestFloodAndAnswersThroughTheFrontDoor(t *testing.T) {
	const (
		limit  = "standing edge.rate-limit on aws_wafv2_web_acl.shop"
		bots   = "standing edge.bots on aws_wafv2_web_acl.shop"
		proof  = "standing edge.client-proof on aws_cloudfront_distribution.shop"
		around = "standing edge.front-door on aws_lb.main, standing edge.origin-secret on aws_lb.main"
		own    = "standing edge.origin-secret on aws_lb.main"
	)
	out := []string{bots + ", " + limit, around, own, proof + ", " + limit}
	for _, c := range []struct {
		name  string
		pairs []string
		want  []string
	}{
		{"past the rules against bots, or by the path that they leave out", nil, out},
		{"that path takes anybody", []string{"aws_cloudfront_function.signature.arn", "aws_cloudfront_function.other.arn", `"signature"`, `"other"`, "verifies the hmac of what the app sends", "redirects"}, []string{
			bots + ", " + limit, around, own, "missing edge.client-proof on aws_cloudfront_distribution.shop, " + limit,
		}},
		{"the limit counts", []string{"block {}", "count {}"}, []string{
			bots + ", missing edge.rate-limit on aws_wafv2_web_acl.shop", around, own, proof + ", missing edge.rate-limit on aws_wafv2_web_acl.shop",
		}},
		{"the limit is for one path", []string{`aggregate_key_type = "IP"`, "aggregate_key_type = \"IP\"\nscope_down_statement {\nbyte_match_statement {\nsearch_string = \"/login\"\nfield_to_match {\nuri_path {}\n}\n}\n}"}, []string{
			bots + ", missing edge.rate-limit on aws_wafv2_web_acl.shop", around, own, proof + ", missing edge.rate-limit on aws_wafv2_web_acl.shop",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := built(t, c.pairs...)
			slices.Sort(c.want)
			if diff := cmp.Diff([]string{"", around, own}, told(e, ground.Out(app))); diff != "" {
				t.Errorf("out: %s", diff)
			}
			for i, line := range c.want { // a flood meets Shield too, which is nowhere here
				on := "aws_cloudfront_distribution.shop"
				if strings.Contains(line, "origin-secret") {
					on = "aws_lb.main"
				}
				c.want[i] = line + ", missing edge.shield on " + on
			}
			if diff := cmp.Diff(c.want, told(e, ground.Flood(app))); diff != "" {
				t.Errorf("flood: %s", diff)
			}
		})
	}
}

func TestWhatTakesTheRulesOfAWebACLAway(t *testing.T) {
	guard := depth.Guard{Control: "edge.waf-managed", On: "aws_wafv2_web_acl.shop"}
	want := []string{"standing edge.waf-attached on aws_cloudfront_distribution.shop", "standing edge.waf-enforcing on aws_wafv2_web_acl.shop"}
	if diff := cmp.Diff(want, told(built(t), depth.Off(guard))); diff != "" {
		t.Error(diff)
	}
	counted := built(t, "none {}", "count {}", "block {}", "count {}")
	want = []string{"missing edge.waf-enforcing on aws_wafv2_web_acl.shop", want[0]}
	if diff := cmp.Diff(want, told(counted, depth.Off(guard))); diff != "" {
		t.Error(diff)
	}
}

// TestAnExceptionForARouteLetsNoExploitIn: in the reference shop the limit and the
// challenge of /login only count for a while. The managed rules do not, and the
// limit for everything does not.
func TestAnExceptionForARouteLetsNoExploitIn(t *testing.T) {
	e := committed(t, "shopnow/rendered")
	for _, gives := range []depth.Capability{ground.Attack("svc/orders"), ground.Out("svc/orders"), ground.Flood("svc/orders")} {
		lines := told(e, gives)
		if len(lines) == 0 {
			t.Errorf("no step gives %s", gives)
		}
		for _, l := range lines {
			if strings.Contains(l, "missing") || strings.Contains(l, "doubtful") {
				t.Errorf("%s: %s", gives, l)
			}
		}
	}
}

// TestAFloodTakesTheGatewayOrTheWorkload: what is behind a gateway is down with it,
// and both refuse what they cannot take.
func TestAFloodTakesTheGatewayOrTheWorkload(t *testing.T) {
	e := committed(t, "shopnow/rendered")
	want := []string{"", "standing edge.overload on svc/orders"}
	if diff := cmp.Diff(want, told(e, ground.Down("svc/orders"))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"standing edge.overload on svc/gateway"}, told(e, ground.Down("svc/gateway"))); diff != "" {
		t.Error(diff)
	}
	m := depth.New(edge.Layer().Steps(e), depth.Options{})
	if a := m.Depth([]depth.Capability{ground.Begin("flood")}, ground.Down("svc/orders")); a.Least.N != 3 || a.Most.N != 3 {
		t.Errorf("a flood has %d to %d guards to get past, not 3", a.Least.N, a.Most.N)
	}
}

// TestBeforeTheDefence: the doors that stand open have their guards missing, each
// with the line that would hold it.
func TestBeforeTheDefence(t *testing.T) {
	open := map[string]string{
		"edge.waf-managed on Ingress/shop/backoffice":     "k8s/base/ingress.yaml",
		"edge.waf-managed on aws_wafv2_web_acl.shop":      "terraform/edge.tf",
		"edge.waf-enforcing on aws_wafv2_web_acl.shop":    "terraform/edge.tf",
		"edge.front-door on aws_lb.main":                  "terraform/edge.tf",
		"edge.origin-secret on aws_lb.main":               "terraform/edge.tf",
		"edge.overload on svc/orders":                     "k8s/base/orders.yaml",
		"edge.rate-limit on aws_wafv2_web_acl.shop":       "terraform/edge.tf",
		"edge.waf-attached on Ingress/shop/backoffice":    "k8s/base/ingress.yaml",
		"edge.shield on aws_cloudfront_distribution.shop": "terraform/providers.tf",
	}
	met := map[string]bool{}
	for _, s := range edge.Layer().Steps(committed(t, "shopnow-before")) {
		for i := range s.Stops {
			x := &s.Stops[i]
			file, ok := open[x.String()]
			if !ok {
				continue
			}
			if x.State != depth.Missing || x.At.File != file || x.At.Line == 0 || x.Says == "" {
				t.Errorf("%s is %s at %s: %q", x, x.State, x.At, x.Says)
			}
			met[x.String()] = true
		}
	}
	for guard := range open {
		if !met[guard] {
			t.Errorf("no step meets %s", guard)
		}
	}
}
