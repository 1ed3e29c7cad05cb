package dialect_test

import (
	"os"
	"strings"
	"testing"

	"fathom/engine/webacl"
	"fathom/engine/webacl/dialect"
)

func mustRead(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const template = `Parameters:
  Stage: {Type: String, Default: prod}
  Countries: {Type: CommaDelimitedList, Default: "KP, RU"}
  Open: {Type: String}
Mappings:
  Limits: {prod: {limit: 500}}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
  Test: !Not [!Condition Prod]
  Both: !And [!Condition Prod, !Condition Test]
  Hidden: !Equals [!Ref Open, x]
Resources:
  Gone:
    Type: AWS::WAFv2::IPSet
    Condition: Both
    Properties: {IPAddressVersion: IPV4, Scope: REGIONAL, Addresses: [bad]}
  Acl:
    Type: AWS::WAFv2::WebACL
    Properties:
      Name: !Sub "shop-${Stage}"
      Scope: REGIONAL
      DefaultAction: !If [Prod, {Block: {}}, {Allow: {}}]
      Description: !If [Test, x, !Ref AWS::NoValue]
      VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: !Ref AWS::StackName}
      Rules:
        - Name: geo
          Priority: 0
          Action: {Block: {}}
          Statement: {GeoMatchStatement: {CountryCodes: !Ref Countries}}
        - Name: rate
          Priority: "1"
          Action: {Block: {}}
          Statement:
            RateBasedStatement: {Limit: !FindInMap [Limits, !Ref Stage, limit], AggregateKeyType: IP}
        - Name: path
          Priority: 2
          Action: {Block: {}}
          Statement:
            OrStatement:
              Statements:
                - ByteMatchStatement:
                    SearchString: !Join ["/", ["", !Select [1, !Split [",", "a,b"]]]]
                    PositionalConstraint: EXACTLY
                    FieldToMatch: {UriPath: {}}
                    TextTransformations: [{Priority: 0, Type: NONE}]
                - LabelMatchStatement: {Scope: LABEL, Key: !Sub "awswaf:${AWS::AccountId}:webacl:x:y"}
                - GeoMatchStatement: {CountryCodes: [!Ref Open]}
                - GeoMatchStatement: {CountryCodes: [!If [Hidden, KP, RU]]}
                - RegexMatchStatement:
                    RegexString: !ImportValue pattern
                    FieldToMatch: {UriPath: {}}
                    TextTransformations: [{Priority: 0, Type: NONE}]
`

// §1: the functions of a template are evaluated, and what cannot be is named.
func TestSection1Dialects_cloudformationFunctions(t *testing.T) {
	d, problems := dialect.Read("t.yaml", []byte(template), dialect.Options{Params: map[string]string{"AWS::AccountId": "123456789012"}})
	for _, p := range problems {
		t.Fatal(p.Error())
	}
	acl := d.ACLs[0]
	if acl.Name != "shop-prod" || acl.Default.Kind != webacl.Block || len(d.IPSets) != 0 {
		t.Errorf("name %q, default %v, %d IP sets", acl.Name, acl.Default.Kind, len(d.IPSets))
	}
	if got := strings.Join(acl.Rules[0].Statement.(webacl.GeoMatch).Countries, " "); got != "KP RU" {
		t.Errorf("countries %q", got)
	}
	if got := acl.Rules[1].Statement.(webacl.RateBased).Limit; got != 500 {
		t.Errorf("limit %d", got)
	}
	or := acl.Rules[2].Statement.(webacl.Or).Of
	if got := string(or[0].(webacl.ByteMatch).Search); got != "/b" {
		t.Errorf("search string %q", got)
	}
	if got := or[1].(webacl.LabelMatch).Key; got != "awswaf:123456789012:webacl:x:y" {
		t.Errorf("key %q", got)
	}
	for i, why := range map[int]string{2: `parameter "Open" has no value`, 3: `parameter "Open" has no value`, 4: "Fn::ImportValue is not evaluated"} {
		if u, ok := or[i].(webacl.Unresolved); !ok || u.Why != why || u.At.Line == 0 {
			t.Errorf("statement %d is %#v, want it unresolved: %s", i, or[i], why)
		}
	}
}

func TestTemplateRefusals(t *testing.T) {
	acl := func(rules string) string {
		return "Resources:\n  S:\n    Type: AWS::WAFv2::IPSet\n    Properties: {IPAddressVersion: IPV4, Scope: REGIONAL, Addresses: [192.0.2.0/24]}\n" +
			"  A:\n    Type: AWS::WAFv2::WebACL\n    Properties:\n      Scope: REGIONAL\n      DefaultAction: {Allow: {}}\n      Rules: " + rules + "\n"
	}
	rule := func(arn string) string {
		return `[{Name: r, Priority: 0, Action: {Block: {}}, Statement: {IPSetReferenceStatement: {Arn: ` + arn + `}}}]`
	}
	for _, c := range []struct{ name, in, want string }{
		{"Ref of a set is no ARN", acl(rule("!Ref S")), "write S.arn"},
		{"unknown rules", acl(`!Transform {Name: x}`), "Fn::Transform is not evaluated"},
		{"a loop", acl("[]") + "  Fn::ForEach::X: []\n", "Fn::ForEach::X makes resources"},
		{"circular conditions", "Conditions: {A: !Not [!Condition A]}\n" + acl(`!If [A, [], []]`), "go in circles"},
		{"merge keys", "x: &x {a: b}\ny: {<<: *x}\n" + acl("[]"), "merge keys"},
		{"an alias in itself", "x: &x [*x]\n" + acl("[]"), "alias"},
		{"two search strings", acl(`[{Name: r, Priority: 0, Action: {Block: {}}, Statement: {ByteMatchStatement: {SearchString: a, SearchStringBase64: YQ==, PositionalConstraint: EXACTLY, FieldToMatch: {UriPath: {}}, TextTransformations: [{Priority: 0, Type: NONE}]}}}]`), "has both SearchString and SearchStringBase64"},
		{"no base64", acl(`[{Name: r, Priority: 0, Action: {Block: {}}, Statement: {ByteMatchStatement: {SearchStringBase64: "?", PositionalConstraint: EXACTLY, FieldToMatch: {UriPath: {}}, TextTransformations: [{Priority: 0, Type: NONE}]}}}]`), "is not base64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, problems := dialect.Read("t.yaml", []byte(c.in), dialect.Options{})
			text := ""
			for _, p := range problems {
				text += p.Error() + "\n"
			}
			if !strings.Contains(text, c.want) || !strings.HasPrefix(text, "t.yaml:") {
				t.Errorf("want a problem %q, got %q", c.want, text)
			}
		})
	}
}
