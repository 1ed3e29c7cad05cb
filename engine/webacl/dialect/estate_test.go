package dialect_test

import (
	"io/fs"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/engine/webacl/dialect"
	"fathom/engine/webacl/transform"
	"fathom/estate"
	"fathom/estate/read"
)

// estateOf reads an estate whose files have no problems.
func estateOf(t *testing.T, fsys fs.FS, paths ...string) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(fsys, paths, read.Options{})
	for _, p := range problems {
		t.Fatal(p.Error())
	}
	return e
}

// The estates of this repository are read without a problem.
func TestSection1Dialects_examples(t *testing.T) {
	for _, c := range []struct {
		dir   string
		acls  int
		front webacl.Resource
	}{
		{"shopnow/rendered/terraform", 2, webacl.Distribution},
		{"bazaar/rendered/terraform", 2, webacl.Distribution},
		{"shopnow-before/terraform", 1, webacl.Distribution},
	} {
		t.Run(c.dir, func(t *testing.T) {
			found, problems := dialect.FromEstate(estateOf(t, os.DirFS("../../../examples/"+c.dir), "."))
			for _, p := range problems {
				t.Error(p.Error())
			}
			acls := 0
			for _, f := range found {
				if f.ACL == nil {
					continue
				}
				acls++
				if len(f.ACL.Rules) == 0 || f.ACL.Default.Kind == webacl.Unset || f.ACL.Scope != webacl.CloudFront || f.ACL.Resource != c.front || len(f.Protects) == 0 {
					t.Errorf("%s: %d rules, default %v, scope %v, resource %v, protects %v", f.ACL.Name, len(f.ACL.Rules), f.ACL.Default.Kind, f.ACL.Scope, f.ACL.Resource, f.Protects)
				}
				for _, r := range f.ACL.Rules {
					if r.At.Line == 0 {
						t.Errorf("rule %s has no position", r.Name)
					}
				}
			}
			if acls != c.acls {
				t.Errorf("%d web ACLs, want %d", acls, c.acls)
			}
		})
	}
}

func oneFile(name string, content []byte) fs.FS {
	return fstest.MapFS{name: &fstest.MapFile{Data: content}}
}

// dialectOf is what an estate holds, which has no problems.
func dialectOf(t *testing.T, fsys fs.FS, paths ...string) []dialect.Found {
	t.Helper()
	found, problems := dialect.FromEstate(estateOf(t, fsys, paths...))
	for _, p := range problems {
		t.Error(p.Error())
	}
	return found
}

func onlyACL(t *testing.T, found []dialect.Found) *webacl.ACL {
	t.Helper()
	var out *webacl.ACL
	for _, f := range found {
		if f.ACL != nil && out == nil {
			out = f.ACL
		} else if f.ACL != nil {
			t.Fatal("there is more than one web ACL")
		}
	}
	if out == nil {
		t.Fatal("there is no web ACL")
	}
	return out
}

const head = `resource "aws_wafv2_web_acl" "shop" {
  name  = "shop"
  scope = "REGIONAL"
  default_action {
    block {}
  }
`

// hcl is a configuration of one file.
func hcl(t *testing.T, text string) ([]dialect.Found, diag.Problems) {
	t.Helper()
	return dialect.FromEstate(estateOf(t, oneFile("main.tf", []byte(text)), "."))
}

