package ground_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"fathom/estate/read"
	"fathom/layer/ground"
)

// many are deployments that differ in nothing but their names, each with an
// account and a policy of its own.
func many(n int, more string) fstest.MapFS {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: app-%[1]d, namespace: shop}
spec:
  template:
    metadata: {labels: {app: app-%[1]d}}
    spec: {serviceAccountName: app-%[1]d, containers: [{name: main, image: app, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: app-%[1]d, namespace: shop}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: app-%[1]d, namespace: shop}
spec:
  podSelector: {matchLabels: {app: app-%[1]d}}
  ingress: []
---
`, i)
	}
	return fstest.MapFS{"shop.yaml": {Data: []byte(b.String())}, "more.yaml": {Data: []byte(more)}}
}

func groupsOf(t *testing.T, fs fstest.MapFS) []string {
	t.Helper()
	e, problems := read.Paths(fs, []string{"."}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	var out []string
	for _, w := range ground.Of(e).Workloads {
		out = append(out, fmt.Sprint(w.Name, " ", len(w.Alike)))
	}
	return out
}

func TestWhatDiffersInItsNameAloneIsOne(t *testing.T) {
	for name, c := range map[string]struct{ more, want string }{
		"alike": {"", "svc/app-0 30"},
		"one has a policy more": {`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: extra, namespace: shop}
spec: {podSelector: {matchLabels: {app: app-7}}, ingress: [{}]}
`, "svc/app-0 29, svc/app-7 1"},
		"two are spoken of together": {`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: extra, namespace: shop}
spec: {podSelector: {matchLabels: {app: app-7}}, ingress: [{from: [{podSelector: {matchLabels: {app: app-8}}}]}]}
`, "svc/app-0 28, svc/app-7 1, svc/app-8 1"},
		"one has another image": {`
apiVersion: apps/v1
kind: Deployment
metadata: {name: odd, namespace: shop}
spec: {template: {metadata: {labels: {app: odd}}, spec: {containers: [{name: main, image: odd}]}}}
`, "svc/app-0 30, svc/odd 1"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(groupsOf(t, many(30, c.more)), ", "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestARoleOfItsOwnKeepsAWorkloadApart(t *testing.T) {
	fs := many(30, "")
	fs["main.tf"] = &fstest.MapFile{Data: []byte(`
resource "aws_iam_role" "own" {
  name = "own"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111111111111:oidc-provider/x" }
      Condition = { StringEquals = { "x:sub" = "system:serviceaccount:shop:app-3" } }
    }]
  })
}
`)}
	if got := strings.Join(groupsOf(t, fs), ", "); got != "svc/app-0 29, svc/app-3 1" {
		t.Errorf("got %s", got)
	}
}

func TestFewAreEachThemselves(t *testing.T) {
	if got := groupsOf(t, many(3, "")); len(got) != 3 {
		t.Errorf("got %v", got)
	}
}

func BenchmarkGrouped(b *testing.B) {
	e, _ := read.Paths(many(2000, ""), []string{"."}, read.Options{})
	for b.Loop() {
		ground.Grouped(e)
	}
}
