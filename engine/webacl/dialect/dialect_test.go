package dialect_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/engine/webacl/dialect"
	"fathom/estate/terraform/tftest"
)

// ignoring leaves out of a comparison what dialects do not say alike: positions,
// and ARNs, ids, accounts and capacities, which only AWS's answers have.
var ignoring = cmp.Options{
	cmpopts.IgnoreTypes(diag.Pos{}),
	cmpopts.IgnoreFields(webacl.ACL{}, "ARN", "ID", "Account", "Capacity", "Resource"),
	cmpopts.IgnoreFields(webacl.Group{}, "ARN", "ID", "LabelPrefix"),
	cmpopts.IgnoreFields(webacl.IPSetMatch{}, "ARN"),
	cmpopts.IgnoreFields(webacl.RegexSetMatch{}, "ARN"),
	cmpopts.IgnoreFields(webacl.GroupRef{}, "ARN"),
	cmpopts.IgnoreFields(webacl.IPSet{}, "ARN"),
	cmpopts.IgnoreFields(webacl.RegexSet{}, "ARN"),
	cmpopts.EquateComparable(netip.Prefix{}),
	cmpopts.EquateEmpty(),
}

func readFile(t testing.TB, name string, o dialect.Options) dialect.Document {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	d, problems := dialect.Read(name, b, o)
	for _, p := range problems {
		t.Error(p.Error())
	}
	return d
}

// sets are what the rich web ACL names.
func sets(t testing.TB) []dialect.Document {
	t.Helper()
	return []dialect.Document{readFile(t, "ips.api.json", dialect.Options{}), readFile(t, "patterns.api.json", dialect.Options{}), readFile(t, "group.api.json", dialect.Options{})}
}

func rich(t testing.TB, name string) *webacl.ACL {
	t.Helper()
	d := dialect.Join(append([]dialect.Document{readFile(t, name, dialect.Options{})}, sets(t)...)...)
	if len(d.ACLs) != 1 {
		t.Fatalf("%d web ACLs in %s", len(d.ACLs), name)
	}
	return d.ACLs[0]
}

// One web ACL with everything in it is the same in every dialect.
func TestSection1Dialects(t *testing.T) {
	want := rich(t, "rich.api.json")
	if want.Account != "123456789012" || want.Capacity != 4000 || want.Scope != webacl.Regional || len(want.Rules) != 33 {
		t.Errorf("account %q, capacity %d, scope %v, %d rules", want.Account, want.Capacity, want.Scope, len(want.Rules))
	}
	same := func(t *testing.T, got *webacl.ACL) {
		t.Helper()
		if diff := cmp.Diff(want, got, ignoring); diff != "" {
			t.Errorf("(-api +this)\n%s", diff)
		}
	}
	for _, c := range []struct {
		name, file string
		dialect    dialect.Dialect
	}{
		{"console", "rich.console.json", dialect.Console},
		{"cloudformation-json", "rich.cfn.json", dialect.CloudFormation},
		{"cloudformation-yaml", "rich.cfn.yaml", dialect.CloudFormation},
		{"snake-case", "rich.snake.json", dialect.Snake},
		{"cdk", "rich.cdk.json", dialect.CDK},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := readFile(t, c.file, dialect.Options{}); d.Dialect != c.dialect {
				t.Errorf("it is taken for %v", d.Dialect)
			}
			same(t, rich(t, c.file))
		})
	}
	t.Run("terraform-hcl", func(t *testing.T) {
		same(t, onlyACL(t, dialectOf(t, os.DirFS("testdata/rich"), ".")))
	})
	t.Run("cloudformation association", func(t *testing.T) {
		if got := rich(t, "rich.cfn.yaml").Resource; got != webacl.LoadBalancer {
			t.Errorf("the resource is %v", got)
		}
	})
}

