package trap_test

import (
	"strings"
	"testing"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
	"fathom/render/trap"
)

func policy(spec ...any) *kubernetes.Object {
	return kubernetes.New("security.istio.io/v1", "AuthorizationPolicy", "shop", "x", "spec", kubernetes.M(spec...))
}

func rules(from, to kubernetes.Map) kubernetes.L {
	return kubernetes.L{kubernetes.M(
		"from", kubernetes.L{kubernetes.M("source", from)},
		"to", kubernetes.L{kubernetes.M("operation", to)},
	)}
}

func selects(name string) kubernetes.Map {
	return kubernetes.M("matchLabels", kubernetes.M("app.kubernetes.io/name", name))
}

func vap(resources []string, expressions ...string) *kubernetes.Object {
	var vs kubernetes.L
	for _, e := range expressions {
		vs = append(vs, kubernetes.M("expression", e))
	}
	return kubernetes.New("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "", "x", "spec", kubernetes.M(
		"matchConstraints", kubernetes.M("resourceRules", kubernetes.L{kubernetes.M("resources", resources)}),
		"validations", vs,
	))
}

func role(operator, key string, value any) *terraform.Block {
	return terraform.Resource("aws_iam_role", "x", terraform.Set("assume_role_policy", render.Policy(render.Statement{
		Principal: terraform.Obj("Federated", terraform.Expr("aws_iam_openid_connect_provider.x.arn")),
		Action:    []string{"sts:AssumeRoleWithWebIdentity"},
		Condition: []render.Condition{{Operator: operator, Key: key, Value: value}},
	})))
}

func TestTraps(t *testing.T) {
	p := &platform.Platform{Services: []platform.Service{
		{Name: "ledger", Namespace: "shop", Protocol: "tcp"},
		{Name: "orders", Namespace: "shop", Protocol: "http"},
	}}
	both := []string{"pods", "pods/ephemeralcontainers"}
	all := "variables.containers.all(c, true) && object.spec.containers.size() + object.spec.initContainers.size() + object.spec.ephemeralContainers.size() > 0"
	exempt := func(re string) *terraform.Block {
		return terraform.Resource("aws_wafv2_regex_pattern_set", "x",
			terraform.Nest("regular_expression", terraform.Set("regex_string", re))).From("edge.exempt[0]")
	}
	peers := func(spec ...any) *kubernetes.Object {
		return kubernetes.New("security.istio.io/v1", "PeerAuthentication", "shop", "x", "spec", kubernetes.M(spec...))
	}
	clients := func(mode string) *kubernetes.Object {
		return kubernetes.New("networking.istio.io/v1", "DestinationRule", "shop", "x", "spec", kubernetes.M(
			"trafficPolicy", kubernetes.M("tls", kubernetes.M("mode", mode))))
	}
	override := func(rule string) *terraform.Block {
		return terraform.Resource("aws_wafv2_web_acl", "x", terraform.Nest("rule", terraform.Nest("statement",
			terraform.Nest("managed_rule_group_statement", terraform.Nest("rule_action_override", terraform.Set("name", rule))))))
	}
	oversize := func(v string) *terraform.Block {
		return terraform.Resource("aws_wafv2_web_acl", "x", terraform.Nest("headers", terraform.Set("oversize_handling", v)))
	}
	cases := []struct {
		name string
		is   render.Resource
		says string // empty: no trap
	}{
		{"a principal", policy("rules", rules(kubernetes.M("principals", []string{"td/ns/shop/sa/a"}), nil)), ""},
		{"a principal with spiffe://", policy("rules", rules(kubernetes.M("principals", []string{"spiffe://td/ns/shop/sa/a"}), nil)), "matches nobody"},
		{"an exception with spiffe://", policy("rules", rules(kubernetes.M("notPrincipals", kubernetes.L{"spiffe://td/ns/shop/sa/a"}), nil)), "matches nobody"},
		{"a condition with spiffe://", policy("rules", kubernetes.L{kubernetes.M("when", kubernetes.L{kubernetes.M("key", "source.principal", "values", []string{"spiffe://x"})})}), "matches nobody"},
		{"requests to an http service", policy("selector", selects("orders"), "rules", rules(nil, kubernetes.M("methods", []string{"GET"}))), ""},
		{"requests to a tcp service", policy("selector", selects("ledger"), "rules", rules(nil, kubernetes.M("methods", []string{"GET"}))), "speaks tcp"},
		{"paths of a tcp service", policy("selector", selects("ledger"), "rules", rules(nil, kubernetes.M("paths", []string{"/x"}))), "speaks tcp"},
		{"ports of a tcp service", policy("selector", selects("ledger"), "rules", rules(nil, kubernetes.M("ports", []string{"9000"}))), ""},
		{"strict peers", peers("mtls", kubernetes.M("mode", "STRICT")), ""},
		{"permissive peers", peers("mtls", kubernetes.M("mode", "PERMISSIVE")), "takes plaintext from anyone"},
		{"a port without TLS", peers("mtls", kubernetes.M("mode", "STRICT"), "portLevelMtls", kubernetes.M("8080", kubernetes.M("mode", "DISABLE"))), "has a port that takes plaintext"},
		{"mutual TLS of the mesh", clients("ISTIO_MUTUAL"), ""},
		{"callers without TLS", clients("DISABLE"), "makes callers speak plaintext"},
		{"all containers", vap(both, all), ""},
		{"a policy on other things", vap([]string{"services"}, "object.spec.type != 'NodePort'"), ""},
		{"no init containers", vap(both, "object.spec.containers.all(c, true) && object.spec.ephemeralContainers.all(c, true)"), "not at initContainers"},
		{"no ephemeral containers", vap(both, "object.spec.containers.all(c, true) && object.spec.initContainers.all(c, true)"), "not at ephemeralContainers"},
		{"no debug", vap([]string{"pods"}, all), "kubectl debug gets past it"},
		{"an exact sub", role("StringEquals", terraform.KeyOf(`"${x}:sub"`), "system:serviceaccount:shop:orders"), ""},
		{"a wildcard sub", role("StringLike", terraform.KeyOf(`"${x}:sub"`), "system:serviceaccount:shop:*"), "trusts everybody whose sub"},
		{"a wildcard in a list of subs", role("StringLike", "token.actions.githubusercontent.com:sub", []string{"repo:a/b:ref:refs/heads/main", "repo:a/*"}), "trusts everybody whose sub"},
		{"for all values", role("ForAllValues:StringEquals", "token.actions.githubusercontent.com:sub", "repo:a/b:x"), "holds when the token has no such claim"},
		{"an anchored exemption", exempt(`^/upload$`), ""},
		{"an open end", exempt(`^/upload`), "anchor the regular expression"},
		{"an open beginning", exempt(`/upload$`), "anchor the regular expression"},
		{"a rule that is there", override("SizeRestrictions_BODY"), ""},
		{"a rule that is not", override("SizeRestriction_BODY"), "which no managed group has"},
		{"all headers", oversize("MATCH"), ""},
		{"the first headers", oversize("CONTINUE"), "looks at the first 8 KB only"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := trap.Check(p, []render.Part{{Layer: "x", Resources: []render.Resource{c.is}}},
				trap.Options{ManagedRules: []string{"SizeRestrictions_BODY"}})
			switch {
			case c.says == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.says != "" && err == nil:
				t.Error("nothing was said")
			case c.says != "" && !strings.Contains(err.Error(), c.says):
				t.Errorf("said %q, want something with %q", err, c.says)
			}
		})
	}
}
