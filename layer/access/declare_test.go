package access

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

var examples = []string{"shopnow", "bazaar"}

// example is the platform of an example.
func example(t *testing.T, name string) *platform.Platform {
	t.Helper()
	file := "../../examples/" + name + "/platform.yaml"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, problems := platform.Parse(file, text, platform.Options{Today: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)})
	for _, x := range problems {
		t.Error(x)
	}
	if p == nil {
		t.FailNow()
	}
	return p
}

func rendered(t *testing.T, p *platform.Platform) []render.Resource {
	t.Helper()
	out, err := declare(p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// estateOf prints resources and reads them back.
func estateOf(t *testing.T, p *platform.Platform, resources []render.Resource) (*estate.Estate, diag.Problems) {
	t.Helper()
	files, err := render.Files(p, []render.Part{{Layer: "access", Resources: resources}})
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{}
	for _, f := range files {
		tree[f.Path] = &fstest.MapFile{Data: f.Content, Mode: 0o644}
	}
	return read.Paths(tree, []string{"."}, read.Options{})
}

func reread(t *testing.T, p *platform.Platform, resources []render.Resource) *estate.Estate {
	t.Helper()
	e, problems := estateOf(t, p, resources)
	for _, x := range problems {
		t.Errorf("problem: %v", x)
	}
	return e
}

func TestTheControlsArePresent(t *testing.T) {
	for _, name := range examples {
		t.Run(name, func(t *testing.T) {
			p := example(t, name)
			all := rendered(t, p)
			e := reread(t, p, append(all, neighbours(t, all)...))
			for _, c := range Layer().Controls {
				if c.Check == nil {
					continue
				}
				v := c.Judge(e)
				if v.Status == control.Present {
					continue
				}
				t.Errorf("%s is %s %s", c.ID, v.Status, v.Reason)
				for _, r := range v.Results {
					if r.Status != control.Present {
						t.Errorf("  %s %s %s%s", r.Status, r.On.ID, r.Summary, r.Reason)
					}
				}
			}
		})
	}
}

// neighbours are bare resources for what other layers render.
func neighbours(t *testing.T, resources []render.Resource) []render.Resource {
	t.Helper()
	have := map[string]bool{}
	for _, r := range resources {
		have[r.Address()] = true
	}
	// what people have sessions on
	out := []render.Resource{terraform.Resource("aws_launch_template", "nodes")}
	for _, r := range resources {
		b, ok := r.(*terraform.Block)
		if !ok {
			continue
		}
		refs, err := terraform.References(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range refs {
			kind, label, _ := strings.Cut(ref, ".")
			switch {
			case have[ref]:
				continue
			case kind == "var":
				continue // of the root
			case strings.HasPrefix(kind, "aws_"):
				out = append(out, terraform.Resource(kind, label))
			}
			have[ref] = true
		}
	}
	return out
}

// printed is each resource by its address, as it is written.
func printed(t *testing.T, p *platform.Platform) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range rendered(t, p) {
		switch r := r.(type) {
		case *terraform.Block:
			out[r.Address()] = string(terraform.PrintBlock(r))
		case *kubernetes.Object:
			text, err := kubernetes.Print([]*kubernetes.Object{r})
			if err != nil {
				t.Fatal(err)
			}
			out[r.Address()] = string(text)
		case *render.Text:
			out[r.Address()] = r.Content
		}
	}
	return out
}

func TestRendersTheSameEveryTime(t *testing.T) {
	for _, name := range examples {
		p := example(t, name)
		if diff := cmp.Diff(printed(t, p), printed(t, p)); diff != "" {
			t.Errorf("%s renders differently: %s", name, diff)
		}
	}
}

func without(resources []render.Resource, lost string) []render.Resource {
	return slices.DeleteFunc(slices.Clone(resources), func(r render.Resource) bool { return r.Address() == lost })
}

// Each way in loses something that somebody who writes by hand forgets.
func TestALossIsSeen(t *testing.T) {
	p := example(t, "shopnow")
	all := rendered(t, p)
	all = append(all, neighbours(t, all)...)
	change := func(address, old, text string) []render.Resource {
		for i, r := range all {
			b, ok := r.(*terraform.Block)
			if !ok || b.Address() != address {
				continue
			}
			was := string(terraform.PrintBlock(b))
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
		{"access.just-in-time", without(without(all, "aws_sfn_state_machine.approve_ops_oncall"), "aws_sfn_state_machine.approve_break_glass")},
		{"access.session-audit", change("aws_ssm_document.shell_oncall", "cloudWatchEncryptionEnabled = true", "cloudWatchEncryptionEnabled = false")},
		{"access.scoped", change("aws_iam_role_policy.ops_oncall", `"ssm:resourceTag/`, `"aws:PrincipalTag/`)},
		{"access.break-glass", without(without(all, "aws_cloudwatch_log_metric_filter.break_glass"), "aws_cloudwatch_event_rule.break_glass")},
	} {
		for _, c := range Layer().Controls {
			if c.ID != x.control {
				continue
			}
			e, _ := estateOf(t, p, x.left)
			if v := c.Judge(e); v.Status == control.Present {
				t.Errorf("%s is still present", c.ID)
			}
		}
	}
}

func TestAnotherServiceOrOperatorChangesNothingElse(t *testing.T) {
	p := example(t, "bazaar")
	before := printed(t, p)
	p.Services = append(p.Services, platform.Service{Name: "wishlist", Namespace: p.Name, Port: 8080})
	p.Operators = append(p.Operators, platform.Operator{Name: "wishes", Who: "group/wishers", Approve: "group/wish-leads", May: []string{"logs", "shell"}, Max: time.Hour})
	after := printed(t, p)
	for address, text := range before {
		if after[address] != text {
			t.Errorf("%s has changed:\n%s", address, cmp.Diff(text, after[address]))
		}
		delete(after, address)
	}
	for address, text := range after {
		if !strings.Contains(address+text, "wish") {
			t.Errorf("%s is new, and about nothing that is", address)
		}
	}
}

// The way in of an operator leads to what is declared, and to nothing else.
func TestAnOperatorReachesWhatIsDeclared(t *testing.T) {
	out := printed(t, example(t, "bazaar"))
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
	p := example(t, "shopnow")
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
	for _, r := range rendered(t, example(t, "bazaar")) {
		if b, ok := r.(*terraform.Block); ok && (len(b.Controls) == 0 || len(b.Paths) == 0) {
			t.Errorf("%s is for controls %v, from %v", b.Address(), b.Controls, b.Paths)
		}
	}
}
