package access

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fathom/control"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

var rendered, printed = layertest.Of(Layer())

// tree prints resources as files.
func tree(t *testing.T, p *platform.Platform, resources []render.Resource) fstest.MapFS {
	t.Helper()
	return layertest.Tree(t, p, render.Part{Layer: "access", Resources: resources})
}

// among adds bare resources for what other layers render: what these refer to,
// and what people have sessions on.
func among(t *testing.T, resources []render.Resource) []render.Resource {
	t.Helper()
	return slices.Concat(resources, layertest.Neighbours(t, resources), []render.Resource{terraform.Resource("aws_launch_template", "nodes")})
}

func TestTheControlsArePresent(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			p := layertest.Platform(t, name)
			layertest.Present(t, Layer(), layertest.Whole(t, tree(t, p, among(t, rendered(t, p)))))
		})
	}
}

func TestRendersTheSameEveryTime(t *testing.T) { layertest.SameEveryTime(t, Layer()) }

// Each way in loses something that somebody who writes by hand forgets.
func TestALossIsSeen(t *testing.T) {
	p := layertest.Platform(t, "shopnow")
	all := among(t, rendered(t, p))
	change := func(address, old, text string) []render.Resource {
		for i, r := range all {
			b, ok := r.(*terraform.Block)
			if !ok || b.Address() != address {
				continue
			}
			was := layertest.Text(t, b)
			if !strings.Contains(was, old) {
				t.Fatalf("%s has no %s", address, old)
			}
			out := slices.Clone(all)
			out[i] = &render.Text{Path: "terraform/changed.tf", Content: strings.ReplaceAll(was, old, text)}
			return out
		}
		t.Fatalf("%s is not rendered", address)
		return nil
	}
	for _, x := range []struct {
		control string
		left    []render.Resource
	}{
		{"access.mfa-session", change("aws_iam_role.ops_oncall", `"aws:PrincipalTag/mfa"`, `"aws:PrincipalTag/team"`)},
		{"access.just-in-time", change("aws_iam_role.ops_oncall", "= 3600", "= 43200")},
		{"access.just-in-time", layertest.Without(t, all, "aws_sfn_state_machine.approve_ops_oncall", "aws_sfn_state_machine.approve_break_glass")},
		{"access.session-audit", change("aws_ssm_document.shell_oncall", "cloudWatchEncryptionEnabled = true", "cloudWatchEncryptionEnabled = false")},
		{"access.scoped", change("aws_iam_role_policy.ops_oncall", `"ssm:resourceTag/`, `"aws:PrincipalTag/`)},
		{"access.break-glass", layertest.Without(t, all, "aws_cloudwatch_log_metric_filter.break_glass", "aws_cloudwatch_event_rule.break_glass")},
	} {
		if v := layertest.Judge(t, Layer(), x.control, layertest.Alone(t, tree(t, p, x.left))); v.Status == control.Present {
			t.Errorf("%s is still present", x.control)
		}
	}
}

func TestAnotherServiceOrOperatorChangesNothingElse(t *testing.T) {
	p := layertest.Platform(t, "bazaar")
	before := printed(t, p)
	p.Services = append(p.Services, platform.Service{Name: "wishlist", Namespace: p.Name, Port: 8080})
	p.Operators = append(p.Operators, platform.Operator{Name: "wishes", Who: "group/wishers", Approve: "group/wish-leads", May: []string{"logs", "shell"}, Max: time.Hour})
	layertest.Changes(t, before, printed(t, p), "+*wish*")
}

