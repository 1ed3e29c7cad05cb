package dialect_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/webacl"
	"fathom/engine/webacl/dialect"
	"fathom/engine/webacl/transform"
)

// stated reads a rule with a statement, written as the console shows it; group is
// for references to rule groups.
func stated(t testing.TB, statement string, group bool) (webacl.Statement, []string) {
	t.Helper()
	action := `"Action":{"Block":{}}`
	if group {
		action = `"OverrideAction":{"None":{}}`
	}
	return first(t, `{"Name":"r","Priority":1,`+action+`,"Statement":`+statement+`}`)
}

// first reads rules and gives the statement of the first, or the problems.
func first(t testing.TB, rule string) (webacl.Statement, []string) {
	t.Helper()
	d, problems := dialect.Read("x.json", []byte("["+rule+"]"), dialect.Options{Default: webacl.Allow})
	if len(problems) > 0 {
		if !reflect.ValueOf(d).IsZero() {
			t.Error("there is a document beside the problems")
		}
		var out []string
		for _, p := range problems {
			if p.Line != 1 || p.Column == 0 {
				t.Errorf("%s has no place", p.Error())
			}
			out = append(out, p.Error())
		}
		return nil, out
	}
	return d.ACLs[0].Rules[0].Statement, nil
}

const (
	none  = `"TextTransformations":[{"Priority":0,"Type":"NONE"}]`
	onURI = `"FieldToMatch":{"UriPath":{}},` + none
	kp    = `{"GeoMatchStatement":{"CountryCodes":["KP"]}}`
)

var (
	uri  = webacl.Field{Kind: webacl.URIPath}
	asIs = []transform.Kind{transform.None}
	geo  = webacl.GeoMatch{Countries: []string{"KP"}}
)

