package terraform_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	"pgregory.net/rapid"

	"fathom/render/terraform"
)

func TestPrintBlock(t *testing.T) {
	b := terraform.Resource("aws_security_group", "orders",
		terraform.Set("name", "shopnow-orders"),
		terraform.Set("vpc_id", terraform.Expr("aws_vpc.main.id")),
		terraform.Set("left_out", nil),
		terraform.Nest("timeouts", terraform.Set("create", "5m")),
		terraform.Nest("lifecycle"),
		terraform.Set("count", 2).Remark("one for each zone"),
		terraform.Set("tags", terraform.Obj("Name", terraform.Template("x-${var.y}"), "fathom:data", "a b", "none", nil)),
		terraform.Set("policy", terraform.JSON(terraform.Obj("Statement", terraform.List{terraform.Obj("Action", []string{"s3:*", "$${aws:username}"})}))),
	).For("network.sg-chain").From("services.orders").Note("why it is here")
	want := `# Why it is here
# control: network.sg-chain
# from: services.orders
resource "aws_security_group" "orders" {
  name   = "shopnow-orders"
  vpc_id = aws_vpc.main.id

  timeouts {
    create = "5m"
  }

  lifecycle {}

  # One for each zone
  count = 2
  tags = {
    Name          = "x-${var.y}"
    "fathom:data" = "a b"
  }
  policy = jsonencode({
    Statement = [
      {
        Action = ["s3:*", "$$${aws:username}"]
      },
    ]
  })
}
`
	if diff := cmp.Diff(want, string(terraform.PrintBlock(b))); diff != "" {
		t.Error(diff)
	}
	refs, err := terraform.References(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"aws_vpc.main", "var.y"}, refs, cmp.Transformer("set", func(s []string) map[string]bool {
		m := map[string]bool{}
		for _, x := range s {
			m[x] = true
		}
		return m
	})); diff != "" {
		t.Error(diff)
	}
}

// Whatever a string holds, HCL reads the same string back, and what is printed is
// as terraform fmt leaves it.
func TestStringsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.String(),
			rapid.StringOf(rapid.SampledFrom([]rune("a${}%\"\\\n\t'`~<|#"))),
		).Draw(t, "value")
		value = strings.ReplaceAll(strings.ToValidUTF8(value, ""), "\x00", "") // no declared text has one
		text := terraform.PrintBlock(terraform.Top("locals", nil,
			terraform.Set("one", value),
			terraform.Set("many", []string{value, value}),
			terraform.Set("object", terraform.Obj(value+"-", value)),
			terraform.Set("inside", "${upper(\"\")}"+terraform.Inside(value)),
		))
		f, diags := hclparse.NewParser().ParseHCL(text, "x.tf")
		if diags.HasErrors() {
			t.Fatalf("%v in\n%s", diags, text)
		}
		content, _, _ := f.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "locals"}}})
		attrs, diags := content.Blocks[0].Body.JustAttributes()
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		got, diags := attrs["one"].Expr.Value(nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if inside, diags := attrs["inside"].Expr.Value(&hcl.EvalContext{Functions: map[string]function.Function{"upper": stdlib.UpperFunc}}); diags.HasErrors() || !inside.RawEquals(got) {
			t.Errorf("%q came back as %#v from a template: %v", value, inside, diags)
		}
		// HCL strings are in Unicode's normal form C.
		if back := hclwrite.TokensForValue(got); string(back.Bytes()) != string(hclwrite.TokensForValue(got).Bytes()) || !strings.EqualFold(norm(got.AsString()), norm(value)) {
			t.Errorf("%q came back as %q", value, got.AsString())
		}
		if formatted := hclwrite.Format(text); string(formatted) != string(text) {
			t.Errorf("not as terraform fmt leaves it:\n%s", text)
		}
	})
}

func norm(s string) string { return string(cty.NormalizeString(s)) }
