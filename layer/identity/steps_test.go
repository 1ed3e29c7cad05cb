package identity_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/ground"
	"fathom/layer/identity"
)

// sets are what has to fall before somebody gets there, each as "a, b"; "" alone
// is nothing.
func sets(m *depth.Model, start, goal depth.Capability) []string {
	var out []string
	for _, units := range m.Sets([]depth.Capability{start}, []depth.Capability{goal}, 3) {
		var names []string
		for _, u := range units {
			names = append(names, u.Name)
		}
		slices.Sort(names)
		out = append(out, strings.Join(names, ", "))
	}
	slices.Sort(out)
	return out
}

func TestWhomAnAttackerOfShopnowComesToActAs(t *testing.T) {
	e, problems := read.Paths(os.DirFS("../../examples/shopnow"), []string{"rendered"}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	m := depth.New(identity.Layer().Steps(e), depth.Options{})
	search, orders, falco := ground.Run("svc/search"), ground.Run("svc/orders"), ground.Run("svc/falco")
	for _, tt := range []struct {
		start, goal depth.Capability
		want        []string
	}{
		{search, ground.Act("role/shopnow-svc-search"), []string{""}},
		{search, ground.Act("role/shopnow-svc-payments"), []string{"identity.guardrails, identity.least-privilege", "identity.trust-exact"}},
		{orders, ground.Act("role/shopnow-svc-payments"), []string{"identity.guardrails, identity.least-privilege"}}, // it has no token of the cluster's for AWS
		{falco, ground.Act("role/shopnow-nodes"), []string{"identity.irsa", "identity.node-role, network.pod-policy"}},
		{ground.OnNode("node/apart"), ground.Act("role/shopnow-nodes"), []string{""}},
		{ground.Act("role/shopnow-nodes"), ground.Admin, []string{"identity.guardrails, identity.least-privilege"}},
		{ground.Begin("credential/shopnow-sre"), ground.Act("permission-set/shopnow-sre"), []string{"identity.guardrails", "identity.mfa"}},
		{ground.Begin("credential/shopnow-sre+mfa"), ground.Act("permission-set/shopnow-sre"), []string{""}},
		{ground.Begin("insider"), ground.Act("role/shopnow-svc-payments"), []string{""}},
		{ground.Begin("internet"), ground.Admin, []string{"identity.guardrails, identity.least-privilege, identity.no-long-keys", "identity.least-privilege, identity.mfa, identity.no-long-keys"}},
		{ground.ClusterAdmin, ground.Run("svc/payments"), []string{""}},
	} {
		if d := cmp.Diff(tt.want, sets(m, tt.start, tt.goal)); d != "" {
			t.Errorf("%s to %s: %s", tt.start, tt.goal, d)
		}
	}
}

// estateOf reads one file of Terraform.
func estateOf(t *testing.T, text string) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(fstest.MapFS{"main.tf": {Data: []byte(text)}}, []string{"."}, read.Options{})
	for _, p := range problems {
		t.Error(p)
	}
	return e
}

// told are the steps to a capability, each with its guards: "act user/ci from
// internet: missing identity.no-long-keys on aws_iam_user.ci".
func told(steps []depth.Step, gives depth.Capability) []string {
	var out []string
	for _, s := range steps {
		if s.Gives != gives {
			continue
		}
		var from, stops []string
		for _, n := range s.Needs {
			from = append(from, n.String())
		}
		for _, x := range s.Stops {
			stops = append(stops, x.State.String()+" "+x.Guard.String())
		}
		line := strings.Join(from, " and ") + ": " + strings.Join(stops, ", ")
		if s.Doubt != "" {
			line += "?"
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const account = `
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}
`

func TestStepsSayWhatIsMissing(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		gives      depth.Capability
		want       []string
	}{
		{
			"a key of a user", `
resource "aws_iam_user" "ci" { name = "ci" }
resource "aws_iam_access_key" "ci" { user = aws_iam_user.ci.name }
`, ground.Act("user/ci"),
			[]string{"admin: ", "start internet: missing identity.no-long-keys on aws_iam_user.ci"},
		},
		{
			"a key that may be switched off", `
variable "status" {}
resource "aws_iam_user" "ci" { name = "ci" }
resource "aws_iam_access_key" "ci" {
  user   = aws_iam_user.ci.name
  status = var.status
}
`, ground.Act("user/ci"),
			[]string{"admin: ", "start internet: doubtful identity.no-long-keys on aws_iam_user.ci"},
		},
		{
			"a person without a second factor", `
resource "aws_iam_user" "anna" { name = "anna" }
resource "aws_iam_user_login_profile" "anna" { user = aws_iam_user.anna.name }
`, ground.Act("user/anna"),
			[]string{
				"admin: ", "start credential/anna+mfa: ", "start credential/anna: missing identity.mfa on aws_iam_user.anna",
				"start internet: standing identity.no-long-keys on aws_iam_user.anna",
			},
		},
		{
			"a role that may write policies", `
resource "aws_iam_role" "ops" {
  name               = "ops"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "aws_iam_role_policy" "ops" {
  role   = aws_iam_role.ops.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:PutRolePolicy", Resource = aws_iam_role.ops.arn }] })
}
`, ground.Admin,
			[]string{"act role/ops: missing identity.least-privilege on aws_iam_role_policy.ops", "start insider: ", "wide: "},
		},
		{
			"a role that may do everything", `
resource "aws_iam_role" "ops" {
  name               = "ops"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "aws_iam_role_policy" "ops" {
  role   = aws_iam_role.ops.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
`,
			depth.Capability{Kind: "wide"},
			[]string{"act role/ops: missing identity.least-privilege on aws_iam_role_policy.ops", "act user/script: standing identity.least-privilege on user/script"},
		},
		{
			"a role for any workflow there is", `
resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity"
    Principal = { Federated = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com" }
    Condition = { StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" } }
  }] })
}
`, ground.Act("role/deploy"),
			[]string{"admin: ", "start internet: missing supply.ci-oidc on aws_iam_role.deploy", "wide: "},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			steps := identity.Layer().Steps(estateOf(t, account+tt.text))
			if d := cmp.Diff(tt.want, told(steps, tt.gives)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestStepsOfNothing(t *testing.T) {
	for _, text := range []string{"", account, `resource "aws_iam_role" "x" { name = var.nobody }`} {
		e, _ := read.Paths(fstest.MapFS{"main.tf": {Data: []byte(text)}}, []string{"."}, read.Options{})
		identity.Layer().Steps(e)
	}
}
