package access

import (
	"path"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render/terraform"
)

// Groups have names that labels, topics and permission sets cannot have: each
// group still has its own, and what one may assume is no other's.
func TestGroupsWithOddNames(t *testing.T) {
	p := layertest.Platform(t, "shopnow")
	groups := []string{"sre", "sre_leads", "sre-leads", "sre.leads", "SRE@shop", "s_" + strings.Repeat("x", 58), "s-" + strings.Repeat("x", 58)}
	p.Operators = nil
	for i, g := range groups {
		p.Operators = append(p.Operators, platform.Operator{
			Name: "o" + string(rune('a'+i)), Who: "group/" + g, Approve: "group/" + groups[(i+1)%len(groups)], May: []string{"logs"}, Max: 3600e9,
		})
	}
	p.BreakGlass.Who, p.BreakGlass.Approve = "group/sre", "group/sre_leads"
	sets, topics := map[string]string{}, map[string]bool{}
	for _, r := range rendered(t, p) {
		b, ok := r.(*terraform.Block)
		if !ok {
			continue
		}
		for _, part := range strings.Split(b.Address(), ".") {
			if !hclsyntax.ValidIdentifier(part) {
				t.Errorf("%q is no address: %q is no identifier", b.Address(), part)
			}
		}
		text := string(terraform.PrintBlock(b))
		name := ""
		for line := range strings.Lines(text) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			if strings.TrimSpace(key) == "name" {
				name = strings.Trim(strings.TrimSpace(value), `"`)
				break
			}
		}
		switch {
		case strings.HasPrefix(b.Address(), "aws_ssoadmin_permission_set."):
			sets[name] = b.Address()
		case strings.HasPrefix(b.Address(), "aws_sns_topic.approvers_"):
			topics[name] = true
			if strings.ContainsAny(name, ".@") {
				t.Errorf("SNS has no topic %q", name)
			}
		}
	}
	if len(sets) != len(groups) || len(topics) != len(groups) {
		t.Errorf("%d permission sets and %d topics of %d groups", len(sets), len(topics), len(groups))
	}
	for a := range sets {
		for b := range sets {
			if ok, _ := path.Match("AWSReservedSSO_"+a+"_*", "AWSReservedSSO_"+b+"_0123456789abcdef"); ok != (a == b) {
				t.Errorf("who is let in as %q is %q too", a, b)
			}
		}
	}
}