// The real terraform's plan and state say the same as the configuration.
func TestSection1Dialects_terraformPlan(t *testing.T) {
	want := onlyACL(t, dialectOf(t, os.DirFS("testdata/rich"), "."))
	tf := tftest.Terraform(t)
	for name, b := range map[string][]byte{"plan.json": tf.Plan("testdata/rich"), "state.json": tf.Apply("testdata/rich")} {
		t.Run(name, func(t *testing.T) {
			got := onlyACL(t, dialectOf(t, oneFile(name, b), name))
			if diff := cmp.Diff(want, got, ignoring); diff != "" {
				t.Errorf("(-configuration +%s)\n%s", name, diff)
			}
		})
	}
}

// What API prints reads as the same web ACL, and prints the same again.
func TestAPIRoundTrip(t *testing.T) {
	for _, file := range []string{"rich.api.json", "rich.cdk.json", "rich.snake.json", "manager.api.json"} {
		t.Run(file, func(t *testing.T) {
			first := readFile(t, file, dialect.Options{}).ACLs[0]
			printed := dialect.API(first)
			d, problems := dialect.Read("printed.json", printed, dialect.Options{})
			for _, p := range problems {
				t.Fatal(p.Error())
			}
			if d.Dialect != dialect.Answer {
				t.Errorf("it is taken for %v", d.Dialect)
			}
			if diff := cmp.Diff(first, d.ACLs[0], cmpopts.IgnoreTypes(diag.Pos{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-read +printed and read)\n%s", diff)
			}
			if again := dialect.API(d.ACLs[0]); !bytes.Equal(printed, again) {
				t.Error("printing it again gives another text")
			}
		})
	}
	t.Run("group", func(t *testing.T) {
		g := readFile(t, "group.api.json", dialect.Options{}).Groups[0]
		d, problems := dialect.Read("g.json", dialect.GroupAPI(g), dialect.Options{})
		if len(problems) > 0 {
			t.Fatal(problems[0].Error())
		}
		if diff := cmp.Diff(g, d.Groups[0], cmpopts.IgnoreTypes(diag.Pos{})); diff != "" {
			t.Error(diff)
		}
	})
}

// §1: SearchString is base64 in the API and text everywhere else, and only a flag
// tells for sure.
func TestSection1SearchString(t *testing.T) {
	rule := func(s string) []byte {
		b, _ := json.Marshal(s)
		return []byte(`{"Name":"r","Priority":0,"Action":{"Block":{}},"Statement":{"ByteMatchStatement":{"SearchString":` + string(b) +
			`,"FieldToMatch":{"UriPath":{}},"PositionalConstraint":"EXACTLY","TextTransformations":[{"Priority":0,"Type":"NONE"}]}}}`)
	}
	answer := func(s string) []byte {
		return []byte(`{"WebACL":{"Name":"a","DefaultAction":{"Allow":{}},"Rules":[` + string(rule(s)) + `]}}`)
	}
	for _, c := range []struct {
		name string
		file []byte
		how  dialect.SearchString
		want string
	}{
		{"get-web-acl, base64 of text", answer("L2xvZ2lu"), dialect.BlobAuto, "/login"},
		{"get-web-acl, no base64", answer("/login"), dialect.BlobAuto, "/login"},
		{"get-web-acl, base64 of nothing readable", answer("cart"), dialect.BlobAuto, "cart"},
		{"get-web-acl, said to be text", answer("L2xvZ2lu"), dialect.BlobLiteral, "L2xvZ2lu"},
		{"console", rule("L2xvZ2lu"), dialect.BlobAuto, "L2xvZ2lu"},
		{"console, said to be base64", rule("cart"), dialect.BlobBase64, "q\xaa\xed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, problems := dialect.Read("x.json", c.file, dialect.Options{SearchString: c.how})
			if len(problems) > 0 {
				t.Fatal(problems[0].Error())
			}
			if got := string(d.ACLs[0].Rules[0].Statement.(webacl.ByteMatch).Search); got != c.want {
				t.Errorf("it searches for %q, want %q", got, c.want)
			}
		})
	}
	if _, problems := dialect.Read("x.json", rule("/login"), dialect.Options{SearchString: dialect.BlobBase64}); len(problems) != 1 {
		t.Errorf("text read as base64 gives %v", problems)
	}
}