// §1: rules may stand in JSON, in resources of their own, and in associations.
func TestSection1Dialects_rulesFromOutside(t *testing.T) {
	found, problems := hcl(t, head+`
  rule_json = jsonencode([{
    Name = "json", Priority = 1, Action = { Count = {} }
    Statement = { AndStatement = { Statements = [
      { IPSetReferenceStatement = { ARN = aws_wafv2_ip_set.ips.arn } },
      { ByteMatchStatement = {
        SearchString = "L2xvZ2lu", PositionalConstraint = "EXACTLY", FieldToMatch = { UriPath = {} },
        TextTransformations = [{ Priority = 0, Type = "NONE" }]
      } },
    ] } }
  }])
}
resource "aws_wafv2_ip_set" "ips" {
  name               = "ips"
  scope              = "REGIONAL"
  ip_address_version = "IPV6"
  addresses          = ["2001:db8::/32"]
}
resource "aws_wafv2_web_acl_rule" "alone" {
  name        = "alone"
  priority    = 2
  web_acl_arn = aws_wafv2_web_acl.shop.arn
  action {
    block {}
  }
  statement {
    geo_match_statement {
      country_codes = ["KP"]
    }
  }
  rule_label {
    name = "far"
  }
}
resource "aws_wafv2_web_acl_rule_group_association" "managed" {
  rule_name       = "managed"
  priority        = 3
  web_acl_arn     = aws_wafv2_web_acl.shop.arn
  override_action = "count"
  managed_rule_group {
    vendor_name = "AWS"
    name        = "AWSManagedRulesSQLiRuleSet"
  }
}
resource "aws_lb" "shop" {
  name = "shop"
}
resource "aws_wafv2_web_acl_association" "shop" {
  web_acl_arn  = aws_wafv2_web_acl.shop.arn
  resource_arn = aws_lb.shop.arn
}
`)
	for _, p := range problems {
		t.Fatal(p.Error())
	}
	acl := onlyACL(t, found)
	want := []webacl.Rule{
		{Name: "json", Priority: 1, Action: webacl.Action{Kind: webacl.Count}, Statement: webacl.And{Of: []webacl.Statement{
			webacl.IPSetMatch{Set: &webacl.IPSet{Name: "ips", Prefixes: []netip.Prefix{netip.MustParsePrefix("2001:db8::/32")}}},
			// The provider makes the base64 itself, so that this is no path.
			webacl.ByteMatch{Field: webacl.Field{Kind: webacl.URIPath}, Search: []byte("L2xvZ2lu"), Position: webacl.Exactly, Transforms: []transform.Kind{transform.None}},
		}}},
		{Name: "managed", Priority: 3, Override: webacl.OverrideCount, Statement: webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesSQLiRuleSet"}},
		{Name: "alone", Priority: 2, Action: webacl.Action{Kind: webacl.Block}, Statement: webacl.GeoMatch{Countries: []string{"KP"}}, Labels: []string{"far"}},
	}
	if diff := cmp.Diff(want, acl.Rules, ignoring); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if acl.Resource != webacl.LoadBalancer || len(found[len(found)-1].Protects) != 1 {
		t.Errorf("resource %v, protects %v", acl.Resource, found[len(found)-1].Protects)
	}
	if acl.Default.Kind != webacl.Block {
		t.Errorf("the default is %v", acl.Default.Kind)
	}
}

// What the files do not tell makes a statement undecidable, or the web ACL is
// refused: it is never left out.
func TestUnknownValues(t *testing.T) {
	rule := func(action, statement string) string {
		return head + `
  rule {
    name     = "r"
    priority = 1
    action {
      ` + action + `
    }
    statement {
      and_statement {
        statement {
          geo_match_statement {
            country_codes = ["KP"]
          }
        }
        statement {
          ` + statement + `
        }
      }
    }
  }
}
variable "x" {}
resource "aws_wafv2_ip_set" "x" {
  name               = "x"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = var.x
}
resource "aws_eip" "x" {}
`
	}
	for name, c := range map[string]struct{ action, statement, why string }{
		"a variable without a value": {`block {}`, `size_constraint_statement {
            size                = var.x
            comparison_operator = "GT"
            field_to_match {
              uri_path {}
            }
            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }`, `variable "x"`},
		"a set whose addresses are unknown": {`block {}`, `ip_set_reference_statement {
            arn = aws_wafv2_ip_set.x.arn
          }`, "the addresses of IP set aws_wafv2_ip_set.x are unknown"},
		"a search string made when applied": {`block {}`, `byte_match_statement {
            search_string         = aws_eip.x.public_ip
            positional_constraint = "EXACTLY"
            field_to_match {
              uri_path {}
            }
            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }`, "aws_eip.x.public_ip"},
	} {
		t.Run(name, func(t *testing.T) {
			found, problems := hcl(t, rule(c.action, c.statement))
			for _, p := range problems {
				t.Fatal(p.Error())
			}
			and, _ := onlyACL(t, found).Rules[0].Statement.(webacl.And)
			if len(and.Of) != 2 {
				t.Fatalf("the statement is %#v", and)
			}
			if _, ok := and.Of[0].(webacl.GeoMatch); !ok {
				t.Errorf("the known statement is %#v", and.Of[0])
			}
			u, ok := and.Of[1].(webacl.Unresolved)
			if !ok || !strings.Contains(u.Why, c.why) || u.At.Line == 0 {
				t.Errorf("the unknown statement is %#v", and.Of[1])
			}
		})
	}
	geo := `geo_match_statement {
            country_codes = ["KP"]
          }`
	for name, text := range map[string]string{
		"an unknown header": rule(`allow {
        custom_request_handling {
          insert_header {
            name  = "x"
            value = var.x
          }
        }
      }`, geo),
		"unknown rules": head + `
  dynamic "rule" {
    for_each = var.x
    content {
      name     = rule.key
      priority = 1
    }
  }
}
variable "x" {}
`,
		"an unknown list in JSON": head + `
  rule_json = var.x
}
variable "x" {}
`,
	} {
		t.Run(name, func(t *testing.T) {
			found, problems := hcl(t, text)
			if len(problems) == 0 || !strings.Contains(problems[0].Summary, "unknown") || problems[0].Line == 0 {
				t.Errorf("problems %v", problems)
			}
			for _, f := range found {
				if f.ACL != nil {
					t.Errorf("the web ACL is there all the same: %+v", f.ACL)
				}
			}
		})
	}
}

// An ARN is taken, and nothing else that a set has.
func TestReferenceToIDIsRefused(t *testing.T) {
	_, problems := hcl(t, head+`
  rule {
    name     = "r"
    priority = 1
    action {
      block {}
    }
    statement {
      ip_set_reference_statement {
        arn = aws_wafv2_ip_set.x.id
      }
    }
  }
}
resource "aws_wafv2_ip_set" "x" {
  name               = "x"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = []
}
`)
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "main.tf:16:15") || !strings.Contains(problems[0].Fix, "aws_wafv2_ip_set.x.arn") {
		t.Errorf("problems %v", problems)
	}
}
