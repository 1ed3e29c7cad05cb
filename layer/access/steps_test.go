package access_test

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
	"fathom/layer/access"
	"fathom/layer/ground"
)

func shopnow(t *testing.T) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(os.DirFS("../../examples/shopnow"), []string{"rendered"}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return e
}

// sets are what has to fall before a goal is reached, each as "a, b".
func sets(m *depth.Model, goal depth.Capability, start []depth.Capability) []string {
	var out []string
	for _, units := range m.Sets(start, []depth.Capability{goal}, 3) {
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

var (
	sre     = ground.Act("permission-set/shopnow-sre")
	session = ground.Begin("credential/shopnow-sre+mfa")
	api     = ground.Connect("api/shopnow", ground.Outside)
	oncall  = ground.Act("role/shopnow-ops-oncall")
	glass   = ground.Act("role/shopnow-break-glass")
	// factor: who has the second factor is not stopped by what asks for it. The
	// steps of layer/identity say so, and are not here.
	factor = depth.Off(depth.Guard{Control: "identity.mfa", On: "aws_organizations_policy.scp_guardrails"})
)

func TestHowFarAStolenCredentialGoes(t *testing.T) {
	m := depth.New(access.Layer().Steps(shopnow(t)), depth.Options{})
	for _, tt := range []struct {
		goal  depth.Capability
		start []depth.Capability
		want  []string
	}{
		{oncall, []depth.Capability{sre}, []string{"access.just-in-time, access.mfa-session, identity.mfa", "access.mfa-session, identity.least-privilege, identity.mfa"}},
		{oncall, []depth.Capability{sre, session, factor}, []string{"access.just-in-time", "identity.least-privilege"}},
		{glass, []depth.Capability{sre, session, factor}, []string{"access.break-glass, access.just-in-time", "access.break-glass, identity.least-privilege"}},
		{ground.Run("svc/orders"), []depth.Capability{oncall, api}, []string{""}},
		{ground.Run("svc/payments"), []depth.Capability{oncall, api}, []string{"access.scoped"}},
		{ground.Run("svc/orders"), []depth.Capability{oncall}, nil},
		{ground.Out("svc/orders"), []depth.Capability{oncall, api}, []string{""}},
		{ground.ClusterAdmin, []depth.Capability{oncall, api}, nil},
		{ground.ClusterAdmin, []depth.Capability{glass, api}, []string{""}},
		{ground.OnNode("node/general"), []depth.Capability{oncall}, []string{"access.just-in-time", "identity.least-privilege"}},
		{ground.OnNode("node/apart"), []depth.Capability{oncall}, []string{"access.just-in-time, access.scoped", "identity.least-privilege"}},
		{ground.OnNode("node/general"), []depth.Capability{session, ground.Connect("node/general", ground.Outside)}, []string{"access.ssm-only"}},
	} {
		if diff := cmp.Diff(tt.want, sets(m, tt.goal, tt.start)); diff != "" {
			t.Errorf("%s from %v:\n%s", tt.goal, tt.start, diff)
		}
	}
}

// TestEachDefeatTakesAwayItsGuard: what is left to fall in an estate without a
// control is what the model of the whole estate says without it.
func TestEachDefeatTakesAwayItsGuard(t *testing.T) {
	e := shopnow(t)
	l := access.Layer()
	m := depth.New(l.Steps(e), depth.Options{})
	starts := [][]depth.Capability{
		{sre, api},
		{sre, session, api},
		{ground.Act("permission-set/shopnow-leads"), api},
		{session, ground.Connect("node/apart", ground.Outside), ground.Connect("node/general", ground.Outside)},
	}
	goals := []depth.Capability{
		oncall, glass, ground.ClusterAdmin, ground.OnNode("node/apart"), ground.OnNode("node/general"), ground.Out("node/apart"),
		ground.Run("svc/orders"), ground.Run("svc/payments"), ground.Run("svc/gateway"), ground.Out("svc/payments"),
	}
	for i := range l.Controls {
		c := &l.Controls[i]
		if c.Defeat == nil {
			continue
		}
		without, defeated := m.Without(c.ID), depth.New(l.Steps(c.Defeat(e)), depth.Options{})
		for _, goal := range goals {
			for _, start := range starts {
				if diff := cmp.Diff(sets(without, goal, start), sets(defeated, goal, start)); diff != "" {
					t.Errorf("without %s, %s from %v (-model +estate):\n%s", c.ID, goal, start, diff)
				}
			}
		}
	}
}

func TestStepsOfSmallEstates(t *testing.T) {
	const cluster = `
resource "aws_eks_cluster" "main" {
  name     = "shop"
  role_arn = "arn:aws:iam::111111111111:role/cluster"
  vpc_config {
    subnet_ids = ["subnet-1"]
  }
}

resource "aws_iam_user" "anna" {
  name = "anna"
}

resource "aws_eks_access_entry" "anna" {
  cluster_name      = aws_eks_cluster.main.name
  principal_arn     = aws_iam_user.anna.arn
  kubernetes_groups = ["developers"]
}
`
	policy := func(arn, scope string) string {
		return cluster + `
resource "aws_eks_access_policy_association" "anna" {
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = aws_iam_user.anna.arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/` + arn + `"
  access_scope {
    ` + scope + `
  }
}
`
	}
	binding := func(rules string) string {
		return `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: developers, namespace: shop}
rules: ` + rules + `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: developers, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: developers}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: developers}]
`
	}
	const orders = `apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: shop}
spec:
  selector: {matchLabels: {app: orders}}
  template:
    metadata: {labels: {app: orders}}
    spec: {containers: [{name: orders, image: "shop/orders:1"}]}
---
`
	for _, tt := range []struct {
		name, tf, k8s string
		want, admin   []string
	}{
		{"nothing but the entry", cluster, "", []string{"access.scoped"}, nil},
		{"reading", cluster, binding(`[{apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}]`), []string{"access.scoped"}, nil},
		{"a command in pods", cluster, binding(`[{apiGroups: [""], resources: [pods/exec], verbs: [create]}]`), []string{""}, nil},
		{"a change of another deployment", cluster, binding(`[{apiGroups: [apps], resources: [deployments], resourceNames: [search], verbs: [patch]}]`), []string{"access.scoped"}, nil},
		{"a change of this one", cluster, binding(`[{apiGroups: [apps], resources: [deployments], resourceNames: [orders], verbs: [patch]}]`), []string{""}, nil},
		{"everything", policy("AmazonEKSClusterAdminPolicy", `type = "cluster"`), "", nil, []string{""}},
		{"editing here", policy("AmazonEKSEditPolicy", "type = \"namespace\"\n    namespaces = [\"shop\"]"), "", []string{""}, nil},
		{"editing elsewhere", policy("AmazonEKSEditPolicy", "type = \"namespace\"\n    namespaces = [\"blog\"]"), "", []string{"access.scoped"}, nil},
		{"looking", policy("AmazonEKSViewPolicy", `type = "cluster"`), "", []string{"access.scoped"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := fstest.MapFS{"main.tf": {Data: []byte(tt.tf)}, "k8s/shop.yaml": {Data: []byte(orders + tt.k8s)}}
			e, problems := read.Paths(files, []string{"."}, read.Options{})
			if len(problems) > 0 {
				t.Fatal(problems[0])
			}
			m := depth.New(access.Layer().Steps(e), depth.Options{})
			start := []depth.Capability{ground.Act("user/anna"), ground.Connect("api/shop", ground.Outside)}
			if diff := cmp.Diff(tt.want, sets(m, ground.Run("svc/orders"), start)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.admin, sets(m, ground.ClusterAdmin, start)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsMissingIsListed(t *testing.T) {
	e, problems := read.Paths(os.DirFS("../../examples"), []string{"shopnow-before"}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	missing := map[string]bool{}
	for _, s := range access.Layer().Steps(e) {
		for _, x := range s.Stops {
			if x.State == depth.Missing {
				missing[x.Control+" → "+s.Gives.String()] = true
			}
		}
	}
	for _, want := range []string{
		"access.ssm-only → node node/bastion", "access.mfa-session → node node/general",
		"access.scoped → node node/general", "access.just-in-time → node node/general",
	} {
		if !missing[want] {
			t.Errorf("%s is not listed as missing", want)
		}
	}
}