// The way in of an operator leads to what is declared, and to nothing else.
func TestAnOperatorReachesWhatIsDeclared(t *testing.T) {
	out := printed(t, layertest.Platform(t, "bazaar"))
	money := out["aws_iam_role_policy.ops_money"]
	for _, want := range []string{"aws_ssm_document.tunnel_ledger.arn", `"ssm:resourceTag/eks:nodegroup-name" = ["apart"]`} {
		if !strings.Contains(money, want) {
			t.Errorf("money's role has no %s:\n%s", want, money)
		}
	}
	for _, other := range []string{"tunnel_basket_db", "shell_", `"*:*"`} {
		if strings.Contains(money, other) {
			t.Errorf("money's role reaches %s", other)
		}
	}
	if text, there := out["aws_ssm_document.tunnel_basket_db"]; there {
		t.Errorf("a tunnel that nobody may use:\n%s", text)
	}
	for address := range out {
		if strings.Contains(address, "ops-money-restart") || strings.HasPrefix(address, "Role.") && strings.Contains(address, "ops-sre-restart-settlement") {
			t.Errorf("%s was not declared", address)
		}
	}
	if out["Role.rbac.authorization.k8s.io/bazaar/ops-sre-restart-basket"] == "" {
		t.Errorf("sre cannot restart basket: there are %v", slices.Sorted(maps.Keys(out)))
	}
}

// The cluster is never without somebody who can get in: those who apply the files.
func TestNobodyDeclaredNobodyElseComesIn(t *testing.T) {
	p := layertest.Platform(t, "shopnow")
	p.Operators, p.BreakGlass = nil, platform.BreakGlass{}
	var got []string
	for _, r := range rendered(t, p) {
		got = append(got, r.Address())
	}
	want := []string{
		"data.aws_iam_roles.administrators", "aws_eks_access_entry.administrators", "aws_eks_access_policy_association.administrators",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The definition is what Step Functions takes: JSON whose states follow each
// other, with a question that waits for a person and an end that takes the grant
// back.
func TestTheGrantIsTakenBack(t *testing.T) {
	text := regexp.MustCompile(`\$\{[a-z]+\}`).ReplaceAllString(approvalText, "60")
	var machine struct {
		StartAt string
		States  map[string]struct {
			Type, Resource, Next string
			End                  bool
			Catch                []struct{ Next string }
		}
	}
	if err := json.Unmarshal([]byte(text), &machine); err != nil {
		t.Fatal(err)
	}
	ask := machine.States[machine.StartAt]
	if !strings.HasSuffix(ask.Resource, ".waitForTaskToken") {
		t.Errorf("it begins with %s, which waits for nobody", ask.Resource)
	}
	granted := false
	for name := machine.StartAt; ; {
		s, ok := machine.States[name]
		if !ok {
			t.Fatalf("there is no state %q", name)
		}
		granted = granted || strings.HasSuffix(s.Resource, ":tagRole")
		for _, c := range s.Catch {
			to := machine.States[c.Next]
			if granted && !strings.HasSuffix(to.Resource, ":untagRole") || !granted && to.Type != "Fail" {
				t.Errorf("when %s fails, it goes on to %s", name, c.Next)
			}
		}
		if s.End {
			if !granted || !strings.HasSuffix(s.Resource, ":untagRole") {
				t.Errorf("it ends with %s", s.Resource)
			}
			return
		}
		name = s.Next
	}
}

func TestEveryBlockSaysWhy(t *testing.T) {
	layertest.Explained(t, rendered(t, layertest.Platform(t, "bazaar")))
}

// Whoever holds a permission set is bound as every role is.
func TestEveryPermissionSetHasTheBoundary(t *testing.T) {
	for _, name := range layertest.Examples {
		out := printed(t, layertest.Platform(t, name))
		sets := 0
		for address := range out {
			label, found := strings.CutPrefix(address, "aws_ssoadmin_permission_set.")
			if !found {
				continue
			}
			sets++
			if text := out["aws_ssoadmin_permissions_boundary_attachment."+label]; !strings.Contains(text, "aws_iam_policy.boundary.name") {
				t.Errorf("%s: %s has no boundary:\n%s", name, address, text)
			}
		}
		if sets == 0 {
			t.Errorf("%s has no permission set", name)
		}
	}
}
