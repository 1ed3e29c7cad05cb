package terraform

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

func ctyString(s string) cty.Value { return cty.StringVal(s) }

// traversals are the references of a body, as far as the address of what is
// referred to: aws_vpc.main, data.aws_vpc.main, var.name, local.name.
func traversals(body *hclwrite.Body) []string {
	var out []string
	for _, a := range body.Attributes() {
		for _, t := range a.Expr().Variables() {
			parts := strings.FieldsFunc(string(t.BuildTokens(nil).Bytes()), func(r rune) bool {
				return r == '.' || r == '[' || r == ' '
			})
			n := 2
			if len(parts) > 0 && parts[0] == "data" {
				n = 3
			}
			if len(parts) >= n {
				out = append(out, strings.Join(parts[:n], "."))
			}
		}
	}
	for _, b := range body.Blocks() {
		out = append(out, traversals(b.Body())...)
	}
	return out
}
