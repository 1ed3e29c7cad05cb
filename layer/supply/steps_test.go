package supply_test

import (
	"fmt"
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
	"fathom/layer/supply"
)

const (
	registry = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/"
	orders   = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: shop}
spec:
  template:
    metadata: {labels: {app: orders}}
    spec:
      containers: [{name: orders, image: "` + registry + `shop/orders:v1"}]
---`
	images = `
resource "aws_ecr_repository" "orders" {
  name                 = "shop/orders"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration { scan_on_push = true }
}
`
	verified = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: signed}
spec:
  validationFailureAction: Enforce
  failurePolicy: Fail
  rules:
    - name: signed
      match: {any: [{resources: {kinds: [Pod]}}]}
      verifyImages: [{imageReferences: ["` + registry + `*"], attestors: [{entries: [{keyless: {issuer: a, subject: b}}]}]}]
---`
	release = `
on: [push]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t shop/orders .
      - uses: github/codeql-action/analyze@v3
      - uses: actions/dependency-review-action@v4
      - uses: anchore/scan-action@v7
`
)

func built(t *testing.T, files map[string]string) *estate.Estate {
	t.Helper()
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	e, problems := read.Paths(tree, []string{"."}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return e
}

// told are the steps that give a capability: what each needs, and its guards
// with their states.
func told(e *estate.Estate, gives depth.Capability) []string {
	var out []string
	for _, s := range supply.Layer().Steps(e) {
		if s.Gives != gives {
			continue
		}
		var parts []string
		for _, n := range s.Needs {
			parts = append(parts, n.String())
		}
		line := strings.Join(parts, ", ")
		for i := range s.Stops {
			line += "; " + s.Stops[i].State.String() + " " + s.Stops[i].String()
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestAnImageComesToRun(t *testing.T) {
	const tags, signs = "supply.immutable-tags on aws_ecr_repository.orders", "supply.signed-images on svc/orders"
	const code, scan = "supply.code-gates on ci pipeline", "supply.scan-on-push on ci pipeline"
	attacked, library, within := "attack svc/orders", "start pipeline/dependency; ", "start pod/orders"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"a tag that stays, an image that is verified, gates", map[string]string{"a.yaml": orders + verified, "a.tf": images, ".github/workflows/release.yml": release}, []string{
			attacked, "push; standing " + tags + "; standing " + signs, library + "standing " + code + "; standing " + scan, within,
		}},
		{"a tag that moves, and nobody verifies", map[string]string{"a.yaml": orders, "a.tf": strings.Replace(images, "IMMUTABLE", "MUTABLE", 1), ".github/workflows/release.yml": release}, []string{
			attacked, "push; missing " + tags + "; missing " + signs, library + "standing " + code + "; standing " + scan, within,
		}},
		{"a digest is no other image", map[string]string{"a.yaml": strings.Replace(orders, ":v1", "@sha256:"+strings.Repeat("a", 64), 1), "a.tf": images, ".github/workflows/release.yml": release}, []string{
			attacked, library + "standing " + code + "; standing " + scan, within,
		}},
		{"gates that stop nothing", map[string]string{"a.yaml": orders + verified, "a.tf": images, ".github/workflows/release.yml": strings.ReplaceAll(release, "@v4", "@v4\n        continue-on-error: true")}, []string{
			attacked, "push; standing " + tags + "; standing " + signs, library + "missing " + code + "; standing " + scan, within,
		}},
		{"a pipeline that was not read", map[string]string{"a.yaml": orders + verified, "a.tf": images}, []string{
			attacked, "push; standing " + tags + "; standing " + signs, library + "doubtful " + code + "; doubtful " + scan, within,
		}},
		{"a policy that reports", map[string]string{"a.yaml": orders + strings.Replace(verified, "Enforce", "Audit", 1), "a.tf": images, ".github/workflows/release.yml": release}, []string{
			attacked, "push; standing " + tags + "; missing " + signs, library + "standing " + code + "; standing " + scan, within,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, told(built(t, c.files), ground.Run("svc/orders"))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const deployer = `
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}
resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "SUBJECT" }
      }
    }]
  })
}
`

func TestForeignPipelines(t *testing.T) {
	for subject, want := range map[string]string{
		"repo:shop/platform:ref:refs/heads/main": "start pipeline/branch; standing supply.ci-oidc on aws_iam_role.deploy",
		"repo:shop/*":                            "start pipeline/branch; missing supply.ci-oidc on aws_iam_role.deploy",
		"repo:shop/platform:pull_request":        "start pipeline/branch; missing supply.ci-oidc on aws_iam_role.deploy",
	} {
		e := built(t, map[string]string{"a.tf": strings.Replace(deployer, "SUBJECT", subject, 1)})
		if diff := cmp.Diff([]string{want}, told(e, ground.Act("role/deploy"))); diff != "" {
			t.Error(subject, diff)
		}
	}
}

// What the model says of a control's loss is what the estate without it says.
func TestSupplyForetellsItsDefeats(t *testing.T) {
	shopnow, problems := read.Paths(os.DirFS("../../examples/shopnow"), []string{"rendered"}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	small := built(t, map[string]string{"a.yaml": orders + verified, "a.tf": images + deployer, ".github/workflows/release.yml": release})
	for name, e := range map[string]*estate.Estate{"shopnow": shopnow, "small": small} {
		model := depth.New(supply.Layer().Steps(e), depth.Options{})
		for _, c := range supply.Layer().Controls {
			if c.Defeat == nil {
				continue
			}
			without, after := model.Without(c.ID), depth.New(supply.Layer().Steps(c.Defeat(e)), depth.Options{})
			for _, start := range starts(e) {
				for _, goal := range goals(e) {
					if want, got := bound(without, start, goal), bound(after, start, goal); want != got {
						t.Errorf("%s: %s gone, from %v to %s: the model says %s, the estate %s", name, c.ID, start, goal, want, got)
					}
				}
			}
		}
	}
}

func starts(e *estate.Estate) [][]depth.Capability {
	oncall := []depth.Capability{ground.Act("role/shopnow-ops-oncall"), ground.Connect("api/main", ground.Outside)}
	out := [][]depth.Capability{nil, {ground.Push}, {ground.ClusterAdmin}, oncall, append(slices.Clip(oncall), ground.Push)}
	for _, s := range []string{ground.ForeignBranch, ground.Registry, ground.Dependency} {
		out = append(out, []depth.Capability{ground.Begin(s)})
	}
	for _, w := range ground.Of(e).Workloads {
		out = append(out, []depth.Capability{ground.Run(w.Name)})
	}
	return out
}

func goals(e *estate.Estate) []depth.Capability {
	out := []depth.Capability{ground.Deploy, ground.QuietPods, ground.Push, ground.Act("role/shopnow-deploy"), ground.Act("role/deploy")}
	for _, w := range ground.Of(e).Workloads {
		out = append(out, ground.Run(w.Name))
	}
	for _, n := range ground.Of(e).Nodes {
		out = append(out, ground.OnNode(n.Name))
	}
	return out
}

func bound(m *depth.Model, start []depth.Capability, goal depth.Capability) string {
	a := m.Depth(start, goal)
	return fmt.Sprint(a.Least.N, a.Least.Over, a.Least.Never, a.Most.N, a.Most.Over, a.Most.Never)
}