func TestSection1BareRules(t *testing.T) {
	rule := `{"Name":"r","Priority":0,"Action":{"Block":{}},"Statement":{"GeoMatchStatement":{"CountryCodes":["KP"]}}}`
	for _, text := range []string{rule, "[" + rule + "]", `{"Rules":[` + rule + `]}`} {
		d, problems := dialect.Read("dir/shop.json", []byte(text), dialect.Options{})
		if len(problems) > 0 {
			t.Fatalf("%s: %v", text, problems)
		}
		acl := d.ACLs[0]
		if acl.Name != "shop" || acl.Default.Kind != webacl.Block || len(d.Notes) != 1 || len(acl.Rules) != 1 {
			t.Errorf("%s: %q, default %v, notes %v, %d rules", text, acl.Name, acl.Default.Kind, d.Notes, len(acl.Rules))
		}
		d, _ = dialect.Read("shop.json", []byte(text), dialect.Options{Default: webacl.Allow})
		if d.ACLs[0].Default.Kind != webacl.Allow || len(d.Notes) != 0 {
			t.Errorf("said to allow: %v, notes %v", d.ACLs[0].Default.Kind, d.Notes)
		}
	}
}

// §1: rule groups of Firewall Manager run before and after the web ACL's own.
func TestSection1FirewallManager(t *testing.T) {
	acl := readFile(t, "manager.api.json", dialect.Options{}).ACLs[0]
	if len(acl.Pre) != 1 || len(acl.Post) != 1 || acl.Scope != webacl.CloudFront {
		t.Fatalf("%d before, %d after, scope %v", len(acl.Pre), len(acl.Post), acl.Scope)
	}
	if m, ok := acl.Pre[0].Statement.(webacl.ManagedRef); !ok || m.Name != "AWSManagedRulesCommonRuleSet" || acl.Pre[0].Override != webacl.OverrideNone {
		t.Errorf("before stands %+v", acl.Pre[0])
	}
	if g, ok := acl.Post[0].Statement.(webacl.GroupRef); !ok || g.ARN == "" || acl.Post[0].Override != webacl.OverrideCount {
		t.Errorf("after stands %+v", acl.Post[0])
	}
}

func TestPositions(t *testing.T) {
	acl := rich(t, "rich.console.json")
	if got := acl.Rules[0].At.String(); got != "rich.console.json:17:3" {
		t.Errorf("the first rule is at %s", got)
	}
	acl = rich(t, "rich.cfn.yaml")
	if got := acl.Rules[1].At; got.File != "rich.cfn.yaml" || got.Line <= acl.Rules[0].At.Line || got.Column == 0 {
		t.Errorf("the second rule is at %v", got)
	}
}

// A message does not repeat megabytes of what it is about.
func TestLongValuesAreNotQuotedWhole(t *testing.T) {
	long := strings.Repeat("9", 1<<20)
	for name, text := range map[string]string{
		"a number":       `[{"Name": "a", "Priority": ` + long + `}]`,
		"a name":         `[{"Name": "` + long + `!", "Priority": 1}]`,
		"a member":       `[{"Name": "a", "` + long + `": 1}]`,
		"a member twice": `[{"Name": "a", "` + long + `": 1, "` + long + `": 1}]`,
		"a list":         `{"Name": "a", "DefaultAction": {"` + long + `": {}}, "Rules": "` + long + `"}`,
	} {
		_, problems := dialect.Read("acl.json", []byte(text), dialect.Options{})
		if len(problems) == 0 {
			t.Errorf("%s: no problem", name)
		}
		for _, p := range problems {
			if len(p.Error()) > 2000 {
				t.Errorf("%s: a message of %d bytes: %.200s", name, len(p.Error()), p.Error())
			}
		}
	}
}