func TestSection3Statements(t *testing.T) {
	for _, c := range []struct {
		name, in string
		group    bool
		want     webacl.Statement
	}{
		{"And", `{"AndStatement":{"Statements":[` + kp + `]}}`, false, webacl.And{Of: []webacl.Statement{geo}}},
		{"Or", `{"OrStatement":{"Statements":[` + kp + `,` + kp + `]}}`, false, webacl.Or{Of: []webacl.Statement{geo, geo}}},
		{"Not", `{"NotStatement":{"Statement":` + kp + `}}`, false, webacl.Not{Of: geo}},
		{"ByteMatch", `{"ByteMatchStatement":{"SearchString":"x_1","PositionalConstraint":"CONTAINS_WORD",` + onURI + `}}`, false, webacl.ByteMatch{Field: uri, Search: []byte("x_1"), Position: webacl.ContainsWord, Transforms: asIs}},
		{"RegexMatch", `{"RegexMatchStatement":{"RegexString":"^a$",` + onURI + `}}`, false, webacl.RegexMatch{Field: uri, Regex: "^a$", Transforms: asIs}},
		{"RegexPatternSetReference", `{"RegexPatternSetReferenceStatement":{"ARN":"arn:x",` + onURI + `}}`, false, webacl.RegexSetMatch{Field: uri, ARN: "arn:x", Transforms: asIs}},
		{"SizeConstraint", `{"SizeConstraintStatement":{"ComparisonOperator":"NE","Size":21474836480,` + onURI + `}}`, false, webacl.SizeMatch{Field: uri, Op: webacl.NE, Size: 21474836480, Transforms: asIs}},
		{"SqliMatch", `{"SqliMatchStatement":{` + onURI + `}}`, false, webacl.SQLiMatch{Field: uri, Transforms: asIs}},
		{"XssMatch", `{"XssMatchStatement":{` + onURI + `}}`, false, webacl.XSSMatch{Field: uri, Transforms: asIs}},
		{"GeoMatch", kp, false, geo},
		{"AsnMatch", `{"AsnMatchStatement":{"AsnList":[64500]}}`, false, webacl.ASNMatch{ASNs: []uint32{64500}}},
		{"IPSetReference", `{"IPSetReferenceStatement":{"ARN":"arn:x","IPSetForwardedIPConfig":{"HeaderName":"X","FallbackBehavior":"MATCH","Position":"LAST"}}}`, false, webacl.IPSetMatch{ARN: "arn:x", Forwarded: &webacl.Forwarded{Header: "X", Match: true, Where: webacl.Last}}},
		{"LabelMatch", `{"LabelMatchStatement":{"Scope":"NAMESPACE","Key":"a:b:"}}`, false, webacl.LabelMatch{Namespace: true, Key: "a:b:"}},
		{"RateBased", `{"RateBasedStatement":{"Limit":10,"AggregateKeyType":"IP"}}`, false, webacl.RateBased{Limit: 10, Window: 300, Key: webacl.ByIP}},
		{"ManagedRuleGroup", `{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"AWSManagedRulesLinuxRuleSet","ScopeDownStatement":` + kp + `}}`, true, webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesLinuxRuleSet", ScopeDown: geo}},
		{"RuleGroupReference", `{"RuleGroupReferenceStatement":{"ARN":"arn:g"}}`, true, webacl.GroupRef{ARN: "arn:g"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, problems := stated(t, c.in, c.group)
			if diff := cmp.Diff(c.want, got, ignoring); diff != "" || problems != nil {
				t.Errorf("%v\n%s", problems, diff)
			}
		})
	}
}

func TestSection4Fields(t *testing.T) {
	many := `"MatchScope":"KEY","OversizeHandling":"MATCH"`
	for _, c := range []struct {
		name, in string
		want     webacl.Field
	}{
		{"UriPath", `"UriPath":{}`, uri},
		{"QueryString", `"QueryString":{}`, webacl.Field{Kind: webacl.QueryString}},
		{"Method", `"Method":{}`, webacl.Field{Kind: webacl.Method}},
		{"Body", `"Body":{}`, webacl.Field{Kind: webacl.BodyText}},
		{"Body oversize", `"Body":{"OversizeHandling":"NO_MATCH"}`, webacl.Field{Kind: webacl.BodyText, Oversize: webacl.OversizeNo}},
		{"JsonBody", `"JsonBody":{"MatchPattern":{"IncludedPaths":["/a"]},"MatchScope":"VALUE","InvalidFallbackBehavior":"NO_MATCH"}`, webacl.Field{Kind: webacl.JSONBody, Pattern: webacl.Pattern{Kind: webacl.Included, Names: []string{"/a"}}, Scope: webacl.Values, Invalid: webacl.InvalidNo}},
		{"SingleHeader", `"SingleHeader":{"Name":"Host"}`, webacl.Field{Kind: webacl.SingleHeader, Name: "Host"}},
		{"Headers", `"Headers":{"MatchPattern":{"All":{}},` + many + `}`, webacl.Field{Kind: webacl.Headers, Pattern: webacl.Pattern{Kind: webacl.All}, Scope: webacl.Keys, Oversize: webacl.OversizeHit}},
		{"Cookies", `"Cookies":{"MatchPattern":{"ExcludedCookies":["a"]},` + many + `}`, webacl.Field{Kind: webacl.Cookies, Pattern: webacl.Pattern{Kind: webacl.Excluded, Names: []string{"a"}}, Scope: webacl.Keys, Oversize: webacl.OversizeHit}},
		{"SingleQueryArgument", `"SingleQueryArgument":{"Name":"q"}`, webacl.Field{Kind: webacl.SingleQueryArgument, Name: "q"}},
		{"AllQueryArguments", `"AllQueryArguments":{}`, webacl.Field{Kind: webacl.AllQueryArguments}},
		{"HeaderOrder", `"HeaderOrder":{"OversizeHandling":"CONTINUE"}`, webacl.Field{Kind: webacl.HeaderOrder}},
		{"JA3Fingerprint", `"JA3Fingerprint":{"FallbackBehavior":"MATCH"}`, webacl.Field{Kind: webacl.JA3Fingerprint, Match: true}},
		{"JA4Fingerprint", `"JA4Fingerprint":{"FallbackBehavior":"NO_MATCH"}`, webacl.Field{Kind: webacl.JA4Fingerprint}},
		{"UriFragment", `"UriFragment":{}`, webacl.Field{Kind: webacl.URIFragment}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, problems := stated(t, `{"ByteMatchStatement":{"SearchString":"x","PositionalConstraint":"EXACTLY","FieldToMatch":{`+c.in+`},`+none+`}}`, false)
			if problems != nil {
				t.Fatal(problems)
			}
			if diff := cmp.Diff(c.want, got.(webacl.ByteMatch).Field); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSection5Transformations(t *testing.T) {
	for _, k := range transform.All() {
		t.Run(k.String(), func(t *testing.T) {
			got, problems := stated(t, `{"XssMatchStatement":{"FieldToMatch":{"Method":{}},"TextTransformations":[{"Priority":5,"Type":"`+k.String()+`"},{"Priority":2,"Type":"LOWERCASE"}]}}`, false)
			if problems != nil {
				t.Fatal(problems)
			}
			if diff := cmp.Diff([]transform.Kind{transform.Lowercase, k}, got.(webacl.XSSMatch).Transforms); diff != "" {
				t.Errorf("in the order of their priorities:\n%s", diff)
			}
		})
	}
}

func TestSection9Actions(t *testing.T) {
	insert := `{"CustomRequestHandling":{"InsertHeaders":[{"Name":"n","Value":"v"}]}}`
	header := []webacl.Header{{Name: "n", Value: "v"}}
	for _, c := range []struct {
		in   string
		want webacl.Action
	}{
		{`{"Allow":` + insert + `}`, webacl.Action{Kind: webacl.Allow, Insert: header}},
		{`{"Count":` + insert + `}`, webacl.Action{Kind: webacl.Count, Insert: header}},
		{`{"Captcha":` + insert + `}`, webacl.Action{Kind: webacl.Captcha, Insert: header}},
		{`{"Challenge":` + insert + `}`, webacl.Action{Kind: webacl.Challenge, Insert: header}},
		{`{"Block":{}}`, webacl.Action{Kind: webacl.Block}},
		{`{"Block":{"CustomResponse":{"ResponseCode":302,"ResponseHeaders":[{"Name":"n","Value":"v"}]}}}`, webacl.Action{Kind: webacl.Block, Response: &webacl.Response{Code: 302, Headers: header}}},
	} {
		d, problems := dialect.Read("x.json", []byte(`{"Name":"r","Priority":1,"Action":`+c.in+`,"Statement":`+kp+`}`), dialect.Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if diff := cmp.Diff(c.want, d.ACLs[0].Rules[0].Action); diff != "" {
			t.Errorf("%s\n%s", c.in, diff)
		}
	}
}

// What AWS refuses is refused, by name, with what was meant.
func TestRefusals(t *testing.T) {
	byteMatch := func(s string) string { return `{"ByteMatchStatement":{` + s + `}}` }
	rate := func(s string) string { return `{"RateBasedStatement":{` + s + `}}` }
	managed := `{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"AWSManagedRulesLinuxRuleSet"}}`
	for _, c := range []struct{ name, rule, want string }{
		{"§3 unknown statement", kpWith(`"Statement":{"GeoMathStatement":{}}`), `a statement has no member "GeoMathStatement"; the nearest is "GeoMatchStatement"`},
		{"§3 two statements", kpWith(`"Statement":{"GeoMatchStatement":{"CountryCodes":["KP"]},"AsnMatchStatement":{"AsnList":[1]}}`), "of which one may be written"},
		{"§3 empty statement", kpWith(`"Statement":{}`), "a statement is empty"},
		{"§3 no statement", `{"Name":"r","Priority":1,"Action":{"Block":{}}}`, `rule "r" has no Statement`},
		{"§3 null statement", kpWith(`"Statement":null`), "has no Statement"},
		{"§3 And of none", kpWith(`"Statement":{"AndStatement":{"Statements":[]}}`), "has no statements"},
		{"§3 unknown member", kpWith(`"Statement":{"GeoMatchStatement":{"CountryCodes":["KP"],"Countries":[]}}`), `has no member "Countries"`},
		{"§3 member in another case", kpWith(`"Statement":{"GeoMatchStatement":{"countryCodes":["KP"]}}`), `write "CountryCodes"`},
		{"§3 unknown country", kpWith(`"Statement":{"GeoMatchStatement":{"CountryCodes":["UK"]}}`), `"UK" is no country code`},
		{"§3 long search string", kpWith(`"Statement":` + byteMatch(`"SearchString":"`+strings.Repeat("a", 201)+`","PositionalConstraint":"EXACTLY",`+onURI)), "SearchString has 201 bytes"},
		{"§3 no word", kpWith(`"Statement":` + byteMatch(`"SearchString":"a b","PositionalConstraint":"CONTAINS_WORD",`+onURI)), "CONTAINS_WORD cannot search"},
		{"§3 unknown position", kpWith(`"Statement":` + byteMatch(`"SearchString":"a","PositionalConstraint":"CONTAIN",`+onURI)), `the nearest is "CONTAINS"`},
		{"§3 base64 outside CloudFormation", kpWith(`"Statement":` + byteMatch(`"SearchStringBase64":"YQ==","PositionalConstraint":"EXACTLY",`+onURI)), `has no member "SearchStringBase64"`},
		{"§3 long regex", kpWith(`"Statement":{"RegexMatchStatement":{"RegexString":"` + strings.Repeat("a", 201) + `",` + onURI + `}}`), "has 201 characters"},
		{"§3 size", kpWith(`"Statement":{"SizeConstraintStatement":{"ComparisonOperator":"GT","Size":-1,` + onURI + `}}`), "Size is -1"},
		{"§3 nested rate", kpWith(`"Statement":{"NotStatement":{"Statement":` + rate(`"Limit":10,"AggregateKeyType":"IP"`) + `}}`), "RateBasedStatement is nested"},
		{"§3 nested group", kpWith(`"Statement":{"AndStatement":{"Statements":[` + managed + `]}}`), "ManagedRuleGroupStatement is nested"},
		{"§4 unknown field", kpWith(`"Statement":` + byteMatch(`"SearchString":"a","PositionalConstraint":"EXACTLY","FieldToMatch":{"Uri":{}},`+none)), `the nearest is "UriPath"`},
		{"§4 no field", kpWith(`"Statement":` + byteMatch(`"SearchString":"a","PositionalConstraint":"EXACTLY",`+none)), "has no FieldToMatch"},
		{"§4 headers without oversize", kpWith(`"Statement":{"XssMatchStatement":{"FieldToMatch":{"Headers":{"MatchPattern":{"All":{}},"MatchScope":"ALL"}},` + none + `}}`), "Headers has no OversizeHandling"},
		{"§4 fingerprint by regex", kpWith(`"Statement":{"RegexMatchStatement":{"RegexString":"a","FieldToMatch":{"JA3Fingerprint":{"FallbackBehavior":"MATCH"}},` + none + `}}`), "JA3Fingerprint cannot be inspected by RegexMatchStatement"},
		{"§4 fingerprint not exactly", kpWith(`"Statement":` + byteMatch(`"SearchString":"a","PositionalConstraint":"CONTAINS","FieldToMatch":{"JA4Fingerprint":{"FallbackBehavior":"MATCH"}},`+none)), "only be compared EXACTLY"},
		{"§4 long argument", kpWith(`"Statement":{"XssMatchStatement":{"FieldToMatch":{"SingleQueryArgument":{"Name":"` + strings.Repeat("q", 31) + `"}},` + none + `}}`), "has 31 characters"},
		{"§4 no pointer", kpWith(`"Statement":{"XssMatchStatement":{"FieldToMatch":{"JsonBody":{"MatchPattern":{"IncludedPaths":["a"]},"MatchScope":"ALL"}},` + none + `}}`), "no JSON pointer"},
		{"§5 unknown transformation", kpWith(`"Statement":{"XssMatchStatement":{"FieldToMatch":{"Method":{}},"TextTransformations":[{"Priority":0,"Type":"URLDECODE"}]}}`), `the nearest is "URL_DECODE"`},
		{"§5 transformation cut short", kpWith(`"Statement":{"XssMatchStatement":{"FieldToMatch":{"Method":{}},"TextTransformations":[{"Priority":0,"Type":"LOWER"}]}}`), `the nearest is "LOWERCASE"`},
		{"§5 none", kpWith(`"Statement":{"XssMatchStatement":{"FieldToMatch":{"Method":{}},"TextTransformations":[]}}`), "0 text transformations"},
		{"§5 one priority twice", kpWith(`"Statement":{"XssMatchStatement":{"FieldToMatch":{"Method":{}},"TextTransformations":[{"Priority":0,"Type":"NONE"},{"Priority":0,"Type":"MD5"}]}}`), "two text transformations have the priority 0"},
		{"§6 limit", kpWith(`"Statement":` + rate(`"Limit":9,"AggregateKeyType":"IP"`)), "Limit is 9; use 10 to 2000000000"},
		{"§6 window", kpWith(`"Statement":` + rate(`"Limit":10,"EvaluationWindowSec":90,"AggregateKeyType":"IP"`)), "EvaluationWindowSec is 90"},
		{"§6 no key", kpWith(`"Statement":` + rate(`"Limit":10`)), "has no AggregateKeyType"},
		{"§6 forwarded without header", kpWith(`"Statement":` + rate(`"Limit":10,"AggregateKeyType":"FORWARDED_IP"`)), "FORWARDED_IP needs ForwardedIPConfig"},
		{"§6 constant", kpWith(`"Statement":` + rate(`"Limit":10,"AggregateKeyType":"CONSTANT"`)), "CONSTANT needs ScopeDownStatement"},
		{"§6 no custom keys", kpWith(`"Statement":` + rate(`"Limit":10,"AggregateKeyType":"CUSTOM_KEYS"`)), "has 0 custom keys"},
		{"§6 address alone", kpWith(`"Statement":` + rate(`"Limit":10,"AggregateKeyType":"CUSTOM_KEYS","CustomKeys":[{"IP":{}}]`)), "cannot be the only custom key"},
		{"§6 keys without CUSTOM_KEYS", kpWith(`"Statement":` + rate(`"Limit":10,"AggregateKeyType":"IP","CustomKeys":[{"ASN":{}}]`)), "AggregateKeyType IP has custom keys"},
		{"§6 unknown custom key", kpWith(`"Statement":` + rate(`"Limit":10,"AggregateKeyType":"CUSTOM_KEYS","CustomKeys":[{"Host":{}}]`)), `a custom key has no member "Host"`},
		{"§6 rate allows", `{"Name":"r","Priority":1,"Action":{"Allow":{}},"Statement":` + rate(`"Limit":10,"AggregateKeyType":"IP"`) + `}`, "cannot allow"},
		{"§8 reserved label", kpWith(`"Statement":` + kp + `,"RuleLabels":[{"Name":"awswaf:x"}]`), "reserved by AWS"},
		{"§8 labels of a group", `{"Name":"r","Priority":1,"OverrideAction":{"None":{}},"RuleLabels":[{"Name":"x"}],"Statement":` + managed + `}`, "takes no labels"},
		{"§9 unknown action", `{"Name":"r","Priority":1,"Action":{"Monetize":{}},"Statement":` + kp + `}`, `has no member "Monetize"`},
		{"§9 two actions", `{"Name":"r","Priority":1,"Action":{"Block":{},"Count":{}},"Statement":` + kp + `}`, "of which one may be written"},
		{"§9 no action", `{"Name":"r","Priority":1,"Statement":` + kp + `}`, `rule "r" has no Action`},
		{"§2 action of a group", `{"Name":"r","Priority":1,"Action":{"Block":{}},"Statement":` + managed + `}`, "refers to a rule group, and those have no Action"},
		{"§2 override of no group", `{"Name":"r","Priority":1,"OverrideAction":{"Count":{}},"Statement":` + kp + `}`, "refers to no rule group"},
		{"§9 code", `{"Name":"r","Priority":1,"Action":{"Block":{"CustomResponse":{"ResponseCode":418}}},"Statement":` + kp + `}`, "ResponseCode 418"},
		{"§9 content type", `{"Name":"r","Priority":1,"Action":{"Block":{"CustomResponse":{"ResponseCode":403,"ResponseHeaders":[{"Name":"Content-Type","Value":"x"}]}}},"Statement":` + kp + `}`, "cannot have the header"},
		{"§9 immunity", kpWith(`"Statement":` + kp + `,"ChallengeConfig":{"ImmunityTimeProperty":{"ImmunityTime":60}}`), "ImmunityTime is 60; use 300 to 259200"},
		{"§12 ATP without its path", `{"Name":"r","Priority":1,"OverrideAction":{"None":{}},"Statement":{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"AWSManagedRulesATPRuleSet"}}}`, "needs its configuration"},
		{"§12 configuration of another", `{"Name":"r","Priority":1,"OverrideAction":{"None":{}},"Statement":{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"AWSManagedRulesLinuxRuleSet","ManagedRuleGroupConfigs":[{"AWSManagedRulesBotControlRuleSet":{"InspectionLevel":"COMMON"}}]}}}`, "is given to AWSManagedRulesLinuxRuleSet"},
		{"§1 member twice", `{"Name":"r","Name":"s","Priority":1,"Action":{"Block":{}},"Statement":` + kp + `}`, `member "Name" is given twice`},
		{"§1 name", `{"Name":"r s","Priority":1,"Action":{"Block":{}},"Statement":` + kp + `}`, "none that AWS takes"},
		{"§1 priority", `{"Name":"r","Priority":"1","Action":{"Block":{}},"Statement":` + kp + `}`, "is a text, not a number"},
		{"§1 one priority twice", kpWith(`"Statement":`+kp) + `,{"Name":"s","Priority":1,"Action":{"Block":{}},"Statement":` + kp + `}`, `rule "s" has the priority 1`},
		{"§1 one name twice", kpWith(`"Statement":`+kp) + `,{"Name":"r","Priority":2,"Action":{"Block":{}},"Statement":` + kp + `}`, `rule "r" has the name`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, problems := first(t, c.rule)
			if len(problems) == 0 || !strings.Contains(strings.Join(problems, "\n"), c.want) {
				t.Errorf("want a problem %q, got %q", c.want, problems)
			}
			if len(problems) > 2 {
				t.Errorf("one mistake makes %d problems: %q", len(problems), problems)
			}
		})
	}
}

// kpWith is a rule that blocks, with the members given.
func kpWith(members string) string {
	return `{"Name":"r","Priority":1,"Action":{"Block":{}},` + members + `}`
}

func TestRefusalsOfWholes(t *testing.T) {
	acl := func(members string) string {
		return `{"Name":"a","DefaultAction":{"Allow":{}},"Rules":[]` + members + `}`
	}
	for _, c := range []struct{ name, in, want string }{
		{"§1 default counts", `{"Name":"a","DefaultAction":{"Count":{}},"Rules":[]}`, `DefaultAction has no member "Count"`},
		{"§1 no default", `{"Name":"a","Scope":"REGIONAL","Rules":[]}`, "has no DefaultAction"},
		{"§1 unknown member", acl(`,"Rule":[]`), `the nearest is "Rules"`},
		{"§1 body limit", acl(`,"AssociationConfig":{"RequestBody":{"ALB":{"DefaultSizeInspectionLimit":"KB_16"}}}`), `has no member "ALB"`},
		{"§9 missing body", `{"Name":"a","DefaultAction":{"Block":{"CustomResponse":{"ResponseCode":403,"CustomResponseBodyKey":"x"}}},"CustomResponseBodies":{"y":{"ContentType":"TEXT_PLAIN","Content":"no"}},"Rules":[]}`, `has no custom response body "x"; the nearest is "y"`},
		{"§9 token domains", acl(`,"TokenDomains":["a b"]`), `token domain "a b" is none`},
		{"§2 group in a group", `{"Name":"g","Capacity":10,"Rules":[{"Name":"r","Priority":1,"OverrideAction":{"None":{}},"Statement":{"RuleGroupReferenceStatement":{"ARN":"a"}}}]}`, "stands inside a rule group"},
		{"§1 all addresses", `{"Name":"s","IPAddressVersion":"IPV4","Addresses":["0.0.0.0/0"]}`, "no range of all addresses"},
		{"§1 address alone", `{"Name":"s","IPAddressVersion":"IPV4","Addresses":["192.0.2.1"]}`, "write 192.0.2.1/32"},
		{"§1 other version", `{"Name":"s","IPAddressVersion":"IPV4","Addresses":["2001:db8::/32"]}`, "not of the version"},
		{"§1 no pattern", `{"Name":"s","RegularExpressionList":[]}`, "has no pattern"},
		{"§1 a plan", `{"format_version":"1.2","terraform_version":"1","planned_values":{}}`, "plan or state of Terraform"},
		{"§1 nothing of WAF", `{"hello":"world"}`, "holds no web ACL"},
		{"no JSON", `{"Rules":[}`, "does not parse"},
		{"two values", `{} {}`, "something follows"},
		{"empty", ` `, "the file is empty"},
		{"no UTF-8", "{\"Name\":\"\xff\"}", "not in UTF-8"},
		{"deep", strings.Repeat(`[`, 100_000), "nests more than 1000"},
		{"deep YAML", "a: " + strings.Repeat(`[`, 100_000), "does not parse"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, problems := dialect.Read("x.json", []byte(c.in), dialect.Options{})
			if len(problems) == 0 || !strings.Contains(problems[0].Error(), c.want) || !reflect.ValueOf(d).IsZero() {
				t.Errorf("want a problem %q, got %q and %+v", c.want, problems, d)
			}
		})
	}
}

// §12: what a web ACL tells the managed groups.
func TestSection12Configs(t *testing.T) {
	acl := rich(t, "rich.api.json")
	got := map[string]webacl.ManagedConfig{}
	for _, r := range acl.Rules {
		if m, ok := r.Statement.(webacl.ManagedRef); ok {
			got[r.Name] = m.Config
		}
	}
	want := map[string]webacl.ManagedConfig{
		"common": {},
		"bots":   {Targeted: true, NoMachineLearning: true},
		"atp": {
			LoginPath: "/login", RegexInPath: true, JSON: true, UsernameField: "/user", PasswordField: "/pass",
			Response: &webacl.ResponseInspection{SuccessCodes: []int{200, 302}, FailureCodes: []int{401}},
		},
		"acfp": {
			CreationPath: "/signup", RegistrationPath: "/register", UsernameField: "/user", PasswordField: "/pass", EmailField: "email",
			PhoneFields: []string{"phone1", "phone2"}, AddressFields: []string{"street"},
			Response: &webacl.ResponseInspection{Identifier: "/ok", SuccessValues: []string{"true"}, FailureValues: []string{"false"}},
		},
		"ddos": {ChallengeSensitivity: "MEDIUM", BlockSensitivity: "HIGH", ExemptURIs: []string{"^/api/", `\.css$`}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"manager.api.json", "group.api.json", "ips.api.json", "patterns.api.json"} {
		f.Add(mustRead(f, name))
	}
	f.Add([]byte(kpWith(`"Statement":` + kp)))
	f.Add([]byte(`{"web_acl":{"name":"a","default_action":{"allow":{}},"rules":[{"name":"r","priority":1,"rule_action":{"block":{}},"statement":{"geo_match_statement":{"country_codes":["KP"]}}}]}}`))
	f.Add([]byte("name: a\ndefaultAction: {block: {}}\nrules: &a [*a]\n"))
	f.Add([]byte(template))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, how := range []dialect.Dialect{dialect.Auto, dialect.CloudFormation, dialect.CDK} {
			d, problems := dialect.Read("x", b, dialect.Options{Dialect: how})
			if len(problems) > 0 && !reflect.ValueOf(d).IsZero() {
				t.Error("a document beside problems")
			}
			for _, acl := range d.ACLs {
				if printed := dialect.API(acl); !json.Valid(printed) {
					t.Errorf("it prints as %s", printed)
				}
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for _, name := range []string{"rich.api.json", "rich.cfn.yaml"} {
		content := mustRead(b, name)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				if _, problems := dialect.Read(name, content, dialect.Options{}); len(problems) > 0 {
					b.Fatal(problems)
				}
			}
		})
	}
}
