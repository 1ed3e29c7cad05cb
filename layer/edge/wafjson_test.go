package edge

import (
	"testing"

	"fathom/diag"
)

func TestTerraformName(t *testing.T) {
	for api, want := range map[string]string{
		"Name": "name", "ARN": "arn", "Rules": "rule", "IPSetReferenceStatement": "ip_set_reference_statement",
		"JA3Fingerprint": "ja3_fingerprint", "AWSManagedRulesATPRuleSet": "aws_managed_rules_atp_rule_set",
		"RuleActionOverrides": "rule_action_override", "ManagedRuleGroupConfigs": "managed_rule_group_configs",
	} {
		if got := terraformName(api); got != want {
			t.Errorf("terraformName(%q) = %q, want %q", api, got, want)
		}
	}
}

func TestUnblob(t *testing.T) {
	for in, want := range map[string]string{
		"L2xvZ2lu": "/login", // base64, as the API answers
		"/login":   "/login",
		"cart":     "cart", // valid base64 of nothing that can be read
		"":         "",
	} {
		if got := unblob(in); got != want {
			t.Errorf("unblob(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzRulesFromJSON(f *testing.F) {
	f.Add(`[{"Name":"a","Priority":1,"Action":{"Block":{}},"Statement":{"GeoMatchStatement":{"CountryCodes":["KP"]}}}]`)
	f.Add(`{"Rules":[{"Name":"a","OverrideAction":{"Count":{}},"Statement":{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"b","ExcludedRules":[{"Name":"c"}]}}}]}`)
	f.Add(`[{"Statement":{"RateBasedStatement":{"Limit":100,"ScopeDownStatement":{"NotStatement":{"Statement":{"ByteMatchStatement":{"SearchString":"L2xvZ2lu","FieldToMatch":{"UriPath":{}}}}}}}}}]`)
	f.Add(`[[[]],null,1,"x",{"Statement":[]}]`)
	f.Fuzz(func(t *testing.T, doc string) {
		nodes, err := rulesFromJSON(doc, diag.Pos{File: "x", Line: 1})
		if err != nil && nodes != nil {
			t.Error("rules and an error")
		}
		for _, n := range nodes {
			readRule(nil, n, ruleSets{})
		}
	})
}
